"""From waiting answers to counts, and what is hidden when a round closes."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from feedback.models import (
    EvaluationCard,
    EvaluationCount,
    EvaluationRound,
    EvaluationText,
    PaperSheet,
    WaitingAnswer,
)
from feedback.models.rounds import FEWEST
from feedback.questions import Question
from feedback.services.cards import make_cards
from feedback.services.counting import (
    Place,
    close_due_rounds,
    close_round,
    count_waiting,
    merged,
)
from feedback.services.mixing import mix_answers
from feedback.services.rounds import cancel_round
from outreach import audit, clock
from tests import evaluation
from tests import factories as make
from visits.services.errors import NotPossible


@pytest.fixture
def round(world):
    row = evaluation.evaluation_round(
        world.home.county,
        actor=world.home.office,
        opened_at=clock.now() - timedelta(days=10),
        closes_on=clock.today() + timedelta(days=4),
    )
    for place in world.home.places:
        evaluation.sampled_village(row, place.village)
    return row


def say(round, village, *answers):
    for each in answers:
        mix_answers(round.pk, village.pk, each)


def counted(round, question="", **place):
    rows = EvaluationCount.objects.filter(round=round, question=question, **place)
    return {row.choice: row.count for row in rows}


def test_four_wait_and_five_are_counted(world, round):
    village = world.own.village
    say(round, village, *[{"visited": 1, "text": "好。"}] * 4)
    assert count_waiting(round=round) == 0
    say(round, village, {"visited": 2, "topic1": 3})
    say(round, world.other.village, {"visited": 2})
    assert count_waiting(round=round) == 5
    assert counted(round, village=village) == {0: 5}
    assert counted(round, "visited", village=village) == {1: 4, 2: 1}
    assert counted(round, "topic1", village=village) == {3: 1}
    assert counted(round, "visits", village=village) == {}
    assert [text.township for text in EvaluationText.objects.all()] == [world.home.township] * 4
    assert WaitingAnswer.objects.get().village == world.other.village


def test_later_answers_are_added(world, round):
    for _n in range(2):
        say(round, world.own.village, *[{"visited": 1}] * 5, {"visited": 3})
        assert count_waiting(round=round) == 6
    assert count_waiting(round=round) == 0
    assert counted(round, "visited", village=world.own.village) == {1: 10, 3: 2}


def test_closing_counts_the_rest_and_hides_what_is_too_little(world, round):
    say(round, world.own.village, *[{"visited": 1}] * 6)
    count_waiting(round=round)
    say(round, world.own.village, {"visited": 2, "topic1": 1})
    say(round, world.other.village, *[{"visited": 2, "topic1": 1}] * 4, {"topic1": 2})
    make_cards(round=round, villages=[world.own.village], actor=world.home.office)
    closed = close_round(round=round, actor=world.home.office)
    assert (closed.state, closed.closed_at) == ("closed", clock.now())
    assert counted(round, village=world.own.village) == {0: 7}
    assert counted(round, "visited", village=world.own.village) == {1: 6, 2: 1}
    # Of the other village five answered, but this question only four of them.
    assert counted(round, village=world.other.village) == {0: 5}
    assert counted(round, "visited", village=world.other.village) == {}
    assert counted(round, "visited", village=None, township=None) == {2: 4}
    assert counted(round, "topic1", village=world.other.village) == {1: 4, 2: 1}
    assert counted(round, "topic1", township=None) == {1: 1}
    assert not EvaluationCard.objects.exists()
    assert not WaitingAnswer.objects.exists()
    assert audit.history(round)[0].after["answers"] == 12


def test_texts_of_a_township_with_few_answers_belong_to_the_county(world, round):
    far = make.village(make.township(world.home.county))
    evaluation.sampled_village(round, far)
    say(round, world.own.village, *[{"text": "近"}] * 5)
    say(round, far, {"text": "远"})
    close_round(round=round, actor=None)
    kept = {row.text: row.township for row in EvaluationText.objects.all()}
    # Of one answer alone, so among the others; nothing tells the two townships apart.
    assert kept == {"近": None, "远": None}
    assert counted(round, township=None) == {0: 1}
    # The entry that more people read than the results tells no more than they do.
    assert audit.history(round)[0].after["answers"] == 5


def test_texts_of_several_townships_with_few_answers_stand_together(world, round):
    say(round, world.own.village, *[{"text": "近"}] * 5)
    for n in (2, 3):
        far = make.village(make.township(world.home.county))
        evaluation.sampled_village(round, far)
        say(round, far, {"text": f"远{n}"}, *[{}] * (n - 1))
    close_round(round=round, actor=None)
    kept = {row.text: row.township for row in EvaluationText.objects.all()}
    assert kept == {"近": world.home.township, "远2": None, "远3": None}


def test_a_village_that_changes_its_township_keeps_its_counts(world, round):
    village = world.own.village
    say(round, village, *[{"visited": 1}] * 5)
    count_waiting(round=round)
    village.township = make.township(world.home.county)
    village.save()
    say(round, village, *[{"visited": 2}] * 5)
    count_waiting(round=round)
    assert counted(round, village=village) == {0: 10}
    assert counted(round, "visited", township=village.township) == {1: 5, 2: 5}


def test_of_a_cancelled_round_no_answer_stays(world, round):
    make_cards(round=round, villages=[world.own.village], actor=world.home.office)
    say(round, world.own.village, *[{"visited": 1, "text": "来过"}] * 6)
    count_waiting(round=round)
    say(round, world.own.village, {"visited": 1})
    PaperSheet.objects.create(
        round=round, village=world.own.village, number=1, typed_by=world.home.office, visited=2
    )
    cancel_round(round=round, actor=world.home.office, reason="印错了。")
    for model in (EvaluationCard, EvaluationCount, EvaluationText, PaperSheet, WaitingAnswer):
        assert not model.objects.exists()


def test_whatever_was_answered_every_place_shows_five_or_none():
    """Nothing is lost, and no village or township is left with one to four of a question."""
    draw = random.Random(7)
    questions = ["", *Question.values]
    for _n in range(300):
        tallies = {}
        for village in range(draw.randint(1, 12)):
            tally = Counter()
            for question in questions:
                for choice in range(1, draw.randint(1, 4)):
                    tally[question, choice] = draw.randint(0, 5)
            tallies[Place(100 + village % 3, village + 1)] = tally
        result = merged(tallies)
        assert sum(result.values(), Counter()) == sum(tallies.values(), Counter())
        for place, tally in result.items():
            for question in questions:
                answered = sum(n for key, n in tally.items() if key[0] == question)
                assert place == Place(None, None) or answered == 0 or answered >= FEWEST


def test_a_round_closes_once_after_a_day_and_by_the_county_only(world, round):
    with pytest.raises(PermissionDenied):
        close_round(round=round, actor=world.own.coordinator)
    EvaluationRound.objects.filter(pk=round.pk).update(opened_at=clock.now())
    with pytest.raises(NotPossible, match="一天"):
        close_round(round=round, actor=world.home.office)
    EvaluationRound.objects.filter(pk=round.pk).update(opened_at=clock.now() - timedelta(days=1))
    close_round(round=round, actor=world.home.office)
    with pytest.raises(NotPossible):
        close_round(round=round, actor=world.home.office)


def test_a_round_whose_last_day_is_over_closes_by_itself(world, round):
    EvaluationRound.objects.filter(pk=round.pk).update(closes_on=clock.today())
    assert close_due_rounds() == 0
    EvaluationRound.objects.filter(pk=round.pk).update(closes_on=clock.today() - timedelta(days=1))
    assert close_due_rounds() == 1
    assert close_due_rounds() == 0
    assert audit.history(round)[0].actor is None


def test_an_unsettled_sheet_counts_as_it_was_typed_first(world, round):
    PaperSheet.objects.create(
        round=round,
        village=world.own.village,
        number=1,
        typed_by=world.home.office,
        needs_second=True,
        visited=1,
        second={"visited": 2},
        second_by=world.home.office,
        differences=1,
    )
    say(round, world.own.village, *[{"visited": 3}] * 4)
    close_round(round=round, actor=None)
    assert counted(round, "visited", village=world.own.village) == {1: 1, 3: 4}
    sheet = PaperSheet.objects.get()
    assert (sheet.is_settled, sheet.visited, sheet.second) == (True, None, None)


def test_the_office_closes_with_a_tick(world, round, sign_in):
    browser = sign_in(world.home.office)
    address = reverse("evaluation_close", args=[round.pk])
    assert browser.post(address).status_code == 200
    assert EvaluationRound.objects.get().state == "open"
    assert browser.post(address, {"sure": "on"}).status_code == 302
    assert EvaluationRound.objects.get().state == "closed"
    assert browser.get(address).status_code == 200
