"""Answers become counts as soon as there are enough of them; with the last ones a round closes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Village
from feedback.models import (
    EvaluationCard,
    EvaluationCount,
    EvaluationRound,
    EvaluationText,
    WaitingAnswer,
)
from feedback.models.rounds import FEWEST
from feedback.permissions import can_run_round
from feedback.pooling import Place, pooled
from feedback.questions import Question
from feedback.results import answers_in
from feedback.services.clarifications import open_clarifications
from feedback.services.mixing import hold_all, hold_round, hold_village, mix_texts
from feedback.services.sheets import settle_by_first_typing
from outreach import audit, clock
from outreach.models import User
from visits.services.errors import NotPossible

SHORTEST = timedelta(days=1)  # nobody ends a round with the first answers that please


# (question, choice) -> how many; with an empty question and choice 0 how many answers there are.
Tally = Counter[tuple[str, int]]


def count_waiting(*, round: EvaluationRound) -> int:
    """Count the answers of each village where enough wait; returns how many were counted."""
    waiting = WaitingAnswer.objects.filter(round=round).order_by().values("village_id")
    enough = waiting.annotate(n=Count("pk")).filter(n__gte=FEWEST)
    villages = Village.objects.filter(pk__in=[row["village_id"] for row in enough])
    return sum(_count_village(round, village) for village in villages.order_by("pk"))


@transaction.atomic
def _count_village(round: EvaluationRound, village: Village) -> int:
    hold_round(round.pk)
    hold_village(round.pk, village.pk)
    answers = list(WaitingAnswer.objects.filter(round=round, village=village))
    is_open = EvaluationRound.objects.filter(pk=round.pk, state=EvaluationRound.State.OPEN)
    if len(answers) < FEWEST or not is_open.exists():
        return 0
    counts = EvaluationCount.objects.filter(round=round, village=village)
    # Also what was counted while it belonged to another township.
    tally = sum(_read(counts).values(), tally_of(answers))
    counts.delete()
    _write(round, {Place(village.township_id, village.pk): tally})
    mix_texts(round.pk, village.township_id, [row.text for row in answers if row.text])
    WaitingAnswer.objects.filter(round=round, village=village).delete()
    return len(answers)


def tally_of(answers: Iterable[WaitingAnswer]) -> Tally:
    """How many answers there are, and how many chose what."""
    tally: Tally = Counter()
    for row in answers:
        tally["", 0] += 1
        for question in Question.values:
            if (choice := getattr(row, question)) is not None:
                tally[question, choice] += 1
    return tally


def _read(counts: Iterable[EvaluationCount]) -> dict[Place, Tally]:
    found: dict[Place, Tally] = defaultdict(Counter)
    for row in counts:
        found[Place(row.township_id, row.village_id)][row.question, row.choice] += row.count
    return found


def _write(round: EvaluationRound, tallies: dict[Place, Tally]) -> None:
    # In the order of places and choices, which is that of no answer.
    places = sorted(tallies, key=lambda place: (place.township or 0, place.village or 0))
    EvaluationCount.objects.bulk_create(
        EvaluationCount(
            round=round,
            township_id=place.township,
            village_id=place.village,
            question=question,
            choice=choice,
            count=tallies[place][question, choice],
        )
        for place in places
        for question, choice in sorted(tallies[place])
    )


def merged(tallies: dict[Place, Tally]) -> dict[Place, Tally]:
    """The same answers, so placed that every village and every township shows five or none.

    Question by question, for each may be left out.
    """
    result: dict[Place, Tally] = defaultdict(Counter)
    for question in ["", *Question.values]:
        own = [(place, _of(question, tally)) for place, tally in tallies.items()]
        for place, tally in pooled(own, Counter.total).items():
            result[place].update(tally)
    return result


def _of(question: str, tally: Tally) -> Tally:
    return Counter({key: count for key, count in tally.items() if key[0] == question})


def check_can_close(round: EvaluationRound) -> None:
    """Raises NotPossible with the reason why the round cannot be closed now."""
    if round.state != EvaluationRound.State.OPEN:
        raise NotPossible(_("Only an open round is closed."))
    if round.opened_at and clock.now() - round.opened_at < SHORTEST:
        first = localtime(round.opened_at + SHORTEST, clock.SHANGHAI)
        told = {"at": date_format(first, "SHORT_DATETIME_FORMAT")}
        raise NotPossible(
            _("A round is open for a day at least; this one can be closed from %(at)s on.") % told
        )


@transaction.atomic
def close_round(*, round: EvaluationRound, actor: User | None) -> EvaluationRound:
    """Count what is left, hide what is too little, and end every card. None: its time is over.

    Sheets of which two typings are not settled count as they were typed first. Raises
    PermissionDenied, NotPossible.
    """
    if actor and not can_run_round(actor, round):
        raise PermissionDenied
    hold_all(round.pk)
    held = EvaluationRound.objects.select_for_update().get(pk=round.pk)
    check_can_close(held)
    unsettled = settle_by_first_typing(round=held)
    _count_rest(held)
    EvaluationCard.objects.filter(round=held).delete()
    held.state, held.closed_at = EvaluationRound.State.CLOSED, clock.now()
    held.save(update_fields=["state", "closed_at"])
    # As a report tells it: the trail is read by more people than the results.
    answers = sum(part.n for part in answers_in(held))
    audit.record(
        gettext_noop("Evaluation closed"),
        actor=actor,
        obj=held,
        before={"state": EvaluationRound.State.OPEN},
        after={"state": held.state, "answers": answers, "sheets by first typing": unsettled},
    )
    open_clarifications(round=held, actor=actor)
    return held


def _count_rest(round: EvaluationRound) -> None:
    tallies = _read(EvaluationCount.objects.filter(round=round))
    texts: dict[int, list[str]] = defaultdict(list)
    waiting = WaitingAnswer.objects.filter(round=round).select_related("village")
    for row in waiting:
        township = row.village.township_id
        tallies[Place(township, row.village_id)].update(tally_of([row]))
        texts[township] += [row.text] if row.text else []
    _keep_texts(round, tallies, texts)
    EvaluationCount.objects.filter(round=round).delete()
    _write(round, merged(tallies))
    WaitingAnswer.objects.filter(round=round).delete()


def _keep_texts(
    round: EvaluationRound, tallies: dict[Place, Tally], texts: dict[int, list[str]]
) -> None:
    answers: Counter[int | None] = Counter()
    for place, tally in tallies.items():
        answers[place.township] += tally["", 0]
    few = {township for township, n in answers.items() if n < FEWEST}
    placeless: list[str] = []
    for township, own in texts.items():
        if township in few:
            placeless += own
        else:
            mix_texts(round.pk, township, own)
    if placeless and sum(answers[township] for township in few) < FEWEST:
        # Alone they would be those of one to four; among all texts of the round they are not.
        placed = EvaluationText.objects.filter(round=round)
        placeless += placed.values_list("text", flat=True)
        placed.delete()
    mix_texts(round.pk, None, placeless)


def close_due_rounds() -> int:
    """Close every round whose last day is over; returns how many."""
    due = EvaluationRound.objects.filter(
        state=EvaluationRound.State.OPEN,
        closes_on__lt=clock.today(),
        opened_at__lte=clock.now() - SHORTEST,
    )
    for round in due:
        close_round(round=round, actor=None)
    return len(due)
