"""One unit's or one township's part of a month, taken from the same snapshot as the report.

Where the month's report is issued its frozen figures and lists are used, so that sheet and report
agree for ever; before that the month as it is now.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import QuerySet

from contact_points.models import County, Township, Unit
from feedback.models import Matter
from outreach import clock
from reports import letterheads, snapshots
from reports.figures import Figures, MatterFigures
from reports.models import Report
from reports.snapshots import Snapshot
from reports.snapshots.matters import counts
from reports.snapshots.records import frozen_list
from visits.models import PlanLine, ProgrammeYear, Visit

RATES = {
    "response": ("response_due", "responded"),
    "resolution": ("resolution_due", "resolved"),
    "exclusion": (None, "excluded"),
    "satisfaction": ("asked", "content"),
}


@dataclass(frozen=True)
class Part:
    """Whose sheet it is."""

    kind: Literal["unit", "township"]
    pk: int
    name: str
    county: County

    @property
    def path(self) -> str:
        """From a contact point to it."""
        return "unit" if self.kind == "unit" else "village__township"


def part_of(row: Unit | Township) -> Part:
    return Part("unit" if isinstance(row, Unit) else "township", row.pk, row.name, row.county)


def sheet(part: Part, month: date) -> Snapshot:
    """All that the part's sheet says. Raises ProgrammeYear.DoesNotExist."""
    issued = Report.objects.in_force().filter(county=part.county, month=month).first()
    whole = issued.snapshot if issued else snapshots.live(part.county, month)
    lines = _lines(whole, part)
    owed = {row["line"]: row for row in whole["unmet"]}
    exempt = set(_ids(whole, "exempt"))
    return {
        **{name: whole[name] for name in ("county", "month", "counted_on", "rules", "revision")},
        "letterhead": whole.get("letterhead") or letterheads.heading(part.county),
        "kind": part.kind,
        "name": part.name,
        "figures": _figures(whole, part),
        "contact_points": [_contact_point(row, owed.get(row.pk), exempt) for row in lines],
        "unmet": [owed[row.pk] for row in lines if row.pk in owed],
        "overdue": _visits(whole, part, "overdue"),
        "returned": _visits(whole, part, "returned"),
        "matters": _matters(whole, part),
        "next_month": _next_month(whole, part),
    }


def _figures(whole: Snapshot, part: Part) -> dict[str, Any]:
    rows = whole["units" if part.kind == "unit" else "townships"]
    for row in rows:
        if row["key"] == part.pk:
            return row["figures"]
    nothing = asdict(Figures(key=None))
    del nothing["key"]
    return nothing | {"people_by_group": []}


def _ids(whole: Snapshot, name: str) -> list[Any]:
    found = frozen_list(whole, name)
    return found[1] if found else []


def _of_part(rows: QuerySet, ids: Iterable[Any], part: Part) -> QuerySet:
    """Those of these plan lines or visits that are the part's."""
    rows = rows.filter(pk__in=ids, **{f"contact_point__{part.path}": part.pk})
    return rows.select_related("contact_point__unit", "contact_point__village__township", "officer")


def _lines(whole: Snapshot, part: Part) -> list[PlanLine]:
    """What was owed or exempt in the month, place by place."""
    ids = {*_ids(whole, "due"), *_ids(whole, "exempt"), *(row["line"] for row in whole["unmet"])}
    return list(_in_order(_of_part(PlanLine.objects.all(), ids, part)))


def _in_order(lines: QuerySet) -> QuerySet:
    point = "contact_point__"
    return lines.order_by(
        f"{point}village__township__code", f"{point}village__code", f"{point}unit__order", "pk"
    )


def _place(row: PlanLine | Visit) -> dict[str, str]:
    point = row.contact_point
    return {
        "unit": point.unit.name,
        "township": point.village.township.name,
        "village": point.village.name,
        "officer": row.officer.name,
    }


def _contact_point(line: PlanLine, owed: dict[str, Any] | None, exempt: set[int]) -> dict[str, Any]:
    if owed:
        return _place(line) | {"state": "open", "due": owed["due"], "done": owed["done"]}
    return _place(line) | {"state": "exempt" if line.pk in exempt else "done"}


def _visits(whole: Snapshot, part: Part, name: str) -> list[dict[str, Any]]:
    rows = _of_part(Visit.objects.all(), _ids(whole, name), part).order_by("started_at", "pk")
    return [_place(row) | {"day": row.day.isoformat()} for row in rows]


def _matters(whole: Snapshot, part: Part) -> dict[str, Any]:
    """Rates of the matters that the unit led then, or of those raised in the township."""
    mine = _own_matters(whole, part)
    counted: dict[str, int] = dict.fromkeys(counts(MatterFigures(None)), 0)
    for rate, names in RATES.items():
        for name, records in zip(names, (rate, f"{rate}:met"), strict=True):
            if name:
                counted[name] = len(mine.intersection(_ids(whole, records)))
    late = [row for row in _ids(whole, "overdue_matters") if row in mine]
    rows = Matter.objects.filter(pk__in=late).select_related("village__township", "leader")
    return {
        "figures": counted,
        "open": len(mine.intersection(_ids(whole, "open_matters"))),
        "overdue": [
            {
                "unit": row.leader.name,
                "township": row.village.township.name,
                "village": row.village.name,
                "due_on": row.due_on.isoformat(),
            }
            for row in rows.order_by("due_on", "pk")
        ],
    }


def _own_matters(whole: Snapshot, part: Part) -> set[int]:
    if part.kind == "unit":
        return set(_ids(whole, f"leader:{part.pk}"))
    everything = whole.get("records", {}).get("matter", [])
    rows = Matter.objects.filter(pk__in=everything, village__township=part.pk)
    return set(rows.values_list("pk", flat=True))


def _next_month(whole: Snapshot, part: Part) -> dict[str, Any]:
    undated = set(_ids(whole, "next_undated"))
    lines = list(_in_order(_of_part(PlanLine.objects.all(), _ids(whole, "next_due"), part)))
    return {
        "month": whole["next_month"]["month"],
        "undated_lines": sum(row.pk in undated for row in lines),
        "contact_points": [_place(row) for row in lines],
    }


def months(county: County) -> list[date]:
    """The months of opened years there can be a sheet of, the newest first."""
    years = set(ProgrammeYear.objects.filter(county=county).values_list("year", flat=True))
    this = clock.this_month()
    past = (clock.add_months(this, -n) for n in range(24))
    return [month for month in past if month.year in years]
