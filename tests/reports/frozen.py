"""Snapshots written by hand."""

from dataclasses import asdict

from reports.figures import Figures
from visits.models import Group


def figures(**counts):
    row = asdict(Figures(key=None, **counts))
    del row["key"]
    return row | {"people_by_group": [[group, 0] for group in Group.values]}


def snapshot(now=None, **changes):
    """A month of October 2026 counted on 5 November; `now` are the counts of the county."""
    row = figures(**(now or {}))
    base = {
        "version": 1,
        "county": {"code": "130529", "name": "巨鹿县"},
        "month": "2026-10-01",
        "revision": 1,
        "counted_on": "2026-11-05",
        "rules": {"programme_year": 2026, "feedback_due_days": 5},
        "figures": row,
        "previous_month": figures(),
        "year": row,
        "kinds": [],
        "units": [],
        "townships": [],
        "villages_visited": 0,
        "unmet": [],
        "exemptions": [],
        "substituted": 0,
        "topics": [],
        "findings": [],
        "suggestions": [],
        "next_month": {"month": "2026-11-01", "due": 0, "undated_lines": 0, "topics": []},
        "replaces": None,
    }
    return base | changes


def owed(n, unit="县水务局", **fields):
    row = {"line": n, "unit": unit, "village": f"第{n}村委会", "township": "观寨乡"}
    return row | {"officer": "", "due": 1, "done": 0} | fields
