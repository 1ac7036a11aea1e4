"""The figures of many months at once, from rows that are kept for each month (`MonthFigures`).

Everything here equals `reports.indicators`. A month whose records changed since its rows were made
is read from the definitions, so what is read is never older than the records.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from outreach import clock
from reports import indicators, rolled, sql
from reports.asking import By
from reports.figures import Figures, Key, nothing
from reports.models import StaleMonth
from visits.models import Group

Span = tuple[date, date, date]  # slot (by which it is found again), first month, last month


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
    """What `indicators.figures` says, in two queries."""
    last = last_month or first_month
    found = [row for _slot, row in _read(county_id, [(last, first_month, last)], by)]
    if by is None:
        return found or [nothing(None)]
    return sorted(found, key=lambda row: str(row.key) if by == "kind" else row.key or 0)


def trends(county_id: int, first: date, last: date, by: By) -> dict[Key, dict[date, Figures]]:
    """For each key that has lines or visits, its figures of every month; two queries."""
    slots = months(first, last)
    found: dict[Key, dict[date, Figures]] = {}
    for slot, row in _read(county_id, [(month, month, month) for month in slots], by):
        found.setdefault(row.key, {})[slot] = row
    return {
        key: {month: rows.get(month) or nothing(key) for month in slots}
        for key, rows in found.items()
    }


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
    from 1 January to that month. At most one of unit, township and officer is given. Two queries.
    """
    by, key = _part(unit=unit, township=township, officer=officer)
    found = {month: nothing(key) for month in months(first, last)}
    found.update(_read(county_id, [(month, month, month) for month in found], by, key))
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
    asked = indicators.span(county_id, first, last) | {"unit": unit, "township": township}
    for row in indicators.run(sql.MATTERS_RAISED, asked):
        found[row["month"]][row["category"]] = row["matters"]
    return found


def _part(**keys: int | None) -> tuple[Any, int | None]:
    given = [(by, key) for by, key in keys.items() if key is not None]
    if len(given) > 1:
        raise ValueError("one of unit, township and officer at a time")
    return given[0] if given else (None, None)


def asked_of(spans: list[Span], stale: date | None, asked: dict[str, Any]) -> dict[str, Any]:
    """The parameters of `rolled.reading` on these spans; `asked` says of whom."""
    januaries = [last.replace(month=1) for _slot, _first, last in spans]
    begin, end = _ends(spans)
    first = stale or begin
    return asked | {
        "first": first,
        "last": end,
        "earliest": min(first, end).replace(month=1),
        "january": begin,
        "stale": stale,
        "slots": [slot for slot, _first, _last in spans],
        "firsts": [first for _slot, first, _last in spans],
        "lasts": [last for _slot, _first, last in spans],
        "januaries": januaries,
    }


def figures_in(row: dict[str, Any], by: By | None) -> Figures:
    """A row of `rolled.reading`, without its slot, as figures."""
    key = row.pop("key")
    groups = {group: row.pop(group) for group in Group.values}
    extra = row.pop("substantive") - row["done"]
    return Figures(
        key=key if by else None,
        extra=extra,
        people=sum(groups.values()),
        people_by_group=groups,
        **row,
    )


def _ends(spans: list[Span]) -> tuple[date, date]:
    """The first month whose rows these spans need, and the last."""
    januaries = [last.replace(month=1) for _slot, _first, last in spans]
    begin = min(*januaries, *(first for _slot, first, _last in spans))
    return begin, max(last for _slot, _first, last in spans)


def _read(
    county_id: int, spans: list[Span], by: By | None, only: int | None = None
) -> Iterator[tuple[date, Figures]]:
    if not spans:
        return
    begin, end = _ends(spans)
    stale = StaleMonth.objects.first_month(county_id, begin, end)
    part: dict[str, Any] = {str(by): only} if by and only is not None else {}
    asked = asked_of(spans, stale, indicators.span(county_id, begin, end, **part))
    with connection.cursor() as cursor:
        cursor.execute(rolled.reading(by, stale=stale is not None), asked)
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            yield row.pop("slot"), figures_in(row, by)
