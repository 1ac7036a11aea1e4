"""A matter from the phone at a visit to its end, through three offices in a real browser."""

from collections import Counter

import pytest

from feedback.matter_states import State
from feedback.models import Matter
from feedback.services.receipts import issue_receipt
from outreach.models import Notification
from outreach.roles import Role
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.slow


class Desk:
    """A person at the page of the one matter there is."""

    def __init__(self, visitor, account, size=DESK):
        self.person = visitor(account, size)
        self.page = self.person.page

    def open(self):
        self.person.go(Matter.objects.get().get_absolute_url())

    def do(self, deed, **answers):
        """Open the form by its line if it is closed, fill it in and send it; who was told.

        Nothing is wrong with the page while the form stands open.
        """
        before = notices()
        self.open()
        form = self.page.locator(f"form[action$='/{deed}/']")
        details = self.page.locator("details.deed").filter(has=form)
        if details.count() and details.get_attribute("open") is None:
            details.locator("summary").click()
        self.person.check()
        for name, value in answers.items():
            field = form.locator(f"[name={name}]")
            if field.first.get_attribute("type") == "radio":
                form.locator(f"[name={name}][value='{value}']").check()
            elif field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        with self.page.expect_navigation():
            form.locator("button").click()
        told = notices() - before
        assert set(told.values()) <= {1}, deed
        return set(told)


def notices():
    return Counter(Notification.objects.values_list("user__name", flat=True))


def test_from_a_visit_to_solved_for_good(visitor, town):
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    page.get_by_role("article").filter(has_text="后辛庄村").get_by_role("link", name="记录").click()
    for _ in range(3):
        page.locator(".counter").first.locator("[data-step='1']").click()
    page.fill("#id_problems", "村口路灯坏了七盏")
    page.fill("#id_findings", "三组机井电表老化，浇一亩地电费比邻村高，群众希望统一更换。")
    page.click("button[name=send]")
    page.wait_for_url("**/month/")
    assert Matter.objects.get().state == State.RECEIVED

    other = make.unit(town.county, name="县供电服务中心")
    elsewhere = make.user(Role.COORDINATOR, unit=other)
    first = Desk(visitor, town.coordinator, PHONE)
    power, office = Desk(visitor, elsewhere), Desk(visitor, town.office)
    told = {"first": town.coordinator.name, "power": elsewhere.name, "office": town.office.name}
    first.do("accept")
    assert office.do("assign", unit="县供电服务中心") >= {told["first"], told["power"]}
    refused = power.do("refuse_transfer", text="路灯由村里管护，不属我中心。")
    assert refused >= {told["first"], told["office"]}
    assert Matter.objects.get().leader == town.unit
    first.do("ask_transfer", unit="县供电服务中心", text="属供电部门职责。")
    power.do("accept_transfer")
    asked = power.do("ask_extension", days="5", text="灯具缺货，已联系厂家。")
    assert asked == {told["office"]}
    assert told["power"] in office.do("grant_extension")
    power.do("say_solved", outcome="solved", text="已更换灯头。")
    before = notices()
    number = issue_receipt(matter=Matter.objects.get(), actor=town.coordinator)
    villager = visitor(None, PHONE)
    villager.go(f"receipt/{number}")
    villager.page.click("main button.btn-primary")
    villager.page.check("[name=word][value=not_solved]")
    villager.page.check("[name=satisfied][value='0']")
    villager.page.fill("[name=text]", "还有三盏不亮。")
    villager.page.click(".word button")
    villager.page.locator("main").get_by_text("谢谢").wait_for()
    again = Matter.objects.get()
    assert (again.state, again.leader, again.reopened) == (State.IN_WORK, other, 1)
    reopened = notices() - before
    assert set(reopened) >= set(told.values())
    assert set(reopened.values()) == {1}
    power.do("say_solved", outcome="solved", text="七盏全部更换，当晚亮灯。")
    first.do("note_word", word="solved", satisfied="1")
    office.do("close")
    assert Matter.objects.get().state == State.CLOSED
    kinds = list(Matter.objects.get().events.values_list("kind", flat=True))
    assert kinds == [
        *("raise", "accept", "assign", "refuse_transfer", "ask_transfer", "accept_transfer"),
        *("ask_extension", "grant_extension", "say_solved", "note_not_solved", "say_solved"),
        *("note_word", "close"),
    ]
    office.open()
    office.person.check()
    for desk in (first, office):
        for path in ("matters", "matters/board", "matters/new"):
            desk.person.go(path)
            desk.person.check()
