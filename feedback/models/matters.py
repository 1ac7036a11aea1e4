"""Matters: what villagers raise and what becomes of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from visits.models import Visit


class Matter(models.Model):
    """A problem raised at a visit; a draft until the record it stands in is sent."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="matters")
    county = models.ForeignKey(County, models.PROTECT)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("problem"), max_length=300)

    class Meta:
        verbose_name = _("matter")
        verbose_name_plural = _("matters")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "position"], name="matter_position"),
            models.CheckConstraint(name="matter_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return self.text
