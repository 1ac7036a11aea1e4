"""A sheet into a unit's plan: kept, read, applied exactly as it was shown, taken back."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from contact_points.reading import ListRow
from outreach import audit, clock, jobs
from outreach.models import AuditEntry, User
from outreach.privacy import private_number
from visits.loading import MONTHS, Cell, Decided, decide, values_of
from visits.models import AnnualPlan, PlanImport, PlanLine, Topic, Visit
from visits.permissions import is_plan_writer
from visits.services.errors import NotPossible, StaleVersion
from visits.services.plans import line_facts, save_lines

State = PlanImport.State
READING = gettext_noop("Reading the sheet")
LOADED = gettext_noop("Sheet loaded into the plan")
TAKEN_BACK = gettext_noop("Loading of the sheet taken back")
TOUCHED = gettext_lazy("A line was changed or visited since, so nothing was taken back.")
NUMBER = gettext_noop("The cell holds a telephone or identity number. It has no place here.")


def why_not_loaded(plan: AnnualPlan) -> str:
    """Why no sheet can be loaded into the plan now; nothing while one can."""
    if plan.state == AnnualPlan.State.APPROVED:
        return _(
            "The plan is approved: changes are amendments now. Make them in the grid, cell by "
            "cell, each with its reason."
        )
    if plan.state == AnnualPlan.State.SUBMITTED:
        return _("The plan is with the county office. It can be written again if it is returned.")
    return ""


def _check(actor: User, plan: AnnualPlan) -> None:
    if not is_plan_writer(actor, plan):
        raise PermissionDenied
    if shut := why_not_loaded(plan):
        raise NotPossible(shut)


@transaction.atomic
def start_plan_import(
    *, plan: AnnualPlan, file_name: str, content: bytes, actor: User
) -> PlanImport:
    """Keep an uploaded sheet and let it be read in the background.

    Raises PermissionDenied, NotPossible (the plan is not open).
    """
    _check(actor, plan)
    run = PlanImport(
        county_id=plan.county_id,
        plan=plan,
        created_by=actor,
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
    )
    extension = file_name.rsplit(".", 1)[-1].lower()
    run.file.save(f"{run.pk}.{extension}", ContentFile(content), save=False)
    run.job = jobs.enqueue(
        "visits.tasks.read_plan_sheet",
        title=READING,
        county_id=plan.county_id,
        actor=actor,
        args={"run": str(run.pk)},
        key=f"plan-sheet:{run.pk}",
    )
    run.save(force_insert=True)
    facts = {"file": run.file_name, "sha256": run.sha256}
    audit.record(gettext_noop("Sheet of a plan uploaded"), actor=actor, obj=run, after=facts)
    return run


@transaction.atomic
def refuse_sheet(
    *,
    run: PlanImport,
    text: str,
    params: dict[str, Any],
    actor: User | None,
) -> None:
    """The file cannot be read; `text` is the source sentence that says why. It is not kept."""
    values = {"state": State.REFUSED, "message": text, "message_params": params}
    if _read_once(run, values):
        audit.record(
            gettext_noop("Sheet of a plan refused"), actor=actor, obj=run, after={"why": text}
        )


@transaction.atomic
def keep_sheet(
    *,
    run: PlanImport,
    rows: Sequence[ListRow],
    understood: dict[str, Any],
    actor: User | None,
) -> None:
    """Keep what was read of the file, and the file no longer; the plan stays untouched."""
    kept, told = [_kept(row) for row in rows], _without_numbers(understood)
    if _read_once(run, {"state": State.READY, "rows": kept, "understood": told}):
        audit.record(
            gettext_noop("Sheet of a plan read"), actor=actor, obj=run, after={"rows": len(kept)}
        )


def _read_once(run: PlanImport, values: dict[str, Any]) -> bool:
    """End the reading with these values and forget the file; whether nobody had ended it."""
    if not PlanImport.objects.filter(pk=run.pk, state=State.READING).update(file="", **values):
        return False
    storage, name = run.file.storage, run.file.name
    transaction.on_commit(lambda: storage.delete(name))
    return True


def _kept(row: ListRow) -> dict[str, Any]:
    """The row without texts that nobody may keep."""
    values, problems = dict(row.values), list(row.problems)
    for column in MONTHS.values():
        if private_number(values.get(column, "")):
            values[column] = ""
            problems.append((column, NUMBER, {}))
    for column, text in values.items():
        if private_number(text):
            values[column] = ""
    return {"number": row.number, "place": row.place, "values": values, "problems": problems}


def _without_numbers(told: Any) -> Any:
    """What was understood of the file, less every text that nobody may keep."""
    if isinstance(told, dict):
        return {name: _without_numbers(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_without_numbers(value) for value in told]
    return "…" if isinstance(told, str) and private_number(told) else told


def decided(run: PlanImport, lines: Sequence[PlanLine] | None = None) -> Decided:
    """What the cells did; of a sheet not applied yet what they would do now."""
    if run.state in (State.APPLIED, State.UNDONE):
        return Decided([Cell(**cell) for cell in run.report])
    if run.state != State.READY:
        return Decided([])
    if lines is None:
        lines = list(run.plan.lines.for_grid())
    return decide(run.plan, run.rows, run.letters, lines)


@transaction.atomic
def apply_sheet(*, run: PlanImport, sha256: str, seen: str, actor: User) -> PlanImport:
    """Write the new and changed cells, all or none; rejected ones stay out.

    `sha256` and `seen` name the file and the cells that their reader agreed to. The same
    confirmation arriving twice is one. Raises PermissionDenied, NotPossible, StaleVersion
    (`current` is what the cells would do now).
    """
    run, lines = _locked(run, actor)
    if run.state == State.APPLIED and sha256 == run.sha256:
        return run
    if run.state != State.READY:
        raise NotPossible(_("There is nothing to apply."))
    now = decided(run, lines)
    if not now.writing:
        raise NotPossible(_("There is nothing to apply."))
    if (sha256, seen) != (run.sha256, now.digest):
        raise StaleVersion(now)
    changes = {cell.line: cell.values for cell in now.writing if cell.line}
    _write(run, lines, changes, actor, LOADED)
    run.state, run.applied_at = State.APPLIED, clock.now()
    run.report = [asdict(cell) for cell in now.cells]
    run.save(update_fields=["state", "applied_at", "report"])
    return run


def _locked(run: PlanImport, actor: User) -> tuple[PlanImport, list[PlanLine]]:
    """The import and its plan's lines, held until the transaction ends."""
    run = PlanImport.objects.for_page().select_for_update(of=["self"]).get(pk=run.pk)
    # The plan before its lines, as everybody locks them who writes more than one.
    run.plan = (
        AnnualPlan.objects.select_for_update(of=["self"])
        .select_related("unit", "programme_year", "county")
        .get(pk=run.plan_id)
    )
    _check(actor, run.plan)
    lines = run.plan.lines.for_grid().select_related("contact_point__unit")
    return run, list(lines.select_for_update(of=["self"]))


def _write(
    run: PlanImport,
    lines: Iterable[PlanLine],
    changes: dict[int, dict[str, Any]],
    actor: User,
    action: str,
    bulk_id: Any = None,
) -> None:
    """Give the lines these values: an entry a line, one of the plan, one bulk id."""
    bulk_id = bulk_id or run.bulk_id
    officers = {person.pk: person for person in run.plan.unit.officers.all()}
    named = {pk for values in changes.values() for pk in values["topics"]}
    topics = Topic.objects.in_bulk(named)
    topics_of: dict[PlanLine, list[Topic]] = {}
    entries = []
    for line in lines:
        if (values := changes.get(line.pk)) is None:
            continue
        before = line_facts(line, line.topics.all())
        day = values["planned_date"]
        line.planned_date = date.fromisoformat(day) if day else None
        line.group, line.officer = values["group"], officers[values["officer"]]
        line.version += 1
        topics_of[line] = [topics[pk] for pk in values["topics"]]
        facts: dict[str, Any] = {"before": before, "after": line_facts(line, topics_of[line])}
        entries.append(audit.entry(action, actor=actor, obj=line, bulk_id=bulk_id, **facts))
    told = {"file": run.file_name, "lines": len(topics_of)}
    entries.append(audit.entry(action, actor=actor, obj=run.plan, after=told, bulk_id=bulk_id))
    save_lines(topics_of, entries)


# Take it back -------------------------------------------------------------------------------------


def can_be_taken_back(run: PlanImport, lines: Iterable[PlanLine] | None = None) -> bool:
    """Whether it is applied, and nobody wrote its lines or visited since."""
    if run.state != State.APPLIED:
        return False
    written = {cell.line: cell for cell in decided(run).writing}
    own = [line for line in lines or run.plan.lines.for_grid() if line.pk in written]
    stand = all(values_of(line) == written[line.pk].values for line in own)
    if not stand or len(own) < len(written):  # written otherwise, or gone
        return False
    trail = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower,
        object_id__in=PlanLine.objects.filter(pk__in=written).values_list(
            Cast("pk", models.CharField())
        ),
    )
    loaded = trail.filter(bulk_id=run.bulk_id).aggregate(last=models.Max("pk"))["last"]
    visits = Visit.objects.counted().filter(plan_line__in=written, received_at__gt=run.applied_at)
    touched = trail.filter(pk__gt=loaded).exists() or visits.exists()
    return not touched and _still_offered(run.plan, written.values())


def _still_offered(plan: AnnualPlan, cells: Iterable[Cell]) -> bool:
    """Whether the topics that were replaced are still topics of their month and unit."""
    known = plan.programme_year.topics.meant_for(plan.unit_id).in_bulk()
    return all(
        pk in known and known[pk].is_offered_in(date(plan.programme_year.year, cell.month, 1))
        for cell in cells
        for pk in cell.was["topics"]
    )


@transaction.atomic
def take_back_sheet(*, run: PlanImport, actor: User) -> int:
    """Put the lines back to what they were before the sheet; returns how many.

    Raises PermissionDenied, NotPossible (not applied, or somebody wrote a line since).
    """
    run, lines = _locked(run, actor)
    if run.state != State.APPLIED:
        raise NotPossible(_("Only an applied sheet can be taken back."))
    if not can_be_taken_back(run, lines):
        raise NotPossible(TOUCHED)
    changes = {cell.line: cell.was for cell in decided(run).writing if cell.line}
    _write(run, lines, changes, actor, TAKEN_BACK, uuid4())
    run.state = State.UNDONE
    run.save(update_fields=["state"])
    return len(changes)
