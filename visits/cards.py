"""What a card of "my month" says: one state, one sentence, one next step per contact point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from outreach import clock
from outreach.models import User
from visits.models import ExemptionRequest, PlanLine, Visit, VisitDraft
from visits.permissions import can_ask_exemption, can_edit_visit, can_record_visit
from visits.planning import Household
from visits.proposals import households_of


@dataclass(frozen=True)
class Card:
    """A plan line as its officer meets it: one of STATES, and the visit to act on."""

    line: PlanLine
    state: str
    visit: Visit | None = None
    days_left: int = 0
    can_act: bool = False
    # Proposed to call on, while the visit is owed.
    households: tuple[Household, ...] = ()
    # The visit is still owed, so that the county may be asked to lift it.
    can_ask: bool = False
    # What the person is typing about it.
    draft: VisitDraft | None = None

    @property
    def request(self) -> ExemptionRequest | None:
        """The open request for an exemption, if there is one."""
        return next(iter(self.line.open_requests), None)  # type: ignore[attr-defined]


# In the order in which they ask for somebody.
STATES = ("returned", "to_write", "thin", "late", "due", "exempt", "done")


def _sent(visit: Visit) -> bool:
    feedback = getattr(visit, "feedback", None)
    return feedback is not None and not feedback.is_open


def card_of(line: PlanLine, user: User, today: date) -> Card:
    """The card of a line that was read with `PlanLineQuerySet.for_cards`."""
    visits: list[Visit] = line.counted_visits  # type: ignore[attr-defined]
    for visit in visits:
        feedback = getattr(visit, "feedback", None)
        if feedback is not None and feedback.state == "returned":
            return Card(line, "returned", visit, 0, can_edit_visit(user, visit))
    for visit in visits:
        if not _sent(visit):
            left = (visit.feedback_due_on - today).days
            return Card(line, "to_write", visit, left, can_edit_visit(user, visit))
    act = can_record_visit(user, line.contact_point)
    if line.exemption:
        return Card(line, "exempt", can_act=act)
    counting = [visit for visit in visits if visit.counts]
    if len(counting) >= line.required_visits:
        return Card(line, "done", counting[-1] if counting else None, can_act=act)
    if len(visits) >= line.required_visits:
        # Sent, but without a topic or anybody met: the county will not count it.
        return Card(line, "thin", visits[-1], can_act=act)
    over = clock.add_months(line.month, 1) <= today
    ask = can_ask_exemption(user, line) and line.month >= clock.add_months(
        clock.month_of(today), -1
    )
    return Card(line, "late" if over else "due", can_act=act, can_ask=ask)


def _draft_of(card: Card, typed: Mapping[Any, VisitDraft]) -> VisitDraft | None:
    if card.state in ("returned", "to_write") and card.visit:
        return typed.get(card.visit.pk)
    return typed.get(card.line.contact_point_id)


def cards_of(
    lines: Iterable[PlanLine], user: User, drafts: Iterable[VisitDraft] = ()
) -> list[Card]:
    """Cards in the order in which they ask for somebody, each with the person's newest draft."""
    today = clock.today()
    cards = [card_of(line, user, today) for line in lines]
    calls = households_of([card.line for card in cards if card.state == "due"])
    typed: dict[Any, VisitDraft] = {}
    for draft in drafts:
        typed[draft.record] = typed[draft.contact_point_id] = draft
    return sorted(
        (
            replace(card, households=calls.get(card.line.pk, ()), draft=_draft_of(card, typed))
            for card in cards
        ),
        key=lambda card: (
            STATES.index(card.state),
            card.line.planned_date or date.max,
            card.line.pk,
        ),
    )
