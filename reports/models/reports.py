"""The monthly county report, and what the office prepares for it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from reports.querysets import MonthOfCountyQuerySet, ReportQuerySet


class Report(models.Model):
    """One revision of a county's report on a month. What is made is never changed.

    It is a draft until the county office issues it; from then on the database itself refuses to
    change or delete it (migration 0007), and the newest issued revision is in force.
    """

    mailed_as = "reports"  # of `Recipient.Gets`

    class State(models.TextChoices):
        WAITING = "waiting", _("being made")
        MADE = "made", _("draft")
        ISSUED = "issued", _("issued")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    county = models.ForeignKey(County, models.PROTECT)
    month = models.DateField(_("month"))
    revision = models.PositiveSmallIntegerField(_("revision"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    snapshot = models.JSONField(null=True)
    document = models.FileField(upload_to="reports/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # Empty where no Chinese font was installed (`documents.pdf_hindrance`).
    pdf = models.FileField(upload_to="reports/%Y/", blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    workbook = models.FileField(upload_to="reports/%Y/", blank=True)
    workbook_sha256 = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey("outreach.Job", models.SET_NULL, null=True)
    requested_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked for"), default=clock.now)
    made_at = models.DateTimeField(_("made"), null=True)
    issued_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued"), null=True)

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
                condition=~Q(state__in=["made", "issued"])
                | (Q(snapshot__isnull=False, made_at__isnull=False) & ~Q(sha256="")),
            ),
            models.CheckConstraint(
                name="report_issued_by_somebody",
                condition=Q(state="issued", issued_at__isnull=False, issued_by__isnull=False)
                | ~Q(state="issued") & Q(issued_at=None, issued_by=None),
            ),
        ]

    def __str__(self):
        return f"{self.county} · {self.month:%Y-%m} · {self.revision}"

    def get_absolute_url(self):
        return reverse("report_detail", args=[self.pk])

    @property
    def files(self):
        """(kind, stored file, checksum) of what was made, Word first."""
        stored = [
            ("docx", self.document, self.sha256),
            ("pdf", self.pdf, self.pdf_sha256),
            ("xlsx", self.workbook, self.workbook_sha256),
        ]
        return [row for row in stored if row[1]]

    def file_name(self, kind):
        """What a copy of the file is called."""
        month = f"{self.month:%Y年%m月}"
        return f"{self.county}面对面活动{month}月报-第{self.revision}版.{kind}"

    @property
    def is_made(self):
        """Whether there is a document, issued or not."""
        return self.state in (self.State.MADE, self.State.ISSUED)

    @property
    def standing(self):
        """The state, and of an issued revision whether it is in force (`with_standing`)."""
        if self.state != self.State.ISSUED:
            return self.state
        return "superseded" if self.is_superseded else "in_force"

    @property
    def standing_label(self):
        labels = {"superseded": _("issued, replaced"), "in_force": _("issued, in force")}
        return labels.get(self.standing) or self.get_state_display()


class FindingChoice(models.Model):
    """Which findings of a month its report quotes; without a row it proposes some itself."""

    county = models.ForeignKey(County, models.PROTECT)
    month = models.DateField(_("month"))
    # Of `feedback.Feedback`, in the order in which they are quoted.
    findings = ArrayField(models.BigIntegerField(), verbose_name=_("findings"), default=list)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey("outreach.User", models.PROTECT, verbose_name=_("chosen by"))
    at = models.DateTimeField(_("chosen on"), default=clock.now)

    objects = MonthOfCountyQuerySet.as_manager()

    class Meta:
        verbose_name = _("chosen findings")
        verbose_name_plural = _("chosen findings")
        constraints = [
            models.UniqueConstraint(fields=["county", "month"], name="finding_choice_once")
        ]

    def __str__(self):
        return f"{self.county} · {self.month:%Y-%m}"


class ReportEdit(models.Model):
    """What the office writes instead of, or after, one generated paragraph of a month's report.

    Kept apart from the generated text, so that the next revision takes it along.
    """

    class Mode(models.TextChoices):
        REPLACE = "replace", _("instead of the generated text")
        ADD = "add", _("after the generated text")

    county = models.ForeignKey(County, models.PROTECT)
    month = models.DateField(_("month"))
    # `Paragraph.key` of the outline.
    key = models.CharField(_("paragraph"), max_length=30)
    mode = models.CharField(_("stands"), max_length=7, choices=Mode, default=Mode.REPLACE)
    text = models.TextField(_("text"), max_length=2000)
    # The generated text as its writer saw it.
    over = models.TextField(_("generated text"), blank=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey("outreach.User", models.PROTECT, verbose_name=_("written by"))
    at = models.DateTimeField(_("written on"), default=clock.now)

    objects = MonthOfCountyQuerySet.as_manager()

    class Meta:
        verbose_name = _("edited paragraph")
        verbose_name_plural = _("edited paragraphs")
        constraints = [
            models.UniqueConstraint(fields=["county", "month", "key"], name="report_edit_once"),
            models.CheckConstraint(name="report_edit_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return f"{self.county} · {self.month:%Y-%m} · {self.key}"
