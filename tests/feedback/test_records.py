"""The page of a record: filled in with what is known, nothing typed is lost, drafts stay."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from feedback.models import Feedback, Matter, RecordVersion
from feedback.services import review_feedback
from outreach import clock
from outreach.models import Job
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.models import Visit, VisitDraft
from visits.services.recording import void_visit

TEXTS = {
    "findings": "群众反映机井电费计量不准。",
    "problems_solved": "当场联系供电所登记三户。",
    "suggestions": "建议更换老旧电表。",
    "reflections": "政策要讲到户。",
}


def text(response):
    return response.content.decode()


def form(world, **more):
    household = f"household_{world.own.household.pk}"
    known = {"together": ["ate", "worked"], "topics": [world.home.topic.pk], household: "not_home"}
    return make.record_form(world.own, **known | more)


def address(pk):
    return reverse("record", args=[pk])


def new(world):
    return reverse("record_new", args=[world.own.contact_point.pk])


def stored(pk):
    return Visit.objects.for_detail().get(pk=pk)


# A new record -----------------------------------------------------------------------------------


def test_a_visit_is_recorded_and_its_texts_wait(world, sign_in):
    pk = uuid4()
    response = sign_in(world.own.cadre).post(address(pk), form(world))
    assert response["Location"] == reverse("visit_detail", args=[pk])
    visit = stored(pk)
    assert visit.day.isoformat() == "2026-05-19"
    assert (visit.ate, visit.lived, visit.worked) == (True, False, True)
    assert [(t.group, t.form, t.people) for t in visit.talks.all()] == [
        ("capable", "heart_to_heart", 7)
    ]
    assert [c.outcome for c in visit.household_calls.all()] == ["not_home"]
    assert not Feedback.objects.filter(visit=visit).exists()


def test_visit_and_texts_are_sent_in_one_go(world, sign_in):
    pk, data = uuid4(), form(world, **TEXTS, send="1", problems="机井电表老化\n\n 村口路灯不亮 ")
    response = sign_in(world.own.cadre).post(address(pk), data)
    assert response["Location"] == reverse("my_month")
    row = Feedback.objects.get(visit=pk)
    assert row.state == "submitted"
    assert {name: getattr(row, name) for name in TEXTS} == TEXTS
    assert [matter.text for matter in Matter.objects.filter(visit=pk)] == [
        "机井电表老化",
        "村口路灯不亮",
    ]


def test_the_form_comes_filled_with_what_is_known(world, sign_in):
    world.own.line.topics.add(world.home.topic)
    page = sign_in(world.own.cadre).get(new(world)).context["form"]
    assert page["day"].value() == TODAY
    assert page["officer"].value() == world.own.officer.pk
    assert page["topics"].value() == [world.home.topic.pk]
    assert [field.label for field in page.household_rows()] == [world.own.household.number]


def test_a_double_tap_makes_one_record_and_one_answer(world, sign_in):
    browser, pk, data = sign_in(world.own.cadre), uuid4(), form(world, **TEXTS, send="1")
    first, second = (browser.post(address(pk), data) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert RecordVersion.objects.filter(visit=pk).count() == 1


def test_a_page_without_a_script_that_is_changed_and_sent_again_loses_nothing(world, sign_in):
    browser, pk, data = sign_in(world.own.cadre), uuid4(), form(world)
    browser.post(address(pk), data)
    browser.post(address(pk), data | {"people_capable": "9"})
    assert stored(pk).people_total == 9
    assert RecordVersion.objects.filter(visit=pk).count() == 2


def test_several_talks_with_one_group_stand_beside_each_other(world, sign_in):
    pk = uuid4()
    more = {"more_group_0": "capable", "more_form_0": "group_talk", "more_people_0": "12"}
    again = {"more_group_1": "capable", "more_form_1": "group_talk", "more_people_1": "3"}
    browser = sign_in(world.own.cadre)
    browser.post(address(pk), form(world, **more, **again))
    talks = {(t.form, t.people) for t in stored(pk).talks.all()}
    assert talks == {("heart_to_heart", 7), ("group_talk", 15)}
    page = browser.get(address(pk)).context["form"]
    assert page["people_capable"].value() == 7
    assert page["more_people_0"].value() == 15
    browser.post(address(pk), form(world, **more) | {"base": page["base"].value()})
    assert {t.people for t in stored(pk).talks.all()} == {7, 12}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "2026-06-30"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": ""}, "day"),
        ({"day": "0001-01-01", "findings": "长" * 40, "send": "1"}, "day"),
        ({"end": "08:00"}, "end"),
        ({"start": "25:00"}, "start"),
        ({"others": "王家的"}, "others"),
        ({"people_capable": "1000"}, "people_capable"),
        ({"people_party_members": "-1"}, "people_party_members"),
        ({"more_people_0": "4"}, "more_group_0"),
        (
            {"people_party_members": "999", "form_party_members": "group_talk"}
            | {"more_group_1": "party_members", "more_form_1": "group_talk", "more_people_1": "1"},
            "more_people_1",
        ),
        ({"officer": "999999999"}, "officer"),
        ({"topics": ["999999999"]}, "topics"),
        ({"findings": "", "send": "1"}, "findings"),
        ({"findings": "长" * 2001}, "findings"),
        ({"suggestions": "请打13812345678"}, "suggestions"),
        ({"problems": "请打13812345678"}, "problems"),
        ({"problems": "长" * 301}, "problems"),
        ({"problems": "\n".join("一二三四五六七八九十一")}, "problems"),
    ],
)
def test_a_mistake_gets_a_sentence_beside_its_field_and_the_rest_stays(
    world, sign_in, wrong, field
):
    pk, data = uuid4(), form(world, **TEXTS) | wrong
    page = sign_in(world.own.cadre).post(address(pk), data)
    sent = page.context["form"]
    assert page.status_code == 200
    assert sent.errors[field]
    assert str(sent.errors[field][0]) in text(page)
    for name in ("people_capable", "start", "day", "others", "together", "problems", *TEXTS):
        assert sent[name].value() == data[name], name
    assert not Visit.objects.filter(pk=pk).exists()
    assert not Feedback.objects.filter(visit=pk).exists()


def test_a_household_can_be_named_by_its_number(world, sign_in):
    extra, pk = make.household(world.own.village), uuid4()
    sign_in(world.own.cadre).post(address(pk), form(world, others=extra.number))
    assert stored(pk).household_calls.get(household=extra).outcome == "met"


def test_a_household_that_was_added_on_the_page_comes_back(world, sign_in):
    extras = [make.household(world.own.village) for _ in range(14)]
    pk, name = uuid4(), f"household_{extras[-1].pk}"
    browser = sign_in(world.own.cadre)
    assert name not in browser.get(new(world)).context["form"].household_names
    browser.post(address(pk), form(world, **{name: "met"}))
    assert stored(pk).household_calls.get(household=extras[-1]).outcome == "met"


def test_a_visit_in_a_month_without_a_line_is_recorded_as_an_extra_one(world, sign_in):
    village, officer = make.village(world.own.village.township), world.own.officer
    point = make.contact_point(world.own.unit, village, officer, first=MONTH)
    browser, pk = sign_in(world.own.cadre), uuid4()
    assert "计划外" in text(browser.get(reverse("record_new", args=[point.pk])))
    browser.post(address(pk), make.record_form(world.own, contact_point=point.pk))
    assert (stored(pk).contact_point, stored(pk).plan_line) == (point, None)


def test_pages_of_records_start_no_background_work(world, sign_in):
    sign_in(world.own.cadre).post(address(uuid4()), form(world))
    assert not Job.objects.exists()


@pytest.mark.parametrize("word", ["", "zzz", "2026-05-20", "2026-05-20T11:55:00", "9" * 500])
def test_nonsense_about_the_clients_clock_does_no_harm(world, sign_in, word):
    data = form(world, **TEXTS, send="1", opened=word, written=word, after=word)
    assert sign_in(world.own.cadre).post(address(uuid4()), data).status_code == 302


# The turn of the month --------------------------------------------------------------------------


def test_a_visit_of_last_month_carries_the_topic_of_its_month(world, sign_in):
    may = make.topic(world.home.year, first_month=MONTH, last_month=MONTH)
    june = make.topic(world.home.year, first_month=date(2026, 6, 1), last_month=date(2026, 6, 1))
    with clock.at(make.moment(date(2026, 6, 2))):
        browser, pk = sign_in(world.own.cadre), uuid4()
        data = form(world, day="2026-05-29", topics=[may.pk, june.pk])
        page = browser.post(address(pk), data)
        assert june.title in page.context["form"].errors["topics"][0]
        assert browser.post(address(pk), data | {"topics": [may.pk]}).status_code == 302
    assert list(stored(pk).topics.all()) == [may]


def test_an_officer_who_left_stays_on_the_visit_he_made(world, sign_in):
    world.own.officer.left_on = date(2026, 1, 31)
    world.own.officer.save()
    page = sign_in(world.own.coordinator).get(address(world.own.visit.pk))
    assert world.own.officer in page.context["form"].fields["officer"].queryset


# Two people, one record -------------------------------------------------------------------------


@pytest.fixture
def clash(world, sign_in):
    """A colleague saved three people and a suggestion; the cadre's page is from before."""
    pk, theirs = world.own.visit.pk, {"people_capable": "3", "suggestions": "同事写的"}
    data = form(world, base="1.0") | theirs
    assert sign_in(world.own.coordinator).post(address(pk), data).status_code == 302
    mine = form(world, base="1.0", people_capable="7", findings="我写的", start="10:05")
    return pk, mine, sign_in(world.own.cadre)


def test_the_second_to_save_sees_what_differs_and_overwrites_nothing(clash):
    pk, mine, browser = clash
    page = browser.post(address(pk), mine)
    assert page.status_code == 409
    rows = {row.name: (row.before, row.after) for row in page.context["differing"]}
    assert set(rows) == {"time", "talks", "findings", "suggestions"}
    assert rows["suggestions"] == ("同事写的", "")
    assert rows["findings"] == ("", "我写的")
    assert 'value="7"' in text(page)
    assert 'value="10:05"' in text(page)
    assert stored(pk).people_total == 3


def test_saving_again_replaces_but_for_what_is_taken(clash):
    pk, mine, browser = clash
    base = browser.post(address(pk), mine).context["form"]["base"].value()
    browser.post(address(pk), mine | {"base": base, "take": ["talks", "suggestions"]})
    visit = stored(pk)
    assert visit.people_total == 3
    assert visit.started_at.astimezone(clock.SHANGHAI).hour == 10
    assert (visit.feedback.findings, visit.feedback.suggestions) == ("我写的", "同事写的")


def test_what_was_sent_is_closed_and_says_so(world, sign_in):
    make.feedback(world.own.visit, world.own.cadre)
    browser = sign_in(world.own.cadre)
    assert browser.get(address(world.own.visit.pk)).status_code == 403
    page = browser.post(address(world.own.visit.pk), form(world, base="1.1", findings="改"))
    assert page.context["form"].non_field_errors()
    assert Feedback.objects.get().findings != "改"


def test_a_void_record_takes_nothing_more(world, sign_in):
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    page = sign_in(world.own.cadre).post(address(world.own.visit.pk), form(world, base="2.0"))
    assert page.context["form"].non_field_errors()


def test_a_colleagues_record_is_not_ones_own_to_write(world, sign_in):
    other = make.cadre(world.own.unit)
    browser = sign_in(other)
    assert browser.get(address(world.own.visit.pk)).status_code == 403
    assert browser.post(address(world.own.visit.pk), form(world)).status_code == 403


# The queue's language ---------------------------------------------------------------------------


def ask(browser, pk, data):
    return browser.post(address(pk), data, headers={"Accept": "application/json"})


def test_a_queue_is_told_what_arrived_and_when(world, sign_in):
    browser, pk, data = sign_in(world.own.cadre), uuid4(), form(world, **TEXTS, send="1")
    first, again = (ask(browser, pk, data).json() for _ in range(2))
    assert (first["state"], again["state"]) == ("received", "known")
    assert (first["texts"], first["sent"], first["stamp"]) == (4, True, "1.1")
    assert again["at"] == first["at"]


def test_a_queue_is_told_the_sentences_of_a_refusal(world, sign_in):
    answer = ask(sign_in(world.own.cadre), uuid4(), form(world, day="2026-02-01"))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["day"]


def test_a_queue_is_given_the_difference_to_choose_from(clash):
    pk, mine, browser = clash
    answer = ask(browser, pk, mine)
    assert answer.status_code == 409
    assert (answer.json()["state"], answer.json()["stamp"]) == ("conflict", "2.1")
    assert "同事写的" in answer.json()["html"]


# Before it is sent ------------------------------------------------------------------------------

COPIED = "三组机井电表老化，浇一亩地的电费比邻村高出三成，群众希望在春灌以前统一更换。"


@pytest.fixture
def earlier(world):
    """A sent record of the unit whose findings somebody may copy."""
    return make.feedback(world.own.visit, world.own.cadre, findings=COPIED)


def test_the_author_sees_what_strikes_one_before_it_is_sent(world, sign_in, earlier):
    browser, pk = sign_in(world.own.cadre), uuid4()
    data = form(world, findings=COPIED, send="1")
    page = browser.post(address(pk), data)
    assert page.status_code == 200
    assert [mark.visit_id for mark in page.context["marks"]] == [world.own.visit.pk]
    assert COPIED in text(page)
    assert not Visit.objects.filter(pk=pk).exists()
    assert browser.post(address(pk), data | {"seen": page.context["seen"]}).status_code == 302
    assert Feedback.objects.get(visit=pk).marks


def test_other_marks_than_those_seen_are_shown_again(world, sign_in, earlier):
    browser, pk = sign_in(world.own.cadre), uuid4()
    seen = browser.post(address(pk), form(world, findings="短", send="1")).context["seen"]
    page = browser.post(address(pk), form(world, findings=COPIED, send="1", seen=seen))
    assert page.context["marks"]
    assert not Visit.objects.filter(pk=pk).exists()


def test_a_queue_is_not_held_up_by_marks_but_a_page_may_ask(world, sign_in, earlier):
    browser, pk = sign_in(world.own.cadre), uuid4()
    data = form(world, findings=COPIED, send="1")
    assert ask(browser, pk, data | {"ask": "1"}).json()["state"] == "look"
    assert ask(browser, pk, data).json()["state"] == "received"


# Drafts -----------------------------------------------------------------------------------------


def keep(browser, pk, data, revision=0):
    return browser.post(reverse("record_draft", args=[pk]), data | {"revision": str(revision)})


def test_a_draft_is_there_on_every_device_as_it_was_typed(world, sign_in):
    pk, data = (
        uuid4(),
        form(world, day="2026-02-30", findings="写到一半", people_village_cadres="x"),
    )
    answer = keep(sign_in(world.own.cadre), pk, data).json()
    assert answer["revision"] == 1
    page = sign_in(world.own.cadre).get(new(world), follow=True)
    assert page.redirect_chain[-1][0] == address(pk)
    shown = page.context["form"]
    for name in ("day", "findings", "people_village_cadres", "start"):
        assert shown[name].value() == data[name], name
    assert shown["together"].value() == ["ate", "worked"]
    assert not shown.errors
    assert not Visit.objects.filter(pk=pk).exists()


def test_a_draft_says_what_is_still_missing(world, sign_in):
    browser, pk = sign_in(world.own.cadre), uuid4()
    bare = make.record_form(world.own, people_capable="", findings=" ")
    assert keep(browser, pk, bare).json()["missing"] == ["宣传内容", "座谈或入户", "了解的信息"]
    full = form(world, **TEXTS)
    assert keep(browser, pk, full, 1).json()["missing"] == []
    (draft,) = VisitDraft.objects.all()
    assert draft.missing == []


def test_nobody_else_sees_a_draft(world, sign_in):
    pk = uuid4()
    keep(sign_in(world.own.cadre), pk, form(world, findings="只有我看"))
    colleague = make.cadre(world.own.unit)
    for person in (colleague, world.own.coordinator):
        assert sign_in(person).get(address(pk)).status_code == 404
        assert "只有我看" not in text(sign_in(person).get(new(world), follow=True))


def test_a_second_tab_does_not_overwrite_the_draft_of_the_first(world, sign_in):
    browser, pk = sign_in(world.own.cadre), uuid4()
    keep(browser, pk, form(world, findings="第一页"))
    answer = keep(browser, pk, form(world, findings="第二页"))
    assert answer.status_code == 409
    assert answer.json()["revision"] == 1
    assert keep(browser, pk, form(world, findings="第一页续"), 1).json()["revision"] == 2
    assert keep(browser, pk, form(world, findings="第一页续"), 1).json()["revision"] == 2


def test_a_saved_record_leaves_no_draft(world, sign_in):
    browser, pk, data = sign_in(world.own.cadre), uuid4(), form(world)
    keep(browser, pk, data)
    browser.post(address(pk), data)
    assert not VisitDraft.objects.exists()


def test_a_draft_of_a_correction_stands_over_the_stored_record(world, sign_in):
    browser, pk = sign_in(world.own.cadre), world.own.visit.pk
    keep(browser, pk, form(world, base="1.0", findings="补充"))
    shown = browser.get(address(pk)).context["form"]
    assert (shown["findings"].value(), shown["base"].value()) == ("补充", "1.0")
    browser.post(reverse("record_draft", args=[pk]), {"discard": "1"})
    assert browser.get(address(pk)).context["form"]["findings"].value() == ""


def test_a_draft_outlives_the_sending_of_its_record_by_another(world, sign_in):
    browser, pk = sign_in(world.own.cadre), world.own.visit.pk
    keep(browser, pk, form(world, base="1.0", findings="只有我知道的一句"))
    make.received(world.own.visit, world.own.coordinator, **TEXTS)
    page = browser.get(address(pk))
    assert page.context["form"]["findings"].value() == "只有我知道的一句"
    assert "退回后才能修改" in text(page)
    browser.post(reverse("record_draft", args=[pk]), {"discard": "1"})
    assert browser.get(address(pk)).status_code == 403


def test_a_draft_that_is_too_long_is_said_so(world, sign_in):
    answer = keep(sign_in(world.own.cadre), uuid4(), form(world, findings="长" * 70_000))
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not VisitDraft.objects.exists()


def test_texts_of_full_length_are_kept_as_a_draft(world, sign_in):
    long = dict.fromkeys(TEXTS, "长" * 2000)
    answer = keep(sign_in(world.own.cadre), uuid4(), form(world, **long, problems="长" * 3500))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"findings": "写到\0一半"},
        {"people_capable": "9" * 5000},
        {f"household_{'9' * 5000}": "met"},
        {f"household_{'9' * 18}": "met"},
        {"day": "0001-01-01", "officer": "9" * 20, "topics": ["x", "9" * 20]},
    ],
)
def test_nonsense_is_kept_as_a_draft_and_opened_again(world, sign_in, typed):
    browser, pk = sign_in(world.own.cadre), uuid4()
    body = urlencode(form(world, **typed), doseq=True)
    kind = "application/x-www-form-urlencoded"
    assert browser.post(reverse("record_draft", args=[pk]), body, kind).status_code == 200
    assert browser.get(address(pk)).status_code == 200


def test_a_draft_keeps_no_token(world, sign_in):
    keep(sign_in(world.own.cadre), uuid4(), form(world, csrfmiddlewaretoken="x" * 64))
    (draft,) = VisitDraft.objects.all()
    assert "csrfmiddlewaretoken" not in dict(draft.content)


def test_the_page_costs_the_same_for_few_and_many_households(
    world, sign_in, django_assert_num_queries
):
    browser = sign_in(world.own.cadre)
    pk = world.own.visit.pk
    browser.get(address(pk))
    with django_assert_num_queries(QUERIES):
        browser.get(address(pk))
    for _ in range(30):
        make.household(world.own.village)
    with django_assert_num_queries(QUERIES):
        browser.get(address(pk))


QUERIES = 21


def test_an_address_of_nothing_is_not_there(world, sign_in):
    assert sign_in(world.own.cadre).get(address(UUID(int=7))).status_code == 404


# Versions ---------------------------------------------------------------------------------------


def versions(browser, visit):
    return browser.get(reverse("record_versions", args=[visit.pk]))


def test_versions_are_told_word_by_word_newest_first(world, sign_in):
    make.received(world.own.visit, world.own.cadre, send=False, findings="三户电表不准。")
    make.received(world.own.visit, world.own.cadre, findings="五户电表不准。")
    page = versions(sign_in(world.own.cadre), world.own.visit)
    assert [change["version"].number for change in page.context["changes"]] == [2, 1]
    assert "<del>三</del><ins>五</ins>户电表不准。" in text(page)


def test_what_was_never_sent_is_its_writers_own(world, sign_in):
    make.received(world.own.visit, world.own.cadre, send=False, findings="还没想好怎么写")
    colleague = make.cadre(world.own.unit)
    for person in (world.home.office, colleague):
        assert "还没想好怎么写" not in text(versions(sign_in(person), world.own.visit))
        assert versions(sign_in(person), world.own.visit).context["changes"] == []
    assert versions(sign_in(world.own.coordinator), world.own.visit).context["changes"]
    make.received(world.own.visit, world.own.cadre, findings="三户电表不准。")
    (change,) = versions(sign_in(world.home.office), world.own.visit).context["changes"]
    assert change["differences"] == []


@pytest.mark.parametrize("page", ["visit_detail", "visit_print", "feedback_review"])
def test_what_is_written_after_a_return_is_its_writers_own_until_it_is_sent(world, sign_in, page):
    row = make.received(world.own.visit, world.own.cadre, findings="三户电表不准。")
    review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    half = "一句还没写完"
    make.received(world.own.visit, world.own.cadre, send=False, findings=half)
    where = reverse(page, args=[row.pk if page == "feedback_review" else world.own.visit.pk])
    seen = text(sign_in(world.home.office).get(where))
    assert "三户电表不准。" in seen
    assert half not in seen
    if page != "feedback_review":
        assert half in text(sign_in(world.own.cadre).get(where))
    make.received(world.own.visit, world.own.cadre, findings=half)
    assert half in text(sign_in(world.home.office).get(where))
