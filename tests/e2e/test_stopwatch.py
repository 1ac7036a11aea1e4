"""What a typical visit costs its cadre: taps and typed texts, counted in a real browser."""

import pytest

from feedback.models import Feedback
from tests.e2e.conftest import PHONE
from visits.models import Visit

pytestmark = pytest.mark.slow

MOST_TAPS = 15


class Stopwatch:
    """A person with one thumb; every touch of the screen is counted."""

    def __init__(self, page):
        self.page, self.taps, self.typed = page, 0, 0

    def tap(self, target, times=1):
        for _ in range(times):
            target.click()
        self.taps += times

    def type(self, target, text):
        self.tap(target)
        self.page.keyboard.insert_text(text)
        self.typed += 1


def test_a_typical_visit_takes_few_taps_and_one_typed_text(visitor, town, record_property):
    """One group of six, the three households that were proposed first, one finding."""
    page = visitor(town.cadre, PHONE).page
    watch = Stopwatch(page)
    card = page.get_by_role("article").filter(has_text="后辛庄村")
    watch.tap(card.get_by_role("link", name="记录"))
    watch.tap(page.locator("input[name=together][value=ate]"))
    watch.tap(page.locator(".counter").first.locator("[data-step='1']"), times=6)
    for n in range(3):
        watch.tap(page.locator(".household").nth(n).locator("input[value=met]"))
    watch.type(page.locator("#id_findings"), "三组机井电表老化，浇一亩地电费比邻村高。")
    fields = page.locator("form[data-record]").evaluate(
        """form => new Set([...form.elements]
            .filter(field => field.name && field.type !== "hidden" && field.offsetParent)
            .filter(field => field.type !== "submit")
            .map(field => field.name.replace(/household_\\d+/, "household"))).size"""
    )
    watch.tap(page.locator("button[name=send]"))
    page.wait_for_url("**/month/")
    visit = Visit.objects.with_totals().get()
    assert (visit.people_total, visit.households_met, visit.ate) == (6, 3, True)
    assert visit.topics.exists() and visit.feedback.state == Feedback.State.SUBMITTED
    for name, count in (("taps", watch.taps), ("typed", watch.typed), ("fields", fields)):
        record_property(name, count)
    print(f"a typical visit: {watch.taps} taps, {watch.typed} typed text, {fields} fields shown")
    assert watch.taps <= MOST_TAPS
    assert watch.typed == 1
