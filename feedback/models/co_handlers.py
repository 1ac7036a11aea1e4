"""Units that help with a matter (协办单位); the leading unit stays the one that answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import Unit
from feedback.models.matters import Matter
from outreach import clock


class CoHandler(models.Model):
    """A unit named to help with a matter, until it is released or leads the matter itself."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="co_handlers")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    named_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=clock.now)
    # When it handed in that its part is done; empty again when the matter is reopened.
    done_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("co-handling unit")
        verbose_name_plural = _("co-handling units")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "unit"],
                name="matter_co_handler_once",
                condition=Q(released_at=None),
            )
        ]

    def __str__(self):
        return str(self.unit)
