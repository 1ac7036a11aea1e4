"""Annual plans: written by the unit, decided by the county, amended with a reason."""

import time
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from outreach import audit, clock
from outreach.models import AuditEntry, Notification
from outreach.roles import Role
from reports import indicators
from tests import factories as make
from tests.conftest import TODAY, Place
from visits.models import AnnualPlan, Group, PlanLine
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.plans import decide_plan, decide_plans, submit_plan, write_line


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


# Amendments -------------------------------------------------------------------------------------


def test_the_history_tells_an_amendment_in_words(world, sign_in):
    june = make.plan_line(world.own.contact_point, date(2026, 6, 1))
    approved(world)
    colleague = make.officer(world.own.unit)
    form = {
        "version": "1",
        "planned_date": "2026-06-12",
        "group": "capable",
        "officer": colleague.pk,
        "topics": [world.home.topic.pk],
        "reason": "村里改了集日",
    }
    browser, url = sign_in(world.own.coordinator), reverse("plan_line", args=[june.pk])
    assert browser.post(url, form).status_code == 302
    (entry,) = browser.get(url).context["history"]
    changes = {label: (before, after) for label, before, after in entry.changes}
    assert ([], [world.home.topic.title]) in changes.values()
    assert (world.own.officer.name, colleague.name) in changes.values()
    assert (None, "村里改了集日") in changes.values()
    shown = browser.get(url).content.decode()
    assert world.home.topic.title in shown and "村里改了集日" in shown
    county = sign_in(world.home.office).get(reverse("plan_line_exempt", args=[june.pk]))
    assert "村里改了集日" in county.content.decode()


def test_an_approved_amendment_counts_as_the_plan(world):
    june = make.plan_line(world.own.contact_point, date(2026, 6, 1))
    write(world, line=june, planned_date=date(2026, 6, 12))
    approved(world)
    colleague = make.cadre(world.own.unit)
    other = make.topic(world.home.year)
    write(
        world,
        line=june,
        version=2,
        planned_date=date(2026, 6, 16),
        reason="换人",
        officer_id=colleague.officer.pk,
        topics=[other],
    )
    with clock.at(make.moment(date(2026, 6, 17), 18)):
        visit = make.visit(
            world.own.contact_point, colleague, officer_id=colleague.officer.pk, topics=[other]
        )
        make.feedback(visit, colleague)
        (county,) = indicators.figures(world.home.county.pk, date(2026, 6, 1))
    assert (county.planned_lines, county.planned_kept) == (1, 1)


# Several at once --------------------------------------------------------------------------------


def submitted(world, count=1):
    """Plans of new units that wait for the county."""
    places = [Place(world.home) for _ in range(count)]
    for place in places:
        submit_plan(plan=place.plan, actor=place.coordinator)
    return [AnnualPlan.objects.get(pk=place.plan.pk) for place in places]


def test_several_plans_are_approved_under_one_id(world):
    plans = submitted(world, 3)
    seen = {plan.pk: plan.submitted_at for plan in plans}
    told = decide_plans(plans=plans, actor=world.home.office, seen=seen)
    assert (told.done, told.refused) == (plans, [])
    states = AnnualPlan.objects.filter(pk__in=seen).values_list("state", "decided_by")
    assert set(states) == {("approved", world.home.office.pk)}
    entries = AuditEntry.objects.filter(action="Plan approved")
    assert entries.count() == 3 and len({entry.bulk_id for entry in entries}) == 1
    assert Notification.objects.filter(text__contains="is approved").count() == 3


def test_what_a_colleague_decided_or_the_unit_sent_again_is_told_and_left_alone(world):
    plans = submitted(world, 3)
    seen = {plan.pk: plan.submitted_at for plan in plans}
    decide_plan(
        plan=AnnualPlan.objects.get(pk=plans[0].pk),
        actor=make.user(Role.COUNTY, county=world.home.county),
    )
    seen[plans[1].pk] -= timedelta(hours=1)
    told = decide_plans(plans=plans, actor=world.home.office, seen=seen)
    assert told.done == [plans[2]]
    assert [plan for plan, _why in told.refused] == plans[:2]
    assert all(why for _plan, why in told.refused)
    assert AnnualPlan.objects.get(pk=plans[1].pk).state == "submitted"
    assert not AuditEntry.objects.filter(
        object_id=str(plans[1].pk), action="Plan approved"
    ).exists()


def test_several_plans_are_returned_with_one_reason(world):
    plans = submitted(world, 2)
    seen = {plan.pk: plan.submitted_at for plan in plans}
    decide_plans(plans=plans, actor=world.home.office, seen=seen, reason="请补齐日期")
    for plan in AnnualPlan.objects.filter(pk__in=seen):
        assert (plan.state, plan.return_reason) == ("returned", "请补齐日期")


def test_nobody_else_decides_several(world):
    plans = submitted(world, 2)
    seen = {plan.pk: plan.submitted_at for plan in plans}
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        assert decide_plans(plans=plans, actor=actor, seen=seen).done == []


def test_sixty_plans_are_approved_in_one_action(world, sign_in):
    plans = submitted(world, 60)
    browser = sign_in(world.home.office)
    page = browser.get(reverse("plan_list"), {"state": "submitted"}).content.decode()
    assert page.count('name="pick"') == 60
    picks = [plan.pick for plan in plans]
    began = time.monotonic()
    with CaptureQueriesContext(connection) as seen:
        browser.post(reverse("plan_decide_many"), {"pick": picks, "decision": "approve"})
    print(f"60 plans: {time.monotonic() - began:.2f} s, {len(seen)} statements")
    assert AnnualPlan.objects.filter(state="approved").count() == 60
    assert len(seen) <= 60 * 8 + 15


def test_the_list_tells_what_was_not_decided(world, sign_in):
    plans = submitted(world, 2)
    browser, url = sign_in(world.home.office), reverse("plan_decide_many")
    decide_plan(plan=AnnualPlan.objects.get(pk=plans[0].pk), actor=world.home.office)
    picks = [plans[0].pick, plans[1].pick, "x", "7@", f"{'9' * 30}@2026-05-01T00:00:00+08:00"]
    back = reverse("plan_list") + "?state=submitted"
    page = browser.post(url, {"pick": picks, "decision": "approve", "next": back}, follow=True)
    assert page.redirect_chain == [(back, 302)]
    told = [str(message) for message in page.context["messages"]]
    assert len(told) == 2 and str(plans[0].unit) in told[1]
    without_reason = browser.post(url, {"pick": picks, "decision": "return"}, follow=True)
    assert len(list(without_reason.context["messages"])) == 1
    nothing = browser.post(url, {"decision": "approve"}, follow=True)
    assert len(list(nothing.context["messages"])) == 1
    foreign = submit_plan(plan=world.foreign.plan, actor=world.foreign.coordinator)
    browser.post(url, {"pick": [foreign.pick], "decision": "approve"})
    assert AnnualPlan.objects.get(pk=foreign.pk).state == "submitted"


def test_only_who_approves_is_offered_boxes(world, sign_in):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    url = reverse("plan_list")
    assert 'name="pick"' in sign_in(world.home.office).get(url).content.decode()
    assert 'name="pick"' not in sign_in(world.own.coordinator).get(url).content.decode()
