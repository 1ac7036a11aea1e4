"""The versions of a record: what arrived, when, from whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.querysets.records import RecordVersionQuerySet
from visits.models import Visit


class RecordVersion(models.Model):
    """A visit's record, feedback included, as it arrived once; never changed afterwards.

    `edition` is made by the client for each content it saves: the same edition arriving again is
    the same save, whichever answer was lost on the way.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="record_versions")
    county = models.ForeignKey(County, models.PROTECT)
    number = models.PositiveSmallIntegerField(_("version"))
    edition = models.UUIDField()
    # The whole record by the names of `feedback.records.Record`.
    content = models.JSONField()
    sent = models.BooleanField(_("sent to the county office"))
    minutes = models.PositiveSmallIntegerField(_("minutes to write"), default=0)
    by = models.ForeignKey("outreach.User", models.PROTECT, verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))
    received_at = models.DateTimeField(_("received"))

    objects = RecordVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a record")
        verbose_name_plural = _("versions of a record")
        ordering = ["visit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="record_version_number"),
            models.UniqueConstraint(fields=["visit", "edition"], name="record_version_once"),
        ]

    def __str__(self):
        return f"{self.visit} · {self.number}"
