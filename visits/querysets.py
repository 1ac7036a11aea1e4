"""Reads of plans and visits."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Aggregate,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Collate, StrIndex

from contact_points.models import ContactPoint, Household, Unit
from outreach import clock
from outreach.expressions import ShanghaiDay
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability

if TYPE_CHECKING:
    from outreach.models import User
    from visits.models import PlanLine, Visit


class ProgrammeYearQuerySet(ScopedQuerySet):
    scope_unit = None

    def with_counts(self) -> Self:
        """The newest first, with how many rules and topics they have, and topics of this month."""
        month = clock.this_month()
        of_month = Q(topics__first_month__lte=month, topics__last_month__gte=month)
        return self.annotate(
            rules_count=Count("rules", distinct=True),
            topics_count=Count("topics", distinct=True),
            topics_now=Count("topics", filter=of_month, distinct=True),
        ).order_by("-year")


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
    """Topics; people of a unit see those meant for it and those its own records name."""

    scope_county = "programme_year__county"
    scope_unit = None

    def visible_to(self, user: "User") -> Self:
        rows = super().visible_to(user)
        if not user.unit_id:
            return rows
        named = Q()
        for name, unit in (("planline", "contact_point__unit"), ("visits", "unit")):
            records = self.model._meta.get_field(name).related_model.objects
            named |= Q(Exists(records.filter(topics=OuterRef("pk"), **{unit: user.unit_id})))
        return rows.filter(self._meant_for(user.unit_id) | named)

    def offered_in(self, month: date) -> Self:
        """Topics meant for this month."""
        return self.offered_between(month, month)

    def offered_between(self, first: date, last: date) -> Self:
        """Topics meant for at least one of these months."""
        return self.filter(first_month__lte=last, last_month__gte=first)

    def meant_for(self, unit_id: int) -> Self:
        """Topics of every unit, and those that name this unit."""
        return self.filter(self._meant_for(unit_id))

    def offered_to(
        self,
        unit: Unit,
        first: date,
        last: date | None = None,
        or_named_by: "PlanLine | Visit | None" = None,
    ) -> Self:
        """What a form offers a unit for these months, and what its record names already."""
        rows = self.filter(programme_year__county=unit.county_id)
        offered = rows.offered_between(first, last or first).meant_for(unit.pk)
        if or_named_by is None:
            return offered
        named = Q(pk__in=or_named_by.topics.values("pk"))
        return rows.filter(Q(pk__in=offered.values("pk")) | named)

    def _meant_for(self, unit_id: int) -> Q:
        named = self.model.units.through.objects.filter(topic=OuterRef("pk"))
        return Q(~Exists(named)) | Q(Exists(named.filter(unit=unit_id)))


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

    def with_visited(self) -> Self:
        """Annotate `visited`: whether a visit that is not void is recorded for the line."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(plan_line=OuterRef("pk"))
        return self.annotate(visited=Exists(counted))

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

    def for_record(self) -> Self:
        """A visit with all that the page of its record shows."""
        return (
            self.for_detail()
            .select_related("contact_point__unit", "plan_line__substitute")
            .prefetch_related("matters", "plan_line__topics")
        )

    def for_detail(self) -> Self:
        return (
            self.for_list()
            .select_related("recorded_by", "plan_line__officer")
            .prefetch_related("topics", "talks", "household_calls__household")
        )


class VisitDraftQuerySet(ScopedQuerySet):
    scope_county = "contact_point__county"
    scope_unit = "contact_point__unit"

    def of(self, user: "User") -> Self:
        """The person's own drafts at contact points they may still see."""
        return self.visible_to(user).filter(writer=user)

    def for_list(self) -> Self:
        """With what a list of them names, oldest first."""
        return self.select_related("contact_point__village").order_by("saved_at", "pk")

    def of_new_records(self, point: ContactPoint) -> Self:
        """Drafts at the contact point of visits that are not recorded yet, oldest first."""
        visits = self.model._meta.apps.get_model("visits", "Visit")
        stored = visits.objects.filter(pk=OuterRef("record"))
        return self.filter(~Exists(stored), contact_point=point).order_by("saved_at", "pk")


class VisitPhotoQuerySet(QuerySet):
    def waiting(self) -> Self:
        """Photos whose sizes are not made yet."""
        return self.filter(state="waiting")


def _per_visit(rows: QuerySet, aggregate: Aggregate) -> Coalesce:
    # A subquery each: two joins in one annotate would multiply each other's rows.
    per_visit = rows.filter(visit=OuterRef("pk")).order_by().values("visit")
    return Coalesce(Subquery(per_visit.annotate(total=aggregate).values("total")), 0)


def households_in_order(village_ids: Iterable[int], year: int) -> QuerySet[Household]:
    """Households of the villages as the planner calls on them: never met first, then the least
    recently met, then by number (3组 before 12组).

    `met` is the day on which a counted visit last met them until the end of the year, `not_now`
    whether they said so in the year. `visits.planning.in_order` is the same order.
    """
    visit = "visit_calls__visit"
    until_then = Q((f"{visit}__month__lt", date(year + 1, 1, 1)), ~Q((f"{visit}__state", "void")))
    in_year = until_then & Q((f"{visit}__month__gte", date(year, 1, 1)))
    return (
        Household.objects.filter(village_id__in=village_ids)
        .annotate(
            met=Max(
                ShanghaiDay(f"{visit}__started_at"),
                filter=until_then & Q(visit_calls__outcome="met"),
            ),
            not_now=Coalesce(
                BoolOr(Q(visit_calls__outcome="not_now"), filter=in_year), Value(False)
            ),
        )
        .order_by(
            F("met").asc(nulls_first=True),
            StrIndex("number", Value("组")),
            Collate("number", "C"),
        )
    )
