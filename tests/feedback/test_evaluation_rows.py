"""What the database itself refuses of an evaluation's rows."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from feedback.models import EvaluationCard, EvaluationRound, PaperSheet, WaitingAnswer
from outreach.roles import Role
from tests import evaluation
from tests import factories as make


@pytest.fixture
def county(db):
    return make.county()


def test_a_month_is_asked_about_once(county):
    first = evaluation.evaluation_round(county, month=date(2026, 4, 1), state="closed")
    second = EvaluationRound(
        county=county,
        first_month=date(2026, 3, 1),
        last_month=date(2026, 5, 1),
        closes_on=date(2026, 6, 20),
        created_by=first.created_by,
    )
    with pytest.raises(ValidationError, match=r"already|已有|已经有"):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    first.state, first.reason = "cancelled", "印错了卡片。"
    first.save()
    second.save()


@pytest.mark.parametrize(
    "choices", [{"visited": 4}, {"topic1": 6}, {"visits": 6}, {"matters": 7}, {"visits": 0}]
)
def test_an_answer_has_choices_that_exist(county, choices):
    round = evaluation.evaluation_round(county)
    village = make.village(make.township(county))
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitingAnswer.objects.create(round=round, village=village, **choices)


def test_a_settled_sheet_keeps_no_answer(county):
    round = evaluation.evaluation_round(county)
    village = make.village(make.township(county))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperSheet.objects.create(
            round=round,
            village=village,
            number=1,
            typed_by=make.user(Role.COUNTY, county=county),
            is_settled=True,
            visited=1,
        )


def test_neither_cards_nor_answers_hold_who_when_or_where(county):
    """No person, time, address, number or order: only place and choice (assurance: P-05)."""
    for model, allowed in (
        (EvaluationCard, {"mark", "round", "village", "spent"}),
        (
            WaitingAnswer,
            {"id", "round", "village", "visited", "topic1", "topic2", "topic3"}
            | {"visits", "matters", "text"},
        ),
    ):
        assert {field.name for field in model._meta.get_fields()} == allowed
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'f'",
                [model._meta.db_table],
            )
            assert cursor.fetchone() == (0,)
