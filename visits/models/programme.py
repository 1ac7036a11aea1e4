"""The programme year: its rules, its topics and the days nobody should plan for."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contact_points.models import County, Township, Unit
from outreach import clock
from visits.querysets.programme import AvoidedDaysQuerySet, ProgrammeYearQuerySet, TopicQuerySet


def month_check(name: str, field: str = "month") -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__day": 1}))


class ProgrammeYear(models.Model):
    """A county's opened year."""

    county = models.ForeignKey(County, models.PROTECT)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    opened_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    # League tables are off unless the county turns them on (domain: rules, burden).
    ranking = models.BooleanField(_("units are ranked"), default=False, db_default=False)

    objects = ProgrammeYearQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme year")
        verbose_name_plural = _("programme years")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year"],
                name="programme_year_once",
                violation_error_message=_("This year is open already."),
            )
        ]

    def __str__(self):
        return str(self.year)

    def get_absolute_url(self):
        return reverse("programme_year_detail", args=[self.pk])

    def rule_for(self, month):
        """The rule in force in the month: the newest that is effective by then."""
        rules = [rule for rule in self.rules.all() if rule.effective_month <= month]
        return max(rules, key=lambda rule: rule.effective_month)


class YearRule(models.Model):
    """Visits required, days for feedback and report day, from an effective month on."""

    programme_year = models.ForeignKey(ProgrammeYear, models.CASCADE, related_name="rules")
    effective_month = models.DateField(_("effective from"))
    visits_per_month = models.PositiveSmallIntegerField(
        _("visits required a month"),
        default=1,
        validators=[MaxValueValidator(31)],
        help_text=_("For kinds of unit that are not named below."),
    )
    feedback_due_days = models.PositiveSmallIntegerField(
        _("days allowed for feedback"), default=5, validators=[MaxValueValidator(60)]
    )
    report_day = models.PositiveSmallIntegerField(
        _("report day"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("Day of the next month on which the monthly report is made."),
    )

    class Meta:
        verbose_name = _("rule")
        ordering = ["effective_month"]
        constraints = [
            models.UniqueConstraint(fields=["programme_year", "effective_month"], name="rule_once"),
            month_check("rule_month_first_day", "effective_month"),
            models.CheckConstraint(
                name="rule_report_day", condition=Q(report_day__gte=1, report_day__lte=28)
            ),
        ]

    def __str__(self):
        return f"{self.effective_month:%Y-%m}"

    def visits_for(self, unit_kind):
        """Visits a month that units of this kind owe each of their villages."""
        named = {row.unit_kind: row.visits_per_month for row in self.requirements.all()}
        return named.get(unit_kind, self.visits_per_month)


class VisitRequirement(models.Model):
    """What a rule asks of one kind of unit, where that differs from the others."""

    rule = models.ForeignKey(YearRule, models.CASCADE, related_name="requirements")
    unit_kind = models.CharField(_("kind of unit"), max_length=30, choices=Unit.Kind)
    visits_per_month = models.PositiveSmallIntegerField(
        _("visits required a month"), validators=[MaxValueValidator(31)]
    )

    class Meta:
        verbose_name = _("visits required of a kind of unit")
        ordering = ["rule", "unit_kind"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "unit_kind"], name="requirement_once")
        ]

    def __str__(self):
        return f"{self.get_unit_kind_display()}: {self.visits_per_month}"


class AvoidedDays(models.Model):
    """Market or harvest days on which nobody should plan a visit."""

    programme_year = models.ForeignKey(ProgrammeYear, models.CASCADE, related_name="avoided_days")
    # Nothing: the whole county.
    township = models.ForeignKey(
        Township, models.PROTECT, null=True, blank=True, verbose_name=_("township")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    # As of a market. None: every day from the first to the last.
    month_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(31)]),
        default=list,
        blank=True,
        verbose_name=_("only on these days of the month"),
    )
    reason = models.CharField(_("reason"), max_length=100)

    objects = AvoidedDaysQuerySet.as_manager()

    class Meta:
        verbose_name = _("days to avoid")
        verbose_name_plural = _("days to avoid")
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                name="avoided_days_in_order",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day is not before the first."),
            )
        ]

    def __str__(self):
        return f"{self.first_day} – {self.last_day} {self.reason}"

    def concerns(self, township_id):
        """Whether it is said of this township, or of the whole county."""
        return self.township_id in (None, township_id)

    def covers(self, day):
        """Whether this day is to be avoided."""
        return self.first_day <= day <= self.last_day and (
            not self.month_days or day.day in self.month_days
        )

    @property
    def when(self):
        """The days in words."""
        first, last = (date_format(d, "MONTH_DAY_FORMAT") for d in (self.first_day, self.last_day))
        span = first if first == last else f"{first} – {last}"
        if not self.month_days:
            return span
        days = "、".join(str(day) for day in self.month_days)
        return _("%(span)s, each month on %(days)s") % {"span": span, "days": days}

    @property
    def label(self):
        """Why, and where if not in the whole county."""
        return f"{self.reason}（{self.township}）" if self.township else self.reason


class Topic(models.Model):
    """What is explained to villagers (宣传内容)."""

    class Level(models.TextChoices):
        CENTRE = "centre", _("centre")
        PROVINCE = "province", _("province")
        CITY = "city", _("city")
        COUNTY = "county", _("county")
        UNIT = "unit", _("unit")

    programme_year = models.ForeignKey(ProgrammeYear, models.PROTECT, related_name="topics")
    title = models.CharField(_("title"), max_length=100)
    level = models.CharField(_("level"), max_length=10, choices=Level, default=Level.COUNTY)
    text = models.TextField(_("what to explain"), blank=True)
    first_month = models.DateField(_("from month"))
    last_month = models.DateField(_("to month"))
    units = models.ManyToManyField(
        Unit,
        blank=True,
        related_name="topics",
        verbose_name=_("only for the units"),
        help_text=_("None chosen: for every unit."),
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["first_month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme_year", "title"],
                name="topic_title_once",
                violation_error_message=_("The year has a topic of this title already."),
            ),
            month_check("topic_first_month", "first_month"),
            month_check("topic_last_month", "last_month"),
            models.CheckConstraint(
                name="topic_months_in_order",
                condition=Q(last_month__gte=F("first_month")),
                violation_error_message=_("The last month is not before the first."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("topic_detail", args=[self.pk])

    def is_offered_in(self, month):
        """Whether it is meant for the month."""
        return self.first_month <= month <= self.last_month


class TopicAttachment(models.Model):
    """A file that goes with a topic: the speech, a leaflet, questions and answers."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="topics/%Y/")
    file_name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["topic", "sha256"], name="attachment_once_a_topic")
        ]

    def __str__(self):
        return self.file_name
