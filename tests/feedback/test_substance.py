"""Marks: what strikes one about a record, before it is stored and when it is sent."""

from datetime import date
from uuid import uuid4

import pytest

from feedback.marks import Code, Mark
from feedback.models import Feedback
from feedback.services import review_feedback, save_feedback
from feedback.substance import marks_of, marks_of_visit
from outreach import clock
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.models import Group, Talk
from visits.services.recording import void_visit

TEXT = "机井电费各井不一样，每亩一遍水相差八十元，群众要求公开电价和电量，三户电表计量不准。"
# The numbers and a word exchanged, as a copy is dressed up.
DRESSED = "机井电费各井不一样，每亩一遍水相差九十元，村民要求公开电价和电量，五户电表计量不准。"
OTHER = "村北三眼机井水泵老化，浇一遍地要多等六天，十二户地块轮不上头水，盼着早点修好。"
PARTY_TALK = (Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK)
POOR_TALK = (Group.IN_DIFFICULTY, Talk.Form.HOUSEHOLD_CALL)


def ask(world, texts=None, place=None, **about):
    """The marks of a record of `place` that is stored nowhere."""
    place = place or world.own
    about = {
        "visit_id": uuid4(),
        "unit_id": place.unit.pk,
        "contact_point_id": place.contact_point.pk,
        "month": MONTH,
        "talks": {},
    } | about
    return marks_of(texts=texts if texts is not None else {"findings": TEXT}, **about)


def codes(marks):
    return [mark.code for mark in marks]


@pytest.fixture
def earlier(world):
    """A record of the own unit that was sent."""
    return make.feedback(world.own.visit, world.own.coordinator, findings=TEXT)


def test_a_telling_text_of_its_own_has_no_mark(world):
    assert ask(world) == []


@pytest.mark.parametrize(
    "findings", ["", "   ", "无", "。。。！！！……——，，，。。。", "已走访，情况良好。"]
)
def test_findings_without_substance_are_marked(world, findings):
    assert codes(ask(world, {"findings": findings})) == [Code.SHORT]


def test_a_text_that_is_not_there_at_all_is_empty(world):
    assert codes(ask(world, {})) == [Code.SHORT]


@pytest.mark.parametrize(
    ("text", "code"),
    [(TEXT, Code.SAME_TEXT), (f" {TEXT}！", Code.SAME_TEXT), (DRESSED, Code.LIKE_TEXT)],
)
def test_a_copied_text_names_the_earlier_visit(world, earlier, text, code):
    (mark,) = ask(world, {"findings": text})
    assert (mark.code, mark.field, mark.visit_id) == (code, "findings", world.own.visit.pk)
    assert (mark.village, mark.day) == (str(world.own.village), TODAY)
    assert world.own.village.name in mark.sentence
    assert "2026年5月20日" in mark.sentence


def test_another_text_about_the_same_things_is_none(world, earlier):
    assert ask(world, {"findings": OTHER}) == []


def test_a_copied_text_among_new_ones_is_found(world, earlier):
    marks = ask(world, {"findings": TEXT, "reflections": OTHER, "suggestions": OTHER[::-1]})
    assert codes(marks) == [Code.SAME_TEXT]


def test_each_of_the_four_texts_is_compared_with_its_own(world):
    texts = dict.fromkeys(Feedback.TEXTS, OTHER) | {"findings": TEXT}
    make.feedback(world.own.visit, world.own.cadre, **texts)
    assert [m.field for m in ask(world, texts)] == list(Feedback.TEXTS)
    assert ask(world, {"findings": OTHER, "reflections": TEXT}) == []


def test_a_stock_answer_is_no_copy(world):
    texts = {"findings": TEXT, "problems_solved": "当场已经全部解决。"}
    make.feedback(world.own.visit, world.own.cadre, **texts)
    assert ask(world, texts | {"findings": OTHER}) == []


def test_the_nearest_of_several_is_named(world, earlier):
    second = make.visit(world.own.contact_point, world.own.cadre)
    make.feedback(second, world.own.cadre, findings=DRESSED)
    (mark,) = ask(world, {"findings": TEXT})
    assert (mark.code, mark.visit_id) == (Code.SAME_TEXT, world.own.visit.pk)


def test_a_copy_from_a_colleague_of_the_unit_is_found(world, earlier):
    village = make.village(world.home.township)
    point = make.contact_point(world.own.unit, village)
    assert codes(ask(world, contact_point_id=point.pk)) == [Code.SAME_TEXT]


def test_nobody_learns_what_others_wrote(world, earlier):
    assert ask(world, place=world.other) == []
    assert ask(world, place=world.foreign) == []


def test_a_draft_is_its_writers_own(world):
    make.feedback(world.own.visit, world.own.cadre, findings=TEXT, send=False)
    assert ask(world) == []


def test_a_void_record_is_no_model(world, earlier):
    void_visit(visit=world.own.visit, actor=world.home.office, reason="重复录入")
    assert ask(world) == []


def test_two_years_back_is_far_enough(world, earlier):
    assert codes(ask(world, month=date(2028, 4, 1))) == [Code.SAME_TEXT]
    assert ask(world, month=date(2028, 5, 1)) == []


def test_the_record_is_no_copy_of_itself(world, earlier):
    assert ask(world, visit_id=world.own.visit.pk) == []


@pytest.mark.parametrize(
    "text", ["请打13812345678找他谈谈机井的事情", "证号11010119900307123X的那一户没有人在家"]
)
def test_private_numbers_are_marked_in_every_text(world, text):
    for name in Feedback.TEXTS:
        marks = ask(world, {"findings": OTHER} | {name: text})
        assert [(m.code, m.field) for m in marks] == [(Code.PRIVATE, name)]


# Head-counts ------------------------------------------------------------------------------------


@pytest.fixture
def april(world):
    """A visit to the own village a month before, with two talks."""
    return make.visit(
        world.own.contact_point,
        world.own.cadre,
        started_at=make.moment(date(2026, 4, 22)),
        talks={PARTY_TALK: 9, POOR_TALK: 4},
    )


def test_equal_head_counts_name_the_visit_of_the_month_before(world, april):
    (mark,) = ask(world, talks={POOR_TALK: 4, PARTY_TALK: 9})
    assert (mark.code, mark.visit_id, mark.day) == (Code.SAME_COUNTS, april.pk, date(2026, 4, 22))


@pytest.mark.parametrize(
    "talks", [{PARTY_TALK: 9}, {PARTY_TALK: 9, POOR_TALK: 5}, {PARTY_TALK: 4, POOR_TALK: 9}, {}]
)
def test_head_counts_that_differ_anywhere_are_none(world, april, talks):
    assert ask(world, talks=talks) == []


def test_only_the_last_visit_of_the_month_before_counts(world, april):
    talks = {PARTY_TALK: 9, POOR_TALK: 4}
    assert ask(world, talks=talks, month=date(2026, 6, 1)) == []
    make.visit(world.own.contact_point, world.own.cadre, started_at=make.moment(date(2026, 4, 28)))
    assert ask(world, talks=talks) == []


def test_a_void_visit_counts_no_heads(world, april):
    void_visit(visit=april, actor=world.own.cadre, reason="重复录入")
    assert ask(world, talks={PARTY_TALK: 9, POOR_TALK: 4}) == []


def test_two_visits_without_talks_are_not_equal(world):
    make.visit(
        world.own.contact_point,
        world.own.cadre,
        started_at=make.moment(date(2026, 4, 22)),
        talks={},
    )
    assert ask(world, talks={}) == []


# Stored at the sending --------------------------------------------------------------------------


def send(world, visit, findings, version=0):
    return save_feedback(
        visit=visit,
        actor=world.own.cadre,
        texts={"findings": findings},
        version=version,
        send=True,
    )


def test_sending_stores_the_marks_and_refuses_nothing(world, earlier):
    visit = make.visit(world.own.contact_point, world.own.cadre)
    row = send(world, visit, DRESSED)
    row = Feedback.objects.get(pk=row.pk)
    assert row.state == "submitted"
    assert row.marks == [
        {"code": "like_text", "field": "findings", "visit": str(world.own.visit.pk)}
    ]
    assert list(Feedback.objects.marked()) == [row]
    (told,) = row.told_marks
    assert told == marks_of_visit(visit, {"findings": DRESSED})[0]


def test_a_draft_has_no_marks_yet(world, earlier):
    visit = make.visit(world.own.contact_point, world.own.cadre)
    make.feedback(visit, world.own.cadre, findings=TEXT, send=False)
    assert not Feedback.objects.marked().exists()


def test_a_corrected_text_loses_its_mark(world, earlier):
    visit = make.visit(world.own.contact_point, world.own.cadre)
    row = send(world, visit, TEXT)
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    assert row.marks
    assert send(world, visit, OTHER, version=row.version).marks == []


def test_who_was_first_is_no_copy_of_who_copied(world, earlier):
    review_feedback(feedback=earlier, actor=world.home.office, reason="请写具体事例")
    with clock.at(make.moment(TODAY, 15)):
        send(world, make.visit(world.own.contact_point, world.own.cadre), TEXT)
        again = send(world, world.own.visit, TEXT, version=2)
    assert again.marks == []


def test_asking_costs_few_queries_however_much_is_found(world, april, django_assert_num_queries):
    texts = dict.fromkeys(Feedback.TEXTS, TEXT)
    with django_assert_num_queries(2):  # texts, the talks of the visit before
        ask(world, texts, talks={PARTY_TALK: 8})
    for alike in (0, 1, 1):
        with django_assert_num_queries(3 + alike):  # and the visits that the marks name
            ask(world, texts, talks={PARTY_TALK: 9, POOR_TALK: 4})
        make.feedback(
            make.visit(world.own.contact_point, world.own.cadre), world.own.cadre, **texts
        )


def test_a_mark_reads_as_it_was_stored():
    mark = Mark(Code.SAME_TEXT, "findings", uuid4(), "后辛庄村", TODAY)
    assert Mark.read(mark.stored(), "后辛庄村", TODAY) == mark
    assert Mark(Code.SHORT).stored() == {"code": "short"}
    assert "另一天" in Mark.read(mark.stored()).sentence
