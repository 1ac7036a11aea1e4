"""What visitors suggest to the county: a list of its own, one reply each, told to the author."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback.models import EarlierReply, Feedback, SuggestionAnswer
from feedback.services import review_feedback
from feedback.services.suggestions import answer_suggestion, correct_reply
from outreach.models import Notification
from tests import factories as make
from visits.services.errors import NotPossible
from visits.services.recording import void_visit

WISH = "建议把农机补贴的申请表放到村里，免得群众跑县城。"


@pytest.fixture
def feedback(world):
    return make.feedback(world.own.visit, world.own.cadre, suggestions=WISH)


def answer(world, feedback, decision="adopted", text="已列入明年便民服务清单。", actor=None):
    return answer_suggestion(
        feedback=feedback, actor=actor or world.home.office, decision=decision, text=text
    )


def listed(browser, **query):
    page = browser.get(reverse("suggestion_list"), query)
    return [row.record for row in page.context["table"].rows]


def test_a_record_that_was_sent_with_a_suggestion_is_listed(world, feedback, sign_in):
    make.feedback(world.other.visit, world.other.cadre, send=False, suggestions="还没写完")
    make.feedback(world.foreign.visit, world.foreign.cadre, suggestions="别县的建议")
    assert listed(sign_in(world.home.office)) == [feedback]


@pytest.mark.parametrize("nothing", ["", "无", "暂无。", " 没有 ", "无建议", "None"])
def test_what_says_that_there_is_none_is_not_listed(world, sign_in, nothing):
    make.feedback(world.own.visit, world.own.cadre, suggestions=nothing)
    assert listed(sign_in(world.home.office)) == []


def test_a_short_one_that_says_something_is_listed(world, sign_in):
    row = make.feedback(world.own.visit, world.own.cadre, suggestions="修路")
    assert listed(sign_in(world.home.office)) == [row]


def test_returned_or_void_it_leaves_the_list(world, feedback, sign_in):
    review_feedback(feedback=feedback, actor=world.home.office, reason="请写具体事例")
    other = make.feedback(world.other.visit, world.other.cadre, suggestions=WISH)
    void_visit(visit=other.visit, actor=world.home.office, reason="记错了村")
    assert listed(sign_in(world.home.office)) == []


def test_the_reply_reaches_the_author_and_stands_on_the_visits_page(world, feedback, sign_in):
    answer(world, feedback)
    notice = Notification.objects.get(user=world.own.cadre, params__decision="adopted")
    assert notice.url == feedback.visit.get_absolute_url()
    page = sign_in(world.own.cadre).get(notice.url).content.decode()
    assert "已列入明年便民服务清单。" in page
    assert not Notification.objects.filter(
        user=world.other.cadre, params__decision="adopted"
    ).exists()


def test_written_for_an_officer_both_are_told(world):
    row = make.feedback(world.own.visit, world.own.coordinator, suggestions=WISH)
    answer(world, row)
    told = Notification.objects.filter(params__decision="adopted").values_list("user", flat=True)
    assert set(told) == {world.own.cadre.pk, world.own.coordinator.pk}


def test_of_two_replies_the_first_stands_and_the_second_is_told(world, feedback):
    answer(world, feedback)
    with pytest.raises(NotPossible, match=world.home.office.name):
        answer(world, feedback, "declined", "资金不足。")
    assert SuggestionAnswer.objects.get().decision == "adopted"


def test_a_reply_says_something_and_holds_no_number(world, feedback):
    for text in ("  ", "请联系13800138000"):
        with pytest.raises(ValidationError):
            answer(world, feedback, text=text)
    with pytest.raises(ValidationError):
        answer(world, feedback, decision="perhaps")


def test_only_the_countys_office_replies(world, feedback):
    for person in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            answer(world, feedback, actor=person)


def test_what_was_returned_in_the_meantime_has_no_reply(world, feedback):
    review_feedback(feedback=feedback, actor=world.home.office, reason="请写具体事例")
    with pytest.raises(NotPossible):
        answer(world, feedback)


def test_the_list_is_filtered_by_state_unit_and_township(world, feedback, sign_in):
    other = make.feedback(world.other.visit, world.other.cadre, suggestions=WISH)
    answer(world, other, "declined", "资金不足，今年不能安排。")
    browser = sign_in(world.home.office)
    assert listed(browser) == [feedback, other]
    assert listed(browser, state="open") == [feedback]
    assert listed(browser, state="declined") == [other]
    assert listed(browser, state="adopted") == []
    assert listed(browser, unit=world.other.unit.pk) == [other]
    elsewhere = make.township(world.home.county)
    assert listed(browser, township=elsewhere.pk) == []
    assert len(listed(browser, township=world.own.village.township_id)) == 2


def test_the_ledger_holds_the_whole_text_and_the_reply(world, feedback, sign_in):
    answer(world, feedback, "answered", "补贴表下月起在便民服务站领取。")
    response = sign_in(world.home.office).get(reverse("suggestion_list"), {"export": "csv"})
    ledger = b"".join(response.streaming_content).decode()
    assert WISH in ledger
    assert "补贴表下月起在便民服务站领取。" in ledger


def test_replied_on_its_page_a_mistake_loses_no_word(world, feedback, sign_in):
    browser, page = sign_in(world.home.office), reverse("suggestion_detail", args=[feedback.pk])
    response = browser.post(page, {"text": "写了很久的答复"})
    assert response.status_code == 200
    assert "写了很久的答复" in response.content.decode()
    done = browser.post(page, {"decision": "adopted", "text": "写了很久的答复"})
    assert done.status_code == 302
    assert Feedback.objects.get(pk=feedback.pk).reply.text == "写了很久的答复"
    late = browser.post(page, {"decision": "declined", "text": "另一位同事的答复"})
    assert late.status_code == 200
    assert "另一位同事的答复" in late.content.decode()


# Corrected --------------------------------------------------------------------------------------


def correct(world, feedback, number=1, text="申请表下月送到各村。", actor=None):
    return correct_reply(
        feedback=feedback,
        actor=actor or world.home.office,
        number=number,
        decision="answered",
        text=text,
    )


def test_a_corrected_reply_keeps_the_earlier_one_and_tells_the_author_once_more(world, feedback):
    answer(world, feedback)
    corrected = correct(world, feedback)
    assert (corrected.decision, corrected.text) == ("answered", "申请表下月送到各村。")
    kept = EarlierReply.objects.get()
    assert (kept.decision, kept.text) == ("adopted", "已列入明年便民服务清单。")
    told = Notification.objects.filter(user=world.own.cadre, params__decision__isnull=False)
    assert [row.params["decision"] for row in told.order_by("id")] == ["adopted", "answered"]
    assert "corrected" in told.last().text


def test_of_two_corrections_the_second_is_told_and_one_that_says_the_same_is_none(world, feedback):
    answer(world, feedback)
    correct(world, feedback)
    with pytest.raises(NotPossible, match=world.home.office.name):
        correct(world, feedback, text="另一种说法。")
    with pytest.raises(ValidationError):
        correct(world, feedback, number=2)
    assert EarlierReply.objects.count() == 1
    correct(world, feedback, number=2, text="另一种说法。")
    assert EarlierReply.objects.count() == 2


def test_only_the_countys_office_corrects_and_only_what_stands(world, feedback):
    with pytest.raises(PermissionDenied):
        correct(world, feedback)
    answer(world, feedback)
    for person in (world.own.cadre, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            correct(world, feedback, actor=person)


def test_corrected_on_its_page_which_shows_what_it_said_before(world, feedback, sign_in):
    answer(world, feedback)
    browser, page = sign_in(world.home.office), reverse("suggestion_detail", args=[feedback.pk])
    form = browser.get(page).context["form"]
    assert form.initial["text"] == "已列入明年便民服务清单。"
    data = {"decision": "declined", "text": "资金不足。", "number": form.initial["number"]}
    assert browser.post(page, data).status_code == 302
    assert "已列入明年便民服务清单。" in browser.get(page).content.decode()
    again = browser.post(page, data | {"text": "晚了一步。"})
    assert again.status_code == 200
    assert "晚了一步。" in again.content.decode()
