"""Rounds of evaluation, written as rows: frame and sample, cards, answers as counts, gaps."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from django.utils.crypto import get_random_string

from contact_points.models import Village
from feedback.models import (
    Clarification,
    EvaluationCard,
    EvaluationCount,
    EvaluationRound,
    EvaluationText,
    RoundVillage,
    SampledHousehold,
    TopicQuestion,
    WaitingAnswer,
)
from feedback.models.rounds import FEWEST
from feedback.questions import OPTIONS, TOPICS, Question, Visited
from outreach import clock, sealing
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do
from visits.models import Visit

if TYPE_CHECKING:
    from outreach.management.demo.player import Player


@do.register(told.DrawRound)
def _(step: told.DrawRound, player: "Player") -> None:
    round = EvaluationRound.objects.create(
        county=player.county,
        first_month=step.month,
        last_month=step.month,
        villages_to_draw=step.villages,
        closes_on=step.closes_on,
        created_by=player.users["xianban"],
    )
    player.rounds[step.month] = round
    TopicQuestion.objects.bulk_create(
        TopicQuestion(
            round=round,
            position=n,
            topic=player.topics[step.month.year, title],
            text=text,
            options=list(options),
            right=right,
        )
        for n, (title, text, options, right) in enumerate(step.questions, start=1)
    )
    _draw(round, player)


def _draw(round: EvaluationRound, player: "Player") -> None:
    """Every village held in the month, and of those drawn so many households."""
    seed = hashlib.sha256(f"{player.story.ends} {round.first_month}".encode()).hexdigest()[:32]
    rng = Random(seed)
    month = round.first_month
    codes = sorted({p.village for p in player.story.points if p.holds_in(month)})
    drawn = set(rng.sample(codes, min(round.villages_to_draw or len(codes), len(codes))))
    visited = set(
        Visit.objects.counted()
        .filter(month=month, contact_point__village__county=player.county)
        .values_list("contact_point__village__code", flat=True)
    )
    frame = RoundVillage.objects.bulk_create(
        RoundVillage(
            round=round,
            village=player.villages[code],
            visited=code in visited,
            households=sorted(player.households[code]),
            is_drawn=code in drawn,
        )
        for code in codes
    )
    SampledHousehold.objects.bulk_create(
        SampledHousehold(round_village=row, position=n, number=number)
        for row in frame
        if row.is_drawn
        for n, number in enumerate(_some(rng, row.households, round), start=1)
    )
    round.seed, round.drawn_at, round.state = seed, clock.now(), "drawn"
    round.frame_sha256 = hashlib.sha256(" ".join(codes).encode()).hexdigest()
    round.save()


def _some(rng: Random, numbers: list[str], round: EvaluationRound) -> list[str]:
    return rng.sample(numbers, min(len(numbers), round.households_per_village))


@do.register(told.OpenRound)
def _(step: told.OpenRound, player: "Player") -> None:
    round = player.rounds[step.month]
    EvaluationCard.objects.bulk_create(
        EvaluationCard(
            mark=sealing.mark(get_random_string(22)), round=round, village_id=row.village_id
        )
        for row in round.villages.filter(is_drawn=True)
        for _n in range(round.households_per_village)
    )
    round.state, round.opened_at = "open", clock.now()
    round.save(update_fields=["state", "opened_at"])


@do.register(told.AnswerRound)
def _(step: told.AnswerRound, player: "Player") -> None:
    round, village = player.rounds[step.month], player.villages[step.village]
    if not round.villages.filter(village=village, is_drawn=True).exists():
        return
    right = list(round.topic_questions.values_list("right", flat=True))
    answers = [_choices(answer, right) for answer in step.answers]
    cards = EvaluationCard.objects.filter(round=round, village=village)
    spent = list(cards.values_list("pk", flat=True)[: len(answers)])
    cards.filter(pk__in=spent).update(spent=True)
    if len(answers) >= FEWEST:
        _count(round, village.township_id, village, answers)
    else:
        WaitingAnswer.objects.bulk_create(
            WaitingAnswer(round=round, village=village, **answer) for answer in answers
        )


def _choices(answer: Mapping[str, Any], right: list[int]) -> dict[str, Any]:
    """The answer as it is sent: of each topic question the right choice or a wrong one."""
    chosen = {name: answer[name] for name in ("visited", "visits", "matters", "text")}
    for question, known, place in zip(TOPICS, answer["knows"], right, strict=False):
        wrong = answer["wrong"] if answer["wrong"] != place else OPTIONS + 1
        chosen[question] = place if known else wrong
    return chosen


def _count(
    round: EvaluationRound,
    township_id: int,
    village: Village | None,
    answers: Iterable[Mapping[str, Any]],
) -> None:
    """Answers become counts, and their words stand by themselves."""
    answers = list(answers)
    counted = Counter(
        (str(name), choice)
        for answer in answers
        for name, choice in answer.items()
        if name != "text"
    )
    EvaluationCount.objects.bulk_create(
        EvaluationCount(
            round=round,
            township_id=township_id,
            village=village,
            question=question,
            choice=choice,
            count=count,
        )
        for (question, choice), count in [(("", 0), len(answers)), *counted.items()]
    )
    EvaluationText.objects.bulk_create(
        EvaluationText(round=round, township_id=township_id, text=answer["text"])
        for answer in answers
        if answer["text"]
    )


@do.register(told.CloseRound)
def _(step: told.CloseRound, player: "Player") -> None:
    round = player.rounds[step.month]
    pools: dict[int, list[dict[str, Any]]] = {}
    villages = {village.pk: village for village in player.villages.values()}
    for row in WaitingAnswer.objects.filter(round=round):
        chosen = {name: getattr(row, name) for name in [*Question.values, "text"]}
        answer = {name: value for name, value in chosen.items() if value is not None}
        pools.setdefault(villages[row.village_id].township_id, []).append(answer)
    for township_id, answers in pools.items():
        _count(round, township_id, None, answers)
    WaitingAnswer.objects.filter(round=round).delete()
    round.state, round.closed_at = "closed", clock.now()
    round.save(update_fields=["state", "closed_at"])
    _ask_about_gaps(round, player)


def _ask_about_gaps(round: EvaluationRound, player: "Player") -> None:
    """Where a visit is recorded and fewer than one in four says that somebody came."""
    counted: dict[int, Counter[int]] = {}
    rows = round.counts.filter(question=Question.VISITED, village__isnull=False)
    for row in rows:
        counted.setdefault(row.village_id, Counter())[row.choice] = row.count
    claims = Counter(
        Visit.objects.counted()
        .filter(month=round.first_month, contact_point__village__in=counted)
        .values_list("contact_point__village_id", "unit_id")
    )
    for (village_id, unit_id), claimed in claims.items():
        yes, no = (counted[village_id][choice] for choice in (Visited.YES, Visited.NO))
        if yes * 4 < yes + no and yes + no >= FEWEST:
            Clarification.objects.create(
                county=player.county,
                round=round,
                village_id=village_id,
                unit_id=unit_id,
                claimed=claimed,
                asked=yes + no,
                yes=yes,
            )


@do.register(told.ExplainGap)
def _(step: told.ExplainGap, player: "Player") -> None:
    Clarification.objects.filter(
        round=player.rounds[step.month],
        village=player.villages[step.village],
        unit=player.units[step.unit],
    ).update(
        state="explained",
        explanation=step.text,
        explained_by=player.coordinator(step.unit),
        explained_at=clock.now(),
    )
