"""The programme year, its plans (whose lines are the obligations) and the visits."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import ContactPoint, County, Household, Officer, Unit
from outreach import clock
from outreach.expressions import ShanghaiMonth
from visits.querysets import (
    AnnualPlanQuerySet,
    PlanLineQuerySet,
    ProgrammeYearQuerySet,
    TopicQuerySet,
    VisitQuerySet,
)


class Group(models.TextChoices):
    """The five groups of villagers talked with (domain: words)."""

    PARTY_MEMBERS = "party_members", _("party members")
    VILLAGE_CADRES = "village_cadres", _("village cadres")
    REPRESENTATIVES = "representatives", _("villager representatives")
    CAPABLE = "capable", _("economically capable")
    IN_DIFFICULTY = "in_difficulty", _("households in difficulty")


def _month_check(name: str, field: str = "month") -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__day": 1}))


class ProgrammeYear(models.Model):
    """A county's opened year."""

    county = models.ForeignKey(County, models.PROTECT)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    opened_by = models.ForeignKey("outreach.User", models.PROTECT, null=True)
    opened_at = models.DateTimeField(default=clock.now)

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

    def rule_for(self, month):
        """The rule in force in the month: the newest that is effective by then."""
        rules = [rule for rule in self.rules.all() if rule.effective_month <= month]
        return max(rules, key=lambda rule: rule.effective_month)


class YearRule(models.Model):
    """Visits required, days for feedback and report day, from an effective month on."""

    programme_year = models.ForeignKey(ProgrammeYear, models.CASCADE, related_name="rules")
    effective_month = models.DateField(_("effective from"))
    visits_per_month = models.PositiveSmallIntegerField(
        _("visits required a month"), default=1, validators=[MaxValueValidator(31)]
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
            _month_check("rule_month_first_day", "effective_month"),
            models.CheckConstraint(
                name="rule_report_day", condition=Q(report_day__gte=1, report_day__lte=28)
            ),
        ]

    def __str__(self):
        return f"{self.effective_month:%Y-%m}"


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
            _month_check("topic_first_month", "first_month"),
            _month_check("topic_last_month", "last_month"),
            models.CheckConstraint(
                name="topic_months_in_order",
                condition=Q(last_month__gte=F("first_month")),
                violation_error_message=_("The last month is not before the first."),
            ),
        ]

    def __str__(self):
        return self.title


class AnnualPlan(models.Model):
    """A unit's plan for the year: its contact points, twelve lines each."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        APPROVED = "approved", _("approved")

    county = models.ForeignKey(County, models.PROTECT)
    programme_year = models.ForeignKey(ProgrammeYear, models.PROTECT, related_name="plans")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans", verbose_name=_("unit"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    return_reason = models.TextField(_("reason for the return"), blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey("outreach.User", models.PROTECT, null=True)

    objects = AnnualPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("annual plan")
        verbose_name_plural = _("annual plans")
        ordering = ["unit__order", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["programme_year", "unit"], name="plan_once"),
            models.CheckConstraint(
                name="plan_returned_with_reason",
                condition=~Q(state="returned") | ~Q(return_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.unit} · {self.programme_year}"

    def get_absolute_url(self):
        return reverse("plan_detail", args=[self.pk])

    @property
    def is_open(self):
        """Whether the unit may still write it without giving a reason."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)


class PlanLine(models.Model):
    """One contact point in one month: the plan and the obligation in one row (domain: rules)."""

    class Exemption(models.TextChoices):
        POSTPONED = "postponed", _("postponed by the county")
        MERGED = "merged", _("village merged")
        BLOCKED = "blocked", _("blocked by weather or disaster")

    county = models.ForeignKey(County, models.PROTECT)
    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="lines")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="plan_lines")
    month = models.DateField(_("month"))
    required_visits = models.PositiveSmallIntegerField(_("visits required"), default=1)
    planned_date = models.DateField(_("intended date"), null=True, blank=True)
    group = models.CharField(_("group to talk with"), max_length=20, choices=Group, blank=True)
    officer = models.ForeignKey(
        Officer, models.PROTECT, related_name="plan_lines", verbose_name=_("responsible officer")
    )
    topics = models.ManyToManyField(Topic, blank=True, verbose_name=_("topics"))
    exemption = models.CharField(_("exemption"), max_length=10, choices=Exemption, blank=True)
    exemption_reason = models.CharField(_("reason"), max_length=200, blank=True)
    exempted_by = models.ForeignKey("outreach.User", models.PROTECT, null=True)
    version = models.PositiveIntegerField(default=1)

    objects = PlanLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan line")
        verbose_name_plural = _("plan lines")
        ordering = ["month", "contact_point"]
        constraints = [
            models.UniqueConstraint(fields=["contact_point", "month"], name="plan_line_once"),
            _month_check("plan_line_month_first_day"),
            models.CheckConstraint(
                name="plan_line_date_in_month",
                condition=Q(planned_date=None)
                | Q(planned_date__year=F("month__year"), planned_date__month=F("month__month")),
                violation_error_message=_("The intended date lies in the month of the line."),
            ),
            models.CheckConstraint(
                name="plan_line_exempt_with_reason",
                condition=Q(exemption="")
                | (~Q(exemption_reason="") & Q(exempted_by__isnull=False)),
                violation_error_message=_("An exemption needs a reason."),
            ),
        ]
        indexes = [models.Index(fields=["county", "month"], name="plan_line_county_month")]

    def __str__(self):
        return f"{self.contact_point} · {self.month:%Y-%m}"

    @property
    def due(self):
        """Visits owed, after exemption."""
        return 0 if self.exemption else self.required_visits


class Visit(models.Model):
    """One visit. Its id is made by the client, so a record begun offline already has its name."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("recorded")
        VOID = "void", _("void")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    county = models.ForeignKey(County, models.PROTECT)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visits", verbose_name=_("unit"))
    contact_point = models.ForeignKey(
        ContactPoint, models.PROTECT, related_name="visits", verbose_name=_("contact point")
    )
    plan_line = models.ForeignKey(
        PlanLine, models.PROTECT, null=True, related_name="visits", verbose_name=_("plan line")
    )
    officer = models.ForeignKey(
        Officer, models.PROTECT, related_name="visits", verbose_name=_("officer")
    )
    recorded_by = models.ForeignKey("outreach.User", models.PROTECT)
    started_at = models.DateTimeField(_("began"))
    # The database itself keeps the rule: the month in which it began, by Shanghai's clock.
    month = models.GeneratedField(
        expression=ShanghaiMonth("started_at"),
        output_field=models.DateField(),
        db_persist=True,
        verbose_name=_("month"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ate = models.BooleanField(_("ate together"), default=False)
    lived = models.BooleanField(_("lived together"), default=False)
    worked = models.BooleanField(_("worked together"), default=False)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="visits", verbose_name=_("topics explained")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECORDED)
    void_reason = models.CharField(_("reason for voiding"), max_length=200, blank=True)
    feedback_due_on = models.DateField(_("feedback due"))
    written_at = models.DateTimeField(_("written"))
    received_at = models.DateTimeField(_("received"))
    version = models.PositiveIntegerField(default=1)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-started_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="visit_ends_after_start",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                violation_error_message=_("A visit does not end before it begins."),
            ),
            models.CheckConstraint(
                name="visit_void_with_reason",
                condition=~Q(state="void") | ~Q(void_reason=""),
                violation_error_message=_("Voiding needs a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "month"], include=["unit"], name="visit_county_month"),
            models.Index(fields=["contact_point", "month"], name="visit_contact_point"),
        ]

    def __str__(self):
        day = self.started_at.astimezone(clock.SHANGHAI)
        return f"{self.contact_point} · {day:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("visit_detail", args=[self.pk])

    @property
    def day(self):
        """The Shanghai day on which it began."""
        return self.started_at.astimezone(clock.SHANGHAI).date()

    @property
    def is_void(self):
        return self.state == self.State.VOID

    @property
    def counts(self):
        """Whether it explained something and met somebody (domain: rules); read with totals."""
        return bool(self.topics.all()) and bool(self.people_total or self.households_met)

    @property
    def together(self):
        """Labels of the 三同 that apply."""
        names = ("ate", "lived", "worked")
        return [self._meta.get_field(n).verbose_name for n in names if getattr(self, n)]


class Talk(models.Model):
    """A talk at a visit: head-counts per group, never names (domain: what is never collected)."""

    class Form(models.TextChoices):
        GROUP_TALK = "group_talk", _("group talk")
        HEART_TO_HEART = "heart_to_heart", _("heart-to-heart talk")
        HOUSEHOLD_CALL = "household_call", _("household call")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="talks")
    group = models.CharField(_("group"), max_length=20, choices=Group)
    form = models.CharField(_("form"), max_length=20, choices=Form, default=Form.GROUP_TALK)
    people = models.PositiveSmallIntegerField(
        _("people"), validators=[MinValueValidator(1), MaxValueValidator(999)]
    )

    class Meta:
        verbose_name = _("talk")
        verbose_name_plural = _("talks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "group", "form"], name="talk_once"),
            models.CheckConstraint(
                name="talk_people_range", condition=Q(people__gte=1, people__lte=999)
            ),
        ]

    def __str__(self):
        return f"{self.get_group_display()} {self.people}"


class VisitHousehold(models.Model):
    """A household called on at a visit, and how it went."""

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        NOT_HOME = "not_home", _("not at home")
        NOT_NOW = "not_now", _("not now")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="household_calls")
    household = models.ForeignKey(Household, models.PROTECT, related_name="visit_calls")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.MET)

    class Meta:
        verbose_name = _("household call")
        verbose_name_plural = _("household calls")
        ordering = ["household__number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "household"], name="household_once_a_visit")
        ]

    def __str__(self):
        return str(self.household)
