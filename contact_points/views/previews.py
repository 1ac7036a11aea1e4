"""What the page of an import shows beside its rows."""

from typing import Any

from django.utils.translation import gettext as _

from contact_points.forms import ColumnsForm
from contact_points.models import ContactPoint, ImportRow, ImportRun, Township, Unit, Village
from contact_points.services.questions import ABOVE, NEW, SKIP
from contact_points.services.slips import PART, accounts_of
from outreach.models import User
from outreach.sentences import say

# More than this nobody reads; the whole is in the filtered list or the file.
SHOWN = 100


def preview_context(run: ImportRun) -> dict[str, Any]:
    """How the list was understood, what it asks and what it leaves out."""
    understood = run.understood
    left = _left(run)
    return {
        "counts": [(kind, kind.label, run.counts.get(kind, 0)) for kind in ImportRow.Outcome],
        "rows_read": sum(run.counts.get(kind, 0) for kind in ImportRow.Outcome),
        "header_rows": _span(understood.get("header_rows") or []),
        "dropped": [row | {"why": say(row["why"])} for row in understood.get("dropped", [])],
        "told": [say(said["text"], said["params"]) for said in understood.get("hidden", [])],
        "sheets": [
            (sheet["sheet"], say(sheet["why"])) for sheet in understood.get("other_sheets", [])
        ],
        "questions": questions_of(run),
        "questions_count": len(run.questions),
        "answered": _answered(run),
        "left": left,
        "left_count": len(run.left),
        "columns_form": ColumnsForm(run=run) if understood.get("columns") else None,
        "obstacles": [say(said["text"], said["params"]) for said in run.obstacles],
        "slips": _slips(run),
    }


def _slips(run: ImportRun) -> list[tuple[int, int]]:
    """(part, accounts in it that nobody signed in with yet) of the accounts that it made."""
    made = accounts_of(run)
    unused = User.objects.active().filter(pk__in=made, last_login=None)
    waiting = set(unused.values_list("pk", flat=True)) if made else set()
    parts = [made[first : first + PART] for first in range(0, len(made), PART)]
    return [(n, len(waiting & {*part})) for n, part in enumerate(parts) if waiting & {*part}]


def questions_of(run: ImportRun) -> list[dict[str, Any]]:
    """The questions as cards: sentence, rows, one button per candidate, and what else there is."""
    if not run.can_be_corrected:
        return []
    shown = run.questions[:SHOWN]
    options: dict[Any, Any] = {}
    for question in shown:
        place = question["kind"], question["within"]
        if question["others"] and place not in options:
            options[place] = _others(run, *place)
    cells = {
        row.number: row.values
        for row in run.rows.filter(number__in=[n for q in shown for n in q["rows"][:1]])
    }
    return [
        question
        | {
            "label": run.layout.by_name[question["column"]].label,
            "sentence": say(question["text"], question["params"]),
            "buttons": [
                (pk, _(label) if pk in (NEW, ABOVE) else label)
                for pk, label in question["candidates"]
            ],
            "options": options.get((question["kind"], question["within"]), []),
            "cells": cells.get(question["rows"][0], {}),
            "one_row": len(question["rows"]) == 1,
        }
        for question in shown
    ]


def _others(run: ImportRun, kind: str, within: int | None) -> list[tuple[int, str]]:
    """Everything of the kind, to choose from."""
    if kind == "unit":
        rows: Any = Unit.objects.filter(county=run.county_id)
    elif kind == "township":
        rows = Township.objects.filter(county=run.county_id)
    elif within:
        rows = Village.objects.filter(county=run.county_id, township=within)
    else:
        return []
    return [(row.pk, row.name) for row in rows[:1000]]


def _answered(run: ImportRun) -> list[dict[str, Any]]:
    if not run.can_be_corrected:
        return []
    return [
        {
            "key": key,
            "label": run.layout.by_name[told["column"]].label,
            "value": told["value"],
            "answer": _answer(told),
        }
        for key, told in list(run.answers.items())[:SHOWN]
    ]


def _answer(told: dict[str, Any]) -> str:
    label: str = told["label"]
    if told["answer"] == SKIP:
        return _("left out")
    return _(label) if told["answer"] in (NEW, ABOVE) else label


def _left(run: ImportRun) -> list[ContactPoint]:
    if run.state != ImportRun.State.READY:
        return []
    shown = run.left[:SHOWN]
    rows = ContactPoint.objects.filter(county=run.county_id).for_list().in_bulk(shown)
    return [rows[pk] for pk in shown if pk in rows]


def _span(rows: list[int]) -> str:
    """Row numbers as a person writes them: 3 or 3–4."""
    return "–".join(str(row) for row in dict.fromkeys([*rows[:1], *rows[-1:]]))
