"""Results of an evaluation: what is shown, and that nothing below five can be worked out of it."""

from fractions import Fraction
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import results
from feedback.models import EvaluationText
from feedback.models.rounds import FEWEST
from feedback.results import CountedQuestion, Part, Results
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, Place

# What can be worked out --------------------------------------------------------------------------

QUESTION = CountedQuestion("visited", "", frozenset(), frozenset())
MARK = 10**6  # of each place another power: a sum's digits say which places it holds

counted = st.integers(0, 9)
villages = st.lists(st.tuples(st.integers(1, 3), counted), min_size=1, max_size=7)
held = st.lists(st.sets(st.integers(1, 7), min_size=1), max_size=3)


def tallies(places, pools=(), rest=0):
    """Marked counts: villages 1, 2, ... with (township, n), pools by township, a county's rest."""
    rows = [(township, n + 1, count) for n, (township, count) in enumerate(places)]
    rows += [(township, None, count) for township, count in pools]
    rows += [(None, None, rest)]
    return [Part(*place, count, MARK**n) for n, (*place, count) in enumerate(rows) if count]


def shown_to_anybody(told, units):
    """(n, marks) of every figure that a page, file or figure of a month shows to anybody."""
    townships = {row.township for row in told.parts["visited"]}
    asks = [told.total("visited")]
    asks += [told.of_township("visited", each) for each in townships]
    asks += [told.of_rest("visited", each) for each in townships]
    asks += [told.of_village("visited", each) for each in range(1, 8)]
    asks += [told.of_villages("visited", unit) for unit in units]
    for unit in units:
        mine = told.narrowed(unit).parts["visited"]
        asks += [row.estimate for row in mine]
        if mine:
            asks.append(results.together(row.estimate for row in mine))
    return [(row.n, row.least) for row in asks if row is not None]


def places_of(marks, count):
    """Which of the places a sum of marks holds, how often."""
    return [Fraction(marks // MARK**n % MARK) for n in range(count)]


def rank(rows):
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(found, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for n in range(found + 1, len(rows)):
            share = rows[n][column] / rows[found][column]
            rows[n] = [a - share * b for a, b in zip(rows[n], rows[found], strict=True)]
        found += 1
    return found


def isolated(shown, rows):
    """Sets of 1 to 4 answers that sums and differences of what is shown set apart.

    Answers of one place are in the same figures all of them, so only whole places can be.
    """
    sums = [places_of(marks, len(rows)) for _n, marks in shown]
    known = rank(sums)
    sets = chain.from_iterable(combinations(range(len(rows)), n) for n in range(1, 5))
    for chosen in sets:
        if 0 < sum(rows[n].n for n in chosen) < FEWEST:
            wanted = [Fraction(n in chosen) for n in range(len(rows))]
            if sums and rank([*sums, wanted]) == known:
                yield chosen


def remarked(rows):
    return [Part(row.township, row.village, row.n, MARK**n) for n, row in enumerate(rows)]


@settings(max_examples=100, deadline=None)
@given(
    places=villages,
    pools=st.lists(st.tuples(st.integers(1, 3), st.integers(5, 9)), max_size=1),
    rest=st.sampled_from([0, 0, 3, 7]),
    units=held,
)
def test_nothing_below_five_can_be_worked_out(places, pools, rest, units):
    rows = remarked(tallies(places, pools, rest))
    told = Results(None, [QUESTION], {"visited": results.parts_of(rows)})
    shown = shown_to_anybody(told, units)
    assert all(n >= FEWEST for n, _marks in shown)
    assert list(isolated(shown, rows)) == []


def test_the_search_finds_a_subtraction():
    """A township with all its answers beside its villages with five: the difference is told."""
    rows = remarked(tallies([(1, 6), (1, 3)]))
    shown = [(9, 1 + MARK), (6, 1)]
    assert list(isolated(shown, rows)) == [(1,)]


def test_what_is_too_few_goes_up_until_there_are_five():
    parts = results.parts_of(
        [
            Part(1, 1, 6, 2),
            Part(1, 2, 3, 3),
            Part(1, 3, 2, 0),
            Part(2, 4, 4, 1),
            Part(None, None, 4, 4),
        ]
    )
    assert parts == [Part(1, 1, 6, 2), Part(1, None, 5, 3), Part(None, None, 8, 5)]
    assert results.parts_of([Part(1, 1, 4, 4)]) == []
    # What closing put together already takes up the rest of another question.
    assert results.parts_of([Part(1, None, 5, 1), Part(1, 2, 4, 1)]) == [Part(1, None, 9, 2)]


# What is shown -----------------------------------------------------------------------------------


@pytest.fixture
def asked(world):
    """A closed round in which the own village and the other one answered."""
    round = evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    evaluation.topic_question(round, world.home.topic, right=2)
    said = {"topic1": {2: 6, 1: 1, 5: 1}, "visits": {5: 2, 4: 2, 3: 4}, "matters": {6: 8}}
    evaluation.counts(round, world.own.village, 8, visited={1: 5, 2: 1, 3: 2}, **said)
    evaluation.counts(round, world.other.village, 9, visited={1: 2, 2: 2, 3: 5}, topic1={2: 9})
    return round


def told(round, **only):
    (found,) = results.read([round], **only)
    return found


def test_an_answer_that_says_neither_is_not_counted(world, asked):
    found = told(asked)
    own, other = world.own.village.pk, world.other.village.pk
    assert (found.of_village("visited", own).n, found.of_village("visited", own).least) == (6, 5)
    assert found.of_village("visited", other) is None
    assert found.total("visited").n == 6
    assert (found.of_village("topic1", own).text, found.total("topic1").n) == ("75%", 17)
    assert found.of_village("visits", own).text == "50%"
    assert found.total("matters") is None
    assert found.of_township("topic1", world.home.township.pk).n == 17


def test_before_a_round_is_closed_it_has_no_results(asked):
    for state in ("open", "drawn", "cancelled"):
        asked.state = state
        assert results.read([asked]) == []
        assert results.answers_in(asked) == []
        assert results.texts(asked) == {}


def test_a_unit_holds_what_it_held_in_these_months(world, asked):
    gone = make.contact_point(
        world.own.unit,
        make.village(world.home.township),
        first=MONTH.replace(month=1),
        last=MONTH.replace(month=4, day=30),
    )
    left = make.contact_point(
        world.own.unit, make.village(world.home.township), first=MONTH, last=MONTH.replace(day=2)
    )
    held = results.holdings(asked)
    assert held[world.own.unit.pk] == {world.own.village.pk, left.village_id}
    assert gone.village_id not in held[world.own.unit.pk]
    assert set(results.holdings(asked, unit=world.other.unit)) == {world.other.unit.pk}


def test_a_units_reader_is_shown_its_villages_veiled(world, asked):
    mine = told(asked).narrowed({world.own.village.pk})
    assert mine.total("topic1").text == "75–100%"
    assert mine.total("topic1").n == 8
    assert mine.places == {(world.home.township.pk, world.own.village.pk)}


def test_a_round_with_four_answers_shows_no_text(world):
    row = evaluation.evaluation_round(world.home.county, state="closed")
    evaluation.counts(row, world.own.village, 4)
    EvaluationText.objects.create(round=row, township=None, text="路灯不亮。")
    assert results.texts(row) == {}


def test_texts_stand_by_township_where_five_answered(world, asked):
    few = Place(world.home, make.township(world.home.county)).village
    evaluation.counts(asked, few, 2)
    for township in (world.home.township, few.township, None):
        EvaluationText.objects.create(round=asked, township=township, text="路灯不亮。")
    found = results.texts(asked)
    assert {place: len(rows) for place, rows in found.items()} == {
        world.home.township.pk: 1,
        None: 2,
    }
