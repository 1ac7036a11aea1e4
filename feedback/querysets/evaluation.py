"""Reads of villagers' evaluation and of the opinion book."""

from typing import TYPE_CHECKING, Self

from django.db.models import (
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
)
from django.db.models.functions import Coalesce, TruncMonth

from contact_points.models import ContactPoint
from outreach import clock
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability

if TYPE_CHECKING:
    from outreach.models import User


class EvaluationRoundQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user: "User") -> Self:
        """All rounds for who runs them; for units nothing exists until a round is closed."""
        rows = super().visible_to(user)
        return rows if user.can(Capability.RUN_EVALUATION) else rows.filter(state="closed")

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

    def visible_to(self, user: "User") -> Self:
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
        """By township, with what became of the sample."""
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
            .order_by("village__code")
        )


def _counted(rows: QuerySet, of: str) -> Coalesce:
    # A subquery each: joins in one annotate would multiply each other's rows.
    found = rows.order_by().values(of).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found), Value(0))


class ClarificationQuerySet(ScopedQuerySet):
    def waiting_for(self, user: "User") -> Self:
        """Those on which the next word is the account's."""
        state = "explained" if user.can(Capability.RUN_EVALUATION) else "asked"
        return self.visible_to(user).filter(state=state)


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

    def visible_to(self, user: "User") -> Self:
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
