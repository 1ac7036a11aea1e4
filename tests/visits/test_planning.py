"""The planner's promises, each held for many random years."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from django.conf import settings

from outreach import clock, workdays
from visits.planning import (
    Avoided,
    Calendar,
    Household,
    Line,
    Stop,
    Topic,
    allocate,
    in_order,
    plan_year,
    reach,
)

GROUPS = ("party_members", "village_cadres", "representatives", "capable", "in_difficulty")
SEEDS = range(40)
JANUARY = date(2026, 1, 1)
MONTHS = [clock.add_months(JANUARY, n) for n in range(12)]


def end_of(month):
    return clock.add_months(month, 1) - clock.ONE_DAY


class Year:
    """A unit's year as chance has it: lines written, lines visited, days the county marked."""

    def __init__(self, seed, *, empty=False):
        rng = self.rng = Random(seed)
        self.today = JANUARY if empty else JANUARY + timedelta(days=rng.randrange(330))
        officers = list(range(1, rng.randint(1, 4) + 1))
        self.topics = [self._topic(n, rng) for n in range(1, rng.randint(0, 9) + 1)]
        self.avoided = [self._avoided(rng) for _ in range(rng.randint(0, 6))]
        self.lines, ids = [], iter(range(1000, 9999))
        for village in range(1, rng.randint(1, 16) + 1):
            officer, township = rng.choice(officers), rng.randint(1, 3)
            for month in MONTHS:
                line = Line(
                    next(ids), village, township, month, officer, first=month, last=end_of(month)
                )
                self.lines.append(line if empty else self._lived(line, rng))
        rng.shuffle(self.lines)

    def _topic(self, n, rng):
        first, last = sorted(rng.choices(MONTHS, k=2))
        return Topic(n, first, last)

    def _avoided(self, rng):
        first = JANUARY + timedelta(days=rng.randrange(360))
        return Avoided(first, first + timedelta(days=rng.randint(0, 12)), rng.choice([None, 1, 2]))

    def _lived(self, line, rng):
        """The line as it could be found: past, visited, exempt, partly written."""
        past = line.month < self.today.replace(day=1)
        if past or rng.random() < 0.1:
            if rng.random() < 0.8:
                talked = frozenset(rng.sample(GROUPS, rng.randint(1, 2)))
                return replace(line, open=False, visited=True, talked=talked)
            return replace(line, open=False)
        if rng.random() < 0.2:
            line = replace(line, group=rng.choice(GROUPS))
        if rng.random() < 0.2:
            day = line.month + timedelta(days=rng.randrange(28))
            others = {(x.officer, x.day) for x in self.lines}
            if (line.officer, day) not in others:
                line = replace(line, day=day)
        if rng.random() < 0.1:
            line = replace(line, first=line.month + timedelta(days=rng.randrange(25)))
        offered = [t.id for t in self.topics if t.first <= line.month <= t.last]
        if offered and rng.random() < 0.2:
            line = replace(line, topics=frozenset(rng.sample(offered, 1)))
        return line

    def calendar(self):
        return Calendar(workdays.is_workday, self.avoided, self.today)

    def plan(self, seed=0, lines=None):
        lines = self.lines if lines is None else lines
        return plan_year(lines, self.topics, groups=GROUPS, calendar=self.calendar(), seed=seed)

    def filled(self, proposals):
        """The lines with the proposals written into them."""
        by_id = {each.line: each for each in proposals}
        return [
            replace(
                line,
                day=line.day or by_id[line.id].day,
                group=line.group or by_id[line.id].group,
                topics=line.topics or frozenset(by_id[line.id].topics),
            )
            if line.id in by_id
            else line
            for line in self.lines
        ]

    def by_village(self, lines):
        villages = defaultdict(list)
        for line in sorted(lines, key=lambda line: line.month):
            villages[line.village].append(line)
        return villages


every_year = pytest.mark.parametrize("seed", SEEDS)


def largest_matching(wishes):
    """How many of the wishes (name -> acceptable places) can be granted at once."""
    holder = {}

    def grant(name, tried):
        for place in wishes[name]:
            if place in tried:
                continue
            tried.add(place)
            if place not in holder or grant(holder[place], tried):
                holder[place] = name
                return True
        return False

    return sum(grant(name, set()) for name in wishes)


# What stays ---------------------------------------------------------------------------------------


@every_year
def test_nothing_written_is_proposed_again_and_only_open_lines_are_filled(seed):
    year = Year(seed)
    lines = {line.id: line for line in year.lines}
    for proposal in year.plan():
        line = lines[proposal.line]
        assert line.open
        assert not (line.day and proposal.day)
        assert not (line.group and proposal.group)
        assert not (line.topics and proposal.topics)


@every_year
def test_a_filled_year_has_nothing_left_to_fill(seed):
    year = Year(seed)
    assert not [each for each in year.plan(lines=year.filled(year.plan())) if each.fills]


@every_year
def test_the_same_input_gives_the_same_plan_in_any_order(seed):
    year = Year(seed)
    first = year.plan(seed=7)
    shuffled = list(year.lines)
    Random(seed + 1).shuffle(shuffled)
    assert year.plan(seed=7, lines=shuffled) == first


def test_the_same_seed_gives_the_same_plan_in_another_process():
    code = "from tests.visits.test_planning import Year; print(Year(5).plan(seed=3))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": salt, "PYTHONPATH": str(settings.BASE_DIR)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(said) == 1


def test_another_seed_gives_another_plan():
    year = Year(3, empty=True)
    assert year.plan(seed=1) != year.plan(seed=2)


@every_year
def test_every_proposal_gives_its_reasons(seed):
    for proposal in Year(seed).plan():
        parts = sum(map(bool, (proposal.day, proposal.group, proposal.topics)))
        assert len(proposal.reasons) >= max(parts, 1)
        assert all("%(" not in str(reason) for reason in proposal.reasons)


# Groups -------------------------------------------------------------------------------------------


@every_year
def test_a_group_that_was_given_a_line_is_ahead_of_no_other_by_more_than_one(seed):
    year = Year(seed)
    proposals = year.plan()
    given = defaultdict(set)
    village_of = {line.id: line.village for line in year.lines}
    for proposal in proposals:
        if proposal.group:
            given[village_of[proposal.line]].add(proposal.group)
    for village, lines in year.by_village(year.filled(proposals)).items():
        times = Counter(dict.fromkeys(GROUPS, 0))
        for line in lines:
            times.update(line.focus)
        assert all(times[group] <= min(times.values()) + 1 for group in given[village])


@every_year
def test_in_an_empty_year_each_group_is_the_focus_two_or_three_times(seed):
    year = Year(seed, empty=True)
    for lines in year.by_village(year.filled(year.plan())).values():
        groups = [line.group for line in lines]
        assert set(Counter(groups).values()) <= {2, 3} and len(set(groups)) == 5
        # The same group comes back after the others, not the month after.
        assert all(len(set(groups[n : n + 5])) == 5 for n in range(8))


# Days ---------------------------------------------------------------------------------------------


@every_year
def test_days_are_working_days_to_come_that_nobody_marked(seed):
    year = Year(seed)
    lines = {line.id: line for line in year.lines}
    for proposal in year.plan():
        day, line = proposal.day, lines[proposal.line]
        if day is None:
            continue
        assert day >= year.today
        assert workdays.is_workday(day)
        assert day.replace(day=1) == line.month
        assert line.first <= day <= line.last
        for marked in year.avoided:
            if marked.township in (None, line.township):
                assert not marked.first <= day <= marked.last


@every_year
def test_nobody_is_in_two_villages_on_one_day(seed):
    year = Year(seed)
    where = Counter((x.officer, x.day) for x in year.filled(year.plan()) if x.day)
    assert set(where.values()) <= {1}


@every_year
def test_as_many_lines_get_a_day_as_could_get_one(seed):
    year = Year(seed)
    calendar = year.calendar()
    taken = {(line.officer, line.day) for line in year.lines if line.day}
    wishes = {
        line.id: [
            (line.officer, day)
            for day in calendar.open_to(line)
            if (line.officer, day) not in taken
        ]
        for line in year.lines
        if line.open and not line.day
    }
    assert sum(each.day is not None for each in year.plan()) == largest_matching(wishes)


@every_year
def test_a_unit_spreads_its_villages_over_the_month(seed):
    year = Year(seed, empty=True)
    year.avoided = []
    months = defaultdict(Counter)
    for line in year.filled(year.plan()):
        months[line.month][line.day] += 1
    for month, days in months.items():
        room = len(year.calendar().workdays(month))
        villages = days.total()
        assert max(days.values()) <= -(-villages // room) + 1
        if villages >= 6:
            assert (max(days) - min(days)).days >= 15


def test_a_unit_of_one_village_goes_on_another_day_of_each_month():
    line = Line(1, 1, 1, JANUARY, 1, JANUARY, end_of(JANUARY))
    lines = [replace(line, id=n, month=m, first=m, last=end_of(m)) for n, m in enumerate(MONTHS)]
    calendar = Calendar(workdays.is_workday, [], JANUARY)
    for seed in range(20):
        proposals = plan_year(lines, [], groups=GROUPS, calendar=calendar, seed=seed)
        days = [each.day for each in proposals]
        assert len({day.day for day in days}) >= 8
        assert all((b - a).days >= 10 for a, b in pairwise(days))


def test_on_the_last_working_day_of_a_month_only_that_day_is_left():
    line = Line(1, 1, 1, JANUARY, 1, JANUARY, end_of(JANUARY))
    other = replace(line, id=2, village=2)
    calendar = Calendar(workdays.is_workday, [], date(2026, 1, 30))
    first, second = plan_year([line, other], [], groups=GROUPS, calendar=calendar)
    assert {first.day, second.day} == {date(2026, 1, 30), None}
    calendar = Calendar(workdays.is_workday, [], date(2026, 1, 31))
    (nothing,) = plan_year([line], [], groups=GROUPS, calendar=calendar)
    assert (nothing.day, bool(nothing.group)) == (None, True)


# Topics -------------------------------------------------------------------------------------------


@every_year
def test_topics_are_told_in_their_months_three_at_most(seed):
    year = Year(seed)
    months = {topic.id: (topic.first, topic.last) for topic in year.topics}
    line_of = {line.id: line for line in year.lines}
    for proposal in year.plan():
        month = line_of[proposal.line].month
        offered = [t for t, (first, last) in months.items() if first <= month <= last]
        assert set(proposal.topics) <= set(offered)
        if not line_of[proposal.line].topics:
            assert len(proposal.topics) == min(3, len(offered))


@every_year
def test_every_topic_gets_a_month_where_the_months_have_room(seed):
    year = Year(seed)
    for lines in year.by_village(year.lines).values():
        told = {topic for line in lines for topic in line.told}
        wishes = {
            topic.id: [
                (line.id, n)
                for line in lines
                if line.open and not line.topics and topic.first <= line.month <= topic.last
                for n in range(3)
            ]
            for topic in year.topics
            if topic.id not in told
        }
        ids = {line.id for line in lines}
        planned = {t for each in year.plan() if each.line in ids for t in each.topics} - told
        assert len(planned) == largest_matching(wishes)


# Households ---------------------------------------------------------------------------------------


class Village:
    """Households as chance has it, and the visits that are still owed."""

    def __init__(self, seed):
        rng = Random(seed)
        self.households = []
        for pk in rng.sample(range(1, 400), rng.randint(0, 120)):
            number = f"{rng.randint(1, 12)}组-{pk:03d}"
            met = JANUARY + timedelta(days=rng.randint(-700, 150))
            refuses = rng.random() < 0.1
            self.households.append(Household(pk, number, rng.choice([None, met]), refuses))
        self.most = rng.choice([5, 8, 21, 30])
        self.stops = [Stop(n, rng.randint(0, 2), self.most) for n in range(rng.randint(0, 12))]

    def allocate(self):
        return allocate(self.households, self.stops, since=JANUARY)


def unreached(row):
    return row.met is None or row.met < JANUARY


@every_year
def test_no_household_repeats_while_an_unreached_one_is_available(seed):
    village = Village(seed)
    found = village.allocate()
    called = [row for stop in village.stops for row in found.calls[stop.line]]
    assert len(set(called)) == len(called)
    available = [row for row in village.households if unreached(row) and not row.not_now]
    assert called == in_order(available)[: len(called)]
    assert not [row for row in called if row.not_now]


@every_year
def test_the_year_ends_with_everybody_reached_if_the_numbers_allow(seed):
    village = Village(seed)
    found = village.allocate()
    visits = sum(stop.visits for stop in village.stops)
    available = [row for row in village.households if unreached(row) and not row.not_now]
    called = sum(map(len, found.calls.values()))
    assert called == found.reachable == min(len(available), visits * village.most)
    for stop in village.stops:
        assert len(found.calls[stop.line]) <= stop.visits * village.most


@every_year
def test_visits_share_evenly(seed):
    village = Village(seed)
    village.stops = [stop._replace(visits=1) for stop in village.stops]
    sizes = [len(calls) for calls in village.allocate().calls.values()]
    assert not sizes or max(sizes) - min(sizes) <= 1


@every_year
def test_what_is_proposed_next_is_the_same_after_the_first_visit_was_made(seed):
    village = Village(seed)
    found = village.allocate()
    if not any(stop.visits for stop in village.stops):
        return
    (first, *rest) = [stop for stop in village.stops if stop.visits]
    met = set(found.calls[first.line])
    today = JANUARY + timedelta(days=200)
    after = [row._replace(met=today) if row in met else row for row in village.households]
    again = allocate(after, rest, since=JANUARY)
    assert {line: again.calls[line] for line in again.calls} == {
        stop.line: found.calls[stop.line] for stop in rest
    }


def test_never_met_comes_first_then_the_least_recently_met_then_the_number():
    rows = [
        Household(1, "12组-001"),
        Household(2, "3组-002", date(2025, 5, 1)),
        Household(3, "3组-001", date(2024, 5, 1)),
        Household(4, "3组-017"),
        Household(5, "1组-001", date(2025, 5, 1)),
    ]
    assert [row.pk for row in in_order(rows)] == [4, 1, 3, 5, 2]


def said(households, visits, most, **more):
    rows = [Household(n, f"1组-{n:03d}") for n in range(households)]
    stops = [Stop(n, 1, most) for n in range(visits)]
    found = allocate(rows, stops, since=JANUARY, **more)
    return [sentence.text % sentence.params for sentence in reach(found, most=most)]


def test_it_says_plainly_when_the_numbers_do_not_allow_it():
    assert said(247, 12, 8) == [
        "Households to reach: 247, visits: 12, 8 a visit: 96 reachable; 21 a visit would reach all."
    ]
    assert said(247, 12, 21) == ["Households to reach: 247, visits: 12; 21 a visit reach them all."]
    assert said(30, 0, 8) == ["Households to reach: 30, and no visit is left this year."]
    assert said(0, 12, 8) == ["How many households this village has is not in the registry."]
    # Households that are counted but not listed are to be reached all the same.
    assert said(0, 12, 8, counted=247)[0].startswith("Households to reach: 247, visits: 12, 8 a")


def test_it_says_who_is_left_out_and_who_else_goes():
    rows = [Household(1, "1组-001", not_now=True), Household(2, "1组-002")]
    found = allocate(rows, [Stop(1, 1, 8)], since=JANUARY)
    texts = [sentence.text % sentence.params for sentence in reach(found, most=8, others=1)]
    assert texts == [
        "Households to reach: 1, visits: 1; 1 a visit reach them all.",
        "Of these visits other units make 1.",
        "Left out, for they said “not now” this year: 1.",
    ]
    met = [row._replace(met=JANUARY, not_now=False) for row in rows]
    found = allocate(met, [Stop(1, 1, 8)], since=JANUARY)
    assert [s.text for s in reach(found, most=8)] == ["Every household was reached this year."]
