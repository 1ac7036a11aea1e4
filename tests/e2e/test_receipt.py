"""The villager's receipt on a phone: from the slip to the word, and the matter open again."""

import re

import pytest

from feedback.matter_states import State
from feedback.models import Matter
from feedback.services.matters import accept_matter, say_done
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.slow


def test_from_the_slip_to_the_villagers_word(visitor, town, settings):
    office = visitor(town.coordinator, DESK)
    office.go("matters/new")
    page = office.page
    page.select_option("#id_village", str(town.village.pk))
    page.fill("#id_text", "村口路灯坏了七盏")
    page.fill("#id_call_back", "0319-4332211")
    page.click("main form.card button.btn-primary")
    page.click("button:text-is('发放回执')")
    page.locator(".slip").wait_for()
    office.check()
    number = page.inner_text(".slip .number")
    assert re.fullmatch(r"\w{6} \w{4}", number)
    assert page.evaluate("document.querySelector('.slip img').naturalWidth") > 100
    page.emulate_media(media="print")
    assert page.is_hidden(".no-print >> nth=0")

    matter = Matter.objects.get()
    office.page.emulate_media(media="screen")
    office.go(matter.get_absolute_url())
    office.page.click("button:text-is('查看回访电话')")
    office.page.locator("main").get_by_text("03194332211").wait_for()
    office.check()

    villager = visitor(None, PHONE)
    villager.go(f"receipt/{number.replace(' ', '')}")
    villager.check()
    villager.page.click("main button.btn-primary")
    villager.page.locator("main").get_by_text("正在转给承办单位").wait_for()
    villager.check()

    matter = accept_matter(matter=matter, actor=town.coordinator)
    say_done(matter=matter, actor=town.coordinator, outcome="solved", text="已更换灯头。")
    plain = visitor(None, PHONE, java_script_enabled=False)
    plain.go("receipt")
    plain.page.fill("#id_number", number.lower())
    plain.page.keyboard.press("Enter")
    plain.page.locator("main").get_by_text("已更换灯头。").wait_for()
    plain.page.check("[name=word][value=not_solved]")
    plain.page.check("[name=satisfied][value='0']")
    plain.page.click(".word button")
    plain.page.locator(".invalid-feedback").wait_for()
    assert plain.page.is_checked("[name=word][value=not_solved]")
    plain.page.fill("[name=text]", "还有三盏不亮。")
    plain.page.click(".word button")
    plain.page.locator("main").get_by_text("谢谢").wait_for()
    again = Matter.objects.get()
    assert (again.state, again.reopened) == (State.IN_WORK, 1)

    say_done(matter=again, actor=town.coordinator, outcome="solved", text="七盏全部更换。")
    villager.page.click("[name=language][value=en]")
    villager.page.get_by_text("See how it stands").wait_for()
    villager.page.click("main button.btn-primary")
    villager.page.locator(".word").wait_for()
    villager.check()
    villager.page.click(".word button")
    villager.page.locator(".is-invalid").first.wait_for()
    villager.check()
