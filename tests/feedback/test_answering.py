"""Cards and what they open: made once, used once, told to nobody."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from feedback.asking import drawn_round
from feedback.models import EvaluationCard, EvaluationRound, WaitingAnswer
from feedback.questions import DO_NOT_KNOW, NOTHING_RAISED
from feedback.services.answering import keep_answer
from feedback.services.cards import (
    ALPHABET,
    Standing,
    card_of,
    cards_needed,
    cards_of,
    make_cards,
    mark_of,
)
from feedback.services.mixing import ANSWERS
from feedback.views.answering import SAID, _unticked
from outreach import clock
from outreach.logs import without_secrets
from outreach.models import AuditEntry
from tests import evaluation
from visits.services.errors import NotPossible

EVERY = {
    "visited": "1",
    "topic1": "2",
    "visits": "5",
    "matters": str(NOTHING_RAISED),
    "text": "路灯修得好。",
}


@pytest.fixture
def round(world):
    row = evaluation.evaluation_round(world.home.county, actor=world.home.office)
    evaluation.topic_question(row, world.home.topic)
    evaluation.sampled_village(row, world.own.village, 12)
    return row


@pytest.fixture
def codes(world, round):
    return make_cards(round=round, villages=[world.own.village], actor=world.home.office)[
        world.own.village
    ]


def send(browser, code, **answers):
    return browser.post(reverse("answer_code"), {"code": code, "send": "1"} | answers)


def change(round, **fields):
    EvaluationRound.objects.filter(pk=round.pk).update(**fields)


# Cards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sampled", "cards"), [(5, 6), (10, 11), (11, 13), (100, 110)])
def test_one_card_in_ten_is_spare_and_one_at_least(sampled, cards):
    assert cards_needed(sampled) == cards


def test_codes_stand_on_paper_only(world, round, codes):
    assert len(codes) == len(set(codes)) == 14
    assert all(re.fullmatch(f"[{ALPHABET}]{{12}}", code) for code in codes)
    kept = str(list(EvaluationCard.objects.values_list()))
    kept += str(list(AuditEntry.objects.values_list("after", flat=True)))
    assert not [code for code in codes if code in kept]


def test_a_card_outlives_a_change_of_the_sites_key(codes, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert keep_answer(code=codes[0], answers={}) == Standing.TAKES
    assert keep_answer(code=codes[0], answers={}) == Standing.KEPT


def test_printing_anew_ends_unused_cards_and_leaves_used_ones(world, round, codes):
    keep_answer(code=codes[0], answers={})
    again = make_cards(round=round, villages=[world.own.village], actor=world.home.office)
    assert len(again[world.own.village]) == 13
    assert cards_of(round) == {world.own.village.pk: (14, 1)}
    assert card_of(codes[0]).spent
    assert card_of(codes[1]) is None


@pytest.mark.parametrize("state", ["draft", "closed", "cancelled"])
def test_cards_are_made_after_the_draw_and_before_the_end(world, state):
    row = evaluation.evaluation_round(
        world.home.county, state=state, reason="x" if state == "cancelled" else ""
    )
    evaluation.sampled_village(row, world.own.village)
    with pytest.raises(NotPossible):
        make_cards(round=row, villages=[world.own.village], actor=world.home.office)
    assert not EvaluationCard.objects.exists()


def test_no_cards_are_made_for_a_round_that_ended_meanwhile(world, round):
    type(round).objects.filter(pk=round.pk).update(state="closed")
    with pytest.raises(NotPossible):
        make_cards(round=round, villages=[world.own.village], actor=world.home.office)
    assert not EvaluationCard.objects.exists()


def test_units_and_another_county_make_no_cards(world, round):
    for actor in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            make_cards(round=round, villages=[world.own.village], actor=actor)


def test_a_village_that_was_not_drawn_has_no_cards(world, round):
    with pytest.raises(NotPossible):
        make_cards(round=round, villages=[world.other.village], actor=world.home.office)


def test_the_printed_page_shows_each_code_once_as_card_or_form(world, round, sign_in):
    browser = sign_in(world.home.office)
    page = browser.post(reverse("evaluation_cards", args=[round.pk]), {"on_paper": "3"})
    text = page.content.decode()
    shown = re.findall(r"\b(?:[2-9A-Z]{4} ){2}[2-9A-Z]{4}\b", text)
    assert len(shown) == len(set(shown)) == 14
    assert text.count("data:image/png") == 11
    assert text.count("每年四百元") == 3
    assert {mark_of(code.replace(" ", "")) for code in shown} == set(
        EvaluationCard.objects.values_list("mark", flat=True)
    )
    assert "no-store" in page["Cache-Control"]
    shown_later = browser.get(reverse("evaluation_cards", args=[round.pk])).content.decode()
    assert not [code for code in shown if code in shown_later]


# Answering --------------------------------------------------------------------------------------


def test_from_the_card_to_thanks(client, world, round, codes):
    page = client.get(reverse("answer", args=[codes[0]]))
    text = page.content.decode()
    for words in (world.own.unit.name, "今年的医保每人交多少", world.home.county.name):
        assert words in text
    assert text.count("<fieldset") == 4
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    told = AuditEntry.objects.count()
    assert send(client, codes[0], **EVERY).url == reverse("answer_done")
    assert AuditEntry.objects.count() == told
    row = WaitingAnswer.objects.get()
    kept = {name: getattr(row, name) for name in ANSWERS}
    wanted = {"visited": 1, "topic1": 2, "visits": 5, "matters": 6, "text": "路灯修得好。"}
    assert {name: value for name, value in kept.items() if value} == wanted
    assert not client.cookies


def test_looking_writes_nothing_and_using_twice_counts_once(client, codes):
    for _n in range(2):
        assert client.get(reverse("answer", args=[codes[0]])).status_code == 200
    assert not EvaluationCard.objects.filter(spent=True).exists()
    send(client, codes[0], **EVERY)
    again = send(client, codes[0], **EVERY)
    assert again.status_code == 200
    assert str(SAID[Standing.KEPT]) in again.content.decode()
    assert WaitingAnswer.objects.count() == 1


def test_what_a_card_opens_says_so(client, round, codes):
    for fields, standing in (
        ({"state": "drawn"}, Standing.EARLY),
        ({"state": "open", "closes_on": clock.today() - timedelta(days=1)}, Standing.OVER),
        ({"closes_on": clock.today()}, Standing.TAKES),
        ({"state": "cancelled", "reason": "印错了。"}, Standing.OVER),
    ):
        change(round, **fields)
        page = client.get(reverse("answer", args=[codes[0]]))
        assert page.status_code == 200
        assert ("<fieldset" in page.content.decode()) == (standing == Standing.TAKES)
        if standing != Standing.TAKES:
            assert str(SAID[standing]) in page.content.decode()
            assert keep_answer(code=codes[0], answers={}) == standing
    assert not WaitingAnswer.objects.exists()


def test_a_code_is_read_however_it_is_typed(client, codes):
    code = codes[0]
    for typed in (code.lower(), f" {code[:4]} {code[4:8]} {code[8:]} ", f"{code[:4]}-{code[4:]}"):
        page = client.post(reverse("answer_code"), {"code": typed})
        assert page.status_code == 200
        assert "<fieldset" in page.content.decode()


def test_guessing_finds_nothing_and_costs_one_look(client, codes, django_assert_num_queries):
    wrong = codes[0][:-1] + ("2" if codes[0][-1] != "2" else "3")
    with django_assert_num_queries(1):
        page = client.get(reverse("answer", args=[wrong]))
    assert page.status_code == 404
    for guess in (wrong, "", "x", "' OR 1=1", "2" * 40):
        assert send(client, guess, **EVERY).status_code in (200, 404)
    assert not WaitingAnswer.objects.exists()


def test_a_page_and_an_answer_cost_the_database_little(client, codes, django_assert_num_queries):
    client.get(reverse("answer", args=[codes[0]]))  # the first reads what the round asks about
    with django_assert_num_queries(2):
        client.get(reverse("answer", args=[codes[1]]))
    with django_assert_num_queries(7):  # two of them the savepoint of this test
        send(client, codes[0], **EVERY)


def test_what_pages_share_knows_no_card_and_follows_every_new_name(client, world, codes):
    _unticked.cache_clear()
    pages = [client.get(reverse("answer", args=[code])).content.decode() for code in codes[:2]]
    assert pages[0].replace(codes[0], codes[1]) == pages[1]
    assert _unticked.cache_info().hits == 1
    for row, name in ((world.own.village, "新村"), (world.own.unit, "新局")):
        type(row).objects.filter(pk=row.pk).update(name=name)
        assert name in client.get(reverse("answer", args=[codes[0]])).content.decode()
    english = client.get(reverse("answer", args=[codes[0]]), {"in": "en"}).content.decode()
    assert "Did somebody of 新局 come" in english


def test_only_what_was_drawn_is_read_once(world):
    draft = evaluation.evaluation_round(world.home.county, state="draft")
    with pytest.raises(ValueError, match="before it is drawn"):
        drawn_round(draft.pk, draft.seed)


def test_an_empty_form_is_asked_once_more_and_then_taken(client, codes):
    page = send(client, codes[0])
    assert page.status_code == 200
    assert 'name="empty"' in page.content.decode()
    assert not WaitingAnswer.objects.exists()
    assert send(client, codes[0], empty="1").status_code == 302
    assert WaitingAnswer.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"text": "打我电话13812345678"}, {"visited": "7"}, {"topic1": str(DO_NOT_KNOW + 1)}]
)
def test_nothing_that_was_ticked_or_typed_is_lost(client, codes, wrong):
    page = send(client, codes[0], **(EVERY | wrong))
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count(" checked") == len(EVERY) - 1 - len(wrong.keys() - {"text"})
    assert wrong.get("text", EVERY["text"]) in text
    assert 'role="alert"' in text
    assert not WaitingAnswer.objects.exists()


def test_the_page_is_english_where_asked_and_chinese_else(client, codes):
    address = reverse("answer", args=[codes[0]])
    assert 'lang="zh-CN"' in client.get(address, headers={"accept-language": "en"}).content.decode()
    page = client.post(reverse("answer_code"), {"code": codes[0], "in": "en"})
    assert "Nobody can see who answered" in page.content.decode()
    done = send(client, codes[0], **EVERY, **{"in": "en"})
    assert "Thank you" in client.get(done.url).content.decode()
    assert not client.cookies


def test_no_log_line_keeps_the_code(codes):
    for path in (f"GET /e/{codes[0]}/ HTTP/1.1", f"https://h/e/{codes[0]}/?in=en", "/e/%20AB/"):
        assert without_secrets(path).count("/e/-") == 1
        assert codes[0] not in without_secrets(path)


def test_no_log_line_tells_when_a_code_was_mistyped(client, db, caplog):
    assert client.post(reverse("answer_code"), {"code": "ABCD EFGH 2346"}).status_code == 404
    assert client.get("/v/nowhere/").status_code == 404
    assert not caplog.records
    assert client.get("/nowhere/").status_code == 404
    assert caplog.records


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_counts_once(world, round, codes):
    change(round, closes_on=date(2099, 12, 31))  # other threads have their own clock

    def tap(_n):
        try:
            return keep_answer(code=codes[0], answers={"visited": 1})
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        stood = list(threads.map(tap, range(4)))
    assert sorted(each.value for each in stood) == ["kept", "kept", "kept", "takes"]
    assert WaitingAnswer.objects.count() == 1
    assert EvaluationCard.objects.filter(spent=True).count() == 1
