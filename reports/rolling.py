"""Keeping the rollups: counting stale months again, making all anew, comparing (`MonthFigures`).

One county at a time and each in its own transaction: the marks go with the rows they asked for, so
a worker that dies has done nothing, and a change that comes in between leaves its own mark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from reports import indicators, rolled
from reports.models import MonthFigures, StaleMonth
from visits.models import PlanLine, Visit

LOCK = 0x726F6C6C  # the first key of the advisory lock; the second is the county


@dataclass(frozen=True)
class Difference:
    """A row that is kept and is not what counting gives; what of it is None is not there."""

    county: int
    month: date
    contact_point: int
    officer: int
    kept: dict[str, Any] | None
    counted: dict[str, Any] | None

    def __str__(self) -> str:
        where = f"{self.month:%Y-%m} contact point {self.contact_point} officer {self.officer}"
        if self.kept is None or self.counted is None:
            return f"{where}: {'missing' if self.kept is None else 'too many'}"
        facts = [
            f"{name} {self.kept[name]} is {self.counted[name]}"
            for name in self.kept
            if self.kept[name] != self.counted[name]
        ]
        return f"{where}: {', '.join(facts)}"


@transaction.atomic
def roll_up(county_id: int) -> int:
    """Count the county's stale months again; 0 while somebody else is doing it."""
    if not _locked(county_id):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reports_stalemonth WHERE county_id = %s RETURNING month", [county_id]
        )
        stale = {month for (month,) in cursor.fetchall()}
    # A change shows in what follows it within the year: households known, contacts repeated.
    for year in sorted({month.year for month in stale}):
        first = min(month for month in stale if month.year == year)
        _count(county_id, first, date(year, 12, 1))
    return len(stale)


@transaction.atomic
def rebuild(county_id: int) -> int:
    """Make the county's rows anew from its records, and forget its marks; how many rows."""
    if not _locked(county_id, wait=True):
        return 0
    StaleMonth.objects.filter(county_id=county_id).delete()
    MonthFigures.objects.filter(county_id=county_id).delete()
    return sum(_count(county_id, first, last) for first, last in _years(county_id))


def differences(county_id: int, years: int | None = None) -> Iterator[Difference]:
    """Where kept rows are not what counting gives, although nothing marks them as stale.

    Of the last years, or of all.
    """
    for first, last in _years(county_id)[-years if years else None :]:
        yield from _compared(county_id, first, last)


def repair(county_id: int, years: int = 2) -> list[Difference]:
    """The differences of the last years, whose months are marked to be counted again."""
    found = list(differences(county_id, years))
    StaleMonth.objects.bulk_create(
        StaleMonth(county_id=county_id, month=month, transaction=0)
        for month in sorted({difference.month for difference in found})
    )
    return found


@transaction.atomic
def _compared(county_id: int, first: date, last: date) -> list[Difference]:
    # Kept, counted and marks must be of one moment.
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    stale = StaleMonth.objects.first_month(county_id, first, last)
    asked = indicators.span(county_id, first, last)
    kept = _by_key(rolled.KEPT, asked)
    counted = _by_key(rolled.rows_made(), asked)
    return [
        Difference(county_id, month, point, officer, kept.get(key), counted.get(key))
        for key in sorted({*kept, *counted})
        if kept.get(key) != counted.get(key)
        for month, point, officer in [key]
        if stale is None or month < stale
    ]


def _by_key(statement: str, asked: dict[str, Any]) -> dict[tuple[date, int, int], dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return {(row["month"], row["contact_point_id"], row["officer_id"]): row for row in rows}


def _count(county_id: int, first: date, last: date) -> int:
    asked = indicators.span(county_id, first, last)
    MonthFigures.objects.filter(county_id=county_id, month__range=(first, last)).delete()
    with connection.cursor() as cursor:
        cursor.execute(rolled.keep(), asked)
        return cursor.rowcount


def _locked(county_id: int, *, wait: bool = False) -> bool:
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, county_id])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, county_id])
        (mine,) = cursor.fetchone()
        return bool(mine)


def _years(county_id: int) -> list[tuple[date, date]]:
    """First and last month of each year in which the county has lines, visits or kept rows."""
    ends = [
        model._default_manager.filter(county_id=county_id).aggregate(
            first=Min("month"), last=Max("month")
        )
        for model in (PlanLine, Visit, MonthFigures)
    ]
    firsts = [end["first"] for end in ends if end["first"]]
    if not firsts:
        return []
    last = max(end["last"] for end in ends if end["last"])
    return [
        (date(year, 1, 1), date(year, 12, 1)) for year in range(min(firsts).year, last.year + 1)
    ]
