"""Reviewing: the queue and its filters, many at once, one record after the other, phrases."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback.differences import pieces
from feedback.models import Feedback, Review, ReviewPhrase
from feedback.phrases import USUAL, phrases_for
from feedback.services import review_feedback, save_feedback
from feedback.services.reviewing import accept_many, add_phrase, remove_phrase
from outreach import clock
from outreach.models import AuditEntry
from tests import factories as make
from tests.conftest import TODAY, Place
from tests.feedback.test_substance import OTHER, TEXT
from tests.test_lists import queries_of
from visits.services.errors import NotPossible
from visits.services.recording import void_visit

QUEUE, PHRASES = reverse("review_queue"), reverse("review_phrases")


@pytest.fixture
def waiting(world):
    """Three records that wait, a minute after the other: two whole ones and a very short one."""
    third = Place(world.home)
    texts = (TEXT, OTHER, "无")
    rows = []
    for n, (place, text) in enumerate(zip((world.own, world.other, third), texts, strict=True)):
        with clock.at(clock.now() + timedelta(minutes=n)):
            rows.append(make.feedback(place.visit, place.cadre, findings=text))
    return rows


@pytest.fixture
def office(world, sign_in):
    return sign_in(world.home.office)


def review(row, query=""):
    return reverse("feedback_review", args=[row.pk]) + (f"?{query}" if query else "")


def listed(office, query=""):
    page = office.get(f"{QUEUE}?{query}")
    return [row.record for row in page.context["table"].rows]


# The queue --------------------------------------------------------------------------------------


def test_the_oldest_comes_first(office, waiting):
    assert listed(office) == waiting


def test_marked_ones_are_found(office, waiting):
    assert listed(office, "marked=on") == waiting[2:]


def test_late_ones_are_found(world, office, waiting):
    with clock.at(make.moment(TODAY + timedelta(days=9))):
        place = Place(world.home)
        place.visit.feedback_due_on = TODAY
        place.visit.save(update_fields=["feedback_due_on"])
        late = make.feedback(place.visit, place.cadre)
    assert listed(office, "late=on") == [late]


def test_a_unit_and_a_township_are_found(world, office, waiting):
    assert listed(office, f"unit={world.other.unit.pk}") == [waiting[1]]
    assert listed(office, f"township={world.home.township.pk}") == waiting
    assert listed(office, f"township={make.township(world.home.county).pk}") == []


def test_the_search_reads_names_and_texts(world, office, waiting):
    for words in (world.other.village.name, world.other.officer.name, OTHER[3:9]):
        assert listed(office, f"q={words}") == [waiting[1]], words


def test_marks_stand_in_the_list_and_only_whole_records_can_be_chosen(office, waiting):
    page = office.get(QUEUE).content.decode()
    assert page.count('name="pick"') == 2
    for row in waiting[:2]:
        assert f'value="{row.pick}"' in page
    assert "过于简短" in page
    assert "请先阅读" in page


def test_a_file_of_the_queue_names_the_marks(office, waiting):
    answer = office.get(QUEUE, {"export": "csv", "cols": ["village", "marks"]})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines] == ["提示", "", "", "过于简短"]


# Many at once -----------------------------------------------------------------------------------


def accept(office, picks, **more):
    return office.post(reverse("review_accept_many"), {"pick": picks} | more, follow=True)


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_the_chosen_are_accepted_under_one_id(office, waiting):
    page = accept(office, [row.pick for row in waiting[:2]])
    assert told(page) == ["已审核通过 2 条。"]
    assert list(Feedback.objects.order_by("pk").values_list("state", flat=True)) == [
        "accepted",
        "accepted",
        "submitted",
    ]
    entries = AuditEntry.objects.filter(action="Feedback accepted")
    assert len(entries) == 2
    assert len(set(entries.values_list("bulk_id", flat=True)) - {None}) == 1
    assert Review.objects.count() == 2


def test_what_cannot_be_accepted_is_named_and_leaves_the_others_alone(world, office, waiting):
    picks = [f"{row.pk}@{row.version}" for row in waiting]
    review_feedback(feedback=waiting[0], actor=world.home.office, reason="请写具体事例")
    page = accept(office, picks)
    done, first, third = told(page)
    assert done == "已审核通过 1 条。"
    assert str(world.own.village) in first
    assert "有提示" in third
    states = dict(Feedback.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in waiting] == ["returned", "accepted", "submitted"]


def test_a_record_written_anew_is_not_accepted_by_its_old_box(world, office, waiting):
    pick = waiting[0].pick
    row = review_feedback(feedback=waiting[0], actor=world.home.office, reason="请写具体事例")
    save_feedback(
        visit=world.own.visit,
        actor=world.own.cadre,
        texts={"findings": TEXT},
        version=row.version,
        send=True,
    )
    accept(office, [pick])
    assert Feedback.objects.get(pk=row.pk).state == "submitted"


def test_many_go_back_to_where_they_were_chosen(office, waiting):
    page = accept(office, [waiting[0].pick], next=f"{QUEUE}?late=")
    assert page.redirect_chain == [(f"{QUEUE}?late=", 302)]
    assert accept(office, [], next="https://example.org/").redirect_chain == [(QUEUE, 302)]


@pytest.mark.parametrize("pick", ["", "x", "7@", "@1", "1@x", "9" * 30 + "@1", "1@" + "9" * 30])
def test_nonsense_in_a_box_accepts_nothing(office, waiting, pick):
    assert accept(office, [pick]).status_code == 200
    assert not Feedback.objects.filter(state="accepted").exists()


def test_nobody_accepts_anothers_records(world, sign_in, waiting):
    foreign = make.feedback(world.foreign.visit, world.foreign.cadre)
    accept(sign_in(world.home.office), [foreign.pick])
    assert Feedback.objects.get(pk=foreign.pk).state == "submitted"
    done = accept_many(feedback=waiting[:1], actor=world.own.coordinator, seen={waiting[0].pk: 1})
    assert (done.done, len(done.refused)) == ([], 1)


# One after the other ----------------------------------------------------------------------------


def test_next_and_previous_pass_without_deciding(office, waiting):
    first, second, third = (office.get(review(row)).context for row in waiting)
    assert [page["place"] for page in (first, second, third)] == [1, 2, 3]
    assert [first["previous"], first["following"]] == ["", review(waiting[1])]
    assert [second["previous"], second["following"]] == [review(waiting[0]), review(waiting[2])]
    assert [third["previous"], third["following"]] == [review(waiting[1]), ""]
    assert set(Feedback.objects.values_list("state", flat=True)) == {"submitted"}


def test_what_was_passed_over_stays_passed_over(office, waiting):
    data = {"decision": "accept", "version": "1"}
    assert office.post(review(waiting[1]), data)["Location"] == review(waiting[2])
    assert office.post(review(waiting[2]), data)["Location"] == QUEUE
    assert listed(office) == waiting[:1]


def test_the_filter_of_the_queue_goes_along(world, office, waiting):
    query = f"township={world.home.township.pk}&sort=-received_at"
    page = office.get(f"{QUEUE}?{query}&page=1&cols=village&cols=unit&q=").content.decode()
    assert review(waiting[0], query).replace("&", "&amp;") in page
    context = office.get(review(waiting[1], query)).context
    assert context["following"] == review(waiting[0], query)
    assert context["previous"] == review(waiting[2], query)
    data = {"decision": "return", "reason": "请写具体事例", "version": "1"}
    assert office.post(review(waiting[1], query), data)["Location"] == review(waiting[0], query)
    only = f"unit={world.own.unit.pk}"
    data = {"decision": "accept", "version": "1"}
    assert office.post(review(waiting[0], only), data)["Location"] == f"{QUEUE}?{only}"


def test_a_record_decided_meanwhile_knows_what_follows(world, office, waiting):
    review_feedback(feedback=waiting[1], actor=world.home.office)
    context = office.get(review(waiting[1])).context
    assert (context["place"], context["following"]) == (0, review(waiting[2]))


@pytest.mark.parametrize(
    "query", ["unit=x", "sort=evil", "sort=--unit", "q=%00", "late=9", "unit=9e9"]
)
def test_nonsense_in_the_address_opens_the_record_all_the_same(office, waiting, query):
    assert office.get(review(waiting[0], query)).status_code == 200


def test_a_reason_that_cannot_be_sent_stays_in_the_form(office, waiting):
    reason = "请回访 13812345678 后补写"
    data = {"decision": "return", "reason": reason, "version": "1"}
    page = office.post(review(waiting[0]), data)
    assert page.context["form"]["reason"].value() == reason
    assert "13812345678" in str(page.context["form"].errors["reason"])
    assert listed(office) == waiting


def test_a_reason_outlives_a_record_that_changed_meanwhile(office, waiting):
    Feedback.objects.filter(pk=waiting[0].pk).update(version=2)
    data = {"decision": "return", "reason": "请写具体事例", "version": "1"}
    page = office.post(review(waiting[0]), data)
    assert len(told(page)) == 1
    form = page.context["form"]
    assert (form["reason"].value(), form["version"].value()) == ("请写具体事例", 2)
    again = data | {"version": "2"}
    assert office.post(review(waiting[0]), again)["Location"] == review(waiting[1])


def test_the_button_that_accepts_names_the_marks(office, waiting):
    whole = office.get(review(waiting[0])).content.decode()
    assert "审核通过，看下一份" in whole
    assert "data-careful" not in whole
    marked = office.get(review(waiting[2])).content.decode()
    assert "通过，我已看过这 1 处提示" in marked
    assert marked.index("“了解的信息”为空或过于简短。") < marked.index("data-careful")


def test_earlier_records_of_the_village_stand_beside_it(world, office, waiting):
    before = make.visit(
        world.own.contact_point, world.own.cadre, started_at=make.moment(TODAY - timedelta(days=9))
    )
    assert list(office.get(review(waiting[0])).context["earlier"]) == [before]


def test_corrections_after_a_return_are_shown(world, office):
    visit = make.visit(world.own.contact_point, world.own.cadre)
    row = make.received(visit, world.own.cadre, findings=TEXT)
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    assert office.get(review(row)).context["corrections"] == []
    new = TEXT.replace("三户", "五户")
    for send in (False, True):  # a draft on the way is no version of its own
        texts = {"findings": new, "suggestions": "建议更换老旧电表。"}
        row = make.received(visit, world.own.cadre, send=send, **texts)
    page = office.get(review(row))
    changed = page.context["corrections"]
    assert [(each.before, each.after) for each in changed] == [
        (TEXT, new),
        ("", "建议更换老旧电表。"),
    ]
    assert changed[0].pieces == tuple(pieces(TEXT, new))
    assert "<del>三</del><ins>五</ins>" in page.content.decode()


def test_what_a_page_costs_does_not_grow(world, office, waiting):
    def more():
        for n in range(2):
            visit = make.visit(
                world.own.contact_point,
                world.own.cadre,
                started_at=make.moment(TODAY - timedelta(days=1 + n)),
            )
            make.feedback(visit, world.own.cadre, findings=TEXT)

    more()
    marked = Feedback.objects.marked().order_by("-pk")[0]
    office.get(review(marked))
    once = queries_of(office, review(marked))
    more()
    assert len(queries_of(office, review(marked))) == len(once) == 18, "\n".join(once)


# Phrases ----------------------------------------------------------------------------------------


def test_a_county_begins_with_the_usual_phrases(world, office, waiting):
    assert [str(phrase) for phrase in phrases_for(world.home.office)] == list(USUAL)
    assert not ReviewPhrase.objects.exists()
    assert USUAL[0] in office.get(review(waiting[0])).content.decode()


def test_the_first_own_phrase_keeps_the_usual_ones(world, office):
    assert office.post(PHRASES, {"text": "  请写明\n户数。 "})["Location"] == PHRASES
    assert [str(phrase) for phrase in phrases_for(world.home.office)] == [*USUAL, "请写明 户数。"]
    assert [str(phrase) for phrase in phrases_for(world.abroad.office)] == list(USUAL)


@pytest.mark.parametrize("text", ["", "   ", "长" * 101, "请打13812345678。", USUAL[1]])
def test_a_phrase_that_cannot_be_saved_stays_in_the_form(office, text):
    page = office.post(PHRASES, {"text": text})
    assert list(page.context["form"].errors) == ["text"]
    assert page.context["form"]["text"].value() == text
    assert not ReviewPhrase.objects.exists()


def test_a_phrase_is_taken_away_and_the_others_stay(world, office):
    for _ in range(2):  # the second time it is gone already
        office.post(reverse("review_phrase_remove"), {"text": USUAL[0]})
    assert [str(phrase) for phrase in phrases_for(world.home.office)] == list(USUAL[1:])


def test_the_last_phrase_stays(world):
    for text in USUAL[1:]:
        remove_phrase(text=text, actor=world.home.office)
    with pytest.raises(NotPossible):
        remove_phrase(text=USUAL[0], actor=world.home.office)
    assert ReviewPhrase.objects.get().text == USUAL[0]


def test_only_the_office_has_phrases(world):
    for actor in (world.own.coordinator, world.own.cadre, world.home.admin):
        with pytest.raises(PermissionDenied):
            add_phrase(text="请写明户数。", actor=actor)
        with pytest.raises(PermissionDenied):
            remove_phrase(text=USUAL[0], actor=actor)


def test_each_change_of_the_phrases_leaves_one_entry(world):
    row = add_phrase(text="请写明户数。", actor=world.home.office)
    remove_phrase(text="请写明户数。", actor=world.home.office)
    entries = AuditEntry.objects.filter(object_type="feedback.reviewphrase").order_by("pk")
    assert [(e.action, e.object_id, e.before, e.after) for e in entries] == [
        ("Phrase saved", str(row.pk), None, {"text": "请写明户数。"}),
        ("Phrase removed", str(row.pk), {"text": "请写明户数。"}, None),
    ]
    with pytest.raises(ValidationError):
        add_phrase(text=USUAL[0], actor=world.home.office)
    assert entries.count() == 2


# What the author sees ---------------------------------------------------------------------------


def test_the_author_sees_marks_and_decisions_on_the_visits_page(world, sign_in, waiting):
    short = waiting[2]
    review_feedback(feedback=short, actor=world.home.office, reason="请写具体事例")
    author = sign_in(short.written_by)
    page = author.get(short.get_absolute_url()).content.decode()
    for words in ("“了解的信息”为空或过于简短。", "请写具体事例", world.home.office.name):
        assert words in page


def test_a_void_visit_waits_no_more(world, office, waiting):
    void_visit(visit=world.own.visit, actor=world.home.office, reason="重复录入")
    assert listed(office) == waiting[1:]
    page = accept(office, [waiting[0].pick])
    assert "已审核通过" not in "".join(told(page))
