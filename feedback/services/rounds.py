"""A round's way from a draft to its answers; the draw itself is `feedback.services.drawing`."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import EvaluationRound, TopicQuestion
from feedback.permissions import can_run_round
from feedback.services.last_days import check_last_day
from feedback.services.mixing import drop_answers, hold_all
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability
from visits.models import Topic
from visits.services.errors import NotPossible, StaleVersion

State = EvaluationRound.State
_FACTS = (
    "first_month",
    "last_month",
    "villages_to_draw",
    "households_per_village",
    "asks_text",
    "closes_on",
)
_WORDS_OF_STATE = {
    State.DRAFT: gettext_noop("The round is a draft."),
    State.DRAWN: gettext_noop("The sample is drawn and never changes again."),
    State.OPEN: gettext_noop("The round is open: answers come in."),
    State.CLOSED: gettext_noop("The round is closed."),
    State.CANCELLED: gettext_noop("The round is cancelled."),
}


@dataclass(frozen=True)
class TopicWording:
    """A question about a topic as the office words it: the right answer and three others."""

    topic: Topic
    text: str
    right: str
    wrong: tuple[str, ...]

    @property
    def options(self) -> list[str]:
        """The right answer among the others, at a place of chance."""
        among = [*self.wrong]
        among.insert(secrets.randbelow(len(among) + 1), self.right)
        return among


def round_facts(round: EvaluationRound) -> dict[str, Any]:
    """The round with its questions, as the audit keeps it."""
    questions = [
        f"{row.topic}: {row.text} {row.options[row.right - 1]} / "
        + " / ".join(text for n, text in enumerate(row.options, 1) if n != row.right)
        for row in round.topic_questions.select_related("topic")
    ]
    return audit.facts(round, *_FACTS) | {"questions": questions}


def locked_round(round: EvaluationRound, user: User, *states: str) -> EvaluationRound:
    """The row, locked, in one of these states. Raises PermissionDenied, NotPossible."""
    held = EvaluationRound.objects.select_for_update().get(pk=round.pk)
    if not can_run_round(user, held):
        raise PermissionDenied
    if held.state not in states:
        raise NotPossible(_(_WORDS_OF_STATE[State(held.state)]))
    return held


@transaction.atomic
def write_round(
    *,
    actor: User,
    round: EvaluationRound | None = None,
    seen: str = "",
    questions: Sequence[TopicWording] = (),
    **fields: Any,
) -> EvaluationRound:
    """Begin a round or change a draft; `fields` as on the model, at most three questions.

    `seen` is the digest of what the writer of a change saw. Raises PermissionDenied, NotPossible
    (it is no draft any more), StaleVersion, ValidationError.
    """
    if not actor.can(Capability.RUN_EVALUATION):
        raise PermissionDenied
    before = None
    if round:
        round = locked_round(round, actor, State.DRAFT)
        before = round_facts(round)
        if seen != audit.digest(before):
            raise StaleVersion(round)
    row = round or EvaluationRound(county_id=actor.county_id, created_by=actor)
    for name, value in fields.items():
        setattr(row, name, value)
    _check(row, questions)
    row.full_clean(exclude=["drawn_at", "checked_at", "opened_at", "closed_at"])
    row.save()
    _ask(row, questions)
    audit.record(
        gettext_noop("Evaluation round changed")
        if before
        else gettext_noop("Evaluation round begun"),
        actor=actor,
        obj=row,
        before=before,
        after=round_facts(row),
    )
    return row


def _check(round: EvaluationRound, questions: Sequence[TopicWording]) -> None:
    """Raises ValidationError: months that lie behind or run, topics of these months, no numbers."""
    first, last = round.first_month, round.last_month
    if last not in (first, clock.add_months(first, 2)):
        raise ValidationError({"last_month": _("A round is about one month or three.")})
    if last > clock.this_month():
        raise ValidationError({"last_month": _("Nobody can be asked about a month to come.")})
    check_last_day(round.closes_on)
    if len(questions) > 3:
        raise ValidationError(_("At most three questions about topics."))
    offered = Topic.objects.offered_between(first, last)
    known = offered.filter(programme_year__county=round.county_id).values_list("pk", flat=True)
    for asked in questions:
        if asked.topic.pk not in known:
            raise ValidationError(
                _("“%(topic)s” is no topic of these months.") % {"topic": asked.topic}
            )
        said = (asked.text, asked.right, *asked.wrong)
        if not all(said) or len(set(said[1:])) != len(said) - 1:
            raise ValidationError(
                _("The question about “%(topic)s” needs four different answers.")
                % {"topic": asked.topic}
            )
        check_private_numbers({"questions": "；".join(said)})


def _ask(round: EvaluationRound, questions: Sequence[TopicWording]) -> None:
    round.topic_questions.all().delete()
    for position, asked in enumerate(questions, 1):
        options = asked.options
        row = TopicQuestion(
            round=round,
            position=position,
            topic=asked.topic,
            text=asked.text,
            options=options,
            right=options.index(asked.right) + 1,
        )
        row.full_clean()
        row.save()


@transaction.atomic
def open_round(
    *, round: EvaluationRound, actor: User, closes_on: date | None = None
) -> EvaluationRound:
    """Let answers come in, until the day that was set or until another one.

    Raises PermissionDenied, NotPossible (not drawn, open already), ValidationError.
    """
    round = locked_round(round, actor, State.DRAWN)
    before = audit.facts(round, "state", "closes_on")
    round.closes_on = closes_on or round.closes_on
    check_last_day(round.closes_on)
    round.state, round.opened_at = State.OPEN, clock.now()
    round.save(update_fields=["state", "opened_at", "closes_on"])
    audit.record(
        gettext_noop("Evaluation round opened"),
        actor=actor,
        obj=round,
        before=before,
        after=audit.facts(round, "state", "closes_on"),
    )
    return round


@transaction.atomic
def cancel_round(*, round: EvaluationRound, actor: User, reason: str) -> EvaluationRound:
    """End a round without a result; it stays in the list with its reason and its draw.

    What was answered is erased. Raises PermissionDenied, NotPossible (closed, cancelled),
    ValidationError.
    """
    hold_all(round.pk)
    round = locked_round(round, actor, State.DRAFT, State.DRAWN, State.OPEN)
    before = audit.facts(round, "state", "reason")
    round.state, round.reason = State.CANCELLED, reason.strip()
    if not round.reason:
        raise ValidationError({"reason": _("Say why: it stands beside the round for good.")})
    round.save(update_fields=["state", "reason"])
    drop_answers(round.pk)
    audit.record(
        gettext_noop("Evaluation round cancelled"),
        actor=actor,
        obj=round,
        before=before,
        after=audit.facts(round, "state", "reason"),
    )
    return round
