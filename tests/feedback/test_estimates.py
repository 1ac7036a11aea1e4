"""Shares of a sample: how sure they are, and what the evaluated are told of them."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.estimates import Estimate, published, together, wilson


def test_the_interval_is_wilsons():
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 5) == (0.0, pytest.approx(0.434, abs=0.001))
    assert wilson(5, 5)[1] == 1.0


@pytest.mark.parametrize("answering", [(5, 12), (12, 12), (20, 60)])
def test_the_interval_holds_the_truth_at_its_level(answering):
    """Villages of 60 to 300 households with any share, drawn without replacement."""
    random, held, tries = Random(20260520), 0, 3000
    for _ in range(tries):
        households = random.randint(60, 300)
        knowing = random.randint(0, households)
        n = random.randint(*answering)
        said = sum(home < knowing for home in random.sample(range(households), n))
        low, high = wilson(said, n)
        held += low <= knowing / households <= high
    assert 0.94 < held / tries < 0.985


def test_over_villages_that_differ_the_interval_is_not_too_narrow():
    random, held, tries = Random(5), 0, 1000
    for _ in range(tries):
        villages = [random.random() for _ in range(8)]
        said = sum(random.random() < share for share in villages for _ in range(10))
        low, high = wilson(said, 80)
        held += low <= sum(villages) / 8 <= high
    assert held / tries > 0.95


@pytest.mark.parametrize("n", [5, 6, 7, 8, 9, 10, 11, 12, 19, 20, 21, 29, 30, 99, 100, 1001])
def test_the_evaluated_never_see_that_all_said_the_same(n):
    told = [Estimate.exact(part, n).veiled() for part in range(n + 1)]
    for part, estimate in enumerate(told):
        assert estimate.n == n
        assert estimate.least <= part <= estimate.most
        # Whoever is told the same cannot tell them apart.
        assert {told[other] for other in range(estimate.least, estimate.most + 1)} == {estimate}
    assert told[0].least == 0 < told[0].most
    assert told[n].most == n > told[n].least
    # A number of answers is told only of twenty and more.
    assert told[n // 2].is_exact == (n >= 20)
    assert n >= 20 or not any(estimate.is_exact for estimate in told)


def test_what_is_told():
    assert Estimate.exact(9, 12).text == "75%"
    assert Estimate.exact(9, 12).veiled().text == "75–100%"
    assert Estimate.exact(12, 24).veiled() == Estimate.exact(12, 24)
    assert Estimate.exact(24, 24).veiled().text == "92–100%"
    assert Estimate.exact(9, 12).veiled().value is None
    assert Estimate.exact(9, 12).margin == "47–91%"
    assert Estimate.exact(9, 12).veiled().interval[0] == Estimate.exact(9, 12).interval[0]


def test_whether_half_say_so_is_in_every_range():
    """The verified rate tells of a village on which side of one half it is, and no more."""
    for n in range(5, 40):
        for part in range(n + 1):
            told = Estimate.exact(part, n).veiled()
            assert (2 * told.least >= n) == (2 * part >= n) or n >= 20


@pytest.mark.parametrize(
    "parts, told",
    [
        ([], None),
        ([(5, 8)], (4, 5)),  # one village alone: what it is told itself
        ([(6, 6)], (3, 6)),
        ([(12, 24)], (12, 12)),
        ([(12, 12)] * 9, (81, 108)),  # all in all villages said the same
        ([(0, 12)] * 9, (0, 18)),
        ([(3, 12), (0, 12)], (3, 7)),  # three of both would be three of the first
        ([(5, 12), (7, 12), (8, 12), (9, 12)], (29, 29)),
    ],
)
def test_what_everybody_may_read_of_a_sum(parts, told):
    found = published(Estimate.exact(*part) for part in parts)
    assert (found and (found.least, found.most)) == told


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(5, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))))
def test_a_published_sum_narrows_no_range(parts):
    rows = [Estimate.exact(*part) for part in parts]
    whole, ranges = published(rows), [row.veiled() for row in rows]
    for n, own in enumerate(ranges):
        others = together(ranges[:n] + ranges[n + 1 :]) or Estimate(0, 0, 0)
        assert whole.least - others.most <= own.least
        assert whole.most - others.least >= own.most


def test_a_sum_of_veiled_parts_tells_no_more_than_they_do():
    parts = [Estimate.exact(12, 12).veiled(), Estimate.exact(10, 20).veiled()]
    assert together(parts) == Estimate(32, 19, 22)
    assert together([]) is None
