"""The month calendar: what each person sees on it, and moving a visit to another day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from outreach import clock
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH, TODAY, Place
from visits.calendar import CHIPS_A_DAY, CHIPS_UNDATED
from visits.models import AnnualPlan, AvoidedDays, PlanLine
from visits.services.calendar import move_line
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.plans import write_line

LATER = date(2026, 5, 26)


@pytest.fixture
def line(world):
    """A line of the own unit that nobody visited, planned for the 22nd."""
    village = make.village(world.home.township, name="东河村")
    point = make.contact_point(world.own.unit, village, world.own.officer)
    line = make.plan_line(point, MONTH, planned_date=date(2026, 5, 22))
    line.topics.add(world.home.topic)
    return line


def calendar(browser, **query):
    return browser.get(reverse("plan_calendar"), query)


def on_day(page, day):
    (found,) = [each for each in page.context["days"] if each.date == day]
    return found


def moved(world, line, day=LATER, **values):
    values = {"actor": world.own.coordinator, "version": 1} | values
    return move_line(line=line, planned_date=day, **values)


# What is seen -------------------------------------------------------------------------------------


def test_every_day_has_its_visits_and_the_rest_wait_in_the_tray(world, line, sign_in):
    crowd(world, 1)
    page = calendar(sign_in(world.own.coordinator))
    assert [day.date.day for day in page.context["days"]] == list(range(1, 32))
    (chip,) = on_day(page, date(2026, 5, 22)).chips
    assert (chip.line, chip.state, chip.movable) == (line, "due", True)
    (waiting,) = page.context["undated"]
    assert waiting.line != world.own.line  # which was visited without a date
    assert waiting.movable
    assert page.context["first_weekday"] == 5  # 1 May 2026 is a Friday
    assert f'href="{reverse("plan_line_move", args=[line.pk])}"' in page.content.decode()


def test_a_cadre_sees_the_unit_and_moves_nothing(world, line, sign_in):
    page = calendar(sign_in(world.own.cadre))
    (chip,) = on_day(page, date(2026, 5, 22)).chips
    assert (chip.line, chip.movable) == (line, False)
    assert "plan-calendar.js" not in page.content.decode()


@pytest.mark.parametrize(
    ("day", "change", "state"),
    [
        (22, {}, "due"),
        (20, {}, "due"),  # today
        (19, {}, "late"),
        (22, {"required_visits": 0}, "due"),
    ],
)
def test_a_chip_tells_the_state(world, line, sign_in, day, change, state):
    PlanLine.objects.filter(pk=line.pk).update(planned_date=date(2026, 5, day), **change)
    page = calendar(sign_in(world.own.coordinator))
    assert on_day(page, date(2026, 5, day)).chips[0].state == state


def test_a_visited_and_an_exempt_visit_stay_where_they_are(world, line, sign_in):
    PlanLine.objects.filter(pk=world.own.line.pk).update(planned_date=date(2026, 5, 22))
    exempt_line(line=line, actor=world.home.office, exemption="postponed", reason="防汛")
    chips = on_day(calendar(sign_in(world.own.coordinator)), date(2026, 5, 22)).chips
    assert {(chip.line, chip.state, chip.movable) for chip in chips} == {
        (world.own.line, "elsewhere", False),
        (line, "exempt", False),
    }


def test_a_visit_stands_on_its_own_day_and_the_planned_one_tells_it(world, line, sign_in):
    PlanLine.objects.filter(pk=line.pk).update(planned_date=date(2026, 5, 18))
    make.visit(line.contact_point, world.own.cadre, started_at=make.moment(date(2026, 5, 12)))
    page = calendar(sign_in(world.own.coordinator))
    (there,) = on_day(page, date(2026, 5, 12)).chips
    assert (there.line, there.state, there.movable, there.anchor) == (line, "done", False, False)
    (planned,) = on_day(page, date(2026, 5, 18)).chips
    assert (planned.state, planned.visited_on) == ("elsewhere", (date(2026, 5, 12),))
    text = page.content.decode()
    assert "5月12日已走访" in text
    assert text.count(f'id="line-{line.pk}"') == 1


def test_the_address_of_a_dashboard_narrows_the_month_to_one_officer(world, line, sign_in):
    colleague = make.officer(world.own.unit)
    PlanLine.objects.filter(pk=line.pk).update(officer=colleague)
    page = calendar(sign_in(world.own.coordinator), officer=colleague.pk)
    assert [chip.line for day in page.context["days"] for chip in day.chips] == [line]
    assert page.context["kept"] == f"officer={colleague.pk}"
    assert "清除筛选" in page.content.decode()
    stranger = calendar(sign_in(world.own.coordinator), officer=world.other.officer.pk)
    assert not any(day.chips for day in stranger.context["days"])


def test_one_of_two_visits_leaves_the_planned_day_owed(world, line, sign_in):
    PlanLine.objects.filter(pk=line.pk).update(required_visits=2)
    make.visit(line.contact_point, world.own.cadre, started_at=make.moment(date(2026, 5, 12)))
    page = calendar(sign_in(world.own.coordinator))
    (planned,) = on_day(page, date(2026, 5, 22)).chips
    assert (planned.state, planned.visited_on) == ("due", (date(2026, 5, 12),))
    assert [chip.state for chip in on_day(page, date(2026, 5, 12)).chips] == ["done"]


def test_a_visit_without_a_planned_day_stands_on_its_own(world, sign_in):
    page = calendar(sign_in(world.own.coordinator))
    (chip,) = on_day(page, TODAY).chips
    assert (chip.line, chip.state, chip.anchor) == (world.own.line, "done", True)


def test_what_may_be_moved_is_what_the_page_offers(world, line, sign_in):
    """The chip and the service ask one rule."""
    PlanLine.objects.filter(pk=line.pk).update(required_visits=2)
    AnnualPlan.objects.filter(pk=line.plan_id).update(state="approved")
    make.visit(line.contact_point, world.own.cadre)
    page = calendar(sign_in(world.own.coordinator))
    assert not any(chip.movable for day in page.context["days"] for chip in day.chips)
    with pytest.raises(NotPossible):
        moved(world, line, reason="集日")


def test_in_a_month_that_is_over_nothing_moves(world, line, sign_in):
    make.plan_line(line.contact_point, date(2026, 4, 1), planned_date=date(2026, 4, 9))
    (chip,) = on_day(
        calendar(sign_in(world.own.coordinator), month="2026-04"), date(2026, 4, 9)
    ).chips
    assert (chip.state, chip.movable) == ("late", False)


def test_days_of_rest_and_days_to_avoid_say_so(world, line, sign_in):
    other = make.township(world.home.county)
    for township, day, reason in (
        (None, 21, "麦收"),
        (world.home.township, 22, "集日"),
        (other, 23, "庙会"),
    ):
        AvoidedDays.objects.create(
            programme_year=world.home.year,
            township=township,
            first_day=date(2026, 5, day),
            last_day=date(2026, 5, day),
            reason=reason,
        )
    AvoidedDays.objects.create(
        programme_year=world.abroad.year,
        first_day=date(2026, 5, 1),
        last_day=date(2026, 5, 31),
        reason="别县",
    )
    page = calendar(sign_in(world.own.coordinator))
    words = {day.date.day: day.word for day in page.context["days"] if day.word}
    assert (words[1], words[2], words[9]) == ("劳动节", "劳动节", "调休上班")
    assert words[16] == "周末"
    assert on_day(page, date(2026, 5, 16)).rest
    avoided = {day.date.day: day.avoided for day in page.context["days"] if day.avoided}
    assert avoided == {21: ["麦收"], 22: [f"集日（{world.home.township}）"]}
    text = page.content.decode()
    assert "劳动节" in text
    assert "麦收" in text


def test_the_county_filters_by_unit_and_township(world, line, sign_in):
    crowd(world, 1)
    other = make.contact_point(
        world.other.unit, make.village(world.home.township), world.other.officer
    )
    make.plan_line(other, MONTH, planned_date=date(2026, 5, 28))
    browser = sign_in(world.home.office)
    lines = {
        name: {
            chip.line.contact_point.unit_id
            for chip in [
                *(chip for day in page.context["days"] for chip in day.chips),
                *page.context["undated"],
            ]
        }
        for name, page in (
            ("all", calendar(browser)),
            ("unit", calendar(browser, unit=world.own.unit.pk)),
            ("township", calendar(browser, township=make.township(world.home.county).pk)),
            ("foreign", calendar(browser, unit=world.foreign.unit.pk)),
        )
    }
    assert lines["all"] == {world.own.unit.pk, world.other.unit.pk} == lines["foreign"]
    assert (lines["unit"], lines["township"]) == ({world.own.unit.pk}, set())
    page = calendar(browser, unit=world.own.unit.pk).content.decode()
    assert f"?month=2026-06&amp;unit={world.own.unit.pk}" in page
    assert world.foreign.village.name not in calendar(browser).content.decode()


def crowd(world, count, **fields):
    for _ in range(count):
        village = make.village(world.home.township)
        point = make.contact_point(world.own.unit, village, world.own.officer)
        make.plan_line(point, MONTH, **fields)


def test_a_full_day_shows_some_and_links_to_all(world, line, sign_in):
    crowd(world, CHIPS_A_DAY + 2, planned_date=line.planned_date)
    browser = sign_in(world.home.office)
    page = calendar(browser)
    day = on_day(page, line.planned_date)
    assert (len(day.chips), day.more) == (CHIPS_A_DAY, 3)
    assert "day=2026-05-22" in page.content.decode()
    (whole,) = calendar(browser, month="2026-05", day="2026-05-22").context["days"]
    assert (len(whole.chips), whole.more) == (CHIPS_A_DAY + 3, 0)


def test_what_is_still_owed_is_not_hidden_behind_visits_made(world, line, sign_in):
    PlanLine.objects.filter(pk=line.pk).update(planned_date=TODAY)
    for _ in range(CHIPS_A_DAY):
        village = make.village(world.home.township)
        point = make.contact_point(world.own.unit, village, world.own.officer)
        make.plan_line(point, MONTH, planned_date=date(2026, 5, 1))
        make.visit(point, world.own.cadre)
    day = on_day(calendar(sign_in(world.own.coordinator)), TODAY)
    assert [chip.state for chip in day.chips] == ["due"] + ["done"] * (CHIPS_A_DAY - 1)


def test_a_long_tray_shows_some_and_links_to_the_plans(world, line, sign_in):
    crowd(world, CHIPS_UNDATED + 1)
    page = calendar(sign_in(world.home.office))
    assert len(page.context["undated"]) == CHIPS_UNDATED
    assert page.context["undated_more"] == 1
    assert f"{reverse('plan_list')}?undated=2026-05-01" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"day": "x"},
        {"day": "2026-06-01"},
        {"month": "2026-04", "day": "2026-05-01"},
    ],
)
def test_what_is_no_month_or_day_does_not_exist(world, sign_in, query):
    assert calendar(sign_in(world.own.coordinator), **query).status_code == 404


@pytest.mark.parametrize("query", [{"unit": "zzz"}, {"unit": "9" * 30, "township": "\x00"}])
def test_a_nonsense_filter_is_no_filter(world, sign_in, query):
    assert calendar(sign_in(world.home.office), **query).status_code == 200


@pytest.mark.parametrize(("role", "cost"), [(Role.COORDINATOR, 8), (Role.COUNTY, 9)])
def test_three_rows_cost_what_one_row_costs(world, line, sign_in, role, cost):
    browser = sign_in(world.person(role))
    calendar(browser)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert calendar(browser).status_code == 200
        return [each["sql"] for each in seen]

    one = queries()
    crowd(world, 1)
    crowd(world, 1, planned_date=date(2026, 5, 25))
    Place(world.home)
    assert len(queries()) == len(one)
    assert len(one) == cost, "\n".join(one)


# Moving -------------------------------------------------------------------------------------------


def test_moving_changes_the_day_and_nothing_else(world, line):
    line.group = "capable"
    line.save(update_fields=["group"])
    moved(world, line)
    line.refresh_from_db()
    assert (line.planned_date, line.version, line.group) == (LATER, 2, "capable")
    assert list(line.topics.all()) == [world.home.topic]
    (entry,) = AuditEntry.objects.filter(object_type="visits.planline", object_id=line.pk)
    assert entry.actor == world.own.coordinator


def test_a_visit_moves_to_today_and_not_to_yesterday(world, line):
    with pytest.raises(NotPossible):
        moved(world, line, TODAY - timedelta(days=1))
    assert moved(world, line, TODAY).planned_date == TODAY


def test_today_is_shanghais_today(world, line):
    with (
        clock.at(make.moment(date(2026, 5, 22), 0)),
        pytest.raises(NotPossible),
    ):
        moved(world, line, date(2026, 5, 21))


@pytest.mark.parametrize("day", [date(2026, 6, 1), date(2027, 5, 26)])
def test_a_visit_stays_in_its_month(world, line, day):
    with pytest.raises(ValidationError, match="该月之内"):
        moved(world, line, day)


def test_an_approved_plan_wants_a_reason(world, line):
    AnnualPlan.objects.filter(pk=line.plan_id).update(state="approved")
    with pytest.raises(NotPossible):
        moved(world, line)
    assert moved(world, line, reason="防汛值班").planned_date == LATER
    assert "防汛值班" in str(AuditEntry.objects.order_by("-pk")[0].after)


def test_nobody_else_moves_it(world, line):
    for actor in (
        world.own.cadre,
        world.other.coordinator,
        world.foreign.coordinator,
        world.home.office,
    ):
        with pytest.raises(PermissionDenied):
            moved(world, line, actor=actor)
    AnnualPlan.objects.filter(pk=line.plan_id).update(state="submitted")
    with pytest.raises(PermissionDenied):
        moved(world, line)


def test_a_visited_or_exempt_line_is_not_moved(world, line):
    with pytest.raises(NotPossible):
        moved(world, world.own.line)
    exempt_line(line=line, actor=world.home.office, exemption="postponed", reason="防汛")
    with pytest.raises(NotPossible):
        moved(world, line, version=2)


def test_the_second_of_two_is_told_and_changes_nothing(world, line):
    moved(world, line, date(2026, 5, 28))
    with pytest.raises(StaleVersion):
        moved(world, line)
    line.refresh_from_db()
    assert line.planned_date == date(2026, 5, 28)


def test_the_form_moves_without_a_script(world, line, sign_in):
    browser = sign_in(world.own.coordinator)
    url = reverse("plan_line_move", args=[line.pk])
    page = browser.get(url).content.decode()
    assert 'min="2026-05-20"' in page
    assert 'max="2026-05-31"' in page
    response = browser.post(url, {"version": "1", "planned_date": "2026-05-26"})
    assert response["Location"] == f"{reverse('plan_calendar')}?month=2026-05#line-{line.pk}"
    line.refresh_from_db()
    assert line.planned_date == LATER


def test_a_conflict_shows_the_colleagues_day_and_saving_again_replaces_it(world, line, sign_in):
    write_line(
        line=line,
        actor=world.own.coordinator,
        version=1,
        planned_date=date(2026, 5, 28),
        group="",
        officer_id=line.officer_id,
        topics=[],
    )
    browser = sign_in(world.own.coordinator)
    url = reverse("plan_line_move", args=[line.pk])
    page = browser.post(url, {"version": "1", "planned_date": "2026-05-26"})
    assert page.status_code == 409
    text = page.content.decode()
    assert "5月28日" in text
    assert 'value="2026-05-26"' in text
    again = {"version": page.context["form"]["version"].value(), "planned_date": "2026-05-26"}
    assert browser.post(url, again).status_code == 302
    line.refresh_from_db()
    assert line.planned_date == LATER


@pytest.mark.parametrize("day", ["2026-05-19", "2026-06-02", "", "x"])
def test_a_day_that_cannot_be_is_said_beside_the_form(world, line, sign_in, day):
    url = reverse("plan_line_move", args=[line.pk])
    page = sign_in(world.own.coordinator).post(url, {"version": "1", "planned_date": day})
    assert page.status_code == 200
    assert page.context["form"].errors
    line.refresh_from_db()
    assert line.planned_date == date(2026, 5, 22)


def test_a_reason_with_somebodys_number_is_refused(world, line, sign_in):
    AnnualPlan.objects.filter(pk=line.plan_id).update(state="approved")
    url = reverse("plan_line_move", args=[line.pk])
    data = {"version": "1", "planned_date": "2026-05-26", "reason": "找老王 13812345678"}
    page = sign_in(world.own.coordinator).post(url, data)
    assert page.status_code == 200
    assert page.context["form"].errors
