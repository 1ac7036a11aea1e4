"""Everything that a dashboard shows, read in one query."""

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Literal

from outreach import clock
from reports import indicators, rolled, rollups, sql
from reports.asking import By, Part, Rows, run_together
from reports.dashboards.scope import Scope
from reports.evaluation import evaluated_in
from reports.figures import (
    Attention,
    Comparison,
    Figures,
    MatterFigures,
    Rate,
    Tile,
    TopicReach,
    Word,
    nothing,
)
from reports.indicators import FIGURES
from reports.models import StaleMonth

MONTHS = 12  # of the trends
FEWEST = 5  # units of a kind until their median is shown to one of them


@dataclass(frozen=True)
class Board:
    """The figures of one dashboard; what it does not show is empty."""

    total: Figures
    compared: Comparison
    months: dict[date, Figures]  # obligations only
    units: list[Figures]
    places: list[Figures]  # townships, or the villages of a part
    places_are: Literal["township", "village"]
    tiles: list[Tile]
    attention: Attention
    exemptions: dict[str, int]
    topics: list[TopicReach]
    verified: Rate
    matters: MatterFigures
    raised: dict[date, dict[int | None, int]]  # month -> upper category -> matters
    words: list[Word]  # of the whole county only: of a part there are too few records to tell
    peers: dict[int, Figures]  # the county's units, of their obligations only


def read(scope: Scope) -> Board:
    """The board of this part of the county. Two queries."""
    narrow = scope.township or scope.unit or scope.officer
    places: Literal["township", "village"] = "village" if narrow else "township"
    year = last_months(scope.month)[0]
    stale = StaleMonth.objects.first_month(scope.county, year, scope.month)
    found = run_together(_parts(scope, places) | _kept(scope, places, stale))
    _before, until = indicators.compared_month(scope.month)
    total = next(iter(_read(found["total"], None)), nothing(None))
    then = _figures(found, "then", None)[0]
    months = {date.fromisoformat(row["key"]): row for row in found["months"] + found["stale"]}
    in_places = _read(found["places"], places)
    villages = in_places if places == "village" else _figures(found, "village", "village")
    said = evaluated_in(found["evaluated"], scope.asked(), veiled=scope.is_evaluated)
    return Board(
        total=total,
        compared=indicators.comparison(total, then, until),
        months={month: _of_month(months.get(month)) for month in last_months(scope.month)},
        units=_read(found.get("units", []), "unit"),
        places=in_places,
        places_are=places,
        tiles=indicators.tiles_in(found["tiles"], villages, scope.month),
        attention=indicators.attention_in(found["attention"]),
        exemptions={row["kind"]: row["lines"] for row in found["exemptions"]},
        topics=indicators.topics_in(found["topics"], said),
        verified=said.verified,
        matters=indicators.matters_in(found.get("matters", []))[0],
        raised=_raised(found.get("raised", []), scope.month),
        words=[Word(**row) for row in found.get("words", [])],
        peers={row["key"]: _of_month(row) for row in found.get("peers", [])},
    )


def last_months(month: date) -> list[date]:
    """The months of the trends, `month` the last."""
    return [clock.add_months(month, n + 1 - MONTHS) for n in range(MONTHS)]


def middle(rows: list[Figures]) -> float | None:
    """The median completion of those who owe something."""
    rates = [row.completion.value for row in rows if row.completion.value is not None]
    return median(rates) if rates else None


def _parts(scope: Scope, places: Literal["township", "village"]) -> dict[str, Part]:
    """What is read from the records of one month, or of what is not kept in rows."""
    asked = scope.asked()
    before, until = indicators.compared_month(scope.month)
    then = scope.asked() | indicators.span(scope.county, before) | _of(scope) | {"until": until}
    parts = {
        "then obligations": Part(sql.OBLIGATIONS, then),
        "tiles": Part(sql.VILLAGES, asked),
        "attention": Part(sql.ATTENTION, asked),
        "exemptions": Part(sql.EXEMPTIONS, asked),
        "topics": Part(sql.TOPICS, asked),
        "evaluated": Part(sql.EVALUATED, asked),
    }
    if places != "village":
        for name in ("obligations", "visits"):
            parts[f"village {name}"] = Part(FIGURES[name], asked, "village")
    if scope.opens and not (scope.township or scope.unit or scope.officer):
        parts["words"] = Part(sql.WORDS, asked)
    if scope.unit is not None and scope.officer is None:
        county = indicators.span(scope.county, scope.month)
        parts["peers"] = Part(sql.OBLIGATIONS, county, "unit")
    if scope.officer is None:
        parts["matters"] = Part(sql.MATTERS, asked)
        year = scope.asked(first=last_months(scope.month)[0])
        parts["raised"] = Part(sql.MATTERS_RAISED, year)
    return parts


def _kept(scope: Scope, places: By, stale: date | None) -> dict[str, Part]:
    """What reaches back over months: from the rows that are kept, since `stale` from the records.

    So the page costs the same however long the history is.
    """
    year = scope.asked(first=last_months(scope.month)[0]) | {"stale": stale}
    changed = scope.asked(first=stale or clock.add_months(scope.month, 1))
    parts = {
        "months": Part(rolled.OBLIGATIONS, year),
        "stale": Part(sql.OBLIGATIONS, changed, "month"),
    }
    span = [(scope.month, scope.month, scope.month)]
    january = scope.month.replace(month=1)
    since = max(stale, january) if stale else None
    asked = rollups.asked_of(span, since, scope.asked())
    keys: dict[str, By | None] = {"total": None, "places": places}
    if scope.unit is None:
        keys["units"] = "unit"
    for name, by in keys.items():
        statement = rolled.reading(by, stale=since is not None)
        parts[name] = Part(statement, asked, by, whole=True)
    return parts


def _of(scope: Scope) -> dict[str, Any]:
    return {"township": scope.township, "unit": scope.unit, "officer": scope.officer}


def _figures(found: dict[str, Rows], name: str, by: Any) -> list[Figures]:
    rows = {part.split()[1]: found[part] for part in found if part.startswith(f"{name} ")}
    return indicators.gathered(rows, by)


def _read(rows: Rows, by: By | None) -> list[Figures]:
    """The rows of `rolled.reading` as figures."""
    figures = []
    for row in rows:
        del row["slot"]
        figures.append(rollups.figures_in(row, by))
    return figures


def _of_month(row: dict[str, Any] | None) -> Figures:
    return Figures(**row) if row else nothing(None)


def _raised(rows: Rows, month: date) -> dict[date, dict[int | None, int]]:
    found: dict[date, dict[int | None, int]] = {each: {} for each in last_months(month)}
    for row in rows:
        found[date.fromisoformat(row["month"])][row["category"]] = row["matters"]
    return found
