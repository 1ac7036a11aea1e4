"""The three rates of matters, against a plain count in Python; what is excluded stands beside."""

from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from feedback.forms.deeds import DEEDS
from feedback.matter_states import EXCLUDED, Outcome, State, Word
from feedback.models import Matter
from feedback.permissions import actions_of
from feedback.services.matters import confirm_second, note_villager, say_done
from outreach import clock
from reports.indicators import matter_figures, matter_ids
from reports.sql import RATES
from tests import factories as make
from tests.conftest import MONTH, TODAY
from tests.kept import Kept
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


def _live(world):
    """Thirty matters, sorted and not, live on by chance for two months."""
    rng = Random(4)
    people = [p for place in (world.own, world.other) for p in (place.cadre, place.coordinator)]
    people.append(world.home.office)
    units = [world.own.unit.pk, world.other.unit.pk]
    parent = make.matter_category(world.home.county)
    categories = [parent, make.matter_category(world.home.county, parent=parent), None]
    for n in range(60):
        with clock.at(make.moment(date(2026, 5, 1) + timedelta(days=n), 10)):
            if n % 2:
                make.matter(rng.choice((world.own, world.other)), category=rng.choice(categories))
            for matter in Matter.objects.for_page():
                _something(rng, matter, rng.choice(people), units)


@pytest.fixture(scope="module")
def kept_life(kept_world, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world = kept_world.copied()
        kept = Kept(lambda: _live(world))
        transaction.set_rollback(True)
    return kept


@pytest.fixture
def lived(world, kept_life):
    """The world two months later."""
    kept_life.copied()
    return world


def test_the_rates_are_what_counting_gives(lived):
    county = lived.home.county
    with clock.at(make.moment(date(2026, 7, 10))):
        for first, last in ((MONTH, MONTH), (JUNE, JUNE), (MONTH, JUNE)):
            rows = matter_figures(county.pk, first, last, by="unit")
            assert told(rows) == counted(county, first, last)
            (total,) = matter_figures(county.pk, first, last)
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


# The matters behind a figure ---------------------------------------------------------------------


def parts_of(county, first, last):
    """What `matter_ids` must name for each rate, as rate -> (counted, met)."""
    found = {name: (set(), set()) for name in RATES}

    def note(rate, matter, met):
        found[rate][0].add(matter.pk)
        if met:
            found[rate][1].add(matter.pk)

    for matter in Matter.objects.taken_up().exclude(state=State.JOINED).filter(county=county):
        if first <= clock.month_of(matter.respond_by) <= last and matter.respond_by < clock.today():
            accepted = matter.accepted_at and day(matter.accepted_at) <= matter.respond_by
            note("response", matter, accepted)
        over = matter.first_due_on < clock.today() and matter.state != State.WAITING
        if over and first <= clock.month_of(matter.first_due_on) <= last:
            left = matter.outcome in EXCLUDED and matter.state != State.TO_CONFIRM
            note("exclusion", matter, left)
            if not left:
                said = matter.outcome in (Outcome.SOLVED, Outcome.EXPLAINED)
                in_time = said and day(matter.answered_at) <= matter.first_due_on
                note("resolution", matter, in_time)
        if matter.villager_at and first <= clock.month_of(matter.villager_at) <= last:
            happy = matter.villager_word == Word.SOLVED or matter.villager_satisfied is True
            note("satisfaction", matter, happy)
    return found


def test_the_matters_behind_each_rate_are_those_that_counting_finds(lived):
    county = lived.home.county
    with clock.at(make.moment(date(2026, 7, 10))):
        for first, last in ((MONTH, MONTH), (JUNE, JUNE), (MONTH, JUNE)):
            (total,) = matter_figures(county.pk, first, last)
            for rate, (counted_ids, met) in parts_of(county, first, last).items():
                named = {
                    part: matter_ids(county.pk, first, rate, part, last)
                    for part in ("whole", "met", "missing")
                }
                assert set(named["whole"]) == counted_ids, rate
                assert set(named["met"]) == met, rate
                assert set(named["missing"]) == counted_ids - met, rate
                figure = getattr(total, rate)
                assert (len(named["met"]), len(named["whole"])) == (
                    figure.numerator,
                    figure.denominator,
                )
    assert not matter_ids(lived.abroad.county.pk, MONTH, "response", last_month=JUNE)


@pytest.mark.parametrize("by", ["unit", "township", "category"])
def test_every_figure_of_the_table_opens_as_many_matters_as_it_says(lived, sign_in, by):
    browser = sign_in(lived.home.office)
    with clock.at(make.moment(date(2026, 7, 10))):
        page = browser.get(reverse("matter_rates"), {"month": "2026-06", "by": by})
        assert page.context["rows"]
        cells = [cell for row in page.context["rows"] for cell in row.cells]
        for cell in [*cells, *page.context["total"]]:
            rate = cell.rate
            if cell.url:
                rows = browser.get(cell.url).context["table"].rows
                assert len(rows) == rate.denominator, cell.url
            if cell.looked_into_url:
                rows = browser.get(cell.looked_into_url).context["table"].rows
                assert str(len(rows)) in cell.looked_into, cell.looked_into_url
        whole = [cell.rate for cell in page.context["total"]]
        for n, total in enumerate(whole):
            of = [row.cells[n].rate for row in page.context["rows"]]
            assert sum(rate.denominator for rate in of) == total.denominator


def test_nothing_due_opens_nothing(world, sign_in):
    page = sign_in(world.home.office).get(reverse("matter_rates"), {"month": "2026-01"})
    assert not page.context["rows"]
    assert not [cell.url for cell in page.context["total"] if cell.url]
    assert sign_in(world.home.office).get(reverse("matter_rates"), {"by": "x"}).status_code == 404
