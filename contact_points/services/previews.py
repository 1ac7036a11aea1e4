"""What a list would do, as it is kept and shown until a person applies it."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from contact_points.models import ImportRow, ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services import decisions
from contact_points.services.known import Point
from contact_points.services.lookup import Registry
from contact_points.services.planning import PlannedRow, Planner, overlap
from outreach import copying

COMPARING = gettext_noop("Comparing with the registry")
LEFT = "left"
# After so many rows the progress is told.
_STEP = 500
_encode = copying.encoder()
_decode = json.JSONDecoder().raw_decode


@dataclass
class Plan:
    """What the rows of a list would do to the registry."""

    registry: Registry
    rows: list[PlannedRow]
    questions: list[dict[str, Any]]
    # Contact points that hold but that no row names.
    left: list[Point]

    @cached_property
    def sha256(self) -> str:
        """The hash of exactly what the preview shows and what applying it writes."""
        sha256 = hashlib.sha256()
        for p, writes in zip(self.rows, self.writes, strict=True):
            shown = _encode([p.changes, p.notes]) if p.changes or p.notes else ""
            sha256.update(f"{p.row.number} {p.outcome} {shown} {writes}\n".encode())
        sha256.update(_encode([point.pk for point in self.left]).encode())
        return sha256.hexdigest()

    @property
    def registry_sha256(self) -> str:
        """The hash of the registry that the rows were compared with."""
        return self.registry.sha256

    @cached_property
    def writes(self) -> list[str]:
        """What each row writes, as it is kept."""
        return [decisions.kept(p) for p in self.rows]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Outcome -> rows, and how many contact points the list leaves out."""
        counted = Counter(p.outcome for p in self.rows)
        return {kind: counted[kind] for kind in ImportRow.Outcome.values} | {LEFT: len(self.left)}


def closable(left: Iterable[Point], first_day: date) -> list[Point]:
    """Those left out that can end the day before: what began on the day itself cannot."""
    return [point for point in left if point.first_day < first_day]


@copying.no_collecting()
def plan_list(
    *,
    county_id: int,
    rows: Sequence[ListRow],
    first_day: date,
    answers: Mapping[str, Any] | None = None,
    progress: Callable[..., None] = lambda *args: None,
    registry: Registry | None = None,
) -> Plan:
    """What the rows would do to the county's registry; writes nothing."""
    registry = registry or Registry(county_id)
    told = {key: answer["answer"] for key, answer in (answers or {}).items()}
    planner = Planner(registry, first_day, told)
    planned: list[PlannedRow] = []
    for begin in range(0, len(rows), _STEP):
        planned += map(planner.plan, rows[begin : begin + _STEP])
        progress(COMPARING, len(planned), len(rows))
    questions = [question.kept() for question in planner.questions.values()]
    return Plan(registry, planned, questions, _left_out(registry, planned, first_day))


def _left_out(registry: Registry, planned: Sequence[PlannedRow], first_day: date) -> list[Point]:
    """The contact points that hold on the day and that no row names or might name.

    Those of the units that the list speaks of come first. A row whose village is not known yet
    may mean any of its unit's.
    """
    named = {(p.unit and p.unit.pk, p.village and p.village.pk) for p in planned}
    units = {unit for unit, _village in named}
    found = [
        point
        for (unit, village), points in registry.points.items()
        if named.isdisjoint([(unit, village), (unit, None), (None, village)])
        for point in points
        if overlap((first_day, first_day), (point.first_day, point.last_day))
    ]
    return sorted(found, key=lambda p: (p.unit.pk not in units, p.unit.pk, p.village.code, p.pk))


def keep_preview(run: ImportRun, plan: Any) -> None:
    """Show this plan as the run's preview, in place of whatever it had."""
    run.rows.all().delete()
    copying.insert_values(
        ImportRow,
        (
            *("number", "sheet", "sheet_row", "values"),
            *("problems", "outcome", "changes", "notes", "writes"),
        ),
        map(_kept, plan.rows, plan.writes),
        run=run.pk,
    )
    _show(run, plan)


def _kept(p: Any, writes: str) -> tuple[Any, ...]:
    row = p.row
    problems = [
        {"column": column, "text": text, "params": params} for column, text, params in row.problems
    ]
    place = row.number, row.sheet, row.sheet_row or row.number
    return *place, row.values, problems, p.outcome, p.changes, p.notes, writes


def keep_differences(run: ImportRun, plan: Any) -> None:
    """Show a new plan of the kept rows; only those that it decides otherwise are written."""
    names = ("outcome", "changes", "notes", "writes")
    shown = run.rows.order_by("number").values_list(
        "pk", "outcome", *_as_text("changes", "notes"), "writes"
    )
    differing = [
        (pk, p.outcome, p.changes, p.notes, writes)
        for p, writes, (pk, outcome, changes, notes, wrote) in zip(
            plan.rows, plan.writes, shown, strict=True
        )
        if (p.outcome, writes) != (outcome, wrote)
        or [list(change) for change in p.changes] != _loaded(changes)
        or [*p.notes] != _loaded(notes)
    ]
    copying.update_values(ImportRow, names, differing)
    _show(run, plan)


def confirmed_rows(
    run: ImportRun, plan_sha256: str, registry: Registry
) -> Sequence[PlannedRow] | None:
    """The rows that write, exactly as the preview of this hash has them.

    None when that is not what they would do any more: then a new preview is kept. That the
    registry is the one of the preview, to the letter, proves that the rows still do the same; any
    other registry is compared again.
    """
    if (run.plan_sha256, run.registry_sha256) == (plan_sha256, registry.sha256):
        rows = run.rows.exclude(writes="").order_by("number")
        found = rows.values_list("number", "outcome", "writes")
        return list(decisions.restored(found.iterator(), registry))
    plan = plan_list(
        county_id=run.county_id,
        rows=read_rows(run),
        first_day=run.first_day,
        answers=run.answers,
        registry=registry,
    )
    return plan.rows if still_the_same(run, plan, plan_sha256) else None


def still_the_same(run: ImportRun, plan: Any, plan_sha256: str) -> bool:
    """Whether the rows would still do what the preview of this hash shows; else show the new."""
    if plan.sha256 == plan_sha256:
        return True
    keep_differences(run, plan)
    return False


def _show(run: ImportRun, plan: Any) -> None:
    run.counts, run.questions = plan.counts, plan.questions
    run.left, run.plan_sha256 = [point.pk for point in plan.left], plan.sha256
    run.state, run.registry_sha256 = ImportRun.State.READY, plan.registry_sha256
    run.save()


def read_rows(run: ImportRun) -> list[ListRow]:
    """The kept rows as they were read, or corrected since, without what they would do."""
    rows = run.rows.order_by("number").values_list(
        "number", "sheet", "sheet_row", *_as_text("values", "problems")
    )
    same: dict[str, str] = {}
    read = []
    for number, sheet, sheet_row, cells, problems in rows:
        # The texts that rows have in common, most of all, are kept once.
        values = {name: same.setdefault(text, text) for name, text in _loaded(cells).items()}
        found = tuple((p["column"], p["text"], p["params"]) for p in _loaded(problems))
        read.append(ListRow(number, values, found, sheet, sheet_row))
    return read


def _as_text(*names: str) -> list[Cast]:
    # The field's own way of loading takes three times as long, and most of it is empty.
    return [Cast(name, TextField()) for name in names]


def _loaded(text: str) -> Any:
    return [] if text == "[]" else _decode(text)[0]
