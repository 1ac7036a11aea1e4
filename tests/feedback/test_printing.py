"""The feedback sheet: everything the form asks, on one page, for those who see the record."""

import pytest
from django.urls import reverse

from feedback.services import review_feedback, save_feedback
from tests import factories as make
from tests.test_lists import queries_of
from visits.models import Group, Talk
from visits.services.recording import void_visit

TEXTS = {
    "findings": "群众反映机井电费计量不准。",
    "problems_solved": "当场联系供电所登记三户。",
    "suggestions": "建议更换老旧电表。",
    "reflections": "政策要讲到户。",
}


def sheet(browser, visit):
    return browser.get(reverse("visit_print", args=[visit.pk])).content.decode()


def send_again(visit, actor, version):
    return save_feedback(visit=visit, actor=actor, texts=TEXTS, version=version, send=True)


@pytest.fixture
def visit(world):
    return make.visit(
        world.own.contact_point,
        world.own.cadre,
        topics=[world.home.topic],
        talks={(Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK): 12},
        households={world.own.household.pk: "met"},
        ate=True,
    )


def test_the_sheet_holds_all_that_the_record_holds(world, sign_in, visit):
    row = make.feedback(visit, world.own.cadre, **TEXTS)
    review_feedback(feedback=row, actor=world.home.office)
    page = sheet(sign_in(world.own.cadre), visit)
    place = world.own
    for words in (
        *TEXTS.values(),
        *(place.unit.name, place.officer.name, place.officer.post, place.village.name),
        *(world.home.township.name, world.home.topic.title, place.household.number),
        *("☑ 同吃", "☐ 同住", "☐ 同劳动", "12 人", "2026年5月20日", "00:01"),
        *("审核通过", world.home.office.name, "单位（盖章）："),
    ):
        assert words in page, words


def test_a_visit_without_feedback_gives_a_sheet_to_fill_in_by_hand(world, sign_in, visit):
    page = sheet(sign_in(world.own.cadre), visit)
    assert "尚未报送" in page
    assert TEXTS["findings"] not in page
    assert "心得体会" in page


def test_a_draft_is_on_the_sheet_of_its_writer_only(world, sign_in, visit):
    make.feedback(visit, world.own.cadre, send=False, **TEXTS)
    assert TEXTS["findings"] in sheet(sign_in(world.own.cadre), visit)
    for person in (world.home.office, make.cadre(world.own.unit)):
        assert TEXTS["findings"] not in sheet(sign_in(person), visit)


def test_a_void_visit_says_so_on_paper(world, sign_in, visit):
    void_visit(visit=visit, actor=world.own.cadre, reason="重复录入")
    assert "作废理由：重复录入" in sheet(sign_in(world.home.office), visit)


def test_what_waits_again_has_no_opinion_yet(world, sign_in, visit):
    row = make.feedback(visit, world.own.cadre, **TEXTS)
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    browser = sign_in(world.home.office)
    assert "请写具体事例" in sheet(browser, visit)
    send_again(visit, world.own.cadre, row.version)
    assert "请写具体事例" not in sheet(browser, visit)


def test_a_sheet_costs_what_any_other_costs(world, sign_in, visit):
    browser, url = sign_in(world.home.office), reverse("visit_print", args=[visit.pk])
    row = make.feedback(visit, world.own.cadre, **TEXTS)
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    browser.get(url)  # the session is seen
    once = queries_of(browser, url)
    row = send_again(visit, world.own.cadre, row.version)
    review_feedback(feedback=row, actor=world.home.office)
    # Of a returned record the version that was sent is read as well.
    assert (len(once), len(queries_of(browser, url))) == (14, 13), "\n".join(once)
