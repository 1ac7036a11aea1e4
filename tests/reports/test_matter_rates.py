"""The three rates of matters, against a plain count in Python; what is excluded stands beside."""

from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError

from feedback.forms.deeds import DEEDS
from feedback.matter_states import EXCLUDED, Outcome, State, Word
from feedback.models import Matter
from feedback.permissions import actions_of
from feedback.services.matters import confirm_second, note_villager, say_done
from outreach import clock
from reports.indicators import matter_figures
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.services.errors import NotPossible

JUNE = date(2026, 6, 1)


def day(moment):
    return moment.astimezone(clock.SHANGHAI).date()


def counted(county, first, last):
    """What `matter_figures` must say, by leading unit."""
    found = {}
    for matter in Matter.objects.taken_up().filter(county=county):
        row = found.setdefault(
            matter.leader_id, dict.fromkeys(("p", "q", "r", "s", "x", "a", "c"), 0)
        )
        if first <= clock.month_of(matter.respond_by) <= last and matter.respond_by < clock.today():
            row["p"] += 1
            row["q"] += bool(matter.accepted_at) and day(matter.accepted_at) <= matter.respond_by
        over = matter.first_due_on < clock.today() and matter.state != State.WAITING
        if over and first <= clock.month_of(matter.first_due_on) <= last:
            if matter.outcome in EXCLUDED and matter.state != State.TO_CONFIRM:
                row["x"] += 1
            else:
                row["r"] += 1
                said = matter.outcome in (Outcome.SOLVED, Outcome.EXPLAINED)
                row["s"] += said and day(matter.answered_at) <= matter.first_due_on
        if matter.villager_at and first <= clock.month_of(matter.villager_at) <= last:
            row["a"] += 1
            row["c"] += matter.villager_word == Word.SOLVED or matter.villager_satisfied is True
    return {unit: tuple(row.values()) for unit, row in found.items()}


def told(rows):
    return {
        row.key: (
            *(row.response_due, row.responded, row.resolution_due, row.resolved),
            *(row.excluded, row.asked, row.content),
        )
        for row in rows
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rates_are_what_counting_gives(world, seed):
    """Thirty matters live on by chance for two months."""
    rng = Random(seed)
    people = [p for place in (world.own, world.other) for p in (place.cadre, place.coordinator)]
    people.append(world.home.office)
    units = [world.own.unit.pk, world.other.unit.pk]
    for n in range(60):
        with clock.at(make.moment(date(2026, 5, 1) + timedelta(days=n), 10)):
            if n % 2:
                make.matter(rng.choice((world.own, world.other)))
            for matter in Matter.objects.for_page():
                _something(rng, matter, rng.choice(people), units)
    with clock.at(make.moment(date(2026, 7, 10))):
        for first, last in ((MONTH, MONTH), (JUNE, JUNE), (MONTH, JUNE)):
            rows = matter_figures(world.home.county.pk, first, last, by="unit")
            assert told(rows) == counted(world.home.county, first, last)
            (total,) = matter_figures(world.home.county.pk, first, last)
            assert total.response_due == sum(row.response_due for row in rows)
    assert total.response_due
    assert total.asked


def _something(rng, matter, actor, units):
    may = set(actions_of(actor, matter))
    deeds = [deed for deed in DEEDS if may & set(deed.actions)]
    if not deeds or rng.random() < 0.4:
        return
    data = {
        "text": "群众催得紧。",
        "outcome": rng.choice(Outcome.values),
        "word": rng.choice(Word.values),
        "satisfied": rng.choice(("1", "0", "")),
        "days": "3",
        "unit": rng.choice(units),
        "urgency": "normal",
    }
    form = rng.choice(deeds).form(data, matter=matter, actor=actor)
    if form.is_valid():
        try:
            form.do()
        except (NotPossible, ValidationError):
            return


def test_nothing_due_is_no_rate(world):
    (row,) = matter_figures(world.home.county.pk, MONTH)
    assert (row.response.value, row.resolution.value, row.satisfaction.value) == (None,) * 3


def test_what_two_people_exclude_is_shown_beside_the_rate(world):
    said = make.matter_answered(world.own, "not_possible")
    make.matter_answered(world.own)
    with clock.at(make.moment(JUNE + timedelta(days=20))):
        (row,) = matter_figures(world.home.county.pk, JUNE)
        assert (row.resolution.numerator, row.resolution.denominator) == (1, 2)
        confirm_second(matter=said, actor=world.home.office, agree=True)
        (row,) = matter_figures(world.home.county.pk, JUNE)
    assert (row.resolution.numerator, row.resolution.denominator, row.excluded) == (1, 1, 1)
    assert row.exclusion.value == 0.5


def test_a_solved_that_the_villager_takes_back_is_not_resolved(world):
    matter = make.matter_answered(world.own)
    with clock.at(make.moment(TODAY + timedelta(days=1))):
        matter = note_villager(
            matter=matter, actor=world.home.office, word="not_solved", text="还是不亮"
        )
    with clock.at(make.moment(JUNE + timedelta(days=8))):
        say_done(matter=matter, actor=world.own.cadre, outcome="solved", text="换了线")
    with clock.at(make.moment(JUNE + timedelta(days=20))):
        (row,) = matter_figures(world.home.county.pk, JUNE)
    assert (row.resolved, row.resolution_due) == (0, 1)
