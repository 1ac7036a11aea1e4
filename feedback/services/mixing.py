"""Cards and answers of a village, always written anew together (assurance: P-05, P-06).

Whatever changes one of them deletes and inserts all of them in one statement, in an order of
chance and with new ids. So all share one transaction, and no place in the table and no number
tells which came with which, or before which. Nothing here asks for the time or a sequence.

What the tables do not show remains elsewhere for a while: rows that are dead until the nightly
VACUUM FULL, the write-ahead log, backups, and somebody who reads the tables between two answers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from feedback.models import (
    EvaluationCard,
    EvaluationCount,
    EvaluationText,
    PaperSheet,
    RoundVillage,
    WaitingAnswer,
)
from feedback.questions import Question

ANSWERS = (*Question.values, "text")


def hold_round(round_id: int) -> None:
    """Only one counts or closes a round, until the transaction ends."""
    _hold(f"evaluation:{round_id}")


def hold_village(round_id: int, village_id: int) -> None:
    """Nobody else writes cards or answers of the village in this round until then."""
    _hold(f"evaluation:{round_id}:{village_id}")


def hold_village_of(marks: Sequence[str]) -> None:
    """The same for the village of the card with one of these marks, if there is such a card."""
    table = EvaluationCard._meta.db_table
    _run(
        f"""
        SELECT pg_advisory_xact_lock(
            hashtextextended('evaluation:' || round_id || ':' || village_id, 0)
        ) FROM {table} WHERE mark = ANY(%s)
        """,
        [list(marks)],
    )


def hold_all(round_id: int) -> None:
    """Nobody else counts, closes, answers or makes cards in this round until then."""
    hold_round(round_id)
    drawn = RoundVillage.objects.filter(round=round_id, is_drawn=True).order_by("village_id")
    for village in drawn.values_list("village_id", flat=True):
        hold_village(round_id, village)


def _hold(name: str) -> None:
    _run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def mix_cards(
    round_id: int,
    village_id: int,
    *,
    spend: str = "",
    add: Sequence[str] = (),
    void_unspent: bool = False,
) -> None:
    """Write the village's cards anew: one of them spent, new marks among them, old ones left out.

    The caller holds the village and has looked whether the card is unspent.
    """
    table = EvaluationCard._meta.db_table
    _run(
        f"""
        WITH old AS (
            DELETE FROM {table} WHERE round_id = %s AND village_id = %s RETURNING mark, spent
        ), kept AS (
            SELECT mark, spent OR mark = %s AS spent FROM old WHERE spent OR NOT %s
            UNION ALL SELECT unnest(%s::varchar[]), false
        )
        INSERT INTO {table} (mark, round_id, village_id, spent)
        SELECT mark, %s, %s, spent FROM kept ORDER BY gen_random_uuid()
        """,
        [round_id, village_id, spend, void_unspent, list(add), round_id, village_id],
    )


def mix_answers(round_id: int, village_id: int, answers: Mapping[str, Any]) -> None:
    """Write the village's waiting answers anew, this one among them."""
    table, names = WaitingAnswer._meta.db_table, ", ".join(ANSWERS)
    given = ["%s::smallint"] * len(Question) + ["%s::varchar"]
    _run(
        f"""
        WITH old AS (
            DELETE FROM {table} WHERE round_id = %s AND village_id = %s RETURNING {names}
        ), kept AS (
            SELECT {names} FROM old UNION ALL SELECT {", ".join(given)}
        )
        INSERT INTO {table} (id, round_id, village_id, {names})
        SELECT gen_random_uuid(), %s, %s, {names} FROM kept ORDER BY gen_random_uuid()
        """,
        [
            *(round_id, village_id),
            *(answers.get(name) for name in Question.values),
            answers.get("text") or "",
            *(round_id, village_id),
        ],
    )


def mix_texts(round_id: int, township_id: int | None, texts: Sequence[str]) -> None:
    """Write the township's texts anew, these among them: none shows from which village it came."""
    table = EvaluationText._meta.db_table
    _run(
        f"""
        WITH old AS (
            DELETE FROM {table}
            WHERE round_id = %s AND township_id IS NOT DISTINCT FROM %s RETURNING text
        ), kept AS (
            SELECT text FROM old UNION ALL SELECT unnest(%s::varchar[])
        )
        INSERT INTO {table} (id, round_id, township_id, text)
        SELECT gen_random_uuid(), %s, %s, text FROM kept ORDER BY gen_random_uuid()
        """,
        [round_id, township_id, list(texts), round_id, township_id],
    )


def drop_answers(round_id: int) -> None:
    """Erase whatever was answered in a round, and the right to answer; the caller holds it."""
    for model in (EvaluationCard, WaitingAnswer, EvaluationText, EvaluationCount, PaperSheet):
        model._default_manager.filter(round=round_id).delete()


def forget_traces() -> None:
    """Write both tables anew without their dead rows, which still know their transaction.

    Outside of any transaction.
    """
    for model in (EvaluationCard, WaitingAnswer, EvaluationText):
        _run(f"VACUUM (FULL) {model._meta.db_table}", [])


def _run(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
