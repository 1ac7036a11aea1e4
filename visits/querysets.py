"""Reads of plans and visits."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import (
    Aggregate,
    Case,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from contact_points.models import ContactPoint, Household
from outreach import clock
from outreach.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from outreach.models import User
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

    def search(self, text: str) -> Self:
        """Requests by a part of the village's, unit's or officer's name."""
        return self.filter(
            Q(line__contact_point__village__name__icontains=text)
            | Q(line__contact_point__unit__name__icontains=text)
            | Q(line__officer__name__icontains=text)
        )

    def for_list(self) -> Self:
        """Open ones first, the newest before the older."""
        return self.select_related(
            "line__contact_point__village__township",
            "line__contact_point__unit",
            "line__officer",
            "substitute",
            "asked_by",
            "decided_by",
        ).order_by(Case(When(state="asked", then=0), default=1), "-asked_at", "id")


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

    def lifted(self) -> Self:
        """Lines that are exempt, or in which a substitute goes."""
        return self.exclude(exemption="", substitute=None)

    def search(self, text: str) -> Self:
        """Lines by a part of the village's, unit's or officer's name."""
        return self.filter(
            Q(contact_point__village__name__icontains=text)
            | Q(contact_point__unit__name__icontains=text)
            | Q(officer__name__icontains=text)
        )

    def for_list(self) -> Self:
        return self.select_related(
            "contact_point__village__township",
            "contact_point__unit",
            "officer",
            "substitute",
            "exempted_by",
        )

    def with_visited(self) -> Self:
        """Annotate `visited`: whether a visit that is not void is recorded for the line."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(plan_line=OuterRef("pk"))
        return self.annotate(visited=Exists(counted))

    def of_officer(self, user: "User") -> Self:
        """Lines that the account's officer is to fulfil, also in somebody's place."""
        return self.filter(Q(officer__user=user) | Q(substitute__user=user))

    def for_cards(self) -> Self:
        """Everything a card of "my month" shows, in a fixed number of queries."""
        visits = self.model._meta.get_field("visits").related_model
        requests = self.model._meta.get_field("exemption_requests").related_model
        return self.select_related(
            "contact_point__village__township",
            "contact_point__unit",
            "officer",
            "substitute",
            "plan",
        ).prefetch_related(
            "topics",
            Prefetch("exemption_requests", requests.objects.open(), to_attr="open_requests"),
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

    def taken_over_by(self, user: "User") -> Self:
        """Visits of others to the villages that the account's officer holds for the unit by now."""
        held = ContactPoint.objects.active_on(clock.today()).filter(
            officer__user=user,
            unit=OuterRef("unit"),
            village=OuterRef("contact_point__village"),
        )
        return self.filter(Exists(held)).exclude(officer__user=user)

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
