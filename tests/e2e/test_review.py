"""The county office reviews by keyboard, and prints the sheet."""

import pytest

from feedback.models import Feedback
from outreach import clock
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.slow
WHOLE = "村北三眼机井水泵老化，浇一遍地要多等六天，十二户地块轮不上头水，盼着早点修好。"
OTHER = "政策明白卡发到了各户，困难户最关心的是看病报销，有五户不知道门诊慢性病要先认定才能报销。"


@pytest.fixture
def waiting(town):
    """Three records that wait: two whole ones, the last a copy of the first."""
    rows = []
    for text in (WHOLE, OTHER, WHOLE):
        visit = make.visit(
            town.points[0],
            town.cadre,
            started_at=make.moment(clock.today(), 0),
            topics=[town.topic],
        )
        rows.append(make.feedback(visit, town.cadre, findings=text))
    return rows


def states(rows):
    return [Feedback.objects.get(pk=row.pk).state for row in rows]


def test_a_queue_is_read_and_decided_without_a_mouse(town, visitor, waiting):
    desk = visitor(town.office, DESK)
    page = desk.page
    desk.go("review")
    desk.check()
    page.click("td a[href*='/review/']")
    page.wait_for_selector("#review-accept")
    page.wait_for_load_state()  # the keys are a script's
    first = page.url

    page.keyboard.press("?")
    assert page.locator("#review-keys").get_attribute("open") is not None
    desk.check()
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("p")
    page.wait_for_url(first)
    assert states(waiting) == ["submitted"] * 3

    page.keyboard.press("r")
    page.keyboard.type("a n p")  # in a field they are letters
    assert page.input_value("#id_reason") == "a n p"
    page.click("h1")
    page.keyboard.press("a")
    page.wait_for_url(lambda url: url != first)
    assert states(waiting) == ["accepted", "submitted", "submitted"]
    page.keyboard.press("n")
    page.wait_for_selector(".marks")

    page.keyboard.press("a")  # with marks the first key only goes to the button
    assert page.evaluate("document.activeElement.id") == "review-accept"
    assert states(waiting)[2] == "submitted"
    desk.check()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/review/"))
    assert states(waiting) == ["accepted", "submitted", "accepted"]


def test_the_keys_can_be_switched_off(town, visitor, waiting):
    desk = visitor(town.office, DESK)
    desk.go(f"review/{waiting[0].pk}")
    desk.page.keyboard.press("?")
    desk.page.click("#review-keys-switch")
    desk.page.click("h1")
    desk.page.keyboard.press("a")
    desk.go(f"review/{waiting[1].pk}")
    desk.page.keyboard.press("a")
    desk.page.wait_for_timeout(200)
    assert states(waiting) == ["submitted"] * 3


def test_whole_records_are_accepted_in_one_go(town, visitor, waiting):
    phone = visitor(town.office, PHONE)
    phone.go("review")
    phone.check()
    boxes = phone.page.locator("input[name=pick]")
    assert boxes.count() == 2
    for n in range(2):
        boxes.nth(n).check()
    phone.page.click("#picked button.btn-primary")
    phone.page.wait_for_selector(".note.success")
    assert states(waiting) == ["accepted", "accepted", "submitted"]


def test_the_sheet_is_one_page_of_a4(town, visitor, waiting):
    desk = visitor(town.cadre, DESK)
    desk.go(f"visits/{waiting[0].visit_id}/print")
    desk.check()
    paper = desk.page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594.9" in paper or b"/MediaBox [0 0 595" in paper


def test_the_pages_stand_on_a_phone(town, visitor, waiting):
    office = visitor(town.office, PHONE)
    for path in (f"review/{waiting[2].pk}", f"visits/{waiting[2].visit_id}"):
        assert office.go(path) == 200
        office.check()
