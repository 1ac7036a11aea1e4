"""The draw: equal chances, strata in proportion, and the same for whoever computes it again."""

import random
from collections import Counter
from datetime import date
from itertools import product

import pytest

from feedback import sampling
from feedback.sampling import (
    Place,
    by_number,
    draw_households,
    draw_villages,
    frame_digest,
    frame_text,
    group_of,
    replacement,
)

SEEDS = [f"{n:032x}" for n in range(2000)]
# Four groups of unlike size; met are seven that lie unevenly in them.
HOUSEHOLDS = tuple(
    f"{group}组-{n:03}" for group, size in ((1, 13), (2, 9), (3, 6), (12, 3)) for n in range(size)
)
MET = frozenset(HOUSEHOLDS[:5] + HOUSEHOLDS[14:16])
VILLAGE = Place("130529100001", True, HOUSEHOLDS, MET)
COUNT = 12


def farthest_from_fair(shares, fair, seeds):
    """The greatest distance from the fair share, in standard errors."""
    error = (fair * (1 - fair) / seeds) ** 0.5
    return max(abs(share / seeds - fair) / error for share in shares)


def shares_of_households():
    drawn = Counter()
    for seed in SEEDS:
        drawn.update(draw_households(seed, VILLAGE, COUNT).sample)
    return [drawn[number] for number in HOUSEHOLDS]


def test_each_household_has_the_same_chance():
    # Of 31 shares one lies beyond four standard errors in one of five hundred fair draws.
    fair = COUNT / len(HOUSEHOLDS)
    assert farthest_from_fair(shares_of_households(), fair, len(SEEDS)) < 4


def test_without_its_chance_start_the_draw_would_not_be_fair(monkeypatch):
    """The bound above can fail: small strata would always be rounded the same way."""
    systematic = sampling._systematic
    monkeypatch.setattr(sampling, "_systematic", lambda rows, n, start: systematic(rows, n, "0"))
    fair = COUNT / len(HOUSEHOLDS)
    assert farthest_from_fair(shares_of_households(), fair, len(SEEDS)) > 10


def test_each_village_has_the_same_chance():
    frame = [Place(f"13052910{n:04}", n < 11, ("001",)) for n in range(30)]
    drawn = Counter()
    for seed in SEEDS:
        chosen = draw_villages(seed, frame, 7)
        assert len(chosen) == 7
        # 11 of 30 are visited: 2.57 of 7.
        assert sum(place.visited for place in frame if place.code in chosen) in (2, 3)
        drawn.update(chosen)
    assert farthest_from_fair([drawn[p.code] for p in frame], 7 / 30, len(SEEDS)) < 4


def test_strata_come_out_in_proportion():
    strata = Counter((number in MET, group_of(number)) for number in HOUSEHOLDS)
    for seed in SEEDS[:300]:
        sample = draw_households(seed, VILLAGE, COUNT).sample
        assert len(sample) == len(set(sample)) == COUNT
        found = Counter((number in MET, group_of(number)) for number in sample)
        for stratum, size in strata.items():
            assert abs(found[stratum] - size * COUNT / len(HOUSEHOLDS)) < 1, (seed, stratum)
        met = sum(number in MET for number in sample)
        assert abs(met - len(MET) * COUNT / len(HOUSEHOLDS)) < 1


def test_the_same_seed_gives_the_same_sample_whatever_the_order():
    shuffled = list(HOUSEHOLDS)
    random.Random(7).shuffle(shuffled)
    other = Place(VILLAGE.code, True, tuple(shuffled), MET)
    for seed in SEEDS[:50]:
        assert draw_households(seed, other, COUNT) == draw_households(seed, VILLAGE, COUNT)
    samples = {draw_households(seed, VILLAGE, COUNT).sample for seed in SEEDS[:50]}
    assert len(samples) == 50


def test_another_village_is_drawn_by_itself():
    other = Place("130529100002", True, HOUSEHOLDS, MET)
    assert draw_households(SEEDS[0], other, COUNT) != draw_households(SEEDS[0], VILLAGE, COUNT)


def test_the_rule_is_what_it_was():
    """Worked out once by a program in another language; whoever writes it anew compares."""
    numbers = [
        "1组-001",
        "1组-002",
        "1组-003",
        "2组-001",
        "2组-002",
        "2组-003",
        "12组-001",
        "12组-002",
        "013",
        "014",
    ]
    place = Place("130529100001", True, tuple(numbers), frozenset({"1组-001", "2组-002"}))
    sample, reserves = draw_households("0123456789abcdef0123456789abcdef", place, 4)
    assert " ".join(sample) == "014 1组-001 1组-003 12组-002"
    assert " ".join(reserves) == "2组-001 1组-002 013 12组-001 2组-003 2组-002"


@pytest.mark.parametrize(("size", "count"), [*product((0, 1, 5, 12, 13), (1, 5, 12))])
def test_as_many_as_asked_or_all(size, count):
    numbers = tuple(f"{n:03}" for n in range(size))
    sample, reserves = draw_households("seed", Place("1", False, numbers), count)
    assert len(sample) == min(size, count)
    assert sorted([*sample, *reserves]) == list(numbers)


def test_villages_without_households_are_left_out():
    frame = [Place("1", True, ()), Place("2", False, ("001",)), Place("3", True, ("001",))]
    assert draw_villages("seed", frame, None) == {"2", "3"}
    assert draw_villages("seed", frame, 5) == {"2", "3"}
    assert len(draw_villages("seed", frame, 1)) == 1


@pytest.mark.parametrize(
    ("reserves", "comes"),
    [
        (("2组-001", "1组-005", "1组-004"), "1组-004"),  # of its group, met as it was
        (("2组-001", "1组-005", "2组-004"), "1组-005"),  # of its group
        (("2组-001", "3组-005", "2组-004"), "2组-004"),  # of the village, met as it was
        (("2组-001", "3组-005"), "2组-001"),  # the first of the village
        ((), None),
    ],
)
def test_who_comes_for_a_household(reserves, comes):
    met = {"1组-001", "1组-004", "2组-004"}
    assert replacement("1组-001", reserves, met) == comes


def test_numbers_are_in_the_order_people_count_in():
    assert by_number(["12组-001", "3组-017", "002", "3组-002"]) == [
        "002",
        "3组-002",
        "3组-017",
        "12组-001",
    ]


def test_the_checksum_tells_any_other_frame():
    months = date(2026, 4, 1), date(2026, 4, 1)
    other = Place("130529100000", False, ("001", "002"))

    def digest(*frame, villages=None, each=12):
        return frame_digest(frame_text(*months, villages, each, frame))

    whole = digest(VILLAGE, other)
    assert whole == digest(other, Place(VILLAGE.code, True, HOUSEHOLDS[::-1], MET))
    others = [
        digest(VILLAGE),
        digest(VILLAGE, other, villages=1),
        digest(VILLAGE, other, each=13),
        digest(VILLAGE, Place(other.code, True, other.households)),
        digest(VILLAGE, Place(other.code, False, ("001", "003"))),
        digest(VILLAGE, Place(other.code, False, other.households, frozenset({"001"}))),
    ]
    assert len({whole, *others}) == 7
