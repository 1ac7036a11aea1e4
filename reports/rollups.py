"""The figures of many months at once, for trends, spans and comparisons.

Everything here equals `reports.indicators`, month by month.
"""

from datetime import date
from typing import Any

from outreach import clock
from reports import indicators, sql
from reports.indicators import By, Figures


def months(first: date, last: date) -> list[date]:
    """Every month from first to last, the newest last."""
    found = []
    while first <= last:
        found.append(first)
        first = clock.add_months(first, 1)
    return found


def figures(
    county_id: int, first_month: date, last_month: date | None = None, by: By | None = None
) -> list[Figures]:
    """What `indicators.figures` says."""
    return indicators.figures(county_id, first_month, last_month, by)


def by_month(
    county_id: int,
    first: date,
    last: date,
    *,
    unit: int | None = None,
    township: int | None = None,
    officer: int | None = None,
) -> dict[date, Figures]:
    """The figures of each month from first to last, of the county or of one part of it.

    Of a month without lines and visits everything is 0 (its rates "-"). Figures marked "year" run
    from 1 January to that month. At most one of unit, township and officer is given.
    """
    by, key = _part(unit=unit, township=township, officer=officer)
    found = {}
    for month in months(first, last):
        rows = {row.key: row for row in indicators.figures(county_id, month, by=by)}
        found[month] = rows.get(key) or indicators.nothing(key)
    return found


def matters_by_month(
    county_id: int,
    first: date,
    last: date,
    *,
    unit: int | None = None,
    township: int | None = None,
) -> dict[date, dict[int | None, int]]:
    """Matters raised in each month by category of the upper level (None: not sorted yet).

    Of several reports of one problem the first counts. A unit's are those it leads now.
    """
    found: dict[date, dict[int | None, int]] = {month: {} for month in months(first, last)}
    span = indicators.span(county_id, first, last) | {"unit": unit, "township": township}
    for row in indicators.run(sql.MATTERS_RAISED, span):
        found[row["month"]][row["category"]] = row["matters"]
    return found


def _part(**keys: Any) -> tuple[By | None, int | None]:
    given = {by: key for by, key in keys.items() if key is not None}
    if len(given) > 1:
        raise ValueError(f"one of {', '.join(given)} at a time")
    for by, key in given.items():
        return by, key  # type: ignore[return-value]
    return None, None
