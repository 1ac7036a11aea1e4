"""Copying in the plan: what reaches where, what stays, and that nothing is overwritten unseen."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outreach import audit
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories as make
from visits.models import Group, PlanLine
from visits.services.errors import NotPossible
from visits.services.exemptions import exempt_line
from visits.services.plan_copies import Days, Reach, copy_lines, moved_day
from visits.services.plans import decide_plan, submit_plan, write_line


@pytest.mark.parametrize(
    ("day", "month", "days", "found"),
    [
        ("2026-05-12", "2026-06-01", Days.WEEKDAY, "2026-06-09"),  # the second Tuesday
        ("2026-05-29", "2026-06-01", Days.WEEKDAY, "2026-06-26"),  # no fifth Friday: the last
        ("2026-05-29", "2026-05-01", Days.WEEKDAY, "2026-05-29"),
        ("2026-05-01", "2026-07-01", Days.WEEKDAY, "2026-07-03"),
        ("2026-05-31", "2026-06-01", Days.DAY, "2026-06-30"),
        ("2026-01-30", "2026-02-01", Days.DAY, "2026-02-28"),
        ("2026-05-12", "2026-12-01", Days.DAY, "2026-12-12"),
    ],
)
def test_a_date_finds_its_place_in_another_month(day, month, days, found):
    month = date.fromisoformat(month)
    assert moved_day(date.fromisoformat(day), month, days) == date.fromisoformat(found)


def test_a_moved_day_stays_in_its_month_and_weekday():
    for n in range(365):
        day = date.fromordinal(date(2026, 1, 1).toordinal() + n)
        for number in range(1, 13):
            found = moved_day(day, date(2026, number, 1), Days.WEEKDAY)
            assert (found.month, found.weekday()) == (number, day.weekday())
            assert abs((found.day - 1) // 7 - (day.day - 1) // 7) <= 1


class Desk:
    """A unit with three villages, two officers and an empty plan from May to August."""

    def __init__(self, world):
        self.world, self.unit, self.actor = world, world.own.unit, world.own.coordinator
        self.plan = world.own.plan
        villages = [make.village(world.home.township) for _ in range(2)]
        self.other_officer = make.officer(self.unit)
        self.points = [
            world.own.contact_point,
            make.contact_point(self.unit, villages[0], self.other_officer),
            make.contact_point(self.unit, villages[1], self.other_officer),
        ]
        for point in self.points:
            for month in (5, 6, 7, 8):
                if (point.pk, month) != (self.points[0].pk, 5):
                    make.plan_line(point, date(2026, month, 1))
        self.spring = make.topic(world.home.year, last_month=date(2026, 6, 1))
        self.write(0, 5, topics=[world.home.topic, self.spring])

    def line(self, point, month):
        return PlanLine.objects.get(contact_point=self.points[point], month=date(2026, month, 1))

    def write(self, point, month, day=12, group=Group.CAPABLE, topics=(), officer=None):
        line = self.line(point, month)
        write_line(
            line=line,
            actor=self.actor,
            version=line.version,
            planned_date=day and date(2026, month, day),
            group=group,
            officer_id=(officer or line.officer).pk,
            topics=topics,
        )

    def copy(self, reach, point=0, month=5, **more):
        line = self.line(point, month)
        return copy_lines(plan=self.plan, source=line, reach=reach, actor=self.actor, **more)

    def days(self, point):
        """Month -> planned day."""
        lines = PlanLine.objects.filter(contact_point=self.points[point])
        return {line.month.month: line.planned_date and line.planned_date.day for line in lines}


@pytest.fixture
def desk(world):
    return Desk(world)


def test_a_cell_goes_to_the_following_months_of_its_village(desk):
    copied = desk.copy(Reach.MONTHS)
    assert [line.month.month for line in copied.lines] == [6, 7, 8]
    assert desk.days(0) == {5: 12, 6: 9, 7: 14, 8: 11}
    assert desk.days(1) == {5: None, 6: None, 7: None, 8: None}
    assert set(desk.line(0, 6).topics.all()) == {desk.world.home.topic, desk.spring}
    assert set(desk.line(0, 7).topics.all()) == {desk.world.home.topic}  # the other one is over
    assert desk.line(0, 7).group == Group.CAPABLE


def test_a_cell_goes_to_its_month_of_the_other_villages_whose_officers_stay(desk):
    desk.copy(Reach.POINTS)
    assert [desk.days(n)[5] for n in (0, 1, 2)] == [12, 12, 12]
    assert desk.line(1, 5).officer == desk.other_officer
    assert desk.days(1)[6] is None


def test_a_row_goes_to_the_other_villages_month_by_month(desk):
    desk.write(0, 7, day=3, group=Group.PARTY_MEMBERS)
    desk.copy(Reach.ROW)
    assert desk.days(1) == desk.days(2) == {5: 12, 6: None, 7: 3, 8: None}
    assert desk.line(2, 7).group == Group.PARTY_MEMBERS


def test_a_month_goes_to_the_months_after_it(desk):
    desk.write(1, 5, day=31)
    desk.copy(Reach.COLUMN, days=Days.DAY)
    assert desk.days(0) == {5: 12, 6: 12, 7: 12, 8: 12}
    assert desk.days(1) == {5: 31, 6: 30, 7: 31, 8: 31}
    assert desk.days(2)[6] is None


def test_an_officer_goes_along_the_months_while_they_serve(desk):
    leaving = make.officer(desk.unit, left_on=date(2026, 7, 15))
    desk.write(0, 5, officer=leaving)
    desk.copy(Reach.MONTHS)
    assert [desk.line(0, month).officer == leaving for month in (6, 7, 8)] == [True, True, False]


def test_what_is_written_stays_unless_told_otherwise(desk):
    desk.write(0, 6, day=25)
    copied = desk.copy(Reach.MONTHS)
    assert (len(copied.lines), copied.kept, copied.overtaken) == (2, 1, 0)
    assert desk.days(0)[6] == 25
    seen = {desk.line(0, 6).pk: 2, desk.line(0, 7).pk: 2, desk.line(0, 8).pk: 2}
    copied = desk.copy(Reach.MONTHS, replace=True, seen=seen)
    assert [line.month.month for line in copied.lines] == [6]  # the others say the same already
    assert desk.days(0)[6] == 9


def test_replacing_spares_what_a_colleague_wrote_since_the_person_looked(desk):
    seen = {desk.line(0, month).pk: 1 for month in (6, 7, 8)}
    desk.write(0, 6, day=25)
    copied = desk.copy(Reach.MONTHS, replace=True, seen=seen)
    assert (len(copied.lines), copied.kept, copied.overtaken) == (2, 0, 1)
    assert desk.days(0)[6] == 25
    assert desk.copy(Reach.MONTHS, replace=True).overtaken == 3  # who says nothing, saw nothing


def test_a_cleared_cell_counts_as_empty(desk):
    desk.write(0, 6)
    desk.write(0, 6, day=None, group="")
    assert len(desk.copy(Reach.MONTHS).lines) == 3


def test_a_month_without_obligation_stays_empty(desk):
    line = desk.line(0, 7)
    exempt_line(line=line, actor=desk.world.home.office, exemption="postponed", reason="防汛")
    desk.points[2].period = type(desk.points[2].period)(date(2026, 1, 1), date(2026, 6, 1))
    desk.points[2].save()
    desk.copy(Reach.MONTHS)
    desk.copy(Reach.ROW)
    assert desk.days(0)[7] is None
    assert desk.days(2) == {5: 12, 6: None, 7: None, 8: None}


def test_nothing_is_copied_from_an_empty_cell_or_another_plan(desk):
    assert desk.copy(Reach.MONTHS, point=1).lines == []
    foreign = desk.world.other.line
    copied = copy_lines(
        plan=desk.plan, source=foreign, reach=Reach.COLUMN, actor=desk.actor, replace=True
    )
    assert copied.lines == []


def test_every_line_leaves_one_entry_and_all_share_one_number(desk):
    before = AuditEntry.objects.count()
    copied = desk.copy(Reach.COLUMN)
    entries = AuditEntry.objects.order_by("-id")[: AuditEntry.objects.count() - before]
    assert {entry.object_id for entry in entries} == {str(line.pk) for line in copied.lines}
    assert len({entry.bulk_id for entry in entries}) == 1
    assert None not in {entry.bulk_id for entry in entries}
    entry = audit.history(desk.line(0, 6))[0]
    assert (entry.before["planned_date"], entry.after["planned_date"]) == (None, "2026-06-09")
    assert entry.after["topics"] == sorted([desk.world.home.topic.title, desk.spring.title])
    assert desk.line(0, 6).version == 2


def test_a_copy_costs_the_same_for_three_months_as_for_one(desk):
    counts = []
    for point, month in ((0, 7), (0, 5)):
        desk.write(point, month)
        with CaptureQueriesContext(connection) as seen:
            desk.copy(Reach.COLUMN, point=point, month=month)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", [Role.CADRE, Role.COUNTY, Role.ADMIN])
def test_only_the_units_coordinator_copies(desk, role):
    for actor in (desk.world.person(role), desk.world.other.coordinator):
        with pytest.raises(PermissionDenied):
            copy_lines(plan=desk.plan, source=desk.line(0, 5), reach=Reach.MONTHS, actor=actor)
    assert desk.days(0)[6] is None


def test_a_submitted_plan_is_not_copied_into(desk):
    submit_plan(plan=desk.plan, actor=desk.actor)
    with pytest.raises(PermissionDenied):
        desk.copy(Reach.MONTHS)


def test_an_approved_plan_wants_a_reason_and_keeps_months_that_are_over(desk):
    april = make.plan_line(desk.points[1], date(2026, 4, 1))
    make.plan_line(desk.points[0], date(2026, 4, 1))
    desk.write(0, 4)
    submit_plan(plan=desk.plan, actor=desk.actor)
    decide_plan(plan=desk.plan, actor=desk.world.home.office)
    with pytest.raises(NotPossible):
        desk.copy(Reach.ROW)
    copied = desk.copy(Reach.ROW, reason="村里改了集日")
    assert PlanLine.objects.get(pk=april.pk).planned_date is None
    assert {line.month.month for line in copied.lines} == {5}
    assert audit.history(desk.line(1, 5))[0].action == "Plan line amended"
    assert audit.history(desk.line(1, 5))[0].after["reason"] == "村里改了集日"
