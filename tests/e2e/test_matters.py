"""A matter from the phone at a visit to its end, through three offices in a real browser."""

import pytest

from feedback.matter_states import State
from feedback.models import Matter
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
        self.person.check()

    def do(self, deed, **answers):
        """Open the form by its line if it is closed, fill it in and send it."""
        self.open()
        form = self.page.locator(f"form[action$='/{deed}/']")
        details = self.page.locator("details.deed").filter(has=form)
        if details.count() and details.get_attribute("open") is None:
            details.locator("summary").click()
        for name, value in answers.items():
            field = form.locator(f"[name={name}]")
            if field.first.get_attribute("type") == "radio":
                form.locator(f"[name={name}][value='{value}']").check()
            elif field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        form.locator("button").click()
        self.page.wait_for_url("**/matters/**")
        self.person.check()


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
    lead = Desk(visitor, town.coordinator, PHONE)
    asked, office = Desk(visitor, elsewhere), Desk(visitor, town.office)
    lead.do("accept")
    lead.do("ask_transfer", unit="县供电服务中心", text="属供电部门职责。")
    asked.do("refuse_transfer", text="路灯由村里管护，不属我中心。")
    assert Matter.objects.get().leader == town.unit
    lead.do("say_solved", outcome="solved", text="已更换灯头。")
    office.do("note_word", word="not_solved", satisfied="0", text="还有三盏不亮。")
    again = Matter.objects.get()
    assert (again.state, again.leader, again.reopened) == (State.IN_WORK, town.unit, 1)
    assert Notification.objects.filter(user=town.coordinator, text__contains="matter").exists()
    lead.do("say_solved", outcome="solved", text="七盏全部更换，当晚亮灯。")
    office.do("note_word", word="solved", satisfied="1")
    office.do("close")
    assert Matter.objects.get().state == State.CLOSED
    kinds = list(Matter.objects.get().events.values_list("kind", flat=True))
    assert kinds == [
        *("raise", "accept", "ask_transfer", "refuse_transfer", "say_solved"),
        *("note_not_solved", "say_solved", "note_word", "close"),
    ]
    for desk in (lead, office):
        for path in ("matters", "matters/board", "matters/new"):
            desk.person.go(path)
            desk.person.check()
