"""Pages of the rounds: from the proposed draft to the sample, and what units see of it."""

import hashlib
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.forms.draws import EXAMPLE
from feedback.models import EvaluationRound, SampledHousehold, TopicQuestion
from feedback.services.drawing import draw_round
from feedback.services.rounds import write_round
from outreach import clock
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, TODAY

APRIL = date(2026, 4, 1)


@pytest.fixture
def office(world, sign_in):
    return sign_in(world.home.office)


@pytest.fixture
def drawn(world):
    row = write_round(
        actor=world.home.office,
        first_month=MONTH,
        last_month=MONTH,
        households_per_village=5,
        closes_on=TODAY,
    )
    return draw_round(round=row, actor=world.home.office)


def closed(round):
    EvaluationRound.objects.filter(pk=round.pk).update(state="closed", closed_at=round.drawn_at)


def proposed(office, **changed):
    """What the form of a new round would send."""
    sheet = office.get(reverse("evaluation_create")).context["sheet"]
    forms = [sheet.form, *sheet.questions]
    fields = [field for form in forms for field in form if field.value() not in (None, False)]
    return {field.html_name: str(field.value()) for field in fields} | changed


def test_three_clicks_make_a_sample(world, office):
    """New round, save, draw: last month, all villages, twelve households, the month's topics."""
    sent = proposed(office)
    assert (sent["months"], sent["households_per_village"]) == ("2026-04", "12")
    assert sent["q0-topic"] == str(world.home.topic.pk)
    page = office.post(reverse("evaluation_create"), sent)
    row = EvaluationRound.objects.get()
    assert page["Location"] == row.get_absolute_url()
    assert (row.first_month, row.villages_to_draw, row.closes_on) == (
        APRIL,
        None,
        date(2026, 6, 10),
    )
    assert not row.topic_questions.exists()
    office.post(reverse("evaluation_draw", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "drawn"
    assert row.check_passed and row.checked_at == clock.now()


def test_questions_are_written_and_read_again(world, office):
    words = {"text": "今年医保每人交多少？", "right": "四百元", "wrong1": "三百元"}
    words |= {"wrong2": "不用交", "wrong3": "村里交"}
    office.post(
        reverse("evaluation_create"), proposed(office, **{f"q0-{k}": v for k, v in words.items()})
    )
    row = TopicQuestion.objects.get()
    assert row.options[row.right - 1] == "四百元"
    page = office.get(reverse("evaluation_change", args=[row.round_id]))
    assert page.context["sheet"].questions[0]["right"].value() == "四百元"
    # The next round about the topic begins with these words, one about another with words, too.
    EvaluationRound.objects.update(state="cancelled", reason="另开一轮")
    again = proposed(office)
    assert again["q0-text"] == words["text"]
    make.topic(make.programme_year(world.home.county, 2025))
    page = office.post(reverse("evaluation_create"), again | {"months": "2025-12", "look": "1"})
    assert words["text"] not in [form["text"].value() for form in page.context["sheet"].questions]


def test_every_topic_has_words_to_begin_with(world, office):
    """They say what the question is about; without an answer it is not asked."""
    sent = proposed(office)
    assert sent["q0-text"] == f"关于“{world.home.topic.title}”，下面哪种说法是对的？"
    answers = {"q0-right": "四百元", "q0-wrong1": "三百元", "q0-wrong2": "不用交"}
    page = office.post(reverse("evaluation_create"), sent | answers)
    assert "wrong3" in page.context["sheet"].questions[0].errors
    other = make.topic(world.home.year, title="秸秆禁烧")
    sent |= answers | {"q0-wrong3": "村里交", "q0-topic": str(other.pk)}
    office.post(reverse("evaluation_create"), sent)
    assert TopicQuestion.objects.get().text == "关于“秸秆禁烧”，下面哪种说法是对的？"


def test_other_months_show_their_topics_and_lose_no_word(world, office):
    july = make.topic(make.programme_year(world.home.county, 2025))
    written = {"q1-text": "路什么时候修？", "q1-topic": ""}
    sent = proposed(office, months="2025-12", **written)
    for headers, more in (({"HX-Request": "true"}, {}), ({}, {"look": "1"})):
        page = office.post(reverse("evaluation_create"), sent | more, headers=headers)
        texts = [form["text"].value() for form in page.context["sheet"].questions]
        topics = [form["topic"].value() for form in page.context["sheet"].questions]
        assert ("路什么时候修？" in texts, july.pk in topics) == (True, True)
        assert sent["q0-text"] not in texts  # nobody wrote it
    assert not EvaluationRound.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"months": "2026-06"}, "months"),
        ({"months": "9999-12"}, "months"),
        ({"months": "2026-04/2026-01"}, "months"),
        ({"households_per_village": "4"}, "households_per_village"),
        ({"closes_on": ""}, "closes_on"),
        ({"closes_on": "2026-05-01"}, "__all__"),
        ({"q0-text": "交多少？"}, "q0-right"),
        ({"q0-right": "四百元"}, "q0-wrong1"),
        ({"q0-topic": "", "q0-text": "交多少？"}, "q0-topic"),
    ],
)
def test_a_mistake_is_told_where_it_is(office, changed, field):
    page = office.post(reverse("evaluation_create"), proposed(office, **changed))
    sheet = page.context["sheet"]
    prefix, _dash, name = field.rpartition("-")
    form = sheet.questions[0] if prefix else sheet.form
    assert name in form.errors
    assert not EvaluationRound.objects.exists()


def test_months_that_were_asked_about_are_refused_with_a_sentence(world, office):
    sent = proposed(office)
    office.post(reverse("evaluation_create"), sent)
    page = office.post(reverse("evaluation_create"), sent)
    assert page.context["sheet"].form.non_field_errors()


def test_the_second_writer_is_shown_the_first(world, office):
    office.post(reverse("evaluation_create"), proposed(office))
    row = EvaluationRound.objects.get()
    address = reverse("evaluation_change", args=[row.pk])
    seen = office.get(address).context["sheet"].form["seen"].value()
    sent = proposed(office, seen=seen)
    office.post(address, sent | {"households_per_village": "20"})
    page = office.post(address, sent | {"households_per_village": "30"})
    assert (page.status_code, page.context["stale"].households_per_village) == (409, 20)
    again = sent | {"seen": page.context["sheet"].form["seen"].value()}
    assert office.post(address, again | {"households_per_village": "30"}).status_code == 302
    row.refresh_from_db()
    assert row.households_per_village == 30


def test_a_round_is_opened_and_cancelled(drawn, office):
    office.post(reverse("evaluation_open", args=[drawn.pk]), {"closes_on": "2026-06-01"})
    drawn.refresh_from_db()
    assert (drawn.state, drawn.closes_on) == ("open", date(2026, 6, 1))
    office.post(reverse("evaluation_cancel", args=[drawn.pk]), {"reason": "卡片丢了。"})
    drawn.refresh_from_db()
    assert (drawn.state, drawn.reason) == ("cancelled", "卡片丢了。")
    page = office.get(drawn.get_absolute_url()).content.decode()
    assert "卡片丢了。" in page


def test_an_outcome_is_noted_and_taken_back(world, drawn, office):
    row = SampledHousehold.objects.filter(round_village__village=world.own.village).first()
    make.household(world.own.village)
    address = reverse("evaluation_outcome", args=[drawn.pk, row.pk])
    page = office.post(address, {"outcome": "absent"}, follow=True)
    row.refresh_from_db()
    assert row.outcome == "absent"
    assert page.redirect_chain[-1][0] == row.round_village.get_absolute_url()
    office.post(address, {"outcome": ""})
    row.refresh_from_db()
    assert row.outcome == ""


def test_the_round_names_what_was_left_out_and_what_differs(world, drawn, office):
    evaluation.round_village(drawn, make.village(world.home.township), households=0)
    page = office.get(drawn.get_absolute_url())
    assert [row.households for row in page.context["left_out"]()] == [[]]
    # What was computed before is said until it is computed again.
    assert 'role="alert"' not in page.content.decode()
    page = office.post(reverse("evaluation_check", args=[drawn.pk]), follow=True)
    assert 'role="alert"' in page.content.decode()
    drawn.refresh_from_db()
    assert not drawn.check_passed


def test_more_villages_cost_no_more_queries(world, drawn, office):
    office.get(drawn.get_absolute_url())

    def queries():
        with CaptureQueriesContext(connection) as seen:
            office.get(drawn.get_absolute_url())
        return len(seen)

    one = queries()
    for _n in range(3):
        row = evaluation.round_village(drawn, make.village(world.home.township))
        with evaluation.by_hand():
            SampledHousehold.objects.create(round_village=row, position=1, number=row.households[0])
    assert queries() == one


def test_a_unit_sees_who_was_asked_and_not_what_became_of_them(world, drawn, sign_in):
    for number in range(8):
        make.household(world.own.village, f"2组-{number:03}")
    sample = SampledHousehold.objects.filter(round_village__village=world.own.village)
    first = sample.first()
    SampledHousehold.objects.filter(pk=first.pk).update(outcome="refused")
    # A reserve that came later.
    with evaluation.by_hand():
        came = SampledHousehold.objects.create(
            round_village=first.round_village, position=9, number="2组-007", replaces=first
        )
    closed(drawn)
    unit = sign_in(world.own.coordinator)
    page = unit.get(first.round_village.get_absolute_url()).content.decode()
    assert first.number in page
    assert came.number not in page.split("<form")[0]
    assert str(SampledHousehold.Outcome.REFUSED.label) not in page
    sheet = unit.get(reverse("draw_sheet", args=[drawn.pk])).content.decode()
    assert world.own.village.code in sheet
    assert world.other.village.code not in sheet
    table = unit.get(drawn.get_absolute_url(), {"cols": ["village", "refused"]}).context["table"]
    assert [column.name for column in table.columns] == ["village"]


def test_the_frame_is_the_text_of_the_checksum(drawn, office):
    page = office.get(reverse("evaluation_frame", args=[drawn.pk]))
    assert hashlib.sha256(page.content).hexdigest() == drawn.frame_sha256


# The public page --------------------------------------------------------------------------------


def test_anybody_computes_a_draw_without_a_cookie(db):
    page = Client(enforce_csrf_checks=True).post(reverse("draw_check"), EXAMPLE)
    assert "、".join(page.context["drawn"].sample) == "014、1组-001、1组-003、12组-002"
    assert "sessionid" not in page.cookies
    assert "no-store" in page["Cache-Control"]
    shown = Client().get(reverse("draw_check"), {"example": "1"})
    assert shown.context["drawn"] == page.context["drawn"]


def test_a_villages_page_sends_what_gives_its_sample(world, drawn, office):
    row = drawn.villages.get(village=world.own.village)
    page = office.get(row.get_absolute_url()).context
    sent = {"seed": drawn.seed, "village": world.own.village.code, "count": page["count"]}
    found = Client().post(reverse("draw_check"), sent | {"households": page["lines"]})
    stored = list(row.sample.values_list("number", flat=True))
    assert list(found.context["drawn"].sample) == stored


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": "xyz"},
        {"village": "1305"},
        {"households": "张三 13812345678"},
        {"households": "001\n001*"},
        {"households": "\n".join(f"{n:04}" for n in range(3001))},
        {"households": ""},
        {"count": "0"},
        {"count": "1e9"},
        {"households": "\x00"},
    ],
)
def test_nonsense_is_told_and_computes_nothing(db, changed):
    page = Client().post(reverse("draw_check"), EXAMPLE | changed)
    assert (page.status_code, page.context["drawn"]) == (200, None)


def test_numbers_are_read_as_people_write_them(db):
    written = EXAMPLE["households"].replace("*", "＊").replace("\n", "、 ")
    page = Client().post(reverse("draw_check"), EXAMPLE | {"households": written})
    assert "、".join(page.context["drawn"].sample) == "014、1组-001、1组-003、12组-002"
