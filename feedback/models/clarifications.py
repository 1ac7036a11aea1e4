"""Where answers and a recorded visit do not fit: the unit is asked, the county decides."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County, Unit, Village
from feedback.estimates import Estimate
from feedback.models.rounds import EvaluationRound
from feedback.querysets.evaluation import ClarificationQuerySet
from outreach import clock

LONGEST = 500  # characters of what each side says


class Clarification(models.Model):
    """What the county sees, the unit's explanation, what the county decides; never a penalty."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for the unit")
        EXPLAINED = "explained", _("waits for the county")
        DECIDED = "decided", _("decided")

    county = models.ForeignKey(County, models.PROTECT)
    round = models.ForeignKey(EvaluationRound, models.PROTECT, related_name="clarifications")
    village = models.ForeignKey(Village, models.PROTECT, related_name="clarifications")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="clarifications")
    # As it stood when the round was closed.
    claimed = models.PositiveSmallIntegerField(_("visits recorded"))
    asked = models.PositiveSmallIntegerField(_("answered yes or no"))
    yes = models.PositiveSmallIntegerField(_("said that somebody came"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    opened_at = models.DateTimeField(default=clock.now)
    explanation = models.CharField(_("explanation"), max_length=LONGEST, blank=True)
    explained_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    explained_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("what the county decides"), max_length=LONGEST, blank=True)
    decided_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ClarificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("clarification")
        verbose_name_plural = _("clarifications")
        ordering = ["-opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "village", "unit"], name="clarification_once"),
            models.CheckConstraint(
                name="clarification_decided",
                condition=~Q(state="decided") | ~Q(decision=""),
            ),
        ]

    def __str__(self):
        return f"{self.village} {self.round}"

    def get_absolute_url(self):
        return reverse("clarification", args=[self.pk])

    @property
    def answers(self):
        """How many of those asked say that somebody came."""
        return Estimate.exact(self.yes, self.asked)
