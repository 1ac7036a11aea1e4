"""My month: one card per contact point with its state and its next step."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from feedback.services import review_feedback
from outreach import clock
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.cards import STATES, cards_of
from visits.models import PlanLine, Visit, VisitDraft
from visits.services.drafts import save_draft
from visits.services.exemptions import exempt_line
from visits.services.recording import void_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


class Desk:
    """A cadre with one contact point and nothing done yet."""

    def __init__(self):
        self.county = make.county()
        self.office = make.user(Role.COUNTY, county=self.county)
        self.year = make.programme_year(self.county, 2026)
        self.unit = make.unit(self.county)
        self.cadre = make.cadre(self.unit)
        self.township = make.township(self.county)
        self.point = make.contact_point(
            self.unit, make.village(self.township), self.cadre.officer, first=date(2026, 1, 1)
        )
        self.line = make.plan_line(self.point, MONTH)
        self.topic = make.topic(self.year)

    def visit(self, **fields):
        return make.visit(self.point, self.cadre, **{"topics": [self.topic]} | fields)

    def card(self, month=MONTH, person=None):
        (card,) = cards_of(PlanLine.objects.of_month(month).for_cards(), person or self.cadre)
        return card


@pytest.fixture
def desk():
    return Desk()


def test_a_line_without_visit_is_due(desk):
    assert desk.card().state == "due"
    assert desk.card().can_act


def test_a_line_of_a_month_that_is_over_is_late(desk):
    make.plan_line(desk.point, date(2026, 4, 1))
    assert desk.card(date(2026, 4, 1)).state == "late"


def test_on_the_last_day_of_the_month_the_visit_is_still_due(desk):
    with clock.at(make.moment(date(2026, 5, 31), 23, 59)):
        assert desk.card().state == "due"
    with clock.at(make.moment(date(2026, 6, 1), 0, 0)):
        assert desk.card().state == "late"


def test_a_visit_without_feedback_asks_for_it_and_counts_the_days(desk):
    visit = desk.visit(started_at=make.moment(date(2026, 5, 18)))
    card = desk.card()
    assert (card.state, card.visit, card.days_left) == ("to_write", visit, 3)
    assert make.feedback(visit, desk.cadre, send=False).state == "draft"
    assert desk.card().state == "to_write"


def test_a_sent_feedback_makes_the_line_done(desk):
    make.feedback(desk.visit(), desk.cadre)
    assert desk.card().state == "done"


def test_a_returned_feedback_asks_first(desk):
    row = make.feedback(desk.visit(), desk.cadre)
    review_feedback(feedback=row, actor=desk.office, reason="请核对人数")
    desk.visit(started_at=make.moment(date(2026, 5, 19)))
    assert (desk.card().state, desk.card().visit) == ("returned", row.visit)


def test_two_visits_owed_are_not_done_after_one(desk):
    desk.line.required_visits = 2
    desk.line.save(update_fields=["required_visits"])
    make.feedback(desk.visit(), desk.cadre)
    assert desk.card().state == "due"
    make.feedback(desk.visit(started_at=make.moment(date(2026, 5, 19))), desk.cadre)
    assert desk.card().state == "done"


def test_a_void_visit_leaves_the_line_due(desk):
    void_visit(visit=desk.visit(), actor=desk.cadre, reason="重复录入")
    assert desk.card().state == "due"


def test_an_exempt_line_owes_nothing_but_another_visit_may_be_recorded(desk):
    exempt_line(line=desk.line, actor=desk.office, exemption="postponed", reason="防汛")
    assert (desk.card().state, desk.card().can_act) == ("exempt", True)


def test_a_colleague_may_stand_in_for_the_visit_but_not_for_the_text(desk):
    colleague = make.cadre(desk.unit)
    assert desk.card(person=colleague).can_act
    desk.visit()
    assert not desk.card(person=colleague).can_act


def test_cards_stand_in_the_order_in_which_they_ask(desk):
    def another():
        point = make.contact_point(desk.unit, make.village(desk.township), desk.cadre.officer)
        return make.plan_line(point, MONTH)

    lines = {name: another() for name in ("done", "thin", "returned", "to_write", "exempt")}
    for name in ("done", "thin", "returned", "to_write"):
        topics = [] if name == "thin" else [desk.topic]
        visit = make.visit(lines[name].contact_point, desk.cadre, topics=topics)
        if name != "to_write":
            row = make.feedback(visit, desk.cadre)
        if name == "returned":
            review_feedback(feedback=row, actor=desk.office, reason="请核对人数")
    exempt_line(line=lines["exempt"], actor=desk.office, exemption="merged", reason="合村")
    cards = cards_of(PlanLine.objects.of_month(MONTH).for_cards(), desk.cadre)
    assert [card.state for card in cards] == [name for name in STATES if name != "late"]


def test_a_cadre_sees_the_own_lines_and_a_coordinator_all_of_the_unit(desk, sign_in):
    colleague = make.officer(desk.unit)
    other = make.contact_point(desk.unit, make.village(desk.township), colleague)
    make.plan_line(other, MONTH)
    coordinator = make.user(Role.COORDINATOR, unit=desk.unit)
    for person, count in ((desk.cadre, 1), (coordinator, 2)):
        page = sign_in(person).get(reverse("my_month"))
        assert len(page.context["cards"]) == count
    # Asking for another month than there are lines shows none and says what to do.
    page = sign_in(desk.cadre).get(reverse("my_month"), {"month": "2026-01"})
    assert page.context["cards"] == []


def test_what_is_left_from_earlier_months_stands_below(desk, sign_in):
    visit = desk.visit(started_at=make.moment(date(2026, 4, 28)))
    page = sign_in(desk.cadre).get(reverse("my_month"))
    assert list(page.context["earlier"]) == [visit]
    make.feedback(visit, desk.cadre)
    assert list(sign_in(desk.cadre).get(reverse("my_month")).context["earlier"]) == []
    assert Visit.objects.get(pk=visit.pk).feedback_due_on < TODAY


@pytest.mark.parametrize(
    "month", ["2026-13", "zzz", "2026", "0000-01", "0001-01", "9999-12", "99999-01", "-1-1"]
)
def test_what_is_no_month_is_no_page(desk, sign_in, month):
    assert sign_in(desk.cadre).get(reverse("my_month"), {"month": month}).status_code == 404


def test_a_substitute_has_the_card_too(desk, sign_in):
    colleague = make.cadre(desk.unit)
    assert sign_in(colleague).get(reverse("my_month")).context["cards"] == []
    PlanLine.objects.filter(pk=desk.line.pk).update(substitute=colleague.officer)
    (card,) = sign_in(colleague).get(reverse("my_month")).context["cards"]
    assert card.line == desk.line


def draft(desk, record=None, **fields):
    values = {
        "record": record or uuid4(),
        "contact_point": desk.point,
        "content": [("day", "2026-05-19")],
        "missing": ["topics", "findings"],
        "revision": 0,
        "actor": desk.cadre,
    }
    return save_draft(**values | fields)


def test_a_card_continues_the_draft_and_says_what_is_missing(desk, sign_in):
    row = draft(desk)
    page = sign_in(desk.cadre).get(reverse("my_month"))
    (card,) = page.context["cards"]
    assert card.draft == row
    assert reverse("record", args=[row.record]) in page.content.decode()
    assert "还缺：宣传内容、了解的信息" in page.content.decode()
    assert page.context["drafts"] == []


def test_a_draft_about_the_last_record_is_not_a_draft_of_the_next(desk):
    visit = desk.visit()
    row = draft(desk, visit.pk)

    def card():
        lines = PlanLine.objects.of_month(MONTH).for_cards()
        (only,) = cards_of(lines, desk.cadre, VisitDraft.objects.all())
        return only.state, only.draft

    assert card() == ("to_write", row)
    make.feedback(visit, desk.cadre)
    other = draft(desk)
    assert card() == ("done", other)


def test_drafts_without_a_card_stand_below(desk, sign_in):
    row = draft(desk)
    page = sign_in(desk.cadre).get(reverse("my_month"), {"month": "2026-04"})
    assert page.context["drafts"] == [row]
    assert desk.point.village.name in page.content.decode()


def test_drafts_of_others_are_not_on_ones_cards(desk, sign_in):
    draft(desk)
    colleague = make.cadre(desk.unit)
    make.contact_point(desk.unit, make.village(desk.township), colleague.officer)
    page = sign_in(colleague).get(reverse("my_month"))
    assert page.context["drafts"] == []
