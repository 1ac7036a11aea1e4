"""The charts of a dashboard in a real browser: drawn from their tables, and the tables remain."""

import pytest

from tests import factories as make
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.slow

DRAWN = "document.querySelectorAll('.chart canvas').length"
OPEN = "document.querySelectorAll('.chart details[open]').length"


@pytest.fixture
def visited(town):
    """A record sent, so that there are bars to draw."""
    talks = {("party_members", "group_talk"): 8}
    visit = make.visit(town.points[0], town.cadre, topics=[town.topic], talks=talks)
    make.feedback(visit, town.cadre)
    return town


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_charts_are_drawn_and_say_what_they_show(visited, visitor, size, scheme):
    office = visitor(visited.office, size, color_scheme=scheme)
    assert office.go("county-month") == 200
    office.page.wait_for_function(f"{DRAWN} === 3")
    assert office.page.evaluate(OPEN) == 0
    labels = office.page.locator(".chart [role=img]")
    assert [bool(label.get_attribute("aria-label")) for label in labels.all()] == [True] * 3
    office.check()
    # The colours follow the system's when it turns dark or light.
    office.page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    office.page.locator(".chart summary").first.click()
    assert office.page.evaluate(OPEN) == 1
    office.check()


def test_paper_is_light_and_has_tables_only(visited, visitor):
    make.exemption_request(visited.lines[1], visited.coordinator)  # a number beside an entry
    office = visitor(visited.office, DESK, color_scheme="dark")
    office.page.goto(f"{office.address}/county-month/?print=1")
    assert office.page.locator(".side .count").first.is_visible()
    offered = [office.page.locator(f"form.wide .to-{name}") for name in ("light", "dark")]
    assert [button.is_visible() for button in offered] == [True, False]
    office.check()
    office.page.emulate_media(media="print", color_scheme="dark")
    assert office.page.locator(".side").is_hidden()
    assert office.page.evaluate(DRAWN) == 0
    tables = office.page.locator(".chart table")
    assert [table.is_visible() for table in tables.all()] == [True] * tables.count()
    assert office.page.locator(".page-head .crumb").inner_text().startswith(visited.county.name)
    office.check()


def test_without_a_script_the_tables_stand_open(visited, visitor):
    office = visitor(visited.office, DESK)
    cookies = office.context.cookies()
    plain = visitor(None, DESK, java_script_enabled=False)
    plain.context.add_cookies(cookies)
    assert plain.go("county-month") == 200
    assert plain.page.locator(".chart table").first.is_visible()
    assert plain.page.locator(".chart .canvas").first.is_hidden()
    plain.page.select_option("#asked-township", label=visited.township.name)
    plain.page.click(".board-filters button")
    assert f"township={visited.township.pk}" in plain.page.url
