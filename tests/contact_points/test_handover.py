"""A contact point goes to another officer of the unit: one closes, the next opens."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contact_points.models import ContactPoint
from contact_points.services.handover import hand_over
from contact_points.services.imports import NotPossible
from contact_points.services.registry import close_contact_point
from outreach import clock
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from tests import factories as make

DAY = date(2026, 5, 25)


@pytest.fixture
def successor(world):
    return make.officer(world.own.unit, name="李接任")


def go(world, officer, *, points=None, day=DAY, actor=None, reason="岗位调整"):
    return hand_over(
        contact_points=points or [world.own.contact_point],
        officer=officer,
        first_day=day,
        actor=actor or world.own.coordinator,
        reason=reason,
    )


def test_one_closes_and_the_next_opens_under_one_id(world, successor):
    old = world.own.contact_point
    colleague = make.officer(world.own.unit)
    old.co_officers.set([colleague, successor])
    ContactPoint.objects.filter(pk=old.pk).update(note="包村干部")
    bulk_id = go(world, successor)
    old.refresh_from_db()
    new = ContactPoint.objects.get(unit=old.unit, village=old.village, officer=successor)
    assert (old.officer, old.last_day) == (world.own.officer, date(2026, 5, 24))
    assert (new.first_day, new.last_day, new.note) == (DAY, None, "包村干部")
    assert list(new.co_officers.all()) == [colleague]
    assert set(old.co_officers.all()) == {colleague, successor}
    entries = AuditEntry.objects.filter(bulk_id=bulk_id)
    assert {entry.action for entry in entries} == {"Contact point closed", "Contact point opened"}
    assert {entry.after["reason"] for entry in entries} == {"岗位调整"}
    job = Job.objects.get(task="visits.tasks.ensure_plan_lines")
    assert job.args["act"]["id"] == str(bulk_id)


def test_many_go_in_one_act_with_their_last_days(world, successor):
    points = [world.own.contact_point]
    for last in (date(2026, 12, 31), None):
        village = make.village(world.home.township)
        points.append(make.contact_point(world.own.unit, village, world.own.officer, last=last))
    bulk_id = go(world, successor, points=points)
    held = ContactPoint.objects.filter(officer=successor).order_by("pk")
    assert [point.last_day for point in held] == [None, date(2026, 12, 31), None]
    assert AuditEntry.objects.filter(bulk_id=bulk_id).count() == 6


def test_what_begins_on_that_day_changes_its_officer_only(world, successor):
    point = make.contact_point(
        world.own.unit, make.village(world.home.township), world.own.officer, first=DAY
    )
    go(world, successor, points=[point])
    point.refresh_from_db()
    assert (point.officer, point.first_day) == (successor, DAY)


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.CADRE, False), (Role.COORDINATOR, True), (Role.COUNTY, True), (Role.ADMIN, True)],
)
def test_who_hands_over(world, successor, role, may):
    if may:
        assert go(world, successor, actor=world.person(role))
    else:
        with pytest.raises(PermissionDenied):
            go(world, successor, actor=world.person(role))


def test_nobody_hands_over_for_others(world, successor):
    for actor in (
        world.other.coordinator,
        world.foreign.coordinator,
        world.abroad.office,
        world.abroad.admin,
    ):
        with pytest.raises(PermissionDenied):
            go(world, successor, actor=actor)


def test_the_day_lies_between_this_month_and_a_year_ahead(world, successor):
    point = make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
    for day in (date(2026, 4, 30), date(2027, 6, 1)):
        with pytest.raises(NotPossible):
            go(world, successor, points=[point], day=day)
    assert go(world, successor, points=[point], day=date(2026, 5, 1))


def test_a_day_before_a_visit_that_was_made_is_refused(world, successor):
    # The own place was visited today, on 20 May.
    with pytest.raises(NotPossible, match="21"):
        go(world, successor, day=date(2026, 5, 20))
    assert go(world, successor, day=date(2026, 5, 21))


def test_the_new_officer_is_a_serving_colleague_who_does_not_hold_it(world):
    gone = make.officer(world.own.unit, left_on=date(2026, 5, 24))
    for nobody in (gone, world.own.officer, world.other.officer):
        with pytest.raises(NotPossible):
            go(world, nobody)


def test_what_is_not_held_on_that_day_is_not_handed_over(world, successor):
    ended = make.contact_point(
        world.own.unit,
        make.village(world.home.township),
        world.own.officer,
        last=date(2026, 5, 10),
    )
    with pytest.raises(NotPossible):
        go(world, successor, points=[ended])
    with pytest.raises(NotPossible):
        go(world, successor, points=[world.own.contact_point, ended])
    world.own.contact_point.refresh_from_db()
    assert world.own.contact_point.last_day is None


def test_who_gives_who_takes_and_the_coordinator_are_told_once(world):
    taker = make.cadre(world.own.unit)
    points = [world.own.contact_point]
    points.append(
        make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
    )
    go(world, taker.officer, points=points, actor=world.home.office)
    told = Notification.objects.all()
    assert {note.user for note in told} == {world.own.coordinator, world.own.cadre, taker}
    assert len(told) == 3
    assert world.own.village.name in str(told[0]) and "2026-05-25" in str(told[0])


@pytest.mark.parametrize("reason", ["", "电话13812345678"])
def test_a_reason_is_given(world, successor, reason):
    with pytest.raises((NotPossible, ValidationError)):
        go(world, successor, reason=reason)


def test_the_same_handover_twice_is_told(world, successor):
    go(world, successor)
    with pytest.raises(NotPossible):
        go(world, successor)
    assert ContactPoint.objects.filter(officer=successor).count() == 1


def test_more_villages_cost_no_more_statements(world, successor):
    def points(count):
        return [
            make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
            for _ in range(count)
        ]

    costs = []
    for some in (points(2), points(20)):
        with CaptureQueriesContext(connection) as seen:
            go(world, successor, points=some)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_a_contact_point_does_not_end_before_it_begins(world):
    point = world.own.contact_point
    with pytest.raises(ValidationError, match="before its first day"):
        close_contact_point(
            contact_point=point, last_day=point.first_day - clock.ONE_DAY, actor=world.home.admin
        )
    close_contact_point(contact_point=point, last_day=point.first_day, actor=world.home.admin)
    assert point.last_day == point.first_day
