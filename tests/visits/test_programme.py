"""The programme year: its lines are the obligations, one per contact point and month held."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from contact_points.services.registry import close_contact_point, open_contact_point
from outreach import jobs
from outreach.models import Job
from outreach.roles import Role
from tests import factories as make
from visits import tasks
from visits.models import AnnualPlan, PlanLine, ProgrammeYear
from visits.services.filling import fill_plan
from visits.services.obligations import ensure_lines
from visits.services.programme import open_year
from visits.services.topics import add_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

PERIODS = [
    (date(2025, 3, 1), None),
    (date(2026, 1, 1), date(2026, 12, 31)),
    (date(2026, 4, 30), None),
    (date(2026, 5, 1), date(2026, 5, 1)),
    (date(2024, 1, 1), date(2026, 1, 31)),
    (date(2024, 1, 1), date(2026, 2, 1)),
    (date(2026, 12, 31), None),
    (date(2024, 1, 1), date(2025, 12, 31)),
    (date(2027, 1, 1), None),
]


class Registry:
    def __init__(self):
        self.county = make.county()
        self.office = make.user(Role.COUNTY, county=self.county)
        township = make.township(self.county)
        self.unit = make.unit(self.county)
        self.points = [
            make.contact_point(self.unit, make.village(township), first=first, last=last)
            for first, last in PERIODS
        ]

    def held_months(self, year):
        """Day by day, what the calendar says: the months in which each point holds."""
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        return {
            (point.pk, day.replace(day=1))
            for point in self.points
            for day in days
            if day in point.period
        }


@pytest.fixture
def registry():
    return Registry()


def lines():
    return set(PlanLine.objects.values_list("contact_point", "month"))


def test_opening_a_year_gives_each_contact_point_a_line_per_month_it_holds(registry):
    year = open_year(county=registry.county, year=2026, actor=registry.office)
    held = registry.held_months(2026)
    assert lines() == held
    assert len(held) == 12 + 12 + 9 + 1 + 1 + 2 + 1
    assert AnnualPlan.objects.get().unit == registry.unit
    assert year.rule_for(date(2026, 7, 1)).visits_per_month == 1


def test_making_the_lines_again_changes_nothing(registry):
    year = open_year(county=registry.county, year=2026, actor=registry.office)
    before = list(PlanLine.objects.order_by("pk").values())
    assert ensure_lines(year) == 0
    assert list(PlanLine.objects.order_by("pk").values()) == before


def test_the_lines_follow_a_contact_point_that_opens_later(registry):
    year = open_year(county=registry.county, year=2026, actor=registry.office)
    admin = make.user(Role.ADMIN, county=registry.county)
    village = make.village(registry.points[0].village.township)
    point = open_contact_point(
        unit=registry.unit,
        village=village,
        officer=make.officer(registry.unit),
        first_day=date(2026, 10, 15),
        actor=admin,
    )
    assert Job.objects.filter(task="visits.tasks.ensure_plan_lines").count() == 1
    assert ensure_lines(year) == 3
    assert {month.month for pk, month in lines() if pk == point.pk} == {10, 11, 12}


def test_a_changed_registry_asks_once_for_new_lines(registry):
    open_year(county=registry.county, year=2026, actor=registry.office)
    admin = make.user(Role.ADMIN, county=registry.county)
    for point in registry.points[:2]:
        close_contact_point(contact_point=point, last_day=date(2026, 6, 30), actor=admin)
    job = Job.objects.get(task="visits.tasks.ensure_plan_lines")
    PlanLine.objects.all().delete()
    tasks.ensure_plan_lines(str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    registry.points = list(type(registry.points[0]).objects.all())
    assert lines() == registry.held_months(2026)
    assert jobs.claim(str(job.pk)) is None


def test_the_installation_opens_a_year_as_nobody(registry):
    year = open_year(county=registry.county, year=2026, actor=None)
    assert (year.opened_by, lines()) == (None, registry.held_months(2026))


def test_a_year_opens_once(registry):
    open_year(county=registry.county, year=2026, actor=registry.office)
    with pytest.raises(ValidationError):
        open_year(county=registry.county, year=2026, actor=registry.office)
    assert ProgrammeYear.objects.count() == 1


def test_lines_owe_what_the_rule_of_their_month_asks(registry):
    year = open_year(county=registry.county, year=2026, actor=registry.office, visits_per_month=2)
    year.rules.create(effective_month=date(2026, 7, 1), visits_per_month=1)
    PlanLine.objects.all().delete()
    ensure_lines(year)
    owed = dict(
        PlanLine.objects.filter(contact_point=registry.points[0]).values_list(
            "month__month", "required_visits"
        )
    )
    assert owed == {n: 2 if n < 7 else 1 for n in range(1, 13)}


def test_a_topic_is_once_in_its_year_and_its_months_are_in_order(registry):
    year = open_year(county=registry.county, year=2026, actor=registry.office)
    fields = {"title": "医保新政", "level": "county"}
    months = {"first_month": date(2026, 3, 1), "last_month": date(2026, 6, 1)}
    topic = add_topic(year=year, actor=registry.office, **fields, **months)
    assert topic in year.topics.offered_in(date(2026, 6, 1))
    assert topic not in year.topics.offered_in(date(2026, 7, 1))
    with pytest.raises(ValidationError):
        add_topic(year=year, actor=registry.office, **fields, **months)
    wrong = {"first_month": date(2026, 6, 1), "last_month": date(2026, 3, 1)}
    with pytest.raises(ValidationError):
        add_topic(year=year, actor=registry.office, title="另一个", **wrong)


def test_an_empty_period_is_no_contact_point(registry):
    point = registry.points[0]
    point.period = DateRange(date(2026, 5, 1), date(2026, 5, 1))
    with pytest.raises(ValidationError):
        point.full_clean()


def test_a_visit_recorded_before_its_line_fulfils_it(world):
    point = make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
    visit = make.visit(point, world.own.cadre)
    assert visit.plan_line is None
    ensure_lines(world.home.year)
    visit.refresh_from_db()
    assert visit.plan_line.contact_point == point


def test_a_corrected_officer_takes_over_filled_lines_too(world):
    june = make.plan_line(world.own.contact_point, date(2026, 6, 1))
    fill_plan(plan=world.own.plan, actor=world.own.coordinator, per_visit=8)
    june.refresh_from_db()
    assert june.version == 2
    successor = make.officer(world.own.unit)
    type(world.own.contact_point).objects.filter(pk=june.contact_point_id).update(officer=successor)
    ensure_lines(world.home.year)
    june.refresh_from_db()
    assert (june.officer, june.version) == (successor, 3)


def test_a_corrected_officer_takes_over_the_unwritten_lines_to_come(world):
    june = make.plan_line(world.own.contact_point, date(2026, 6, 1))
    successor = make.officer(world.own.unit)
    world.own.contact_point.officer = successor
    world.own.contact_point.save()
    ensure_lines(world.home.year)
    june.refresh_from_db()
    world.own.line.refresh_from_db()
    assert june.officer == successor
    assert world.own.line.officer == world.own.officer  # May was visited under him
