"""Reads of villagers' evaluation and of the opinion book."""

from datetime import date
from typing import Self

from django.db.models import Case, Exists, OuterRef, When

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
        return self.filter(opens_on__lte=day, closes_on__gte=day)

    def open_now(self) -> Self:
        return self.open_on(clock.today())


class OpinionQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user: User) -> Self:
        """All of them for who reads them first; for units what is published."""
        rows = super().visible_to(user)
        return rows if user.can(Capability.RUN_EVALUATION) else rows.filter(state="published")

    def waiting(self) -> Self:
        """Nobody of the county has read them yet, oldest first."""
        return self.filter(state="waiting").order_by("received_on", "pk")
