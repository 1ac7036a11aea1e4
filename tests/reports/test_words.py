"""Words that rise: told apart from chance, from names, and from what few people said."""

import pytest

from reports import words
from reports.words import Text, likelihood, rising

USUAL = "村民反映村东道路损坏，希望硬化路面。"


def said(text, villages, kind="visit"):
    return [Text(kind, village, text) for village in villages]


def found(now, before, names=()):
    return {row.word: row for row in rising(now, before, names)}


USUALLY = said(USUAL, range(20))
BEFORE = [USUAL] * 60


def test_a_word_that_comes_up_is_found_with_its_records():
    now = [
        *USUALLY,
        *said("村民反映冰雹打坏了核桃。", [1, 2, 3, 4, 4]),
        *said("冰雹砸坏大棚。", [4, 5], "matter"),
    ]
    row = found(now, [*BEFORE, "去年冰雹的补贴没有领到。"])["冰雹"]
    assert (row.visits, row.matters, row.villages, row.before) == (5, 2, 5, 1)


def test_what_is_said_as_often_as_ever_is_not_found():
    assert found(USUALLY, BEFORE) == {}


def test_what_is_said_less_often_is_not_found():
    assert "冰雹" not in found(said("村民反映冰雹。", range(4)) + USUALLY, ["冰雹"] * 60)


@pytest.mark.parametrize(
    "villages", [[1, 2], [1] * 9], ids=["two records", "nine records of one village"]
)
def test_what_few_say_is_never_shown(villages):
    """However surprising: among a thousand records nobody said it before."""
    assert found(said("冰雹", villages) + USUALLY, [USUAL] * 1000) == {}


def test_three_records_of_two_villages_are_enough_where_chance_is_not():
    now = said("冰雹", [1, 1, 2]) + USUALLY
    assert set(found(now, [USUAL] * 300)) == {"冰雹"}
    assert found(now, [USUAL] * 30) == {}


def test_names_are_left_out():
    now = said("核桃坪的王建国说冰雹打坏了大棚，农业农村局来看过。", range(6)) + USUALLY
    shown = found(now, BEFORE, {"核桃坪", "农业农村局"})
    assert {"冰雹", "大棚"} <= set(shown)
    assert not {"核桃", "核桃坪", "王建国", "农业", "农村", "农业农村局"} & set(shown)


def test_of_a_word_within_a_word_the_longer_one_is_shown():
    now = said("医疗保险", range(6)) + said("医疗", [7]) + USUALLY
    both = said("医疗保险的医疗", range(6)) + USUALLY
    assert set(found(both, BEFORE)) == {"医疗保险"}
    assert "医疗保险" in found(now, BEFORE)


def test_without_months_before_nothing_rises():
    assert found(said("冰雹", range(6)), []) == {}


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [((5, 10), (5, 10), 0), ((2, 10), (5, 10), 0), ((10, 20), (10, 80), 12.07)],
)
def test_the_likelihood_is_dunnings(now, before, expected):
    """12.07: twice the sum of observed times the logarithm of observed by expected."""
    assert likelihood(*now, *before) == pytest.approx(expected, abs=0.01)


def test_the_segmenter_is_loaded_by_who_uses_it_only():
    assert not hasattr(words, "rjieba")
