"""A coordinator plans the year in the grid by keyboard alone; nothing is lost or overwritten."""

import json
import time
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session

from outreach import clock
from outreach.roles import Role
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE
from visits.models import AnnualPlan, PlanLine
from visits.services.plans import decide_plan, submit_plan, write_line

pytestmark = pytest.mark.slow

TOUCHED = "input:not([type=checkbox]), select, button, a, fieldset label"
TOO_SMALL = f"""[...document.querySelectorAll("form.plan-panel :is({TOUCHED}), td .open")]
    .filter((element) => element.checkVisibility() && element.offsetHeight < 44)
    .map((element) => element.outerHTML.slice(0, 80))"""


class Grid:
    """The page of one coordinator with the keys they press."""

    def __init__(self, person, plan):
        self.person, self.page, self.plan = person, person.page, plan
        assert person.go(f"plans/{plan.pk}") == 200

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, selector, key="Tab", at_most=60):
        """Press the key until what the selector names has the focus."""
        there = "selector => document.activeElement.matches(selector)"
        for _ in range(at_most):
            if self.page.evaluate(there, selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} cannot be reached by {key}")

    def settled(self):
        """Every cell is saved."""
        self.page.locator("td[data-state], form.plan-panel").first.wait_for(state="detached")

    def said(self, text):
        self.page.locator("#plan-said", has_text=text).wait_for(timeout=8000)

    def cell(self, line):
        return self.page.locator(f"#line-{line.pk}")

    def write(self, line, day):
        """Type a day into a cell that is focused with the pointer first."""
        self.cell(line).focus()
        self.press(*str(day), "Enter")


class Year:
    """Four villages and twelve months, nothing written."""

    def __init__(self, town):
        self.plan, self.town = town.plan, town
        for name in ("东郭村", "西郭村"):
            village = make.village(town.township, name=name)
            town.points.append(make.contact_point(town.unit, village, make.officer(town.unit)))
        first = clock.this_month().replace(month=1)
        for point in town.points:
            for month in (clock.add_months(first, n) for n in range(12)):
                if not PlanLine.objects.filter(contact_point=point, month=month).exists():
                    make.plan_line(point, month)
        PlanLine.topics.through.objects.all().delete()

    def line(self, point, month):
        lines = PlanLine.objects.filter(contact_point=self.town.points[point])
        return lines.get(month__month=month)

    def days(self):
        """Per village the days of its months."""
        return [
            [
                line.planned_date and line.planned_date.day
                for line in PlanLine.objects.filter(contact_point=point).order_by("month")
            ]
            for point in self.town.points
        ]


@pytest.fixture
def year(town):
    return Year(town)


def test_a_year_for_four_villages_is_planned_by_keyboard_alone(visitor, year):
    coordinator = visitor(year.town.coordinator)
    began = time.monotonic()
    grid = Grid(coordinator, year.plan)
    grid.reach("td")
    # January of the first village: day, group, officer, topic.
    grid.press("1", "2", "Tab", "4", "Tab", "Tab", "Space")
    coordinator.check()
    grid.press("Enter")
    grid.settled()
    grid.press("ArrowUp", "Shift+F10")
    coordinator.check()
    grid.reach("[name=reach]")
    grid.press("Enter")
    grid.said("11 个月")
    grid.press("Shift+F10")
    grid.reach("[name=reach]")
    grid.press("ArrowDown", "ArrowDown", "Enter")
    grid.said("36 个月")
    # Every village its own days: down the months, column by column.
    grid.press("Control+Home", "ArrowRight")
    for month in range(12):
        for village in range(4):
            grid.press(*f"{10 + month + village:02d}", "Enter")
    grid.settled()
    assert year.days() == [[10 + month + row for month in range(12)] for row in range(4)]
    # Corrected: one month emptied and written anew from its neighbour.
    grid.press("Control+End", "Delete", "ArrowLeft", "Control+c", "ArrowRight", "Control+v")
    grid.settled()
    coordinator.check()
    last = year.line(3, 12)
    assert (last.planned_date.day, last.group) == (23, "capable")
    assert list(last.topics.all()) == [year.town.topic]
    assert last.version == 5
    grid.reach("#plan-submit button", "Shift+Tab")
    with grid.page.expect_navigation():
        grid.press("Enter")
    coordinator.check()
    assert AnnualPlan.objects.get().state == "submitted"

    decide_plan(plan=AnnualPlan.objects.get(), actor=year.town.office, reason="十二月请改期")
    grid = Grid(coordinator, year.plan)
    grid.reach("td")
    grid.press("Control+End", "9", "Enter")
    grid.reach("#plan-submit button", "Shift+Tab")
    with grid.page.expect_navigation():
        grid.press("Enter")
    took = time.monotonic() - began
    print(f"planned, corrected, submitted, returned, submitted again in {took:.1f} s")
    assert took < 300
    assert AnnualPlan.objects.get().state == "submitted"
    assert year.line(3, 12).planned_date.day == 9


def test_what_a_dropped_connection_keeps_is_saved_later(visitor, year):
    coordinator = visitor(year.town.coordinator)
    grid = Grid(coordinator, year.plan)
    lines = [year.line(0, month) for month in (1, 2, 3)]
    coordinator.context.set_offline(True)
    for line in lines[:2]:
        grid.write(line, 12)
    mark = grid.cell(lines[0]).locator(".mark", has_text="尚未保存")
    mark.wait_for()
    assert "12日" in grid.cell(lines[1]).inner_text()
    assert coordinator.page.locator("[data-count]").inner_text() == "尚未保存：2"
    coordinator.faults.clear()  # the browser logs each request that did not go out
    coordinator.check()
    assert year.days()[0][:2] == [None, None]
    coordinator.context.set_offline(False)
    grid.settled()
    assert year.days()[0][:2] == [12, 12]

    # A page loaded again in between offers what it kept; it holds codes and nothing else.
    coordinator.context.set_offline(True)
    grid.write(lines[2], 25)
    grid.cell(lines[2]).locator(".mark", has_text="尚未保存").wait_for()
    kept = f"plan-grid:{year.town.coordinator.pk}:{year.plan.pk}"
    value = coordinator.page.evaluate("name => sessionStorage.getItem(name)", kept)
    month = lines[2].month.replace(day=25).isoformat()
    officer = str(lines[2].officer_id)
    assert json.loads(value) == [[str(lines[2].pk), "1", month, "", officer, []]]
    dialogs = []
    coordinator.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    coordinator.page.route("**/plan-lines/**", lambda route: route.abort())
    coordinator.context.set_offline(False)
    coordinator.page.reload()
    coordinator.page.unroute("**/plan-lines/**")
    assert dialogs == ["beforeunload"]
    assert "25日" in grid.cell(lines[2]).inner_text()
    coordinator.page.click("[data-save]")
    grid.settled()
    assert year.line(0, 3).planned_date.day == 25
    assert coordinator.page.evaluate("name => sessionStorage.getItem(name)", kept) is None


def test_a_lost_answer_and_an_ended_session_lose_nothing(visitor, year):
    coordinator = visitor(year.town.coordinator)
    grid = Grid(coordinator, year.plan)
    first, second = year.line(0, 1), year.line(0, 2)

    def lose_answer(route):
        route.fetch()
        route.abort()

    coordinator.page.route("**/plan-lines/**", lose_answer, times=1)
    grid.write(first, 12)
    grid.settled()  # tried again by itself
    assert PlanLine.objects.get(pk=first.pk).version == 2
    Session.objects.all().delete()
    grid.write(second, 14)
    grid.cell(second).locator(".mark", has_text="重新登录").wait_for()
    coordinator.page.click("#plan-unsaved [data-sign-in]")
    assert unquote(coordinator.page.url).endswith(f"next=/plans/{year.plan.pk}/")
    coordinator.page.fill("#id_username", year.town.coordinator.username)
    coordinator.page.fill("#id_password", make.PASSWORD)
    coordinator.page.keyboard.press("Enter")
    coordinator.page.wait_for_url(f"**/plans/{year.plan.pk}/")
    coordinator.page.click("[data-save]")
    grid.settled()
    assert year.line(0, 2).planned_date.day == 14

    # Signing out takes along what was kept.
    coordinator.page.route("**/plan-lines/**", lambda route: route.abort())
    grid.write(first, 20)
    grid.cell(first).locator(".mark", has_text="尚未保存").wait_for()
    coordinator.page.on("dialog", lambda dialog: dialog.accept())
    coordinator.page.click(".top .menu > summary")
    coordinator.page.click("[data-sign-out] button")
    coordinator.page.wait_for_url("**/login/**")
    left = coordinator.page.evaluate("Object.keys(sessionStorage)")
    assert [name for name in left if "plan" in name] == []


def test_two_coordinators_in_one_grid_overwrite_nothing_silently(visitor, year):
    colleague = make.user(Role.COORDINATOR, unit=year.town.unit, name="李敏")
    one = Grid(visitor(year.town.coordinator), year.plan)
    two = Grid(visitor(colleague), year.plan)
    seen, contested = year.line(1, 5), year.line(0, 5)
    two.write(seen, 8)
    two.settled()
    # The first one types in a cell while the second one saves the same.
    one.cell(contested).focus()
    one.press("1", "2")
    two.write(contested, 26)
    two.settled()
    one.page.evaluate("window.dispatchEvent(new Event('online'))")  # the next look, at once
    one.cell(seen).locator(".mark", has_text="李敏刚刚修改").wait_for()
    assert one.page.locator("form.plan-panel [name=day]").input_value() == "12"
    one.press("Enter")
    one.said("同事已先保存")
    assert PlanLine.objects.get(pk=contested.pk).planned_date.day == 26
    one.cell(contested).focus()
    one.press("Enter")
    panel = one.cell(contested).locator(".plan-panel")
    assert panel.is_visible()
    for part in ("李敏", "26日", "12日"):
        assert part in panel.inner_text()
    one.person.faults.clear()  # the browser logs the 409
    one.person.check()
    one.press("Tab", "Enter")
    one.settled()
    assert PlanLine.objects.get(pk=contested.pk).planned_date.day == 12
    # And the other way round: theirs stays.
    two.write(contested, 5)
    two.said("同事已先保存")
    two.cell(contested).focus()
    two.press("Enter", "Enter")
    two.settled()
    assert "12日" in two.cell(contested).inner_text()
    assert PlanLine.objects.get(pk=contested.pk).planned_date.day == 12
    # A cell left as it was shows what was saved while it stood open.
    one.cell(seen).focus()
    one.press("Enter")
    two.write(seen, 9)
    two.settled()
    one.page.evaluate("window.dispatchEvent(new Event('online'))")
    one.page.locator("form.plan-panel[data-behind]").wait_for()
    one.press("Escape")
    one.cell(seen).locator(".d", has_text="9日").wait_for()


def test_the_grid_is_a_list_on_a_phone(visitor, year):
    coordinator = visitor(year.town.coordinator, PHONE)
    grid = Grid(coordinator, year.plan)
    coordinator.check()
    line = year.line(0, 2)
    grid.cell(line).click()
    coordinator.check()
    small = coordinator.page.evaluate(TOO_SMALL)
    assert small == []
    coordinator.page.fill("form.plan-panel [name=day]", "27")
    coordinator.page.locator("form.plan-panel fieldset label").first.click()
    coordinator.page.click("form.plan-panel button.btn-primary")
    grid.settled()
    saved = PlanLine.objects.get(pk=line.pk)
    assert (saved.planned_date.day, list(saved.topics.all())) == (27, [year.town.topic])
    coordinator.check()


def test_an_approved_month_asks_for_a_reason_or_says_why_it_stays(visitor, year):
    last = year.line(0, 12)
    write_line(
        line=last,
        actor=year.town.coordinator,
        version=1,
        planned_date=last.month.replace(day=8),
        group="",
        officer_id=last.officer_id,
        topics=[],
    )
    make.visit(year.town.points[1], year.town.cadre)
    plan = submit_plan(plan=year.plan, actor=year.town.coordinator)
    decide_plan(plan=plan, actor=year.town.office)
    coordinator = visitor(year.town.coordinator, DESK, color_scheme="dark")
    grid = Grid(coordinator, year.plan)
    visited = year.line(1, clock.this_month().month)
    grid.cell(visited).focus()
    grid.press("Enter")
    grid.said("不再事后修改")
    assert coordinator.page.locator("form.plan-panel").count() == 0
    grid.write(last, 9)
    assert "调整理由" in coordinator.page.locator(".sentences").first.inner_text()
    coordinator.check()
    coordinator.page.keyboard.type("村里改了集日")
    grid.press("Enter")
    grid.settled()
    assert PlanLine.objects.get(pk=last.pk).planned_date.day == 9


def test_the_plan_is_written_without_a_script(visitor, year):
    plain = visitor(year.town.coordinator, java_script_enabled=False)
    grid = Grid(plain, year.plan)
    line = year.line(0, 3)
    grid.cell(line).locator("a").click()
    plain.page.fill("#id_planned_date", line.month.replace(day=19).isoformat())
    plain.page.locator("form button.btn-primary").first.click()
    plain.page.wait_for_url(f"**/plans/{year.plan.pk}/")
    assert "19日" in grid.cell(line).inner_text()


def test_the_plan_is_printed_whole(visitor, year):
    office = visitor(year.town.office, {"width": 1047, "height": 718})  # A4 less its margins
    PlanLine.objects.update(group="representatives")
    for line in PlanLine.objects.all():
        line.topics.add(year.town.topic, make.topic(year.town.year, title=f"医保缴费政策{line.pk}"))
    grid = Grid(office, year.plan)
    grid.page.emulate_media(media="print")
    seen = grid.page.evaluate(
        """({
            cut: [...document.querySelectorAll(".plan td, .plan th")]
                .filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length,
            wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
            others: [".side", ".top", ".actions", "#plan-keys", ".plan-bar"]
                .filter((name) => document.querySelector(name).checkVisibility()),
        })"""
    )
    assert seen == {"cut": 0, "wide": False, "others": []}
    for size in ("A4", "A3"):
        assert grid.page.pdf(format=size, landscape=True).startswith(b"%PDF")
