"""The programme year, its plans (whose lines are the obligations) and the visits."""

from visits.models.drafts import VisitDraft
from visits.models.feeds import CalendarFeed
from visits.models.photos import KeptPicture, VisitPhoto
from visits.models.plan_imports import PlanImport
from visits.models.plans import AnnualPlan, ExemptionRequest, Group, PlanLine
from visits.models.programme import (
    AvoidedDays,
    ProgrammeYear,
    Topic,
    TopicAttachment,
    VisitRequirement,
    YearRule,
)
from visits.models.visits import Talk, Visit, VisitHousehold

__all__ = [
    "AnnualPlan",
    "AvoidedDays",
    "CalendarFeed",
    "ExemptionRequest",
    "Group",
    "KeptPicture",
    "PlanImport",
    "PlanLine",
    "ProgrammeYear",
    "Talk",
    "Topic",
    "TopicAttachment",
    "Visit",
    "VisitDraft",
    "VisitHousehold",
    "VisitPhoto",
    "VisitRequirement",
    "YearRule",
]
