"""Annual plans: written by the unit, decided by the county, amended with a reason."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from outreach import audit, clock
from outreach.models import Notification
from outreach.roles import Role
from tests import factories as make
from tests.conftest import TODAY
from visits.models import AnnualPlan, Group, PlanLine
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.plans import decide_plan, submit_plan, write_line


def write(world, *, version=1, actor=None, planned_date=date(2026, 5, 12), **more):
    values = {
        "line": world.own.line,
        "actor": actor or world.own.coordinator,
        "version": version,
        "planned_date": planned_date,
        "group": Group.IN_DIFFICULTY,
        "officer_id": world.own.officer.pk,
        "topics": [world.home.topic],
    }
    return write_line(**values | more)


def approved(world):
    """The own unit's plan, approved."""
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    return decide_plan(plan=world.own.plan, actor=world.home.office)


def test_a_line_takes_date_group_officer_and_topics(world):
    line = write(world)
    assert (line.planned_date, line.group) == (date(2026, 5, 12), "in_difficulty")
    assert list(line.topics.all()) == [world.home.topic]
    assert line.version == 2
    entry = audit.history(line)[0]
    assert entry.before["topics"] == []
    assert entry.after["topics"] == [world.home.topic.title]


def test_a_date_of_another_month_is_refused(world):
    with pytest.raises(ValidationError):
        write(world, planned_date=date(2026, 6, 1))


def test_an_older_version_overwrites_nothing(world):
    write(world)
    with pytest.raises(StaleVersion) as caught:
        write(world, version=1, planned_date=date(2026, 5, 20))
    assert caught.value.current.planned_date == date(2026, 5, 12)
    assert PlanLine.objects.get(pk=world.own.line.pk).planned_date == date(2026, 5, 12)


@pytest.mark.parametrize("role", [Role.CADRE, Role.COUNTY, Role.ADMIN])
def test_only_the_units_coordinator_writes(world, role):
    with pytest.raises(PermissionDenied):
        write(world, actor=world.person(role))
    with pytest.raises(PermissionDenied):
        write(world, actor=world.other.coordinator)


def test_a_submitted_plan_waits_for_its_answer(world):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    with pytest.raises(PermissionDenied):
        write(world)


def test_a_change_of_an_approved_plan_is_an_amendment_with_a_reason(world):
    june = make.plan_line(world.own.contact_point, date(2026, 6, 1))
    approved(world)
    with pytest.raises(NotPossible):
        write(world, line=june, planned_date=date(2026, 6, 12))
    line = write(world, line=june, planned_date=date(2026, 6, 12), reason="村里改了集日")
    entry = audit.history(line)[0]
    assert entry.action == "Plan line amended"
    assert entry.after["reason"] == "村里改了集日"
    assert AnnualPlan.objects.get(pk=world.own.plan.pk).state == "approved"


def test_the_county_hears_of_a_submitted_plan(world):
    plan = submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    assert (plan.state, plan.submitted_at is not None) == ("submitted", True)
    told = Notification.objects.values_list("user", flat=True)
    assert list(told) == [world.home.office.pk]


def test_a_plan_is_submitted_once(world):
    stale = AnnualPlan.objects.get(pk=world.own.plan.pk)
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    with pytest.raises(NotPossible):
        submit_plan(plan=stale, actor=world.own.coordinator)
    with pytest.raises(PermissionDenied):
        submit_plan(plan=world.own.plan, actor=world.own.coordinator)


def test_a_returned_plan_comes_back_with_its_reason_and_goes_again(world):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    plan = decide_plan(plan=world.own.plan, actor=world.home.office, reason="六月没有日期")
    assert (plan.state, plan.return_reason) == ("returned", "六月没有日期")
    told = Notification.objects.get(user=world.own.coordinator)
    assert "六月没有日期" in str(told)
    write(world)
    assert submit_plan(plan=plan, actor=world.own.coordinator).state == "submitted"


def test_of_two_who_decide_at_once_one_wins(world):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    mine, theirs = (AnnualPlan.objects.get(pk=world.own.plan.pk) for _ in range(2))
    second = make.user(Role.COUNTY, county=world.home.county)
    decide_plan(plan=theirs, actor=second)
    with pytest.raises(NotPossible):
        decide_plan(plan=mine, actor=world.home.office, reason="六月没有日期")
    plan = AnnualPlan.objects.get(pk=mine.pk)
    assert (plan.state, plan.decided_by, plan.return_reason) == ("approved", second, "")


def test_only_the_own_county_decides(world):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        with pytest.raises(PermissionDenied):
            decide_plan(plan=world.own.plan, actor=actor)


def test_an_exemption_takes_the_line_out_of_what_is_due_and_can_be_taken_back(world):
    line = world.own.line
    exempt_line(line=line, actor=world.home.office, exemption="postponed", reason="防汛")
    line = PlanLine.objects.get(pk=line.pk)
    assert (line.due, line.exempted_by) == (0, world.home.office)
    exempt_line(line=line, actor=world.home.office, exemption="", reason="")
    line = PlanLine.objects.get(pk=line.pk)
    assert (line.due, line.exempted_by, line.exemption_reason) == (1, None, "")


def test_an_exemption_needs_a_reason_and_the_county(world):
    with pytest.raises(ValidationError):
        exempt_line(line=world.own.line, actor=world.home.office, exemption="postponed", reason="")
    for actor in (world.own.coordinator, world.abroad.office):
        with pytest.raises(PermissionDenied):
            exempt_line(line=world.own.line, actor=actor, exemption="postponed", reason="防汛")
    assert PlanLine.objects.get(pk=world.own.line.pk).exemption == ""


def test_an_exemption_overtakes_no_line_written_meanwhile(world):
    seen = PlanLine.objects.get(pk=world.own.line.pk)
    write(world)
    exempt_line(line=seen, actor=world.home.office, exemption="postponed", reason="防汛")
    line = PlanLine.objects.get(pk=seen.pk)
    assert (line.planned_date, line.exemption, line.version) == (
        date(2026, 5, 12),
        "postponed",
        3,
    )


def test_what_was_visited_is_not_planned_afterwards(world):
    approved(world)
    with pytest.raises(NotPossible):
        write(world, reason="补写计划")  # May's visit is recorded


def test_a_month_that_is_over_is_not_planned_afterwards(world):
    april = make.plan_line(world.own.contact_point, date(2026, 4, 1))
    approved(world)
    with pytest.raises(NotPossible):
        write(world, line=april, planned_date=date(2026, 4, 9), reason="补写计划")


def test_a_plan_submitted_again_is_not_decided_unread(world):
    first = submit_plan(plan=world.own.plan, actor=world.own.coordinator).submitted_at
    decide_plan(plan=world.own.plan, actor=world.home.office, reason="六月没有日期")
    with clock.at(make.moment(TODAY, 13)):
        submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    with pytest.raises(NotPossible):
        decide_plan(plan=world.own.plan, actor=world.home.office, seen=first)
