"""From the printed card to the answer on a small telephone: light, large, without JavaScript."""

import re

import pytest

from feedback.models import WaitingAnswer
from tests import evaluation
from tests.e2e.conftest import DESK

pytestmark = pytest.mark.slow

SMALL = {"width": 360, "height": 640}
HEAVIEST = 60_000  # bytes of all that the page loads


@pytest.fixture
def round(town):
    row = evaluation.evaluation_round(town.county, actor=town.office)
    evaluation.topic_question(row, town.topic)
    evaluation.sampled_village(row, town.village, 12)
    return row


@pytest.fixture
def codes(visitor, town, round):
    """Printed by the office, as they stand on the paper."""
    office = visitor(town.office, DESK)
    office.go(f"evaluations/{round.pk}/cards")
    office.check()
    office.page.fill("#id_on_paper", "2")
    office.page.click("main form.card button.btn-primary")
    office.page.locator(".slips li").first.wait_for()
    office.check()
    assert office.page.evaluate("document.querySelector('.slips img').naturalWidth") > 100
    office.page.emulate_media(media="print")
    assert office.page.is_hidden(".no-print >> nth=0")
    return office.page.locator(".slip-code, .strip strong").all_inner_texts()


def widen_text(page):
    """200 % text, as a reader sets it in the browser."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def test_a_card_is_answered_on_a_small_telephone(visitor, town, codes):
    assert len(codes) == 14
    villager = visitor(None, SMALL, java_script_enabled=True)
    page, loaded = villager.page, []
    page.on("response", lambda response: loaded.append(len(response.body())))
    villager.go(f"e/{codes[0].replace(' ', '')}")
    villager.check()
    assert sum(loaded) < HEAVIEST, loaded
    assert page.locator(".aloud:visible").count() == 4
    small = page.evaluate(
        "[...document.querySelectorAll('fieldset label, button:not([hidden]), a')]"
        ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []
    widen_text(page)
    villager.check()
    page.click("header button")
    page.get_by_text("Nobody can see who answered").wait_for()
    villager.check()


def test_without_javascript_from_the_typed_code_to_thanks(visitor, town, codes):
    villager = visitor(None, SMALL, java_script_enabled=False)
    page = villager.page
    villager.go("e")
    page.fill("#code", codes[3].lower())
    page.keyboard.press("Enter")
    page.locator("fieldset").first.wait_for()
    assert codes[3].replace(" ", "") not in page.url
    assert page.locator(".aloud:visible").count() == 0
    page.click("main form > button")
    page.get_by_text("您一题也没有答").wait_for()
    page.locator("fieldset label").nth(0).click()
    page.fill("#text", "找我打13812345678")
    page.click("main form > button")
    page.get_by_text("请去掉号码").or_(page.locator("#text-problem")).first.wait_for()
    assert page.is_checked("[name=visited][value='1']")
    page.fill("#text", "路灯修得好。")
    page.click("main form > button")
    page.get_by_text("谢谢您").wait_for()
    assert re.search(r"/e/done/$", page.url)
    villager.go(f"e/{codes[3].replace(' ', '')}")
    page.get_by_text("已经收到").wait_for()
    row = WaitingAnswer.objects.get()
    assert (row.visited, row.text) == (1, "路灯修得好。")
    assert villager.context.cookies() == []


def test_sheets_are_typed_from_the_keyboard_alone(visitor, town, round, codes):
    office = visitor(town.office, DESK)
    office.go(f"evaluations/{round.pk}/paper")
    office.check()
    for code in codes[:2]:
        for word in (code, "1", "2", "5", "6"):
            office.page.keyboard.type(word)
            office.page.keyboard.press("Tab")
        office.page.keyboard.press("Shift+Tab")
        office.page.keyboard.press("Enter")
        office.page.locator(".note.success").wait_for()
        office.check()
    office.go(f"evaluations/{round.pk}/close")
    office.check()
