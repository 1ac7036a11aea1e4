"""The kinds of list: how each is planned, confirmed, written and taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from contact_points.models import ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services.applying import Writer
from contact_points.services.households import HouseholdPlanner, without_names
from contact_points.services.lookup import Registry
from contact_points.services.officers import OfficerPlanner
from contact_points.services.previews import (
    Plan,
    closable,
    confirmed_rows,
    plan_list,
    read_rows,
    still_the_same,
)
from contact_points.services.record_writing import RecordsBack, write_records
from contact_points.services.records import RecordPlanner, plan_records
from contact_points.services.registry import announce_change
from contact_points.services.taking_back import PointsBack, TakingBack
from contact_points.services.units import UnitPlanner
from contact_points.services.villages import VillagePlanner
from outreach.models import User


@dataclass(frozen=True)
class Confirmed:
    """The rows of a confirmed preview, and the registry they were decided by if it is needed."""

    rows: Sequence[Any]
    registry: Registry | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of list.

    `plan(run, rows, progress)` says what the rows would do and writes nothing; `confirm(run,
    plan_sha256)` is what exactly that preview writes, or None when it would do something else by
    now and a new preview was kept; `write(run, confirmed, actor)` writes it and returns the trail
    that `taking_back` takes back; `kept(rows)` are the rows as they may be kept, without what
    nobody collects.
    """

    plan: Callable[..., Any]
    confirm: Callable[[ImportRun, str], Confirmed | None]
    write: Callable[[ImportRun, Confirmed, User | None], dict[str, Any]]
    taking_back: type[TakingBack]
    kept: Callable[[Sequence[ListRow]], list[ListRow]] = list
    # Whether a file of this kind may hold what nobody collects: villagers' names.
    private: bool = False


def _plan_points(run: ImportRun, rows: Sequence[ListRow], progress: Callable[..., None]) -> Plan:
    return plan_list(
        county_id=run.county_id,
        rows=rows,
        first_day=run.first_day,
        answers=run.answers,
        progress=progress,
    )


def _confirm_points(run: ImportRun, plan_sha256: str) -> Confirmed | None:
    registry = Registry(run.county_id)
    rows = confirmed_rows(run, plan_sha256, registry)
    return None if rows is None else Confirmed(rows, registry)


def _write_points(run: ImportRun, confirmed: Confirmed, actor: User | None) -> dict[str, Any]:
    """Ends the contact points in `run.closes` as well, and tells how many in `run.counts`."""
    registry = confirmed.registry
    assert registry
    writer = Writer(
        county_id=run.county_id,
        bulk_id=run.bulk_id,
        actor=actor,
        co_officers=registry.co_officers,
    )
    closing = closable((registry.point(pk) for pk in run.closes), run.first_day)
    written = writer.write(confirmed.rows, closing, run.first_day)
    run.counts["closed"] = len(closing)
    act: dict[str, Any] = {"id": str(run.bulk_id), "actor": actor and actor.pk, "before": {}}
    announce_change(run.county_id, act)
    return vars(written)


def _confirm_records(run: ImportRun, plan_sha256: str) -> Confirmed | None:
    plan = plan_again(run)
    return Confirmed(plan.rows) if still_the_same(run, plan, plan_sha256) else None


def _write_records(run: ImportRun, confirmed: Confirmed, actor: User | None) -> dict[str, Any]:
    return dict(write_records(run, confirmed.rows, actor))


def _records(planner: type[RecordPlanner], **others: Any) -> Kind:
    plan = partial(plan_records, planner)
    return Kind(plan, _confirm_records, _write_records, RecordsBack, **others)


KINDS: dict[str, Kind] = {
    ImportRun.Kind.CONTACT_POINTS: Kind(_plan_points, _confirm_points, _write_points, PointsBack),
    ImportRun.Kind.VILLAGES: _records(VillagePlanner),
    ImportRun.Kind.UNITS: _records(UnitPlanner),
    ImportRun.Kind.OFFICERS: _records(OfficerPlanner),
    ImportRun.Kind.HOUSEHOLDS: _records(HouseholdPlanner, kept=without_names, private=True),
}


def plan_run(
    run: ImportRun,
    rows: Sequence[ListRow],
    progress: Callable[..., None] = lambda *args: None,
) -> Any:
    """What the rows would do, by the kind of the list; writes nothing."""
    return KINDS[run.kind].plan(run, rows, progress)


def plan_again(run: ImportRun) -> Any:
    """What the kept rows would do to the registry as it is now, with the answers there are."""
    return plan_run(run, read_rows(run))
