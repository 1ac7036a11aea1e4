"""What a list would do, as it is kept and shown until a person applies it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, ImportRow, ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import Registry
from contact_points.services.planning import PlannedRow, Planner, digest, left_out
from outreach import copying

COMPARING = gettext_noop("Comparing with the registry")
LEFT = "left"
# What of a kept row a new plan may change.
_SHOWN = ("outcome", "values", "changes", "notes", "original")


@dataclass
class Plan:
    """What the rows of a list would do to the registry."""

    registry: Registry
    rows: list[PlannedRow]
    questions: list[dict[str, Any]]
    # Contact points that hold but that no row names.
    left: list[ContactPoint]

    def closable(self, first_day: date) -> list[ContactPoint]:
        """Those left out that can end the day before: what began on the day itself cannot."""
        return [point for point in self.left if point.first_day < first_day]

    @cached_property
    def sha256(self) -> str:
        return digest(self.rows, [point.pk for point in self.left])

    @cached_property
    def counts(self) -> dict[str, int]:
        """Outcome -> rows, and how many contact points the list leaves out."""
        counted = Counter(str(p.outcome) for p in self.rows)
        return {kind: counted[kind] for kind in ImportRow.Outcome.values} | {LEFT: len(self.left)}


def plan_list(
    *,
    county_id: int,
    rows: Sequence[ListRow],
    first_day: date,
    answers: Mapping[str, Any] | None = None,
    progress: Callable[..., None] = lambda *args: None,
) -> Plan:
    """What the rows would do to the county's registry; writes nothing."""
    registry = Registry(county_id)
    told = {key: answer["answer"] for key, answer in (answers or {}).items()}
    planner = Planner(registry, first_day, told)
    planned = []
    for n, row in enumerate(rows, 1):
        planned.append(planner.plan(row))
        progress(COMPARING, n, len(rows))
    questions = [question.kept() for question in planner.questions.values()]
    return Plan(registry, planned, questions, left_out(registry, planned, first_day))


def rows_of(run: ImportRun) -> list[ImportRow]:
    return list(run.rows.order_by("number"))


def read_rows(run: ImportRun) -> list[ListRow]:
    """The kept rows as they were read, or corrected since, without what they would do."""
    names = ("number", "values", "problems", "sheet", "sheet_row")
    return [
        ListRow(number, values, _problems(problems), sheet, sheet_row)
        for number, values, problems, sheet, sheet_row in run.rows.order_by("number").values_list(
            *names
        )
    ]


def _problems(kept: list[dict[str, Any]]) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    return tuple((p["column"], p["text"], p["params"]) for p in kept)


def as_read(rows: Sequence[ImportRow]) -> list[ListRow]:
    """The rows as they were read, or corrected since."""
    return [
        ListRow(
            row.number,
            row.values,
            _problems(row.problems),
            row.sheet,
            row.sheet_row,
        )
        for row in rows
    ]


def keep_preview(run: ImportRun, plan: Plan, kept: Sequence[ImportRow] = ()) -> None:
    """Show this plan as the run's preview; only rows that differ from `kept` are written."""
    known = {row.number: row for row in kept}
    fresh = [_row(run, p, known.get(p.row.number)) for p in plan.rows]
    differing = [row for row in fresh if not _same(row, known.get(row.number))]
    if kept:
        run.rows.filter(number__in=[row.number for row in differing]).delete()
    else:
        run.rows.all().delete()
    copying.insert(differing)
    run.counts, run.questions = plan.counts, plan.questions
    run.left, run.plan_sha256 = [point.pk for point in plan.left], plan.sha256
    run.state = ImportRun.State.READY
    run.save()


def _row(run: ImportRun, p: PlannedRow, known: ImportRow | None) -> ImportRow:
    problems = [
        {"column": column, "text": text, "params": params}
        for column, text, params in p.row.problems
    ]
    return ImportRow(
        run=run,
        number=p.row.number,
        sheet=p.row.sheet,
        sheet_row=p.row.sheet_row or p.row.number,
        outcome=str(p.outcome),
        values=p.row.values,
        original=known.original if known else None,
        problems=problems,
        changes=[list(change) for change in p.changes],
        notes=p.notes,
        contact_point=None,
    )


def _same(row: ImportRow, known: ImportRow | None) -> bool:
    return known is not None and all(getattr(row, n) == getattr(known, n) for n in _SHOWN)
