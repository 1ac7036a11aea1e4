"""The year, month by month: those issued as their reports say, the others as they are now."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

from contact_points.models import County, Unit
from outreach import clock
from reports import indicators, letterheads, rollups
from reports.models import Report
from reports.snapshots import Snapshot, named_figures, plain
from reports.snapshots.matters import counts, raised

# What adds up over months; the rest is distinct since January.
ADDED = (
    *("due", "done", "extra", "exempt", "planned_lines", "planned_kept"),
    *("visits", "feedback_on_time", "ate", "lived", "worked", "together_visits"),
    *("people", "household_contacts", "household_repeats", "written_minutes"),
)
SINCE_JANUARY = ("groups_covered", "groups_possible", "households_reached", "households_total")


def summary(county: County, year: int) -> Snapshot | None:
    """All that the year's summary says; None before the year's first month has begun."""
    first = date(year, 1, 1)
    last = min(date(year, 12, 1), clock.this_month())
    if last < first:
        return None
    issued = {
        row.month: row.snapshot
        for row in Report.objects.in_force().filter(county=county, month__year=year)
    }
    months = [clock.add_months(first, n) for n in range(last.month)]
    parts = [_month(county, month, issued.get(month)) for month in months]
    return {
        "county": {"code": county.code, "name": county.name},
        "year": year,
        "months": parts,
        "counted_on": clock.today().isoformat(),
        "letterhead": letterheads.heading(county),
        "figures": _total([part["figures"] for part in parts])
        | _since_january(county, first, last, issued.get(last)),
        "units": _units(parts),
        "topics": [
            asdict(row) for row in indicators.topic_reach(county.pk, first, last, public=True)
        ],
        "matters": _added([part["matters"] for part in parts]),
        "raised": _raised(parts),
    }


def _month(county: County, month: date, issued: Snapshot | None) -> dict[str, Any]:
    if issued:
        told = issued.get("matters") or {}
        found = {
            "figures": issued["figures"],
            "units": issued["units"],
            "matters": told.get("figures", {}),
            "raised": told.get("raised", []),
        }
    else:
        found = {
            "figures": plain(rollups.figures(county.pk, month)[0]),
            "units": named_figures(rollups.figures(county.pk, month, by="unit")),
            "matters": counts(indicators.matter_figures(county.pk, month)[0]),
            "raised": raised(county.pk, month),
        }
    return {"month": month.isoformat(), "revision": issued and issued["revision"], **found}


def _since_january(
    county: County, first: date, last: date, issued: Snapshot | None
) -> dict[str, int]:
    row = issued["year"] if issued else plain(rollups.figures(county.pk, first, last)[0])
    return {name: row[name] for name in SINCE_JANUARY}


def _added(rows: list[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row)
    return dict(total)


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of these months together."""
    groups: Counter[str] = Counter()
    for row in rows:
        groups.update(dict(row["people_by_group"]))
    added = {name: sum(row.get(name, 0) for row in rows) for name in ADDED}
    return added | {"people_by_group": [[group, heads] for group, heads in groups.items()]}


def _units(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the registry; under the name a unit has now."""
    found: dict[int, list[dict[str, Any]]] = {}
    for part in parts:
        for row in part["units"]:
            found.setdefault(row["key"], []).append(row["figures"])
    units = Unit.objects.filter(pk__in=found).order_by("order", "id")
    return [
        {"key": unit.pk, "name": unit.name, "figures": _total(found[unit.pk])} for unit in units
    ]


def _raised(parts: list[dict[str, Any]]) -> list[list[Any]]:
    """(category, matters) the most first; those not sorted under None."""
    total: Counter[str | None] = Counter()
    for part in parts:
        for row in part["raised"]:
            total[row["name"]] += row["matters"]
    return [[name, count] for name, count in total.most_common()]
