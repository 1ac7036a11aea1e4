"""Rounds of evaluation: drawn, opened, closed and explained as the offices do it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from feedback.models import Clarification, EvaluationCard, WaitingAnswer
from feedback.questions import OPTIONS, TOPICS
from feedback.services.cards import make_cards
from feedback.services.clarifications import explain_gap
from feedback.services.counting import close_round, count_waiting
from feedback.services.drawing import draw_round
from feedback.services.rounds import TopicWording, open_round, write_round
from outreach.management.demo import story as told
from outreach.management.demo.verbs.dispatch import do

if TYPE_CHECKING:
    from outreach.management.demo.player import Player

VILLAGES_AT_ONCE = 50  # whose cards are made in one go


@do.register(told.DrawRound)
def _(step: told.DrawRound, player: "Player") -> None:
    office = player.users["xianban"]
    round = write_round(
        actor=office,
        questions=[
            TopicWording(
                topic=player.topics[step.month.year, title],
                text=text,
                right=options[right - 1],
                wrong=(*options[: right - 1], *options[right:]),
            )
            for title, text, options, right in step.questions
        ],
        first_month=step.month,
        last_month=step.month,
        villages_to_draw=step.villages,
        closes_on=step.closes_on,
    )
    player.rounds[step.month] = draw_round(round=round, actor=office)


@do.register(told.OpenRound)
def _(step: told.OpenRound, player: "Player") -> None:
    office, round = player.users["xianban"], player.rounds[step.month]
    drawn = [row.village for row in round.villages.filter(is_drawn=True).select_related("village")]
    for n in range(0, len(drawn), VILLAGES_AT_ONCE):
        make_cards(round=round, villages=drawn[n : n + VILLAGES_AT_ONCE], actor=office)
    player.rounds[step.month] = open_round(round=round, actor=office)


@do.register(told.AnswerRound)
def _(step: told.AnswerRound, player: "Player") -> None:
    """All answers of a village at once: one by one, as they are kept, takes minutes."""
    round, village = player.rounds[step.month], player.villages[step.village]
    cards = EvaluationCard.objects.filter(round=round, village=village)
    used = list(cards.values_list("pk", flat=True)[: len(step.answers)])
    cards.filter(pk__in=used).update(spent=True)
    right = list(round.topic_questions.values_list("right", flat=True))
    WaitingAnswer.objects.bulk_create(
        WaitingAnswer(round=round, village=village, **_choices(answer, right))
        for answer in step.answers[: len(used)]
    )


def _choices(answer: Mapping[str, Any], right: list[int]) -> dict[str, Any]:
    """The answer as it is sent: of each topic question the right choice or a wrong one."""
    chosen = {name: answer[name] for name in ("visited", "visits", "matters", "text")}
    for question, known, place in zip(TOPICS, answer["knows"], right, strict=False):
        wrong = answer["wrong"] if answer["wrong"] != place else OPTIONS + 1
        chosen[question] = place if known else wrong
    return chosen


@do.register(told.CloseRound)
def _(step: told.CloseRound, player: "Player") -> None:
    round = player.rounds[step.month]
    count_waiting(round=round)
    player.rounds[step.month] = close_round(round=round, actor=player.users["xianban"])


@do.register(told.ExplainGap)
def _(step: told.ExplainGap, player: "Player") -> None:
    row = Clarification.objects.get(
        round=player.rounds[step.month],
        village=player.villages[step.village],
        unit=player.units[step.unit],
    )
    explain_gap(clarification=row, actor=player.coordinator(step.unit), text=step.text)
