"""Rounds and their draw: once, from the records, never changed; what became of the households."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from feedback.draws import recomputed
from feedback.models import EvaluationRound, RoundVillage, SampledHousehold, WaitingAnswer
from feedback.services.answering import keep_answer
from feedback.services.cards import Standing, make_cards
from feedback.services.drawing import draw_round, note_outcome, take_back_outcome
from feedback.services.rounds import (
    TopicWording,
    cancel_round,
    open_round,
    round_facts,
    write_round,
)
from outreach import audit
from outreach.models import AuditEntry
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.services.errors import NotPossible, StaleVersion

WRONG = ("三百元", "不用交", "村里交")
VALUES = {
    "first_month": MONTH,
    "last_month": MONTH,
    "villages_to_draw": None,
    "households_per_village": 5,
    "asks_text": True,
    "closes_on": TODAY,
}


def asked(topic, **other):
    words = {
        "text": "今年医保每人交多少？",
        "right": "四百元",
        "wrong": ("三百元", "不用交", "村里交"),
    }
    return TopicWording(topic, **words | other)


def written(world, **fields):
    return write_round(actor=world.home.office, **VALUES | fields)


def drawn(world, **fields):
    return draw_round(round=written(world, **fields), actor=world.home.office)


@pytest.fixture
def listed(world):
    """The own village lists 12 households in two groups, of which a visit met two."""
    for n in range(1, 13):
        make.household(world.own.village, f"{1 + n % 2}组-9{n:02}")
    calls = world.own.village.households.order_by("number")[:3]
    make.visit(
        world.own.contact_point,
        world.own.cadre,
        households=dict(zip([row.pk for row in calls], ["met", "met", "not_home"], strict=True)),
    )
    return world


# Drafts -----------------------------------------------------------------------------------------


def test_a_round_is_written_with_its_questions(world):
    row = written(world, questions=[asked(world.home.topic)])
    question = row.topic_questions.get()
    assert question.options[question.right - 1] == "四百元"
    assert sorted(question.options) == sorted(["四百元", "三百元", "不用交", "村里交"])
    row = write_round(
        actor=world.home.office,
        round=row,
        seen=audit.digest(round_facts(row)),
        **VALUES | {"households_per_village": 20},
    )
    assert (row.households_per_village, row.topic_questions.count()) == (20, 0)


def test_the_right_answer_stands_at_any_place(world):
    places = {asked(world.home.topic).options.index("四百元") for _n in range(100)}
    assert places == {0, 1, 2, 3}


def test_the_second_of_two_writers_is_told(world):
    row = written(world)
    seen = audit.digest(round_facts(row))
    write_round(actor=world.home.office, round=row, seen=seen, **VALUES | {"asks_text": False})
    with pytest.raises(StaleVersion):
        write_round(actor=world.home.office, round=row, seen=seen, **VALUES)


@pytest.mark.parametrize(
    "fields",
    [
        {"last_month": date(2026, 6, 1)},
        {"first_month": date(2026, 4, 1)},
        {"closes_on": date(2026, 5, 19)},
        {"closes_on": TODAY + timedelta(days=91)},
        {"closes_on": date(9999, 12, 31)},
        {"households_per_village": 4},
        {"villages_to_draw": 0},
    ],
)
def test_a_round_that_makes_no_sense_is_refused(world, fields):
    with pytest.raises(ValidationError):
        written(world, **fields)


@pytest.mark.parametrize(
    "words",
    [
        {"text": ""},
        {"wrong": ("三百元", "三百元", "村里交")},
        {"wrong": ("四百元", "三百元", "村里交")},
        {"wrong": ("三百元", "不用交")},
        {"text": "打13812345678问问？"},
        {"text": "长" * 81},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(world, words):
    with pytest.raises(ValidationError):
        written(world, questions=[asked(world.home.topic, **words)])


def test_only_topics_of_these_months_are_asked_about(world):
    june = make.topic(world.home.year, first_month=date(2026, 6, 1))
    for topic in (june, world.abroad.topic):
        with pytest.raises(ValidationError):
            written(world, questions=[asked(topic)])


@pytest.mark.parametrize("who", ["own.cadre", "own.coordinator", "home.admin", "abroad.office"])
def test_only_the_county_office_runs_its_rounds(listed, who):
    place, role = who.split(".")
    other = getattr(getattr(listed, place), role)
    row = drawn(listed)
    household = row.villages.first().sample.first()
    verbs = [
        lambda: write_round(actor=other, round=row, **VALUES),
        lambda: draw_round(round=row, actor=other),
        lambda: open_round(round=row, actor=other),
        lambda: cancel_round(round=row, actor=other, reason="重来"),
        lambda: note_outcome(household=household, actor=other, outcome="refused"),
        lambda: take_back_outcome(household=household, actor=other),
    ]
    for verb in verbs:
        with pytest.raises(PermissionDenied):
            verb()


# The draw ---------------------------------------------------------------------------------------


def test_the_frame_is_what_the_records_say(listed):
    counted = make.village(listed.home.township, households_count=7)
    unknown = make.village(listed.home.township, households_count=None)
    merged = make.village(listed.home.township, merged_into=counted, merged_from=date(2026, 5, 1))
    still = make.village(listed.home.township, merged_into=counted, merged_from=date(2026, 6, 1))
    ended = make.village(listed.home.township)
    for village in (counted, unknown, merged, still):
        make.contact_point(listed.own.unit, village)
    make.contact_point(listed.own.unit, ended, last=date(2026, 4, 30))
    row = drawn(listed)
    frame = {found.village: found for found in row.villages.all()}
    assert set(frame) == {listed.own.village, listed.other.village, counted, unknown, still}
    own = frame[listed.own.village]
    assert (own.visited, len(own.households), own.met) == (True, 13, own.households[:2])
    assert frame[counted].households == [f"{n:03}" for n in range(1, 8)]
    assert not frame[counted].visited
    assert (frame[unknown].households, frame[unknown].is_drawn) == ([], False)
    assert [found.sample.count() for found in (own, frame[counted], frame[unknown])] == [5, 5, 0]


def test_a_void_visit_is_no_visit(listed):
    listed.own.contact_point.visits.update(state="void", void_reason="误录")
    own = drawn(listed).villages.get(village=listed.own.village)
    assert (own.visited, own.met) == (False, [])


def test_some_of_the_villages_are_drawn(listed):
    row = drawn(listed, villages_to_draw=1)
    assert sorted(row.villages.values_list("is_drawn", flat=True)) == [False, True]
    assert SampledHousehold.objects.filter(round_village__is_drawn=False).count() == 0


def test_a_round_is_drawn_once(listed):
    row = drawn(listed)
    seed, sample = row.seed, list(SampledHousehold.objects.values_list("number", flat=True))
    for verb in (draw_round, lambda **who: write_round(**who, **VALUES)):
        with pytest.raises(NotPossible):
            verb(round=row, actor=listed.home.office)
    row.refresh_from_db()
    assert row.seed == seed
    assert list(SampledHousehold.objects.values_list("number", flat=True)) == sample


def test_without_any_household_nothing_is_drawn(world):
    world.own.village.households.all().delete()
    world.other.village.households.all().delete()
    for place in (world.own, world.other):
        place.village.households_count = None
        place.village.save()
    row = written(world)
    with pytest.raises(NotPossible):
        draw_round(round=row, actor=world.home.office)
    row.refresh_from_db()
    assert (row.state, row.seed, row.villages.count()) == ("draft", "", 0)


def test_the_draw_computed_again_is_the_same(listed):
    row = drawn(listed)
    assert recomputed(row).is_same
    household = row.villages.get(village=listed.own.village).sample.first()
    note_outcome(household=household, actor=listed.home.office, outcome="refused")
    assert recomputed(row).is_same


def test_what_was_slipped_in_is_found(listed):
    row = drawn(listed)
    own = row.villages.get(village=listed.own.village)
    other = next(n for n in own.households if n not in own.sample.values_list("number", flat=True))
    with evaluation.by_hand():
        SampledHousehold.objects.create(round_village=own, position=90, number=other)
    assert recomputed(row).differing == [own]
    evaluation.round_village(row, make.village(listed.home.township))
    assert not recomputed(row).frame_is_same


INTO_SAMPLE = """INSERT INTO feedback_sampledhousehold
    (round_village_id, position, number, outcome, replaces_id)"""
REFUSED = "UPDATE feedback_sampledhousehold SET outcome = 'refused' WHERE position = 1;"
FIRST = "feedback_sampledhousehold first"
SPOILING = [
    "UPDATE feedback_evaluationround SET seed = repeat('0', 32)",
    "UPDATE feedback_evaluationround SET frame_sha256 = ''",
    "UPDATE feedback_evaluationround SET first_month = '2026-03-01'",
    "UPDATE feedback_evaluationround SET households_per_village = 9",
    "UPDATE feedback_evaluationround SET villages_to_draw = 1",
    "UPDATE feedback_evaluationround SET drawn_at = NULL",
    "UPDATE feedback_roundvillage SET households = '{}'",
    "UPDATE feedback_roundvillage SET met = '{}'",
    "UPDATE feedback_roundvillage SET is_drawn = false",
    "UPDATE feedback_sampledhousehold SET number = '9组-999' WHERE position = 1",
    "UPDATE feedback_sampledhousehold SET position = position + 100",
    'UPDATE feedback_topicquestion SET "right" = 5 - "right"',
    "DELETE FROM feedback_sampledhousehold WHERE position = 2",
    "DELETE FROM feedback_topicquestion",
    "DELETE FROM feedback_roundvillage",
    "DELETE FROM feedback_evaluationround",
    f"{INTO_SAMPLE} SELECT id, 90, households[1], '', NULL FROM feedback_roundvillage",
    # In the place of one that can be asked, of another village, of a household nobody knows.
    f"{INTO_SAMPLE} SELECT round_village_id, 90, '9组-901', '', id FROM feedback_sampledhousehold",
    f"""{REFUSED} {INTO_SAMPLE} SELECT other.id, 90, other.households[1], '', first.id
        FROM {FIRST} JOIN feedback_roundvillage other ON other.id <> round_village_id
        WHERE position = 1""",
    f"""{REFUSED} {INTO_SAMPLE} SELECT round_village_id, 90, '7组-777', '', id
        FROM {FIRST} WHERE position = 1""",
    """INSERT INTO feedback_roundvillage (round_id, village_id, visited, households, met, is_drawn)
        SELECT round_id, village.id, true, '{}', '{}', false
        FROM feedback_roundvillage, contact_points_village village
        WHERE village.id NOT IN (SELECT village_id FROM feedback_roundvillage)""",
    """INSERT INTO feedback_topicquestion (round_id, position, topic_id, text, options, "right")
        SELECT round_id, 3, topic.id, text, options, 1 FROM feedback_topicquestion
        JOIN visits_topic topic ON topic.id <> topic_id""",
]


@pytest.mark.parametrize("statement", SPOILING)
def test_the_database_itself_keeps_the_draw(listed, statement):
    row = drawn(listed, questions=[asked(listed.home.topic)])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        # What other rows point to is checked at the end of the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert recomputed(row).is_same


# What became of the households ------------------------------------------------------------------


@pytest.fixture
def sample(listed):
    row = open_round(round=drawn(listed), actor=listed.home.office)
    return row.villages.get(village=listed.own.village).sample


def test_for_a_household_comes_another_of_its_group(world, sample):
    first = sample.first()
    came = note_outcome(household=first, actor=world.home.office, outcome="absent")
    first.refresh_from_db()
    assert (first.outcome, came.replaces, came.position) == ("absent", first, 6)
    assert came.number.split("组")[0] == first.number.split("组")[0]
    with pytest.raises(NotPossible):
        note_outcome(household=first, actor=world.home.office, outcome="refused")


def test_it_is_taken_back_while_nothing_became_of_its_replacement(world, sample):
    first, who = sample.first(), {"actor": world.home.office}
    came = note_outcome(household=first, outcome="absent", **who)
    take_back_outcome(household=first, **who)
    assert list(sample.values_list("outcome", flat=True)) == [""] * 5
    again = note_outcome(household=first, outcome="gone", **who)
    assert again.number == came.number
    note_outcome(household=again, outcome="refused", **who)
    with pytest.raises(NotPossible):
        take_back_outcome(household=first, **who)
    take_back_outcome(household=again, **who)
    take_back_outcome(household=first, **who)
    assert list(sample.values_list("outcome", flat=True)) == [""] * 5


def test_of_a_replacement_that_went_back_meanwhile_nothing_is_noted(world, sample):
    first, who = sample.first(), {"actor": world.home.office}
    came = note_outcome(household=first, outcome="absent", **who)
    take_back_outcome(household=first, **who)
    with pytest.raises(NotPossible):
        note_outcome(household=came, outcome="refused", **who)
    with pytest.raises(NotPossible):
        take_back_outcome(household=came, **who)


def test_the_reserves_end(world, sample):
    who = {"actor": world.home.office, "outcome": "absent"}
    waiting, asked_of = list(sample.all()), 0
    while waiting:
        asked_of += 1
        if came := note_outcome(household=waiting.pop(0), **who):
            waiting.append(came)
    numbers = list(sample.values_list("number", flat=True))
    assert asked_of == len(numbers) == len(set(numbers)) == 13


@pytest.mark.parametrize("outcome", ["", "none", "met"])
def test_an_outcome_is_one_of_three(world, sample, outcome):
    with pytest.raises(NotPossible):
        note_outcome(household=sample.first(), actor=world.home.office, outcome=outcome)


def test_when_the_round_is_over_nothing_becomes_of_anybody(world, sample):
    first = sample.first()
    cancel_round(round=first.round_village.round, actor=world.home.office, reason="印错了。")
    with pytest.raises(NotPossible):
        note_outcome(household=first, actor=world.home.office, outcome="absent")


def test_no_entry_names_a_household_or_the_seed(listed):
    row = drawn(listed)
    who = {"actor": listed.home.office}
    household = row.villages.get(village=listed.own.village).sample.first()
    note_outcome(household=household, outcome="refused", **who)
    take_back_outcome(household=household, **who)
    open_round(round=row, **who)
    numbers = {number for village in row.villages.all() for number in village.households}
    for entry in AuditEntry.objects.all():
        told = f"{entry.object_label} {entry.before} {entry.after}"
        assert row.seed not in told
        if entry.object_type.startswith("feedback.evaluation"):
            assert not [number for number in numbers if number in told.replace("2026", "")]


# Opening, cancelling ----------------------------------------------------------------------------


def test_a_round_opens_after_its_draw_until_a_day_to_come(listed):
    row = written(listed)
    with pytest.raises(NotPossible):
        open_round(round=row, actor=listed.home.office)
    row = draw_round(round=row, actor=listed.home.office)
    with pytest.raises(ValidationError):
        open_round(round=row, actor=listed.home.office, closes_on=date(2026, 5, 1))
    with pytest.raises(ValidationError, match="90"):
        open_round(round=row, actor=listed.home.office, closes_on=date(9999, 12, 31))
    row = open_round(round=row, actor=listed.home.office, closes_on=date(2026, 6, 1))
    assert (row.state, row.closes_on) == ("open", date(2026, 6, 1))
    with pytest.raises(NotPossible):
        open_round(round=row, actor=listed.home.office)


def test_a_cancelled_round_stays_with_its_reason_and_its_draw(listed):
    row = drawn(listed)
    with pytest.raises(ValidationError):
        cancel_round(round=row, actor=listed.home.office, reason=" ")
    villages = [place.village for place in row.villages.filter(is_drawn=True)]
    made = make_cards(round=row, villages=villages, actor=listed.home.office)
    code = next(iter(made.values()))[0]
    open_round(round=row, actor=listed.home.office)
    assert keep_answer(code=code, answers={"visited": 1}) == Standing.TAKES
    row = cancel_round(round=row, actor=listed.home.office, reason="卡片印错了。")
    assert not WaitingAnswer.objects.exists()
    assert keep_answer(code=code, answers={"visited": 1}) == Standing.UNKNOWN
    assert (row.state, recomputed(row).is_same) == ("cancelled", True)
    with pytest.raises(NotPossible):
        cancel_round(round=row, actor=listed.home.office, reason="再来")
    assert drawn(listed).pk != row.pk


# Who sees what ----------------------------------------------------------------------------------


def test_a_unit_sees_closed_rounds_and_its_own_villages_only(listed):
    row = open_round(round=drawn(listed), actor=listed.home.office)
    for place in (listed.own, listed.other):
        assert not EvaluationRound.objects.visible_to(place.cadre).exists()
        assert not RoundVillage.objects.visible_to(place.cadre).exists()
    EvaluationRound.objects.filter(pk=row.pk).update(state="closed")
    for place in (listed.own, listed.other):
        assert EvaluationRound.objects.visible_to(place.coordinator).get() == row
        assert RoundVillage.objects.visible_to(place.cadre).get().village == place.village
    assert RoundVillage.objects.visible_to(listed.home.office).count() == 2
    for other in (listed.home.admin, listed.abroad.office, listed.foreign.cadre):
        assert not RoundVillage.objects.visible_to(other).exists()


def test_a_unit_that_held_the_village_at_another_time_sees_nothing_of_it(listed):
    row = drawn(listed)
    EvaluationRound.objects.filter(pk=row.pk).update(state="closed")
    later = make.cadre(make.unit(listed.home.county))
    make.contact_point(later.unit, listed.own.village, first=date(2026, 6, 1))
    before = make.cadre(make.unit(listed.home.county))
    make.contact_point(
        before.unit, listed.own.village, first=date(2026, 1, 1), last=date(2026, 4, 30)
    )
    for other in (later, before):
        assert not RoundVillage.objects.visible_to(other).exists()
