"""The month calendar in a browser: dragged, typed, without a script, and for everybody readable."""

import pytest

from outreach import clock
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE
from visits.models import AnnualPlan, PlanLine
from visits.services.plans import write_line

pytestmark = pytest.mark.slow


@pytest.fixture
def month(town):
    """Next month, in which every day is still to come: one visit on the 10th, one without a day."""
    month = clock.add_months(clock.this_month(), 1)
    year = (
        town.year if month.year == town.year.year else make.programme_year(town.county, month.year)
    )
    for point, day in ((town.points[0], 10), (town.points[1], None)):
        planned = day and month.replace(day=day)
        make.plan_line(point, month, planned_date=planned, programme_year=year)
    return month


def line_of(town, month, n):
    return PlanLine.objects.get(contact_point=town.points[n], month=month)


def visit(person, path):
    """Open an address with a query; its status."""
    return person.page.goto(f"{person.address}/{path}").status


def open_calendar(visitor, town, month, size=DESK, **options):
    person = visitor(town.coordinator, size, **options)
    assert visit(person, f"plans/calendar/?month={month:%Y-%m}") == 200
    return person


def middle(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, line, day):
    # The page scrolls to the line that was moved before; nothing is dragged while it does.
    page.wait_for_load_state("networkidle")
    page.locator(f"#line-{line.pk}").click(trial=True)
    page.mouse.move(*middle(page, f"#line-{line.pk}"))
    page.mouse.down()
    page.mouse.move(*middle(page, f"[data-day='{day}']"), steps=8)
    page.mouse.up()


def test_a_visit_is_dragged_to_another_day(visitor, town, month):
    person = open_calendar(visitor, town, month)
    for n in (0, 1):
        line, day = line_of(town, month, n), month.replace(day=17)
        with person.page.expect_navigation():
            drag(person.page, line, day)
        assert person.page.locator(f"[data-day='{day}'] #line-{line.pk}").count() == 1
        line.refresh_from_db()
        assert line.planned_date == day
    person.check()


def test_a_drag_that_ends_nowhere_changes_nothing(visitor, town, month):
    person = open_calendar(visitor, town, month)
    line = line_of(town, month, 0)
    person.page.mouse.move(*middle(person.page, f"#line-{line.pk}"))
    person.page.mouse.down()
    person.page.mouse.move(*middle(person.page, "h1"), steps=8)
    person.page.mouse.up()
    assert "plans/calendar" in person.page.url
    assert person.page.locator(f"[data-day='{month.replace(day=10)}'] #line-{line.pk}").count() == 1
    line.refresh_from_db()
    assert line.version == 1


def test_a_finger_drags_after_holding(visitor, town, month):
    person = open_calendar(visitor, town, month, has_touch=True)
    line, day = line_of(town, month, 0), month.replace(day=17)
    touch = person.context.new_cdp_session(person.page)

    def send(kind, point=None):
        points = [{"x": point[0], "y": point[1]}] if point else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start = middle(person.page, f"#line-{line.pk}")
    end = middle(person.page, f"[data-day='{day}']")
    send("touchStart", start)
    person.page.wait_for_selector(".visit.held")
    with person.page.expect_navigation():
        for part in range(1, 9):
            send(
                "touchMove",
                (
                    start[0] + (end[0] - start[0]) * part / 8,
                    start[1] + (end[1] - start[1]) * part / 8,
                ),
            )
        send("touchEnd")
    line.refresh_from_db()
    assert line.planned_date == day


def test_arrow_keys_move_a_visit_and_enter_saves(visitor, town, month):
    person = open_calendar(visitor, town, month)
    line = line_of(town, month, 0)
    person.page.focus(f"#line-{line.pk}")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowRight"):
        person.page.keyboard.press(key)
    assert "后辛庄村" in person.page.inner_text("#move-said")
    person.page.keyboard.press("Escape")
    assert person.page.locator(f"[data-day='{month.replace(day=10)}'] #line-{line.pk}").count() == 1
    for key in ("ArrowRight", "ArrowDown"):
        person.page.keyboard.press(key)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    line.refresh_from_db()
    assert line.planned_date == month.replace(day=18)
    person.page.wait_for_function(f"document.activeElement.id === 'line-{line.pk}'")
    person.check()


def test_an_approved_plan_asks_why(visitor, town, month):
    AnnualPlan.objects.update(state="approved")
    person = open_calendar(visitor, town, month)
    line, day = line_of(town, month, 0), month.replace(day=17)
    drag(person.page, line, day)
    person.page.wait_for_selector("dialog[open]")
    person.check()
    person.page.keyboard.press("Escape")
    person.page.wait_for_selector(f"[data-day='{month.replace(day=10)}'] #line-{line.pk}")
    drag(person.page, line, day)
    person.page.fill("#move-reason", "防汛值班")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    line.refresh_from_db()
    assert line.planned_date == day


def test_a_colleagues_day_is_shown_and_nothing_lost(visitor, town, month):
    person = open_calendar(visitor, town, month)
    line = line_of(town, month, 0)
    write_line(
        line=line,
        actor=town.coordinator,
        version=1,
        planned_date=month.replace(day=24),
        group="",
        officer_id=line.officer_id,
        topics=[],
    )
    with person.page.expect_navigation():
        drag(person.page, line, month.replace(day=17))
    person.faults.clear()  # the browser itself logs a 409
    person.check()
    assert f"{month.month}月24日" in person.page.inner_text("[role=alert]")
    with person.page.expect_navigation():
        person.page.click("main button.btn-primary")
    line.refresh_from_db()
    assert line.planned_date == month.replace(day=17)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_without_a_script_a_visit_moves_by_its_form(visitor, town, month, size):
    person = open_calendar(visitor, town, month, size, java_script_enabled=False)
    line, day = line_of(town, month, 1), month.replace(day=17)
    person.page.click(f"#line-{line.pk}")
    person.page.fill("#id_planned_date", f"{day}")
    with person.page.expect_navigation():
        person.page.click("main button.btn-primary")
    assert "plans/calendar" in person.page.url
    line.refresh_from_db()
    assert line.planned_date == day


@pytest.mark.parametrize(
    ("who", "size", "scheme"), [("coordinator", PHONE, "light"), ("office", DESK, "dark")]
)
def test_the_pages_are_accessible_and_fit(visitor, town, month, who, size, scheme):
    person = visitor(getattr(town, who), size, color_scheme=scheme)
    for path in (
        f"plans/calendar/?month={month:%Y-%m}",
        "plans/calendar/",
        f"plans/calendar/?month={month:%Y-%m}&day={month:%Y-%m}-10",
        "account/",
    ):
        assert visit(person, path) == 200, path
        person.check()
    coordinator = visitor(town.coordinator, size, color_scheme=scheme)
    for path in (f"plan-lines/{town.lines[0].pk}/move/", "calendar/"):
        assert visit(coordinator, path) == 200, path
        coordinator.check()
    coordinator.page.click("main button.btn-primary")
    coordinator.page.wait_for_selector("#address")
    coordinator.check()
