"""The monthly county report, and the rows that are kept so that many months are read at once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from reports.querysets import MonthOfCountyQuerySet, ReportQuerySet, StaleMonthQuerySet


class Report(models.Model):
    """One revision of a county's report on a month. What is made is never changed.

    It is a draft until the county office issues it; from then on the database itself refuses to
    change or delete it (migration 0007), and the newest issued revision is in force.
    """

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


class MonthFigures(models.Model):
    """What one officer owed and did at one contact point in a month, counted from the records.

    A copy that can be made anew at any time (`reports.rolled`): it holds ids instead of foreign
    keys, so that it hinders no deletion. Township and kind of unit are looked up when it is read.
    """

    pk = models.CompositePrimaryKey("county_id", "month", "contact_point_id", "officer_id")
    county_id = models.BigIntegerField()
    month = models.DateField()
    contact_point_id = models.BigIntegerField()
    officer_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    village_id = models.BigIntegerField()
    holds = models.BooleanField()  # the obligation of the month is theirs

    due = models.IntegerField()
    done = models.IntegerField()
    exempt = models.IntegerField()
    planned_lines = models.IntegerField()
    planned_kept = models.IntegerField()

    visits = models.IntegerField()
    substantive = models.IntegerField()
    feedback_sent = models.IntegerField()
    feedback_on_time = models.IntegerField()
    waiting_review = models.IntegerField()
    returned = models.IntegerField()
    ate = models.IntegerField()
    lived = models.IntegerField()
    worked = models.IntegerField()
    together_visits = models.IntegerField()

    # Heads of each group.
    party_members = models.IntegerField()
    village_cadres = models.IntegerField()
    representatives = models.IntegerField()
    capable = models.IntegerField()
    in_difficulty = models.IntegerField()

    household_contacts = models.IntegerField()
    household_repeats = models.IntegerField()

    # What cannot be added up: minutes for the median; the days of feedback nobody sent, because
    # what is overdue depends on today; households the unit met there first in the year.
    minutes = ArrayField(models.IntegerField())
    unsent_due = ArrayField(models.DateField())
    households = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("figures of a month")
        verbose_name_plural = _("figures of months")

    def __str__(self):
        return f"{self.month:%Y-%m} · {self.contact_point_id} · {self.officer_id}"


class StaleMonth(models.Model):
    """A mark: records of this month, or earlier ones of its year, changed since it was counted.

    Triggers of the database write it in the transaction of the change (migration 0002); it is only
    ever inserted, so that writers do not wait for each other, and removed with the recount.
    """

    county_id = models.BigIntegerField()
    month = models.DateField()
    # One mark a transaction is enough.
    transaction = models.BigIntegerField()

    objects = StaleMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("month to count again")
        verbose_name_plural = _("months to count again")
        indexes = [
            models.Index(fields=["county_id", "month", "transaction"], name="stale_month_county")
        ]

    def __str__(self):
        return f"{self.county_id} · {self.month:%Y-%m}"


class HeardMonth(models.Model):
    """What the words of a month were counted from (`reports.heard`); it can be made anew."""

    county = models.ForeignKey(County, models.CASCADE)
    month = models.DateField()
    stamp = models.CharField(max_length=100)
    records = models.PositiveIntegerField()
    records_before = models.PositiveIntegerField()  # of the months it is compared with

    class Meta:
        verbose_name = _("words of a month")
        verbose_name_plural = _("words of months")
        constraints = [
            models.UniqueConstraint(fields=["county", "month"], name="heard_month_once"),
        ]

    def __str__(self):
        return f"{self.county_id} · {self.month:%Y-%m}"


class HeardWord(models.Model):
    """A word that rises, and how many records hold it. Kept are no texts and no rare words."""

    heard = models.ForeignKey(HeardMonth, models.CASCADE, related_name="words")
    order = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=20)
    visits = models.PositiveIntegerField()
    matters = models.PositiveIntegerField()
    villages = models.PositiveIntegerField()
    before = models.PositiveIntegerField()  # records of the months before

    class Meta:
        verbose_name = _("word that rises")
        verbose_name_plural = _("words that rise")
        ordering = ["heard", "order"]
        constraints = [
            models.UniqueConstraint(fields=["heard", "word"], name="heard_word_once"),
            # Fewer records might betray who said it (domain: what is never collected).
            models.CheckConstraint(
                name="heard_word_not_rare",
                condition=Q(villages__gte=2) & Q(visits__gte=3 - F("matters")),
            ),
        ]

    def __str__(self):
        return self.word
