"""Photos and documents of a matter: welcome, never required, never shown to the public."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.models.matters import Matter, MatterEvent
from feedback.querysets.matters import MatterFileQuerySet
from outreach import clock
from visits.models import KeptPicture


class MatterFile(KeptPicture):
    """A picture, or a document, whose width is 0. Withdrawn, its bytes are gone and this stays."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="files")
    county = models.ForeignKey(County, models.PROTECT)
    # The step it came with; without one it was added by itself.
    event = models.ForeignKey(MatterEvent, models.PROTECT, null=True, related_name="files")
    # Of a document only: what a phone calls its pictures tells nothing.
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    size = models.PositiveIntegerField(_("size"))
    # Of the bytes that were sent.
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    withdrawn_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(_("reason"), max_length=300, blank=True)

    objects = MatterFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a matter")
        verbose_name_plural = _("files of matters")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "sha256"],
                condition=Q(withdrawn_at=None),
                name="matter_file_once",
            ),
            models.CheckConstraint(
                name="matter_picture_ready_with_sizes",
                condition=~Q(state="ready", withdrawn_at=None)
                | Q(width=0)
                | (~Q(view="") & ~Q(thumb="")),
            ),
            models.CheckConstraint(
                name="matter_file_withdrawn_with_its_bytes",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                & ~Q(file="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_because="")
                & Q(file="", view="", thumb=""),
            ),
        ]

    def __str__(self):
        return self.file_name or str(_("photo"))

    @property
    def is_picture(self):
        return self.width > 0

    @property
    def is_withdrawn(self):
        return self.withdrawn_at is not None
