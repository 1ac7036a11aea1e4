"""A person's part in a list before it is applied: answers, corrected cells, named columns.

None of it touches the registry. Each changes the preview, which is planned again as a whole: that
is cheap, and a row's fate may hang on another's.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.cells import day_of, name_of, person_of, text_of
from contact_points.columns import plain
from contact_points.models import Alias, ImportRun, Officer, Township, Unit, Village
from contact_points.reading.lists import ListRow
from contact_points.services.imports import (
    READING,
    NotPossible,
    State,
    check_allowed,
    enqueue,
)
from contact_points.services.kinds import KINDS, plan_again
from contact_points.services.previews import keep_differences
from contact_points.services.questions import NEW, SKIP
from outreach import audit, copying
from outreach.models import User

# What may be answered, by the question's kind: an answer must name one of the own county.
_MODELS: dict[str, Any] = {
    "township": Township,
    "village": Village,
    "unit": Unit,
    "officer": Officer,
}
# What is true beyond one list, by the question's kind: where an alias keeps what is meant.
_REMEMBERED: dict[str, str] = {
    Alias.Kind.TOWNSHIP: "township_id",
    Alias.Kind.VILLAGE: "village_id",
    Alias.Kind.UNIT: "unit_id",
    Alias.Kind.UNIT_KIND: "column",
}
CELL = 500


def _open_run(run: ImportRun, actor: User | None) -> ImportRun:
    check_allowed(actor, run.county_id)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not run.can_be_corrected:
        raise NotPossible(_("The list is not open for corrections any more."))
    return run


@copying.no_collecting()
def _preview_again(run: ImportRun) -> None:
    run.message = ""
    keep_differences(run, plan_again(run))


@transaction.atomic
def answer_question(*, run: ImportRun, key: str, answer: str, actor: User | None) -> ImportRun:
    """Tell what a text of the list means, for all rows that say the same.

    `answer` is the id of what is meant, `new` for a new officer, `skip` to leave the rows out, or
    empty to be asked again. What is true beyond this list becomes an alias of the county. Raises
    NotPossible.
    """
    run = _open_run(run, actor)
    if not answer:
        return _ask_again(run, key, actor)
    question = next((q for q in run.questions if q["key"] == key), None)
    if question is None:
        raise NotPossible(_("This question is no longer asked."))
    label = _label_of(run, question, answer)
    alias = None
    if answer not in (SKIP, NEW) and not question["context"].startswith("row "):
        alias = _remember(run, question, answer, actor)
    run.answers[key] = {
        "answer": answer,
        "label": label,
        "column": question["column"],
        "value": question["value"],
        "alias": alias and alias.pk,
    }
    _preview_again(run)
    audit.record(
        gettext_noop("Question of a list answered"),
        actor=actor,
        obj=run,
        after={"column": question["column"], "value": question["value"], "answer": label},
    )
    return run


def _label_of(run: ImportRun, question: dict[str, Any], answer: str) -> str:
    """The answer in words, if it is one. Raises NotPossible."""
    offered = dict(map(tuple, question["candidates"]))
    if answer == SKIP:
        return SKIP
    if answer in offered:
        return offered[answer]
    if question["others"] and answer.isdecimal() and len(answer) < 19:
        found = _MODELS[question["kind"]].objects.filter(county=run.county_id, pk=answer).first()
        if found:
            return str(found)
    raise NotPossible(_("Choose one of the answers offered."))


def _remember(
    run: ImportRun, question: dict[str, Any], target: str, actor: User | None
) -> Alias | None:
    kind = question["kind"]
    if kind not in _REMEMBERED:
        return None
    alias, _created = Alias.objects.update_or_create(
        county_id=run.county_id,
        kind=kind,
        context_id=int(question["context"]) if question["context"] else None,
        text=question["value"],
        defaults={_REMEMBERED[kind]: target, "created_by": actor},
    )
    return alias


def _ask_again(run: ImportRun, key: str, actor: User | None) -> ImportRun:
    told = run.answers.pop(key, None)
    if told is None:
        raise NotPossible(_("This question is no longer asked."))
    Alias.objects.filter(county=run.county_id, pk=told["alias"]).delete()
    _preview_again(run)
    audit.record(
        gettext_noop("Answer to a question of a list taken back"),
        actor=actor,
        obj=run,
        before={name: told[name] for name in ("column", "value")} | {"answer": told["label"]},
    )
    return run


@transaction.atomic
def correct_cell(
    *, run: ImportRun, number: int, column: str, text: str, actor: User | None
) -> ImportRun:
    """Write a cell of the list anew and check its row again; the original stays known.

    Raises NotPossible.
    """
    run = _open_run(run, actor)
    row = run.rows.filter(number=number).first()
    if row is None or column not in run.layout.by_name:
        raise NotPossible(_("The list has no such cell."))
    text = " ".join(text.split())[:CELL]
    old = row.values.get(column, "")
    original = row.original or {**row.values}
    row.values = {**row.values, column: cleaned(run, column, text)}
    row.problems = [problem for problem in row.problems if problem["column"] != column]
    row.original = None if row.values == original and not row.problems else original
    row.save(update_fields=["values", "problems", "original"])
    _preview_again(run)
    audit.record(
        gettext_noop("Cell of a list corrected"),
        actor=actor,
        obj=run,
        before={column: old},
        after={"row": number, column: row.values[column]},
    )
    return run


@transaction.atomic
def name_columns(*, run: ImportRun, names: Mapping[int, str], actor: User) -> ImportRun:
    """Tell what the list's columns mean, column index -> name or empty, and read it again.

    The headers are remembered for the county's next lists. Raises NotPossible.
    """
    check_allowed(actor, run.county_id)
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    columns = {column["index"]: column for column in run.understood.get("columns", [])}
    if run.state not in (State.READY, State.REFUSED) or not columns or not run.file:
        raise NotPossible(_("The list is not open for corrections any more."))
    chosen = [name for name in names.values() if name]
    if len(chosen) != len(set(chosen)) or not set(chosen) <= set(run.layout.by_name):
        raise NotPossible(_("Two columns cannot mean the same."))
    named = {}
    for index, name in names.items():
        if index not in columns or (columns[index]["name"] or "") == name:
            continue
        header = columns[index]["header"]
        named[header or columns[index]["letter"]] = name
        if header and name:
            Alias.objects.update_or_create(
                county_id=run.county_id,
                kind=Alias.Kind.HEADER,
                context=None,
                text=plain(header)[:100],
                defaults={"column": name, "created_by": actor},
            )
    mapping = {str(index): name for index, name in names.items()}
    run.state, run.message, run.message_params = State.READING, "", {}
    run.job = enqueue("read_list", READING, run, actor, {"columns": mapping})
    run.save(update_fields=["state", "message", "message_params", "job"])
    audit.record(gettext_noop("Columns of a list named"), actor=actor, obj=run, after=named)
    return run


def cleaned(run: ImportRun, column: str, text: str) -> str:
    """A typed cell as the reader would have read it."""
    kind = run.layout.by_name[column].kind
    if kind in ("first", "last"):
        text = day_of(text)
    elif kind == "person":
        text = person_of(text)
    else:
        text = name_of(text) if kind in ("code", "name", "village") else text_of(text)
    (kept,) = KINDS[run.kind].kept([ListRow(0, {column: text})])
    return kept.get(column)
