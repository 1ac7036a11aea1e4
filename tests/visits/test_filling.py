"""Fill in for me: the proposals in the database, written, taken back, for one plan and for all."""

import json
import threading
import time
from datetime import date, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contact_points.services.handover import hand_over
from outreach import audit, clock, workdays
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits import tasks
from visits.models import AnnualPlan, Group, PlanLine, VisitHousehold
from visits.planning import Household as Known
from visits.planning import in_order
from visits.proposals import households_for, households_of, propose
from visits.querysets.visits import households_in_order
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.filling import (
    fill_drafts,
    fill_plan,
    fill_to_take_back,
    start_filling,
    take_back_fill,
)
from visits.services.obligations import ensure_lines
from visits.services.plans import decide_plan, submit_plan, write_line
from visits.services.recording import void_visit

JUNE = date(2026, 6, 1)


@pytest.fixture
def plan(world):
    """The own unit's plan with all its lines; May was visited, the rest is empty."""
    ensure_lines(world.home.year)
    return world.own.plan


def fill(world, plan, **more):
    return fill_plan(**{"plan": plan, "actor": world.own.coordinator, "per_visit": 8} | more)


def line_of(world, month):
    return PlanLine.objects.get(contact_point=world.own.contact_point, month=month)


def write(world, month, **more):
    values = {
        "line": line_of(world, month),
        "actor": world.own.coordinator,
        "version": line_of(world, month).version,
        "planned_date": None,
        "group": "",
        "officer_id": world.own.officer.pk,
        "topics": [],
    }
    return write_line(**values | more)


# Filling ------------------------------------------------------------------------------------------


def test_the_months_to_come_are_filled_and_no_other(world, plan):
    count = fill(world, plan)
    assert (count["lines"], count["dates"], count["groups"], count["topics"]) == (7, 7, 7, 7)
    for line in plan.lines.prefetch_related("topics"):
        if line.month <= MONTH:  # past, or visited
            assert (line.planned_date, line.group, line.version) == (None, "", 1)
            continue
        assert workdays.is_workday(line.planned_date)
        assert line.planned_date >= TODAY
        assert line.group in Group.values
        assert [topic.pk for topic in line.topics.all()] == [world.home.topic.pk]
        assert line.version == 2


def test_the_present_month_is_filled_with_days_to_come(world, plan):
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    fill(world, plan)
    assert TODAY <= line_of(world, MONTH).planned_date <= date(2026, 5, 31)


def test_the_group_that_was_met_already_waits(world, plan):
    fill(world, plan)
    groups = [line.group for line in plan.lines.filter(month__gt=MONTH).order_by("month")]
    assert Group.PARTY_MEMBERS not in groups[:4]  # met in May
    times = [groups.count(group) + (group == Group.PARTY_MEMBERS) for group in Group.values]
    assert max(times) - min(times) <= 1


def test_what_a_person_wrote_stays_cell_by_cell(world, plan):
    write(world, JUNE, planned_date=date(2026, 6, 6))  # a Saturday, as the person likes
    write(world, date(2026, 7, 1), group=Group.CAPABLE)
    other = make.topic(world.home.year)
    write(world, date(2026, 8, 1), topics=[other])
    fill(world, plan)
    assert line_of(world, JUNE).planned_date == date(2026, 6, 6)
    assert line_of(world, JUNE).group
    assert line_of(world, date(2026, 7, 1)).group == Group.CAPABLE
    assert list(line_of(world, date(2026, 8, 1)).topics.all()) == [other]


def test_marked_days_of_the_township_and_topics_of_other_units_are_left_out(world, plan):
    year = world.home.year
    for township, first, last in (
        (world.home.township, date(2026, 6, 1), date(2026, 6, 21)),
        (make.township(world.home.county), date(2026, 6, 22), date(2026, 6, 30)),
        (None, date(2026, 6, 25), date(2026, 6, 30)),
    ):
        year.avoided_days.create(township=township, first_day=first, last_day=last, reason="麦收")
    own, others = make.topic(year), make.topic(year)
    own.units.add(world.own.unit)
    others.units.add(world.other.unit)
    fill(world, plan)
    assert date(2026, 6, 22) <= line_of(world, JUNE).planned_date <= date(2026, 6, 24)
    told = set(PlanLine.topics.through.objects.values_list("topic_id", flat=True))
    assert told == {world.home.topic.pk, own.pk}


def test_an_officer_with_two_villages_is_never_in_both(world, plan):
    for _ in range(6):
        village = make.village(world.home.township)
        make.contact_point(world.own.unit, village, world.own.officer)
    ensure_lines(world.home.year)
    fill(world, plan)
    days = list(plan.lines.exclude(planned_date=None).values_list("planned_date", flat=True))
    assert len(days) == len(set(days)) == 7 + 6 * 8


def test_the_next_visit_keeps_its_distance_from_the_last_one_made(world, plan):
    with clock.at(make.moment(date(2026, 5, 29), 12)):
        make.visit(world.own.contact_point, world.own.cadre)
        fill(world, plan)
    assert line_of(world, JUNE).planned_date >= date(2026, 6, 8)


def test_the_substitute_is_the_one_who_goes(world, plan):
    colleague = make.officer(world.own.unit)
    point = make.contact_point(
        world.own.unit, make.village(world.home.township), colleague, first=JUNE
    )
    ensure_lines(world.home.year)
    PlanLine.objects.filter(contact_point=point, month=JUNE).update(substitute=world.own.officer)
    days = [JUNE + timedelta(days=n) for n in range(30)]
    year = world.home.year
    for day in days:
        if day.day not in (9, 10):
            year.avoided_days.create(first_day=day, last_day=day, reason="麦收")
    fill(world, plan)
    june = plan.lines.filter(month=JUNE).values_list("planned_date", flat=True)
    assert set(june) == {date(2026, 6, 9), date(2026, 6, 10)}


def test_lines_that_owe_nothing_are_left_alone(world, plan):
    exempt_line(
        line=line_of(world, JUNE), actor=world.home.office, exemption="postponed", reason="防汛"
    )
    world.own.contact_point.period = make.DateRange(date(2026, 1, 1), date(2026, 9, 11))
    world.own.contact_point.save()
    fill(world, plan)
    filled = plan.lines.exclude(planned_date=None).values_list("planned_date", flat=True)
    assert sorted(day.month for day in filled) == [7, 8, 9]
    assert max(filled) <= date(2026, 9, 10)


def test_one_bulk_id_an_entry_per_line_and_one_of_the_plan(world, plan):
    before = AuditEntry.objects.count()
    fill(world, plan, per_visit=21)
    entries = AuditEntry.objects.order_by("-pk")[: AuditEntry.objects.count() - before]
    assert len({entry.bulk_id for entry in entries}) == 1
    assert len(entries) == 7 + 1
    act = audit.history(plan)[0]
    assert act.after == {"households_per_visit": 21, "lines": 7}
    entry = audit.history(line_of(world, JUNE))[0]
    assert entry.before == {"planned_date": None, "group": "", "topics": []}
    assert entry.after["topics"] == [world.home.topic.title]
    assert AnnualPlan.objects.get(pk=plan.pk).households_per_visit == 21


def test_filling_twice_writes_once(world, plan):
    fill(world, plan)
    before = list(plan.lines.order_by("pk").values())
    with pytest.raises(NotPossible):
        fill(world, plan)
    assert list(plan.lines.order_by("pk").values()) == before
    assert fill(world, plan, per_visit=12)["lines"] == 0
    assert AnnualPlan.objects.get(pk=plan.pk).households_per_visit == 12


def test_the_same_seed_writes_the_same_plan(world, plan):
    def content():
        return list(plan.lines.order_by("pk").values_list("planned_date", "group"))

    fill(world, plan, seed=5)
    first = content()
    take_back_fill(plan=plan, actor=world.own.coordinator)
    fill(world, plan, seed=6)
    assert content() != first
    take_back_fill(plan=plan, actor=world.own.coordinator)
    fill(world, plan, seed=5)
    assert content() == first


def test_a_handover_does_not_stand_in_the_way_of_taking_back(world, plan):
    filled = fill(world, plan)["lines"]
    hand_over(
        contact_points=[world.own.contact_point],
        officer=make.officer(world.own.unit),
        first_day=date(2026, 7, 1),
        actor=world.own.coordinator,
        reason="岗位调整",
    )
    ensure_lines(world.home.year)
    assert plan.lines.get(month=date(2026, 7, 1)).officer != world.own.officer
    assert take_back_fill(plan=plan, actor=world.own.coordinator) == filled
    assert not plan.lines.exclude(planned_date=None).exists()


@pytest.mark.parametrize("role", [Role.CADRE, Role.COUNTY, Role.ADMIN])
def test_only_the_units_coordinator_fills_in(world, plan, role):
    with pytest.raises(PermissionDenied):
        fill(world, plan, actor=world.person(role))
    with pytest.raises(PermissionDenied):
        fill(world, plan, actor=world.other.coordinator)
    with pytest.raises(PermissionDenied):
        take_back_fill(plan=plan, actor=world.person(role))


def test_only_an_open_plan_is_filled_in(world, plan):
    stale = AnnualPlan.objects.get(pk=plan.pk)
    submit_plan(plan=plan, actor=world.own.coordinator)
    with pytest.raises(PermissionDenied):
        fill(world, plan)
    with pytest.raises(NotPossible):  # as who has loaded the page before sees it
        fill(world, stale)
    decide_plan(plan=plan, actor=world.home.office)
    with pytest.raises(PermissionDenied):
        fill(world, plan)
    assert not plan.lines.exclude(planned_date=None).exists()


def test_who_saw_other_proposals_is_asked_again(world, plan):
    with pytest.raises(StaleVersion):
        fill(world, plan, seen="something else")
    assert not plan.lines.exclude(planned_date=None).exists()


def test_filling_costs_the_same_for_one_village_and_for_ten(world, plan):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            fill(world, plan)
        take_back_fill(plan=plan, actor=world.own.coordinator)
        return len(seen)

    one = queries()
    for _ in range(9):
        make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
    ensure_lines(world.home.year)
    assert queries() == one


@pytest.mark.django_db(transaction=True)
def test_who_saves_at_the_same_moment_keeps_what_they_wrote(world, plan):
    written, wanted = threading.Event(), date(2026, 6, 6)

    def colleague():
        with transaction.atomic():
            write(world, JUNE, planned_date=wanted)
            written.set()
            time.sleep(0.5)  # the filling waits for the line meanwhile
        connection.close()

    thread = threading.Thread(target=colleague)
    thread.start()
    assert written.wait(10)
    count = fill(world, plan)
    thread.join()
    assert (count["lines"], count["dates"]) == (7, 6)
    assert line_of(world, JUNE).planned_date == wanted
    assert line_of(world, JUNE).version == 3


# Taking back --------------------------------------------------------------------------------------


def test_a_filling_is_taken_back_whole(world, plan):
    write(world, JUNE, planned_date=date(2026, 6, 9))
    before = list(plan.lines.order_by("pk").values("planned_date", "group"))
    fill(world, plan, per_visit=21)
    assert take_back_fill(plan=plan, actor=world.own.coordinator) == 7
    assert list(plan.lines.order_by("pk").values("planned_date", "group")) == before
    assert not PlanLine.topics.through.objects.exists()
    assert AnnualPlan.objects.get(pk=plan.pk).households_per_visit == 8
    assert audit.history(line_of(world, JUNE))[0].after["group"] == ""
    with pytest.raises(NotPossible):
        take_back_fill(plan=plan, actor=world.own.coordinator)


def test_a_filling_somebody_worked_on_is_not_taken_back(world, plan):
    fill(world, plan)
    line = line_of(world, JUNE)
    write(
        world,
        JUNE,
        planned_date=line.planned_date,
        group=line.group,
        topics=list(line.topics.all()),
    )
    assert fill_to_take_back(plan) is None
    with pytest.raises(NotPossible):
        take_back_fill(plan=plan, actor=world.own.coordinator)
    assert plan.lines.exclude(planned_date=None).count() == 7


def test_a_value_that_changed_without_a_trace_is_not_taken_back(world, plan):
    fill(world, plan)
    PlanLine.objects.filter(pk=line_of(world, JUNE).pk).update(group="")
    with pytest.raises(NotPossible):
        take_back_fill(plan=plan, actor=world.own.coordinator)


def test_a_filling_that_was_visited_is_not_taken_back(world, plan):
    fill(world, plan)
    with clock.at(make.moment(date(2026, 6, 20))):
        make.visit(world.own.contact_point, world.own.cadre)
        assert fill_to_take_back(plan) is None


def test_of_another_plan_nothing_is_taken_back(world, plan):
    fill_drafts(year=world.home.year, actor=None, bulk_id=make.uuid4(), progress=lambda *args: None)
    take_back_fill(plan=plan, actor=world.own.coordinator)
    assert world.other.plan.lines.exclude(planned_date=None).count() == 7
    assert fill_to_take_back(world.other.plan)


# All plans ----------------------------------------------------------------------------------------


def test_the_county_office_fills_in_all_drafts_of_its_year(world, plan):
    submit_plan(plan=world.other.plan, actor=world.other.coordinator)
    job = start_filling(year=world.home.year, actor=world.home.office)
    assert start_filling(year=world.home.year, actor=world.home.office) == job
    tasks.fill_all_plans(str(job.pk))
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.progress_total) == (Job.State.DONE, 1)
    assert plan.lines.exclude(planned_date=None).count() == 7
    assert not world.other.plan.lines.exclude(planned_date=None).exists()
    assert audit.history(plan)[0].bulk_id == job.pk
    (note,) = Notification.objects.filter(text__startswith="The empty months")
    assert note.user == world.own.coordinator


def test_the_job_fills_nothing_for_who_may_no_longer(world, plan):
    job = start_filling(year=world.home.year, actor=world.home.office)
    world.home.office.is_active = False
    world.home.office.save(update_fields=["is_active"])
    tasks.fill_all_plans(str(job.pk))
    assert Job.objects.get(pk=job.pk).state == Job.State.FAILED
    assert not plan.lines.exclude(planned_date=None).exists()


def test_nobody_else_starts_it(world):
    for person in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            start_filling(year=world.home.year, actor=person)


def test_a_lot_of_plans_costs_the_same_as_one(world, plan):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            fill_drafts(
                year=world.home.year,
                actor=None,
                bulk_id=make.uuid4(),
                progress=lambda *args: None,
                dry_run=True,
            )
        return len(seen)

    few = queries()
    for _ in range(5):
        unit = make.unit(world.home.county)
        make.contact_point(unit, make.village(world.home.township))
    ensure_lines(world.home.year)
    assert queries() == few


def run(*args):
    out = StringIO()
    call_command("fill_plans", *args, stdout=out)
    return out.getvalue()


def test_the_command_counts_first_and_writes_then(world, plan):
    args = ("--county", world.home.county.code, "--year", "2026", "--json")
    (tried,) = json.loads(run(*args, "--dry-run"))
    assert not PlanLine.objects.exclude(planned_date=None).exists()
    (done,) = json.loads(run(*args))
    assert (done["plans"], done["lines"], done["undated"]) == (2, 14, 0)
    assert {**tried, "seconds": 0} == {**done, "seconds": 0}
    assert PlanLine.objects.exclude(planned_date=None).count() == 14


def test_the_command_goes_through_all_counties(world):
    for home in (world.home, world.abroad):
        ensure_lines(home.year)
    assert run("--all-counties", "--year", "2026").count("lines") == 2
    assert PlanLine.objects.exclude(planned_date=None).count() == 3 * 7
    with pytest.raises(CommandError):
        run("--all-counties", "--year", "2031")


# Households ---------------------------------------------------------------------------------------


def some_calls(world, rng, village):
    """Households of the village met, missed and refusing at visits of this year and the last."""
    numbers = rng.sample([f"{g}组-{n:03d}" for g in (1, 2, 3, 10, 12) for n in range(40)], 30)
    rows = [make.household(village, number) for number in numbers]
    point = make.contact_point(world.own.unit, village, world.own.officer)
    make.programme_year(world.home.county, 2025) if not rng.getrandbits(1) else None
    for day in rng.sample(range(1, 20), 5):
        chosen = {row.pk: rng.choice(VisitHousehold.Outcome.values) for row in rng.sample(rows, 6)}
        visit = make.visit(
            point,
            world.own.cadre,
            started_at=make.moment(date(2026, 5, day), rng.choice([0, 7, 23])),
            households=chosen,
        )
        if rng.random() < 0.3:
            void_visit(visit=visit, actor=world.own.cadre, reason="重复录入")
        elif rng.random() < 0.5:
            # As if it had been a year ago.
            type(visit).objects.filter(pk=visit.pk).update(
                started_at=make.moment(date(2025, 5, day), 23)
            )
    return point


@pytest.mark.parametrize("seed", range(5))
def test_the_database_has_the_planners_order(world, seed):
    village = make.village(world.home.township)
    some_calls(world, Random(seed), village)
    for year in (2025, 2026, 2027):
        rows = [
            Known(row.pk, row.number, row.met, row.not_now)
            for row in households_in_order([village.pk], year)
        ]
        assert len(rows) == 30
        assert rows == in_order(Random(seed).sample(rows, 30))
        for row in rows:
            calls = VisitHousehold.objects.filter(household=row.pk).exclude(visit__state="void")
            days = [
                call.visit.day
                for call in calls.select_related("visit")
                if call.outcome == "met" and call.visit.day.year <= year
            ]
            assert row.met == max(days, default=None)
            assert row.not_now == any(
                call.outcome == "not_now" and call.visit.day.year == year
                for call in calls.select_related("visit")
            )


def numbered(village, count):
    return [make.household(village, f"2组-{n:03d}") for n in range(1, count + 1)]


def test_units_that_share_a_village_share_its_households(world, plan):
    village = world.own.village
    numbered(village, 40)
    make.contact_point(world.other.unit, village, world.other.officer, first=JUNE)
    ensure_lines(world.home.year)
    lines = PlanLine.objects.filter(contact_point__village=village, month__gte=JUNE)
    calls = households_of(list(lines.select_related("contact_point__village")))
    called = [row.pk for line in lines for row in calls[line.pk]]
    assert len(called) == len(set(called)) == 41  # all, and each once
    found = households_for(world.home.county.pk, {village.pk: 0}, 2026, plan=world.own.plan, most=8)
    assert str(found.reach[village.pk][1].params["count"]) == "7"


def test_a_visit_made_moves_the_rest_up(world, plan):
    numbered(world.own.village, 30)
    village = world.own.village
    june, july = line_of(world, JUNE), line_of(world, date(2026, 7, 1))
    before = households_of([june, july])
    with clock.at(make.moment(date(2026, 6, 20))):
        make.visit(
            world.own.contact_point,
            world.own.cadre,
            households={row.pk: "met" for row in before[june.pk]},
        )
        after = households_of([june, july])
    assert june.pk not in after
    assert after[july.pk] == before[july.pk]
    assert households_for(world.home.county.pk, {village.pk: 0}, 2025).of_line == {}


def test_next_years_lines_begin_with_the_least_recently_met(world, plan):
    year = make.programme_year(world.home.county, 2027)
    first, second = numbered(world.own.village, 2)
    make.visit(world.own.contact_point, world.own.cadre, households={first.pk: "met"})
    ensure_lines(year)
    lines = PlanLine.objects.filter(
        plan__programme_year=year, contact_point=world.own.contact_point
    )
    calls = households_of(list(lines.select_related("contact_point__village").order_by("month")))
    order = [row.pk for line in lines.order_by("month") for row in calls[line.pk]]
    assert order[-1] == first.pk
    assert set(order) == {first.pk, second.pk, world.own.household.pk}


def test_proposals_cost_the_same_for_one_plan_and_for_many(world, plan):
    def queries():
        lines = list(PlanLine.objects.filter(county=world.home.county).for_planner())
        with CaptureQueriesContext(connection) as seen:
            propose(world.home.year, lines)
        return len(seen)

    one = queries()
    for _ in range(3):
        make.contact_point(make.unit(world.home.county), make.village(world.home.township))
    ensure_lines(world.home.year)
    assert queries() == one
