"""A year's rules hold from a month on, are never changed behind anybody, and the lines follow."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from outreach import audit, clock
from outreach.models import AuditEntry, Job
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH
from visits.models import AvoidedDays, PlanLine, Visit
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.filling import fill_plan
from visits.services.obligations import ensure_lines, follow_registry
from visits.services.programme import open_year
from visits.services.rules import (
    add_avoided_days,
    first_open_month,
    rule_facts,
    set_rule,
    withdraw_rule,
)

JUNE, JULY, OCTOBER = date(2026, 6, 1), date(2026, 7, 1), date(2026, 10, 1)


@pytest.fixture
def year(world):
    """May is the present month, and it has visits."""
    ensure_lines(world.home.year)
    return world.home.year


def change(year, world, month, **fields):
    values = {"visits_per_month": 2, "feedback_due_days": 3, "report_day": 8} | fields
    return set_rule(year=year, actor=world.home.office, effective_month=month, **values)


def owed(point):
    """Month -> visits owed."""
    lines = PlanLine.objects.filter(contact_point=point)
    return dict(lines.values_list("month__month", "required_visits"))


def test_a_rule_is_owed_from_its_month_until_the_next(world, year):
    change(year, world, OCTOBER, visits_per_month=3)
    change(year, world, JULY)
    asked = owed(world.own.contact_point)
    assert asked == {n: 1 if n < 7 else 2 if n < 10 else 3 for n in range(1, 13)}


def test_single_kinds_of_unit_owe_another_number(world, year):
    hall = make.unit(world.home.county, kind="township", township=world.home.township)
    point = make.contact_point(hall, make.village(world.home.township))
    ensure_lines(year)
    change(year, world, JULY, visits_per_month=2, by_kind={"township": 0, "other": 2})
    rule = year.rules.get(effective_month=JULY)
    assert list(rule.requirements.values_list("unit_kind", flat=True)) == ["township"]
    assert owed(point) == {n: 1 if n < 7 else 0 for n in range(1, 13)}
    assert owed(world.own.contact_point)[7] == 2


def test_what_units_wrote_into_their_lines_stays_and_so_does_the_version(world, year):
    line = PlanLine.objects.get(contact_point=world.own.contact_point, month=JULY)
    line.planned_date, line.version = date(2026, 7, 9), 4
    line.save()
    change(year, world, JULY)
    line.refresh_from_db()
    assert (line.required_visits, line.planned_date, line.version) == (2, date(2026, 7, 9), 4)


def test_one_entry_tells_before_and_after(world, year):
    change(year, world, JULY)
    change(year, world, JULY, visits_per_month=4, by_kind={"township": 1})
    entry, first = audit.history(year)[:2]
    assert (first.action, entry.action) == ("Rule set", "Rule changed")
    assert (entry.before["visits_per_month"], entry.after["visits_per_month"]) == (2, 4)
    assert entry.after["kinds_of_unit"] == {"乡镇": 1}


@pytest.mark.parametrize("month", [date(2026, 1, 1), date(2026, 4, 1), MONTH, date(2027, 1, 1)])
def test_no_rule_for_a_month_that_is_over_or_visited_or_of_another_year(world, year, month):
    with pytest.raises(NotPossible):
        change(year, world, month)


def test_this_month_can_still_change_while_nobody_recorded_a_visit(world, year):
    assert first_open_month(year) == JUNE
    Visit.objects.all().delete()
    assert first_open_month(year) == MONTH
    change(year, world, MONTH)
    assert owed(world.own.contact_point)[5] == 2
    with clock.at(make.moment(date(2026, 12, 31))):
        assert first_open_month(year) == date(2026, 12, 1)
    with clock.at(make.moment(date(2027, 1, 1))):
        assert first_open_month(year) is None


def test_only_the_county_office_sets_rules_and_only_its_own(world, year):
    for actor in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            set_rule(
                year=year,
                actor=actor,
                effective_month=JULY,
                visits_per_month=2,
                feedback_due_days=3,
                report_day=8,
            )


def test_a_withdrawn_rule_leaves_the_one_before_it(world, year):
    rule = change(year, world, JULY)
    withdraw_rule(rule=rule, actor=world.home.office)
    assert set(owed(world.own.contact_point).values()) == {1}
    assert year.rules.count() == 1
    with pytest.raises(NotPossible):
        withdraw_rule(rule=year.rules.get(), actor=world.home.office)


def test_the_first_rule_of_a_year_to_come_changes_and_stays(world, year):
    to_come = open_year(county=world.home.county, year=2027, actor=world.home.office)
    change(to_come, world, date(2027, 1, 1))
    assert set(PlanLine.objects.filter(month__year=2027).values_list("required_visits")) == {(2,)}
    with pytest.raises(NotPossible, match="第一条"):
        withdraw_rule(rule=to_come.rules.get(), actor=world.home.office)


def test_who_changes_a_rule_that_a_colleague_changed_is_told(world, year):
    rule = change(year, world, JULY)
    seen = audit.digest(rule_facts(rule))
    change(year, world, JULY, visits_per_month=5)
    with pytest.raises(StaleVersion):
        change(year, world, JULY, visits_per_month=1, seen=seen)
    with pytest.raises(StaleVersion):
        change(year, world, JULY, visits_per_month=1, seen="")
    assert owed(world.own.contact_point)[7] == 5


def test_feedback_is_due_by_the_rule_of_the_month_of_the_visit(world, year):
    change(year, world, JUNE, feedback_due_days=9)
    with clock.at(make.moment(date(2026, 6, 2), 12)):
        old = make.visit(
            world.own.contact_point, world.own.cadre, started_at=make.moment(date(2026, 5, 31))
        )
        new = make.visit(
            world.own.contact_point, world.own.cadre, started_at=make.moment(date(2026, 6, 1))
        )
    assert old.feedback_due_on == date(2026, 6, 5)
    assert new.feedback_due_on == date(2026, 6, 10)


def test_a_unit_whose_kind_is_corrected_owes_what_its_kind_owes_from_next_month(
    world, year, sign_in
):
    change(year, world, JUNE, visits_per_month=1, by_kind={"other": 3})
    unit = world.own.unit
    data = {"name": unit.name, "kind": "other", "township": "", "order": 0}
    url = reverse("admin:contact_points_unit_change", args=[unit.pk])
    assert sign_in(world.home.admin).post(url, data).status_code == 302
    assert Job.objects.filter(task="visits.tasks.ensure_plan_lines").count() == 1
    follow_registry(county_id=world.home.county.pk)
    asked = owed(world.own.contact_point)
    assert (asked[5], asked[6], asked[12]) == (1, 3, 3)


# Merged villages ---------------------------------------------------------------------------------


def merge(world, village, into, sign_in, since=""):
    """The administrator says that a village was merged, and the lines follow."""
    data = {
        "township": village.township_id,
        "code": village.code,
        "name": village.name,
        "households_count": village.households_count,
        "population": "",
        "merged_into": into.pk if into else "",
        "merged_from": since,
    }
    url = reverse("admin:contact_points_village_change", args=[village.pk])
    assert sign_in(world.home.admin).post(url, data).status_code == 302
    assert Job.objects.filter(task="visits.tasks.ensure_plan_lines").exists()
    Job.objects.all().delete()
    follow_registry(county_id=world.home.county.pk)


def exempt(point):
    lines = PlanLine.objects.filter(contact_point=point).exclude(exemption="")
    return set(lines.values_list("month__month", flat=True))


def test_a_merged_village_owes_nothing_from_the_next_month_on(world, year, sign_in):
    point = world.own.contact_point
    merge(world, world.own.village, world.other.village, sign_in)
    assert exempt(point) == {6, 7, 8, 9, 10, 11, 12}
    line = PlanLine.objects.get(contact_point=point, month=JUNE)
    assert (line.exemption, line.exempted_by, line.version) == ("merged", None, 2)
    assert line.exemption_reason == f"{world.own.village}已并入{world.other.village}。"
    entries = AuditEntry.objects.filter(action="Plan line exempted")
    assert entries.count() == 7
    assert entries.values_list("bulk_id").distinct().count() == 1
    assert ensure_lines(year) == 0


@pytest.mark.parametrize(
    ("since", "owed"),
    [
        ("2026-09-15", {1, 2, 3, 4, 5, 6, 7, 8}),
        ("2026-06-01", {1, 2, 3, 4, 5}),
        ("2026-02-10", {1, 2, 3, 5}),  # known late: back to last month, but May was visited
    ],
)
def test_what_was_owed_before_the_month_of_a_merger_stays_owed(world, year, sign_in, since, owed):
    merge(world, world.own.village, world.other.village, sign_in, since)
    assert set(range(1, 13)) - exempt(world.own.contact_point) == owed
    assert ensure_lines(year) == 0


def test_a_merger_that_is_put_off_is_owed_until_then(world, year, sign_in):
    merge(world, world.own.village, world.other.village, sign_in, "2026-07-01")
    merge(world, world.own.village, world.other.village, sign_in, "2026-10-01")
    assert exempt(world.own.contact_point) == {10, 11, 12}
    village = type(world.own.village).objects.get(pk=world.own.village.pk)
    page = sign_in(world.home.office).get(village.get_absolute_url()).content.decode()
    assert "2026年10月" in page


def test_a_month_without_a_merger_is_refused(world, sign_in):
    village = world.own.village
    url = reverse("admin:contact_points_village_change", args=[village.pk])
    form = {name: getattr(village, name) for name in ("township_id", "code", "name")}
    data = form | {"township": form.pop("township_id"), "merged_from": "2026-07-01"}
    page = sign_in(world.home.admin).post(url, data)
    assert "请写明并入哪个村" in page.content.decode()


def test_a_year_opened_later_owes_nothing_for_it_either(world, year, sign_in):
    merge(world, world.own.village, world.other.village, sign_in)
    open_year(county=world.home.county, year=2027, actor=world.home.office)
    lines = PlanLine.objects.filter(contact_point=world.own.contact_point, month__year=2027)
    assert set(lines.values_list("exemption", flat=True)) == {"merged"}


def test_a_merger_that_was_a_mistake_is_owed_again(world, year, sign_in):
    merge(world, world.own.village, world.other.village, sign_in)
    merge(world, world.own.village, None, sign_in)
    assert exempt(world.own.contact_point) == set()


def test_what_the_county_decided_itself_stays(world, year, sign_in):
    lines = {
        line.month.month: line
        for line in PlanLine.objects.filter(contact_point=world.own.contact_point)
    }
    by_county = {"actor": world.home.office, "exemption": "postponed", "reason": "防汛"}
    exempt_line(line=lines[7], **by_county)
    merge(world, world.own.village, world.other.village, sign_in)
    exempt_line(line=lines[8], actor=world.home.office, exemption="", reason="")
    ensure_lines(year)
    assert exempt(world.own.contact_point) == {6, 7, 9, 10, 11, 12}
    merge(world, world.own.village, None, sign_in)
    assert exempt(world.own.contact_point) == {7}


# Days to avoid -----------------------------------------------------------------------------------


def test_days_to_avoid_are_of_the_year_and_of_the_county(world):
    year, office = world.home.year, world.home.office
    days = {"first_day": date(2026, 6, 5), "last_day": date(2026, 6, 20), "reason": "麦收"}
    row = add_avoided_days(year=year, actor=office, **days)
    assert (row.township, AvoidedDays.objects.count()) == (None, 1)
    for wrong in (
        {"last_day": date(2026, 6, 4)},
        {"last_day": date(2027, 1, 2)},
        {"reason": ""},
        {"township": world.abroad.township},
    ):
        with pytest.raises(ValidationError):
            add_avoided_days(year=year, actor=office, **days | wrong)
    with pytest.raises(PermissionDenied):
        add_avoided_days(year=year, actor=world.own.coordinator, **days)


def mark(browser, year, **more):
    values = {"first_day": "2026-01-01", "last_day": "2026-12-31", "reason": "集市"}
    return browser.post(reverse("avoided_days_create", args=[year.pk]), values | more)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("3、8，13 18日", [3, 8, 13, 18]),
        ("逢3逢8", [3, 8, 13, 18, 23, 28]),
        ("每月逢0", [10, 20, 30]),
        ("", []),
    ],
)
def test_every_market_day_is_one_entry(world, year, sign_in, typed, days):
    assert mark(sign_in(world.home.office), year, month_days=typed).status_code == 302
    row = AvoidedDays.objects.get()
    assert row.month_days == days
    for day, marked in ((date(2026, 6, 3), True), (date(2026, 6, 4), False)):
        assert row.covers(day) == (marked if typed == "逢3逢8" else not days or day.day in days)
    page = sign_in(world.own.cadre).get(year.get_absolute_url()).content.decode()
    assert ("每月 " + "、".join(map(str, days)) + " 日" in page) == bool(days)


@pytest.mark.parametrize("typed", ["星期三", "0", "32", "3.5x", "逢三", "逢"])
def test_days_that_no_month_has_are_told(world, year, sign_in, typed):
    page = mark(sign_in(world.home.office), year, month_days=typed)
    assert page.context["form"].errors["month_days"]
    assert page.context["form"]["month_days"].value() == typed
    assert not AvoidedDays.objects.exists()


def test_days_outside_first_and_last_are_told(world, year, sign_in):
    page = mark(sign_in(world.home.office), year, month_days="20", last_day="2026-01-09")
    assert page.context["form"].errors["month_days"]


def test_market_days_are_left_out_and_told_wherever_a_day_is_chosen(world, year, sign_in):
    """The planner passes them by; the grid, the calendar, the move page and the line tell them."""
    township = world.home.township
    others = make.township(world.home.county)
    marked = make.avoided_days(year, township=township, reason="集市", month_days=[3, 8, 13, 18])
    make.avoided_days(year, township=others, reason="庙会")
    line = PlanLine.objects.get(contact_point=world.own.contact_point, month=JUNE)
    fill_plan(plan=world.own.plan, actor=world.own.coordinator, per_visit=8)
    dates = PlanLine.objects.exclude(planned_date=None).values_list("planned_date", flat=True)
    assert dates and not any(map(marked.covers, dates))
    PlanLine.objects.filter(pk=line.pk).update(planned_date=date(2026, 6, 18))
    browser = sign_in(world.own.coordinator)
    for url in (
        reverse("plan_detail", args=[line.plan_id]),
        reverse("plan_line", args=[line.pk]),
        reverse("plan_line_move", args=[line.pk]),
        reverse("plan_calendar") + "?month=2026-06",
    ):
        page = browser.get(url).content.decode()
        assert "6月5日 – 6月20日，每月 3、8、13、18 日" in page, url
        assert f"集市（{township}）" in page, url
        assert "庙会" not in page, url
    cell = browser.get(reverse("plan_line", args=[line.pk]), headers={"HX-Request": "true"})
    assert "不宜：集市" in cell.content.decode()
    days = browser.get(reverse("plan_calendar") + "?month=2026-06").context["days"]
    assert [day.date.day for day in days if day.avoided] == [8, 13, 18]


# Pages -------------------------------------------------------------------------------------------


def rule_data(**more):
    values = {"visits_per_month": 2, "feedback_due_days": 3, "report_day": 8}
    return values | {"effective_month": "2026-07-01", "seen": ""} | more


def test_the_page_offers_months_that_are_open_and_have_no_rule(world, year, sign_in):
    browser, url = sign_in(world.home.office), reverse("rule_create", args=[year.pk])
    change(year, world, JULY)
    form = browser.get(url).context["form"]
    months = [value for value, _label in form.fields["effective_month"].choices]
    assert months == [f"2026-{n:02d}-01" for n in (6, 8, 9, 10, 11, 12)]
    assert form["visits_per_month"].value() == 2  # like the newest rule
    page = browser.post(url, rule_data())
    assert page.status_code == 200
    assert page.context["form"].errors["effective_month"]


def test_a_rule_is_set_changed_and_withdrawn_by_its_pages(world, year, sign_in):
    browser = sign_in(world.home.office)
    data = rule_data(kind_township="1")
    there = browser.post(reverse("rule_create", args=[year.pk]), data)
    assert there["Location"] == year.get_absolute_url()
    rule = year.rules.get(effective_month=JULY)
    assert rule.visits_for("township") == 1
    url = reverse("rule_change", args=[rule.pk])
    form = browser.get(url).context["form"]
    assert form["kind_township"].value() == 1
    data |= {"seen": form["seen"].value(), "visits_per_month": 4, "kind_township": ""}
    assert browser.post(url, data).status_code == 302
    stale = browser.post(url, data | {"visits_per_month": 6})
    assert stale.status_code == 409
    assert stale.context["form"]["visits_per_month"].value() == "6"
    again = data | {"visits_per_month": 6, "seen": stale.context["form"]["seen"].value()}
    assert browser.post(url, again).status_code == 302
    assert owed(world.own.contact_point)[7] == 6
    browser.post(reverse("rule_withdraw", args=[rule.pk]))
    assert owed(world.own.contact_point)[7] == 1


def test_the_year_says_what_matters_first(world, year, sign_in):
    make.topic(year, first_month=JULY, last_month=JULY)
    make.avoided_days(year, township=world.home.township)
    page = sign_in(world.home.office).get(year.get_absolute_url()).content.decode()
    for words in ("1 条规则", "2 项宣传内容", "本月 1 项", "麦收", "春节", "调休上班"):
        assert words in page
    to_come = open_year(county=world.home.county, year=2031, actor=world.home.office)
    page = sign_in(world.home.office).get(to_come.get_absolute_url()).content.decode()
    assert "还没有国务院公布的2031年放假安排" in page


def test_people_of_a_unit_read_the_year_and_change_nothing(world, year, sign_in):
    hidden = make.topic(year)
    hidden.units.add(world.other.unit)
    browser = sign_in(world.own.cadre)
    page = browser.get(year.get_absolute_url()).content.decode()
    assert world.home.topic.title in page
    assert hidden.title not in page
    assert "<form" not in page.split("<main", 1)[1].split("</main>", 1)[0]


def test_a_year_is_opened_with_its_kinds_of_unit(world, sign_in):
    data = {"year": "2027", "visits_per_month": 1, "feedback_due_days": 5, "report_day": 5}
    there = sign_in(world.home.office).post(
        reverse("programme_year"), data | {"kind_government_department": "2"}
    )
    year = world.home.county.programmeyear_set.get(year=2027)
    assert there["Location"] == year.get_absolute_url()
    assert set(PlanLine.objects.filter(month__year=2027).values_list("required_visits")) == {(2,)}
    assert world.person(Role.COUNTY) == year.opened_by
