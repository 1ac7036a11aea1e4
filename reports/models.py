"""The monthly county report: a frozen snapshot and the document made from it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from reports.querysets import ReportQuerySet


class Report(models.Model):
    """One revision of a county's report on a month. What is made is never changed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being made")
        MADE = "made", _("made")
        FAILED = "failed", _("failed")

    county = models.ForeignKey(County, models.PROTECT)
    month = models.DateField(_("month"))
    revision = models.PositiveSmallIntegerField(_("revision"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    snapshot = models.JSONField(null=True)
    document = models.FileField(upload_to="reports/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey("outreach.Job", models.SET_NULL, null=True)
    requested_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked for"), default=clock.now)
    made_at = models.DateTimeField(_("made"), null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        constraints = [
            models.UniqueConstraint(
                fields=["county", "month", "revision"], name="report_revision_once"
            ),
            models.UniqueConstraint(
                fields=["county", "month"], name="report_one_waiting", condition=Q(state="waiting")
            ),
            models.CheckConstraint(name="report_month_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="report_made_is_whole",
                condition=~Q(state="made")
                | (Q(snapshot__isnull=False, made_at__isnull=False) & ~Q(sha256="")),
            ),
        ]

    def __str__(self):
        return f"{self.county} · {self.month:%Y-%m} · {self.revision}"

    def get_absolute_url(self):
        return reverse("report_detail", args=[self.pk])
