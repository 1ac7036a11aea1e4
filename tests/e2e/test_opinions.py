"""The opinion book: written on an old telephone without scripts, published by the office."""

import pytest

from feedback.models import Opinion
from tests import evaluation
from tests.e2e.conftest import DESK

pytestmark = pytest.mark.slow
SMALL = {"width": 360, "height": 640}


def test_from_the_notice_board_to_the_published_reply(visitor, town):
    call = evaluation.opinion_call(town.county, actor=town.office)
    old = visitor(None, SMALL, java_script_enabled=False)
    assert old.go(f"v/{town.village.code}") == 200
    old.page.get_by_label(call.question).check()
    old.page.get_by_label("不满意", exact=True).check()
    old.page.fill("#id_text", "三组老王家门口路灯坏了，电话13812345678。")
    old.page.click("button:text-is('提交')")
    old.page.get_by_role("alert").wait_for()
    assert old.page.get_by_label("不满意", exact=True).is_checked()
    old.page.fill("#id_text", "三组老王家门口路灯坏了。")
    old.page.click("button:text-is('提交')")
    old.page.get_by_role("status").wait_for()
    assert not [cookie for cookie in old.context.cookies() if "session" in cookie["name"]]

    office = visitor(town.office, DESK)
    office.go("opinions")
    office.check()
    office.page.click(".actions a.btn-primary")
    page = office.page
    page.fill("#id_text", "路灯坏了。")
    page.click("[value=compare]")
    page.locator("#difference del").wait_for()
    office.check()
    page.fill("#id_reply", "已报修，三天内修好。")
    page.locator("#id_reply").blur()
    page.keyboard.press("a")
    page.wait_for_url("**/opinions/")
    office.check()
    assert Opinion.objects.get().state == "published"
    for path in ("opinions/calls", "opinions/calls/new", call.get_absolute_url()):
        assert office.go(path) == 200
        office.check()
    assert office.go(f"villages/{town.village.pk}/sheet") == 200
    assert page.evaluate("document.querySelector('.poster img').naturalWidth") > 100
    page.emulate_media(media="print")
    assert page.is_hidden(".no-print >> nth=0")

    for scheme in ("light", "dark"):
        villager = visitor(None, SMALL, color_scheme=scheme)
        villager.go(f"v/{town.village.code}")
        villager.page.get_by_text("已报修，三天内修好。").wait_for()
        assert villager.page.get_by_text("老王").count() == 0
        villager.page.evaluate("document.documentElement.style.fontSize = '200%'")
        villager.check()

    unit = visitor(town.cadre, SMALL)
    unit.go(f"villages/{town.village.pk}")
    unit.page.locator("#village-opinions").get_by_text("路灯坏了。").wait_for()
    unit.check()
