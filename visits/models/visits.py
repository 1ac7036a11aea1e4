"""Visits: what happened in the village."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import ContactPoint, County, Household, Officer, Unit
from outreach import clock
from outreach.expressions import ShanghaiMonth
from visits.models.plans import Group, PlanLine
from visits.models.programme import Topic
from visits.querysets.visits import VisitQuerySet


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
