"""A village changes hands: it is owed once a month, and later months move with what was planned."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from reports import indicators
from tests import factories as make
from tests.conftest import MONTH
from visits.models import PlanLine
from visits.services.programme import ensure_lines, follow_registry

MIDDLE = date(2026, 5, 15)
JUNE = date(2026, 6, 1)


@pytest.fixture
def handed_over(world):
    """The own place's village goes to a colleague on 15 May; June was planned already."""
    place = world.own
    old = place.contact_point
    june = make.plan_line(old, JUNE, planned_date=date(2026, 6, 9), group="capable")
    june.topics.add(world.home.topic)
    old.period = DateRange(old.period.lower, MIDDLE)
    old.save()
    new = make.contact_point(place.unit, place.village, first=MIDDLE)
    follow_registry(county_id=world.home.county.pk)
    return old, new


def test_month_of_the_handover_is_owed_once_and_by_who_held_it_first(world, handed_over):
    old, _new = handed_over
    lines = PlanLine.objects.filter(contact_point__village=old.village).of_month(MONTH)
    assert [line.contact_point for line in lines] == [old]
    (county,) = indicators.figures(world.home.county.pk, MONTH)
    assert county.due == 2  # one for each of the county's two villages


def test_visit_of_the_successor_fulfils_the_month_of_the_handover(world, handed_over):
    old, new = handed_over
    visit = make.visit(
        new,
        world.own.coordinator,
        started_at=make.moment(date(2026, 5, 18)),
        topics=[world.home.topic],
    )
    make.feedback(visit, world.own.coordinator)
    assert visit.plan_line.contact_point == old
    for by in (None, "unit", "contact_point", "officer"):
        rows = indicators.figures(world.home.county.pk, MONTH, by=by)
        assert sum(row.done for row in rows) == 1
        assert [row.extra for row in rows if row.extra] == []


def test_later_months_move_with_what_was_planned(handed_over):
    _old, new = handed_over
    line = PlanLine.objects.get(contact_point=new, month=JUNE)
    assert (line.planned_date, line.group) == (date(2026, 6, 9), "capable")
    assert [topic.pk for topic in line.topics.all()] != []
    assert line.officer == new.officer


def test_following_twice_changes_nothing(world, handed_over):
    assert ensure_lines(world.home.year) == 0
