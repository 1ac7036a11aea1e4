"""Reads of villagers' evaluation and of the opinion book."""

from typing import TYPE_CHECKING, Self

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


class ClarificationQuerySet(ScopedQuerySet):
    def waiting_for(self, user: "User") -> Self:
        """Those on which the next word is the account's."""
        state = "explained" if user.can(Capability.RUN_EVALUATION) else "asked"
        return self.visible_to(user).filter(state=state)


class OpinionCallQuerySet(ScopedQuerySet):
    scope_unit = None

    def open_on(self, day) -> Self:
        """Those that take opinions on the day."""
        return self.filter(opens_on__lte=day, closes_on__gte=day)

    def open_now(self) -> Self:
        return self.open_on(clock.today())


class OpinionQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user: "User") -> Self:
        """All of them for who reads them first; for units what is published."""
        rows = super().visible_to(user)
        return rows if user.can(Capability.RUN_EVALUATION) else rows.filter(state="published")

    def waiting(self) -> Self:
        """Nobody of the county has read them yet, oldest first."""
        return self.filter(state="waiting").order_by("received_on", "pk")
