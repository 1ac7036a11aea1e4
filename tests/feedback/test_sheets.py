"""Sheets of paper: one card each, one in ten typed by two who do not see each other's typing."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from feedback.models import EvaluationCard, PaperSheet, WaitingAnswer
from feedback.services import sheets
from feedback.services.cards import make_cards
from feedback.services.mixing import ANSWERS
from feedback.services.sheets import is_typed_twice, settle_sheet, type_second, type_sheet
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import evaluation
from tests import factories as make
from visits.services.errors import NotPossible

TICKED = dict.fromkeys(ANSWERS) | {"visited": 1, "visits": 4, "text": "修桥。"}


@pytest.fixture
def round(world):
    row = evaluation.evaluation_round(world.home.county, actor=world.home.office)
    for place in world.home.places:
        evaluation.sampled_village(row, place.village)
    return row


@pytest.fixture
def codes(world, round):
    villages = [place.village for place in world.home.places]
    return make_cards(round=round, villages=villages, actor=world.home.office)


@pytest.fixture
def colleague(world):
    return make.user(Role.COUNTY, county=world.home.county)


@pytest.fixture
def twice(monkeypatch):
    monkeypatch.setattr(sheets, "is_typed_twice", lambda *_sheet: True)


@pytest.fixture
def once(monkeypatch):
    monkeypatch.setattr(sheets, "is_typed_twice", lambda *_sheet: False)


def typed(world, round, codes, n=0, **changed):
    values = {
        "round": round,
        "village": world.own.village,
        "code": codes[world.own.village][n],
        "answers": TICKED,
        "actor": world.home.office,
    }
    return type_sheet(**values | changed)


def test_one_in_ten_by_a_lot_that_the_typist_cannot_foresee(world, round):
    drawn = sum(is_typed_twice(round, world.own.village, n) for n in range(1, 2001))
    assert 140 < drawn < 260


def test_a_sheet_spends_its_card_and_keeps_no_answer(world, round, codes, once):
    first, second = (typed(world, round, codes, n) for n in range(2))
    assert (first.number, second.number) == (1, 2)
    assert WaitingAnswer.objects.filter(visited=1, visits=4, text="修桥。").count() == 2
    assert EvaluationCard.objects.filter(spent=True).count() == 2
    assert PaperSheet.objects.filter(is_settled=True, visited=None, text="").count() == 2
    told = str(list(AuditEntry.objects.values_list("action", "before", "after")))
    assert "修桥" not in told
    assert codes[world.own.village][0] not in told


@pytest.mark.parametrize("wrong", ["used", "of another village", "unknown"])
def test_a_sheet_needs_a_card_of_its_own(world, round, codes, once, wrong):
    typed(world, round, codes)
    code = {
        "used": codes[world.own.village][0],
        "of another village": codes[world.other.village][0],
        "unknown": "222222222222",
    }[wrong]
    with pytest.raises(ValidationError) as error:
        typed(world, round, codes, code=code)
    assert list(error.value.message_dict) == ["code"]
    assert PaperSheet.objects.count() == WaitingAnswer.objects.count() == 1


def test_two_that_agree_settle_the_sheet(world, round, codes, twice, colleague):
    sheet = typed(world, round, codes)
    assert not WaitingAnswer.objects.exists()
    with pytest.raises(PermissionDenied):
        type_second(sheet=sheet, answers=TICKED, actor=world.home.office)
    done = type_second(sheet=sheet, answers=TICKED, actor=colleague)
    assert (done.is_settled, done.differences, done.second) == (True, 0, None)
    assert WaitingAnswer.objects.get().visits == 4
    with pytest.raises(NotPossible):
        type_second(sheet=sheet, answers=TICKED, actor=colleague)
    assert WaitingAnswer.objects.count() == 1


def test_what_differs_is_settled_by_somebody_with_the_paper(world, round, codes, twice, colleague):
    sheet = typed(world, round, codes)
    with pytest.raises(NotPossible):
        settle_sheet(sheet=sheet, answers=TICKED, actor=world.home.office)
    other = TICKED | {"visits": 2, "topic1": 5}
    sheet = type_second(sheet=sheet, answers=other, actor=colleague)
    assert (sheet.differences, sheet.is_settled) == (2, False)
    settle_sheet(sheet=sheet, answers=TICKED | {"visits": 2}, actor=world.home.office)
    row = WaitingAnswer.objects.get()
    assert (row.visits, row.topic1, row.visited) == (2, None, 1)


def test_the_pages_from_the_first_typing_to_the_settled_sheet(
    world, round, codes, twice, colleague, sign_in
):
    first, second = sign_in(world.home.office), sign_in(colleague)
    address = reverse("evaluation_paper", args=[round.pk])
    there = f"{address}?village={world.own.village.pk}"
    data = {"code": codes[world.own.village][0].lower(), "visited": "1", "visits": "4"}
    assert first.post(there, data | {"visited": "9"}).status_code == 200
    sent = first.post(there, data)
    assert (sent.status_code, sent["Location"]) == (302, there)
    assert "由另一位同事再录一遍" in first.get(there).content.decode()
    sheet = PaperSheet.objects.get()
    again = reverse("paper_sheet", args=[round.pk, sheet.pk])
    assert first.get(again).status_code == 403
    blank = second.get(again).content.decode()
    assert 'value="4"' not in blank
    assert second.post(again, {"visited": "1", "visits": "2"}).status_code == 302
    settled = first.post(again, {"visits": "1"})
    assert settled.status_code == 302
    assert WaitingAnswer.objects.get().visits == 2
    assert first.get(again).status_code == 404


def test_a_village_that_is_no_number_is_the_first_one(world, round, codes, sign_in):
    address = reverse("evaluation_paper", args=[round.pk])
    page = sign_in(world.home.office).get(address, {"village": "²"})
    assert page.context["village"] in codes


def test_sheets_are_typed_while_the_round_is_open(world, round, codes, once):
    type(round).objects.filter(pk=round.pk).update(state="drawn")
    with pytest.raises(NotPossible):
        typed(world, round, codes)
    assert not EvaluationCard.objects.filter(spent=True).exists()
