"""Reads of visits, and of households in the order in which they are called on."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Collate, StrIndex

from contact_points.models import ContactPoint, Household
from outreach import clock
from outreach.expressions import ShanghaiDay
from outreach.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from outreach.models import User


class VisitQuerySet(ScopedQuerySet):
    def counted(self) -> Self:
        """Visits that are not void."""
        return self.exclude(state="void")

    def substantive(self) -> Self:
        """Those that fulfil an obligation (domain: rules), as the indicators count them."""
        talks = self.model._meta.get_field("talks").related_model
        calls = self.model._meta.get_field("household_calls").related_model
        topics = self.model.topics.through.objects.filter(visit=OuterRef("pk"))
        met = calls.objects.filter(visit=OuterRef("pk"), outcome="met")
        return (
            self.counted()
            .filter(Exists(topics), feedback__state__in=["submitted", "accepted"])
            .filter(Exists(talks.objects.filter(visit=OuterRef("pk"))) | Exists(met))
            .exclude(feedback__findings="")
        )

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

    def hold(self, pk: UUID) -> None:
        """Lock the visit until the transaction ends; what hangs on it is read afterwards, so that
        it is as fresh as the row.
        """
        self.select_for_update().values_list("pk").get(pk=pk)

    def with_feedback(self) -> Self:
        """Visits with their feedback and what names them."""
        return self.select_related("contact_point__village", "contact_point__unit", "feedback")

    def with_content(self) -> Self:
        """Visits with what was said about each: few joins, for those of a page cost the database
        more to plan than to read.
        """
        return self.with_feedback().prefetch_related("topics", "talks", "household_calls")

    def for_record(self) -> Self:
        """A visit with all that the page of its record shows."""
        return (
            self.for_detail()
            .select_related("plan_line__substitute")
            .prefetch_related("matters", "plan_line__topics")
        )

    def for_detail(self) -> Self:
        return (
            self.for_list()
            .select_related("contact_point__unit", "recorded_by", "plan_line__officer")
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
