"""The kinds of list: how each is planned, written and taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection

from contact_points.models import ImportRow, ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services.applying import Writer
from contact_points.services.households import HouseholdPlanner, without_names
from contact_points.services.officers import OfficerPlanner
from contact_points.services.previews import Plan, plan_list
from contact_points.services.record_writing import RecordsBack, write_records
from contact_points.services.records import RecordPlan, RecordPlanner, plan_records
from contact_points.services.registry import announce_change
from contact_points.services.taking_back import PointsBack, TakingBack
from contact_points.services.units import UnitPlanner
from contact_points.services.villages import VillagePlanner
from outreach.models import User


@dataclass(frozen=True)
class Kind:
    """One kind of list.

    `plan(run, rows, progress)` says what the rows would do and writes nothing; `write(run, plan,
    actor)` writes it and returns the trail that `taking_back` takes back; `kept(rows)` are the
    rows as they may be kept, without what nobody collects.
    """

    plan: Callable[..., Any]
    write: Callable[..., dict[str, Any]]
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


def _write_points(run: ImportRun, plan: Plan, actor: User | None) -> dict[str, Any]:
    """Ends the contact points in `run.closes` as well, and tells how many in `run.counts`."""
    writer = Writer(
        county_id=run.county_id,
        bulk_id=run.bulk_id,
        actor=actor,
        co_officers=plan.registry.co_officers,
    )
    chosen = set(run.closes)
    closing = [point for point in plan.closable(run.first_day) if point.pk in chosen]
    written = writer.write(plan.rows, closing, run.first_day)
    _link_rows(run, written.points)
    run.counts["closed"] = len(closing)
    announce_change(run.county_id)
    return written.trail()


def _link_rows(run: ImportRun, points: dict[int, int]) -> None:
    """Let each row know the contact point that it opened or changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ImportRow._meta.db_table} AS row SET contact_point_id = given.point "
            "FROM unnest(%s::int[], %s::bigint[]) AS given (number, point) "
            "WHERE row.run_id = %s AND row.number = given.number",
            [list(points), list(points.values()), run.pk],
        )


def _write_records(run: ImportRun, plan: RecordPlan, actor: User | None) -> dict[str, Any]:
    return dict(write_records(run, plan.rows, actor))


def _records(planner: type[RecordPlanner], **others: Any) -> Kind:
    return Kind(partial(plan_records, planner), _write_records, RecordsBack, **others)


KINDS: dict[str, Kind] = {
    ImportRun.Kind.CONTACT_POINTS: Kind(_plan_points, _write_points, PointsBack),
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
