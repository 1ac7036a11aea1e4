"""Reads of plans, their lines and what is asked for them."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from contact_points.models import ContactPoint
from outreach import clock
from outreach.expressions import ShanghaiDay
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability

if TYPE_CHECKING:
    from outreach.models import User
    from visits.models import PlanLine


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


class PlanImportQuerySet(ScopedQuerySet):
    scope_unit = "plan__unit"

    def for_list(self) -> Self:
        """The newest first, without the rows that were read."""
        return self.select_related("created_by").defer("rows", "report").order_by("-created_at")

    def for_page(self) -> Self:
        """An import with its plan."""
        return self.select_related(
            "plan__unit", "plan__programme_year", "plan__county", "created_by", "job"
        )


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

    def with_visits_made(self) -> Self:
        """Annotate `visits_made`: the line's visits that are not void."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(plan_line=OuterRef("pk")).order_by()
        made = counted.values("plan_line").annotate(total=Count("pk")).values("total")
        return self.annotate(visits_made=Coalesce(Subquery(made), 0))

    def with_visit_days(self) -> Self:
        """Annotate `visit_days`: the days of the line's visits that are not void, in order."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(plan_line=OuterRef("pk"))
        days = counted.annotate(day=ShanghaiDay("started_at")).order_by("day").values("day")
        return self.annotate(visit_days=ArraySubquery(days))

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
            .with_visit_days()
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

    def for_planner(self) -> Self:
        """Lines with all that the planner and the audit trail ask of them, in a fixed order."""
        # Prefetched: each contact point is one object for its twelve lines, not twelve.
        return self.prefetch_related("contact_point__village", "contact_point__unit").order_by("pk")

    def owed_from(self, month: date) -> Self:
        """Lines of the month's year that may still owe a visit, from the month on, in the order of
        their dates, with `made`: how many visits there were.
        """
        return (
            self.filter(month__gte=month, month__lt=date(month.year + 1, 1, 1), exemption="")
            .annotate(made=Count("visits", filter=~Q(visits__state="void")))
            .order_by("month", F("planned_date").asc(nulls_last=True), "pk")
        )

    def version_sum(self) -> int:
        """The sum of the versions: it grows with every write."""
        return self.aggregate(total=Sum("version"))["total"] or 0

    def for_grid(self) -> Self:
        """The lines of a plan in the order of the grid."""
        return (
            self.with_visits_made()
            .select_related(
                "contact_point__village__township",
                "contact_point__officer",
                "officer",
                "substitute",
            )
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
