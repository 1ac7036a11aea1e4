"""Pages of feedback: what was typed stays, conflicts show both, reviewing goes on to the next."""

import pytest
from django.urls import reverse

from feedback.models import Feedback
from tests import factories as make
from visits.services.recording import void_visit

TYPED = {
    "findings": "群众反映机井电费计量不准。",
    "problems_solved": "当场联系供电所登记三户。",
    "suggestions": "建议更换老旧电表。",
    "reflections": "政策要讲到户。",
}


def write(world):
    return reverse("feedback_write", args=[world.own.visit.pk])


def test_sending_leads_back_to_the_month(world, sign_in):
    page = sign_in(world.own.cadre).post(write(world), TYPED | {"version": "0", "send": "1"})
    assert page["Location"] == reverse("my_month")
    row = Feedback.objects.get()
    assert row.state == "submitted"
    assert {name: getattr(row, name) for name in TYPED} == TYPED


def test_a_draft_comes_back_as_it_was_typed(world, sign_in):
    browser = sign_in(world.own.cadre)
    browser.post(write(world), TYPED | {"version": "0", "keep": "1", "findings": ""})
    form = browser.get(write(world)).context["form"]
    assert form["reflections"].value() == TYPED["reflections"]
    assert form["version"].value() == 1
    assert Feedback.objects.get().state == "draft"


@pytest.mark.parametrize("wrong", [{"findings": ""}, {"suggestions": "请打13812345678"}])
def test_a_refused_text_stays_in_the_form_with_its_sentence(world, sign_in, wrong):
    data = TYPED | {"version": "0", "send": "1"} | wrong
    page = sign_in(world.own.cadre).post(write(world), data)
    form = page.context["form"]
    assert list(form.errors) == list(wrong)
    for name in TYPED:
        assert form[name].value() == data[name]
        assert data[name] in page.content.decode()
    assert not Feedback.objects.exists()


def test_a_text_that_is_too_long_is_not_cut(world, sign_in):
    data = TYPED | {"version": "0", "send": "1", "findings": "长" * 2001}
    page = sign_in(world.own.cadre).post(write(world), data)
    assert "findings" in page.context["form"].errors
    assert "长" * 2001 in page.content.decode()


def test_the_second_to_save_sees_both_texts_and_may_replace(world, sign_in):
    theirs, mine = TYPED | {"suggestions": "同事写的"}, TYPED | {"suggestions": "我写的"}
    sign_in(world.own.coordinator).post(write(world), theirs | {"version": "0", "keep": "1"})
    browser = sign_in(world.own.cadre)
    page = browser.post(write(world), mine | {"version": "0", "keep": "1"})
    assert page.status_code == 409
    assert "同事写的" in page.content.decode()
    assert "我写的" in page.content.decode()
    assert page.context["form"]["version"].value() == 1
    assert Feedback.objects.get().suggestions == "同事写的"
    browser.post(write(world), mine | {"version": "1", "keep": "1"})
    assert Feedback.objects.get().suggestions == "我写的"


@pytest.mark.parametrize("opened", ["", "zzz", "2026-05-20", "2026-05-20T11:55:00", "9" * 500])
def test_nonsense_about_when_the_form_was_opened_does_no_harm(world, sign_in, opened):
    data = TYPED | {"version": "0", "send": "1", "opened": opened}
    assert sign_in(world.own.cadre).post(write(world), data).status_code == 302


def test_what_was_sent_has_no_form_any_more(world, sign_in):
    make.feedback(world.own.visit, world.own.cadre)
    assert sign_in(world.own.cadre).get(write(world)).status_code == 403


# Review -----------------------------------------------------------------------------------------


@pytest.fixture
def waiting(world):
    """Two sent feedbacks of the county, the older first."""
    return [make.feedback(place.visit, place.cadre) for place in (world.own, world.other)]


def review(row):
    return reverse("feedback_review", args=[row.pk])


def test_accepting_goes_on_to_the_next_and_then_to_the_empty_queue(world, sign_in, waiting):
    browser, (first, second) = sign_in(world.home.office), waiting
    assert browser.post(review(first), {"decision": "accept", "version": first.version})[
        "Location"
    ] == review(second)
    page = browser.post(review(second), {"decision": "accept", "version": second.version})
    assert page["Location"] == reverse("review_queue")
    assert set(Feedback.objects.values_list("state", flat=True)) == {"accepted"}


def test_a_return_needs_its_sentence(world, sign_in, waiting):
    browser, (first, _second) = sign_in(world.home.office), waiting
    page = browser.post(
        review(first), {"decision": "return", "reason": " ", "version": first.version}
    )
    assert page.status_code == 200
    assert "reason" in page.context["form"].errors
    browser.post(
        review(first), {"decision": "return", "reason": "请写具体事例", "version": first.version}
    )
    first.refresh_from_db()
    assert (first.state, first.return_reason) == ("returned", "请写具体事例")


def test_a_reason_beside_accept_returns_nothing(world, sign_in, waiting):
    first, _second = waiting
    data = {"decision": "accept", "reason": "请写具体事例", "version": first.version}
    sign_in(world.home.office).post(review(first), data)
    first.refresh_from_db()
    assert (first.state, first.return_reason) == ("accepted", "")


def test_what_a_colleague_decided_is_said_so(world, sign_in, waiting):
    browser, (first, _second) = sign_in(world.home.office), waiting
    browser.post(review(first), {"decision": "accept", "version": first.version})
    data = {"decision": "return", "reason": "请写具体事例", "version": first.version}
    page = browser.post(review(first), data, follow=True)
    assert [message.tags for message in page.context["messages"]] == ["late error"]
    first.refresh_from_db()
    assert first.state == "accepted"


def test_a_draft_is_not_there_for_the_county(world, sign_in):
    row = make.feedback(world.own.visit, world.own.cadre, send=False)
    assert sign_in(world.home.office).get(review(row)).status_code == 404


def test_the_queue_shows_the_own_county_without_void_visits(world, sign_in, waiting):
    make.feedback(world.foreign.visit, world.foreign.cadre)
    void_visit(visit=world.own.visit, actor=world.home.office, reason="重复录入")
    table = sign_in(world.home.office).get(reverse("review_queue")).context["table"]
    assert [row.record for row in table.rows] == waiting[1:]
