"""Matters are spoken of before their day, on it and after it, each once and to the right people."""

from datetime import timedelta

import pytest

from feedback.services.time_limits import wait_for
from outreach import clock
from outreach.models import Notification
from tests import factories as make
from tests.conftest import TODAY
from visits.services.reminders import remind_county


@pytest.fixture
def spoken(world):
    """Who is told what of matters at noon of a day: [(person, step)]."""

    def told_on(day):
        Notification.objects.filter(dedupe_key__contains="reminder:matter").update(
            read_at=clock.now()
        )
        with clock.at(make.moment(day, 12)):
            remind_county(world.home.county.pk)
            rows = Notification.objects.filter(dedupe_key__startswith="reminder:matter-")
            return [
                (row.user, row.dedupe_key.split("-")[1].split(":")[0])
                for row in rows.filter(read_at=None).order_by("pk")
            ]

    return told_on


def test_before_the_handler_on_the_day_the_coordinator_after_it_the_county(world, spoken):
    matter = make.matter_in_work(world.own)
    handler, office = matter.taken_by, world.home.office
    assert spoken(matter.due_on - timedelta(days=5)) == []
    assert spoken(matter.due_on - timedelta(days=2)) == [(handler, "soon")]
    assert spoken(matter.due_on - timedelta(days=1)) == []  # known already
    assert spoken(matter.due_on) == [(world.own.coordinator, "expired")]
    assert spoken(matter.due_on + timedelta(days=1)) == []
    assert spoken(matter.due_on + timedelta(days=5)) == [(office, "late")]
    assert spoken(matter.due_on + timedelta(days=9)) == []


def test_what_nobody_accepts_is_told_to_the_coordinator(world, spoken):
    matter = make.matter(world.own)
    assert spoken(matter.respond_by) == []
    assert spoken(matter.respond_by + timedelta(days=1)) == [(world.own.coordinator, "unaccepted")]


def test_while_the_clock_stands_still_nobody_is_told(world, spoken):
    matter = make.matter_in_work(world.own)
    wait_for(matter=matter, actor=world.own.cadre, text="等供电所")
    assert spoken(TODAY + timedelta(days=60)) == []


def test_what_is_answered_asks_nobody_any_more(world, spoken):
    make.matter_answered(world.own)
    assert spoken(TODAY + timedelta(days=60)) == []


def test_where_the_unit_has_no_coordinator_its_cadres_are_told(world, spoken):
    matter = make.matter(world.own)
    world.own.coordinator.is_active = False
    world.own.coordinator.save(update_fields=["is_active"])
    assert spoken(matter.respond_by + timedelta(days=1)) == [(world.own.cadre, "unaccepted")]
