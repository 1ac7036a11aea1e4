"""Reads of plans and visits."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from contact_points.models import ContactPoint, Household
from outreach import clock
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability

if TYPE_CHECKING:
    from outreach.models import User
    from visits.models import PlanLine


class ProgrammeYearQuerySet(ScopedQuerySet):
    scope_unit = None


class AvoidedDaysQuerySet(ScopedQuerySet):
    scope_county = "programme_year__county"
    scope_unit = None

    def of_month(self, month: date, townships: set[int]) -> Self:
        """What touches the month in the whole county or in one of these townships."""
        return self.filter(
            Q(township=None) | Q(township__in=townships),
            first_day__lt=clock.add_months(month, 1),
            last_day__gte=month,
        ).select_related("township")


class TopicQuerySet(ScopedQuerySet):
    scope_county = "programme_year__county"
    scope_unit = None

    def offered_in(self, month: date) -> Self:
        """Topics meant for this month."""
        return self.offered_between(month, month)

    def offered_between(self, first: date, last: date) -> Self:
        """Topics meant for at least one of these months."""
        return self.filter(first_month__lte=last, last_month__gte=first)


class AnnualPlanQuerySet(ScopedQuerySet):
    def for_list(self) -> Self:
        """Plans with how many of their lines have a date."""
        return self.select_related("unit", "programme_year").annotate(
            lines_count=Count("lines"),
            dated_count=Count("lines", filter=Q(lines__planned_date__isnull=False)),
        )

    def newest_first(self) -> Self:
        """Newest year first, units in their order."""
        return self.order_by("-programme_year__year", "unit__order", "unit_id")


class ExemptionRequestQuerySet(ScopedQuerySet):
    scope_unit = "line__contact_point__unit"

    def open(self) -> Self:
        """Requests that wait for the county."""
        return self.filter(state="asked")


class PlanLineQuerySet(ScopedQuerySet):
    scope_unit = "contact_point__unit"

    def of_month(self, month: date) -> Self:
        """The obligations of the month; lines of contact points that ended before it are none."""
        days = (month, clock.add_months(month, 1))
        return self.filter(month=month, contact_point__period__overlap=days)

    def owed_for(self, contact_point: ContactPoint, month: date) -> "PlanLine | None":
        """The one line that a visit of this contact point's unit to its village fulfils."""
        return (
            self.of_month(month)
            .filter(
                contact_point__unit=contact_point.unit_id,
                contact_point__village=contact_point.village_id,
            )
            .order_by("contact_point__period")
            .first()
        )

    def with_visits_made(self) -> Self:
        """Annotate `visits_made`: the line's visits that are not void."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(plan_line=OuterRef("pk")).order_by()
        made = counted.values("plan_line").annotate(total=Count("pk")).values("total")
        return self.annotate(visits_made=Coalesce(Subquery(made), 0))

    def still_owed(self, months: list[date]) -> Self:
        """Lines of these months, no exempt one, that have fewer visits than they owe."""
        held = Q()
        for month in months:
            days = (month, clock.add_months(month, 1))
            held |= Q(month=month, contact_point__period__overlap=days)
        return (
            self.filter(held, exemption="")
            .with_visits_made()
            .filter(visits_made__lt=F("required_visits"))
        )

    def with_officers(self) -> Self:
        """With the accounts of the officer and the substitute, and the names a reminder says."""
        return self.select_related(
            "contact_point__village", "officer__user", "substitute__user", "plan"
        ).order_by("planned_date", "pk")

    def for_calendar(self) -> Self:
        """The lines as chips of the month calendar."""
        return (
            self.select_related(
                "contact_point__village__township",
                "contact_point__unit",
                "officer",
                "substitute",
                "plan",
            )
            .with_visits_made()
            .order_by("planned_date", "contact_point__village__code", "pk")
        )

    def to_visit_by(self, user: "User") -> Self:
        """Lines the user is to visit, as officer or substitute; for a coordinator the unit's."""
        rows = self.visible_to(user)
        if user.can(Capability.RECORD_FOR_UNIT):
            return rows
        return rows.filter(Q(officer__user=user) | Q(substitute__user=user))

    def for_feed(self) -> Self:
        """Dated lines, from three months back to the year's end."""
        first = clock.add_months(clock.this_month(), -3)
        last = date(clock.today().year, 12, 31)
        return (
            self.filter(planned_date__range=(first, last))
            .select_related("contact_point__village__township")
            .prefetch_related("topics")
            .order_by("planned_date", "pk")
        )

    def for_cards(self) -> Self:
        """Everything a card of "my month" shows, in a fixed number of queries."""
        visits = self.model._meta.get_field("visits").related_model
        return self.select_related(
            "contact_point__village__township", "contact_point__unit", "officer", "plan"
        ).prefetch_related(
            "topics",
            Prefetch(
                "visits",
                visits.objects.counted()
                .with_totals()
                .select_related("feedback")
                .prefetch_related("topics")
                .order_by("started_at"),
                to_attr="counted_visits",
            ),
        )

    def for_grid(self) -> Self:
        """The lines of a plan in the order of the grid."""
        return (
            self.select_related("contact_point__village__township", "officer")
            .prefetch_related("topics")
            .order_by("contact_point__village__code", "contact_point", "month")
        )


class VisitQuerySet(ScopedQuerySet):
    def counted(self) -> Self:
        """Visits that are not void."""
        return self.exclude(state="void")

    def to_write(self) -> Self:
        """Visits whose feedback was not sent yet, or came back."""
        return self.counted().filter(
            Q(feedback=None) | Q(feedback__state__in=["draft", "returned"])
        )

    def with_totals(self) -> Self:
        """Annotate `people_total` (heads over all talks) and `households_met`."""
        talks = self.model._meta.get_field("talks").related_model
        calls = self.model._meta.get_field("household_calls").related_model
        return self.annotate(
            people_total=_per_visit(talks.objects.all(), Sum("people")),
            households_met=_per_visit(calls.objects.filter(outcome="met"), Count("pk")),
        )

    def search(self, text: str) -> Self:
        """Visits by a part of the village's, unit's or officer's name."""
        return self.filter(
            Q(contact_point__village__name__icontains=text)
            | Q(unit__name__icontains=text)
            | Q(officer__name__icontains=text)
        )

    def for_list(self) -> Self:
        return self.with_totals().select_related(
            "contact_point__village__township", "unit", "officer", "feedback"
        )

    def for_detail(self) -> Self:
        return (
            self.for_list()
            .select_related("recorded_by", "plan_line__officer")
            .prefetch_related("topics", "talks", "household_calls__household")
        )


def _per_visit(rows: QuerySet, aggregate: Aggregate) -> Coalesce:
    # A subquery each: two joins in one annotate would multiply each other's rows.
    per_visit = rows.filter(visit=OuterRef("pk")).order_by().values("visit")
    return Coalesce(Subquery(per_visit.annotate(total=aggregate).values("total")), 0)


def households_to_call(village_id: int, year: int, limit: int) -> QuerySet[Household]:
    """Households of the village that no counted visit has met since 1 January of the year."""
    calls = Household._meta.get_field("visit_calls").related_model
    reached = calls.objects.filter(
        household=OuterRef("pk"), outcome="met", visit__month__year=year
    ).exclude(visit__state="void")
    return Household.objects.filter(~Exists(reached), village_id=village_id).order_by("number")[
        :limit
    ]
