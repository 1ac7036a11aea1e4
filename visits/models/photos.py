"""Photos of a visit: welcome, never required, and without anything about who is on them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from visits.models.visits import Visit
from visits.querysets.visits import VisitPhotoQuerySet


class KeptPicture(models.Model):
    """A picture as it is kept, and the two sizes of it that pages show."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being prepared")
        READY = "ready", _("ready")
        DAMAGED = "damaged", _("cannot be shown")

    # What was sent less EXIF and the like; the two others are made from it in the background.
    file = models.FileField(upload_to="photos/%Y/%m/")
    view = models.FileField(upload_to="photos/%Y/%m/", blank=True)
    thumb = models.FileField(upload_to="photos/%Y/%m/", blank=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)

    class Meta:
        abstract = True

    def sized(self, size):
        """The file of this size (thumb, view, whole), None if there is none (yet)."""
        files = {"thumb": self.thumb, "view": self.view, "whole": self.file}
        return files.get(size) or None

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def is_ready(self):
        return self.state == self.State.READY


class VisitPhoto(KeptPicture):
    """One photo of a visit, known by the hash of the bytes that were sent."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    county = models.ForeignKey(County, models.PROTECT)
    sha256 = models.CharField(max_length=64)
    sent_bytes = models.PositiveIntegerField()
    added_by = models.ForeignKey("outreach.User", models.PROTECT)
    received_at = models.DateTimeField(_("received"), default=clock.now)

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "sha256"], name="photo_once_a_visit"),
            models.CheckConstraint(
                name="photo_ready_with_sizes",
                condition=~Q(state="ready") | (~Q(view="") & ~Q(thumb="")),
            ),
        ]

    def __str__(self):
        return self.sha256[:8]
