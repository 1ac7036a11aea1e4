"""Reads of plans and visits."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import (
    Aggregate,
    Count,
    Exists,
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

if TYPE_CHECKING:
    from visits.models import PlanLine


class ProgrammeYearQuerySet(ScopedQuerySet):
    scope_unit = None


class TopicQuerySet(ScopedQuerySet):
    scope_county = "programme_year__county"
    scope_unit = None

    def offered_in(self, month: date) -> Self:
        """Topics meant for this month."""
        return self.offered_between(month, month)

    def offered_between(self, first: date, last: date) -> Self:
        """Topics meant for at least one of these months."""
        return self.filter(first_month__lte=last, last_month__gte=first)

    def offered_to(self, unit_id: int) -> Self:
        """Topics of every unit, and those meant for this one."""
        return self.filter(Q(units=None) | Q(units=unit_id))


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

    def with_visited(self) -> Self:
        """Annotate `visited`: a counted visit is recorded for the line."""
        visits = self.model._meta.get_field("visits").related_model
        recorded = visits.objects.counted().filter(plan_line=OuterRef("pk"))
        return self.annotate(visited=Exists(recorded))

    def version_sum(self) -> int:
        """The sum of the versions: it grows with every write."""
        return self.aggregate(total=Sum("version"))["total"] or 0

    def for_grid(self) -> Self:
        """The lines of a plan in the order of the grid."""
        return (
            self.with_visited()
            .select_related("contact_point__village__township", "contact_point__officer", "officer")
            .prefetch_related("topics")
            .order_by("contact_point__village__code", "contact_point", "month")
        )

    def for_page(self) -> Self:
        """A line with all that its page and its form ask."""
        return self.for_grid().select_related(
            "plan__programme_year",
            "plan__unit",
            "contact_point__village__township",
            "contact_point__officer",
            "contact_point__unit",
            "officer",
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
