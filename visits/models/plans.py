"""Annual plans: their lines are the obligations, and what lifts an obligation."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import ContactPoint, County, Officer, Unit
from outreach import clock
from visits.models.programme import ProgrammeYear, Topic, month_check
from visits.querysets.plans import AnnualPlanQuerySet, ExemptionRequestQuerySet, PlanLineQuerySet


class Group(models.TextChoices):
    """The five groups of villagers talked with (domain: words)."""

    PARTY_MEMBERS = "party_members", _("party members")
    VILLAGE_CADRES = "village_cadres", _("village cadres")
    REPRESENTATIVES = "representatives", _("villager representatives")
    CAPABLE = "capable", _("economically capable")
    IN_DIFFICULTY = "in_difficulty", _("households in difficulty")


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
    # What the planner shares the households by; what it proposes for a visit is never stored.
    households_per_visit = models.PositiveSmallIntegerField(
        _("households a visit at most"),
        default=8,
        db_default=8,
        validators=[MinValueValidator(5), MaxValueValidator(30)],
    )
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

    @property
    def pick(self):
        """What a list's box for deciding it holds: the plan, and when its reader saw it sent."""
        if self.state != self.State.SUBMITTED:
            return ""
        return f"{self.pk}@{self.submitted_at.isoformat()}"


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
    # Goes instead of an officer on leave: a visit by the unit all the same (domain: rules).
    substitute = models.ForeignKey(
        Officer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="substituted_lines",
        verbose_name=_("substitute"),
    )
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
            month_check("plan_line_month_first_day"),
            models.CheckConstraint(
                name="plan_line_date_in_month",
                condition=Q(planned_date=None)
                | Q(planned_date__year=F("month__year"), planned_date__month=F("month__month")),
                violation_error_message=_("The intended date lies in the month of the line."),
            ),
            models.CheckConstraint(
                name="plan_line_exempt_with_reason",
                # A merged village owes nothing by itself: the registry says so, and nobody decides.
                condition=Q(exemption="")
                | (
                    ~Q(exemption_reason="") & (Q(exempted_by__isnull=False) | Q(exemption="merged"))
                ),
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

    @property
    def is_liftable(self):
        """Whether it may still be asked for or postponed: to the end of the month after."""
        return self.month >= clock.add_months(clock.this_month(), -1)

    def moves_on(self, day):
        """Whether a handover on this day takes the unvisited line along (domain: handover).

        What was planned for an earlier day stays with whoever was responsible then.
        """
        if self.month != clock.month_of(day):
            return self.month > day
        return self.planned_date is None or self.planned_date >= day


class ExemptionRequest(models.Model):
    """What a unit asks of the county for one line: to lift the obligation, or a substitute."""

    class Kind(models.TextChoices):
        POSTPONED = "postponed", _("postponed by the county")
        MERGED = "merged", _("village merged")
        BLOCKED = "blocked", _("blocked by weather or disaster")
        LEAVE = "leave", _("officer on leave, a substitute goes")

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    county = models.ForeignKey(County, models.PROTECT)
    line = models.ForeignKey(PlanLine, models.CASCADE, related_name="exemption_requests")
    kind = models.CharField(_("what is asked"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=200)
    substitute = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, verbose_name=_("substitute")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(
        "outreach.User", models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    decided_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = ExemptionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for an exemption")
        verbose_name_plural = _("requests for exemptions")
        ordering = ["-asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state="asked"),
                name="exemption_request_one_open",
                violation_error_message=_("An exemption of this line was asked for already."),
            ),
            models.CheckConstraint(
                name="exemption_request_substitute_on_leave",
                condition=Q(kind="leave", substitute__isnull=False)
                | (~Q(kind="leave") & Q(substitute__isnull=True)),
                violation_error_message=_("Only a leave names a substitute, and it must."),
            ),
            models.CheckConstraint(
                name="exemption_request_refused_with_answer",
                condition=~Q(state="refused") | ~Q(answer=""),
                violation_error_message=_("A refusal needs a reason."),
            ),
        ]

    def __str__(self):
        return f"{self.line} · {self.get_kind_display()}"

    def get_absolute_url(self):
        return reverse("exemption_request_detail", args=[self.pk])

    @property
    def is_open(self):
        """Whether it waits for the county."""
        return self.state == self.State.ASKED

    @property
    def pick(self):
        """What a list's box for answering it holds."""
        return str(self.pk) if self.is_open else ""
