"""Reads of villagers' evaluation and of the opinion book."""

from datetime import date
from typing import Self

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncMonth

from contact_points.models import ContactPoint
from outreach import clock
from outreach.models import User
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability, Role


class EvaluationRoundQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user: User) -> Self:
        """All rounds for who runs them; for units nothing exists until a round is closed."""
        rows = super().visible_to(user)
        return rows if user.can(Capability.RUN_EVALUATION) else rows.filter(state="closed")

    def closed(self) -> Self:
        """Those that have results, the newest first."""
        rows = self.filter(state="closed").prefetch_related("topic_questions__topic")
        return rows.order_by("-first_month", "-pk")

    def about(self, first: date, last: date) -> Self:
        """Closed ones about one of these months, the oldest first."""
        rows = self.closed().filter(first_month__lte=last, last_month__gte=first)
        return rows.order_by("first_month", "pk")

    def for_list(self) -> Self:
        """With how many villages and households were drawn."""
        villages = self.model._meta.get_field("villages").related_model.objects
        sample = villages.model._meta.get_field("sample").related_model.objects
        drawn = villages.filter(round=OuterRef("pk"), is_drawn=True)
        first = sample.filter(round_village__round=OuterRef("pk"), replaces=None)
        return self.annotate(
            villages_drawn=_counted(drawn, "round"),
            households_drawn=_counted(first, "round_village__round"),
        )


class RoundVillageQuerySet(ScopedQuerySet):
    """Villages of a round's frame; a unit sees its own, of rounds that are closed."""

    scope_county = "round__county"
    scope_unit = None

    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        if user.can(Capability.RUN_EVALUATION):
            return rows
        held = (
            ContactPoint.objects.filter(village=OuterRef("village"), unit=user.unit_id)
            .annotate(begins=TruncMonth("period__startswith"))
            .filter(begins__lte=OuterRef("round__last_month"))
            .filter(
                Q(period__endswith=None) | Q(period__endswith__gt=OuterRef("round__first_month"))
            )
        )
        return rows.filter(Exists(held), round__state="closed")

    def search(self, text: str) -> Self:
        """By a part of the village's or township's name, or the beginning of its code."""
        return self.filter(
            Q(village__name__icontains=text)
            | Q(village__township__name__icontains=text)
            | Q(village__code__startswith=text)
        )

    def for_list(self) -> Self:
        """Drawn ones first, by township, with what became of the sample."""
        sample = self.model._meta.get_field("sample").related_model.objects
        of_village = sample.filter(round_village=OuterRef("pk"))

        def counted(**which) -> Coalesce:
            return _counted(of_village.filter(**which), "round_village")

        return (
            self.select_related("village__township")
            .annotate(
                in_frame=Func(F("households"), function="cardinality", output_field=IntegerField()),
                drawn=counted(replaces=None),
                refused=counted(outcome="refused"),
                absent=counted(outcome="absent"),
                gone=counted(outcome="gone"),
                replaced=counted(replaces__isnull=False),
            )
            .order_by("-is_drawn", "village__code")
        )


def _counted(rows: QuerySet, of: str) -> Coalesce:
    # A subquery each: joins in one annotate would multiply each other's rows.
    found = rows.order_by().values(of).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found), Value(0))


class ClarificationQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """The county's; of a unit's people its own."""
        rows = super().visible_to(user)
        return rows if user.can(Capability.SEE_EVALUATION) else rows.none()

    def waiting_for(self, user: User) -> Self:
        """Those on which the next word is the account's (`permissions.can_explain_gap`)."""
        rows = self.visible_to(user)
        if user.can(Capability.RUN_EVALUATION):
            return rows.filter(state="explained")
        rows = rows.filter(state="asked")
        if user.can(Capability.EXPLAIN_GAPS):
            return rows
        office = User.objects.active().filter(unit=OuterRef("unit"), role=Role.COORDINATOR)
        return rows.exclude(Exists(office))

    def for_list(self) -> Self:
        """What waits first, then the newest, with what a list shows."""
        rows = self.select_related("round", "village__township", "unit")
        order = Case(When(state="explained", then=0), When(state="asked", then=1), default=2)
        return rows.annotate(order=order).order_by("order", "-opened_at", "pk")

    def for_page(self) -> Self:
        return self.for_list().select_related("county", "explained_by", "decided_by")


class OpinionCallQuerySet(ScopedQuerySet):
    scope_unit = None

    def open_on(self, day) -> Self:
        """Those that take opinions on the day."""
        return self.filter(opens_on__lte=day, closes_on__gte=day, closed_at=None)

    def open_now(self) -> Self:
        return self.open_on(clock.today())

    def for_list(self) -> Self:
        """With how many opinions came, the newest first."""
        return self.annotate(answers=Count("opinions")).order_by("-opens_on", "-pk")


class OpinionQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user: User) -> Self:
        """All of them for who reads them first; for units what is published of their villages."""
        rows = super().visible_to(user)
        if user.can(Capability.RUN_EVALUATION):
            return rows
        villages = self.model._meta.get_field("village").related_model.objects.visible_to(user)
        return rows.published().filter(village__in=villages)

    def waiting(self) -> Self:
        """Nobody of the county has read them yet, oldest first."""
        return self.filter(state="waiting").order_by("received_on", "pk")

    def published(self) -> Self:
        """What everybody may read, the newest first."""
        rows = self.filter(state="published", erased_on=None)
        return rows.order_by("-received_on", "-pk")

    def search(self, text: str) -> Self:
        """By a part of what was written or replied, or of the village's name."""
        return self.filter(
            Q(text__icontains=text)
            | Q(published_text__icontains=text)
            | Q(reply__icontains=text)
            | Q(village__name__icontains=text)
        )

    def for_list(self) -> Self:
        """With what a list shows, the newest first."""
        rows = self.select_related("village__township", "call", "matter", "read_by")
        return rows.order_by("-received_on", "-pk")
