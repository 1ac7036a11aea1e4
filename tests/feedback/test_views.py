"""Pages of the review: it goes on to the next, a return needs its sentence."""

import pytest
from django.urls import reverse

from feedback.models import Feedback
from tests import factories as make
from visits.services.recording import void_visit


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
