"""Everything that a dashboard shows, read in one query."""

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Literal

from outreach import clock
from reports import indicators, sql
from reports.asking import Part, Rows, run_together
from reports.dashboards.scope import Scope
from reports.figures import Attention, Comparison, Figures, MatterFigures, Tile, TopicReach, nothing
from reports.indicators import FIGURES

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
    matters: MatterFigures
    raised: dict[date, dict[int | None, int]]  # month -> upper category -> matters
    peers: dict[int, Figures]  # the county's units, of their obligations only


def read(scope: Scope) -> Board:
    """The board of this part of the county. One query."""
    narrow = scope.township or scope.unit or scope.officer
    places: Literal["township", "village"] = "village" if narrow else "township"
    found = run_together(_parts(scope, places))
    _before, until = indicators.compared_month(scope.month)
    total = _figures(found, "total", None)[0]
    then = _figures(found, "then", None)[0]
    months = {date.fromisoformat(row["key"]): row for row in found["months"]}
    villages = _figures(found, "village", "village")
    return Board(
        total=total,
        compared=indicators.comparison(total, then, until),
        months={month: _of_month(months.get(month)) for month in last_months(scope.month)},
        units=_figures(found, "unit", "unit"),
        places=villages if places == "village" else _figures(found, places, places),
        places_are=places,
        tiles=indicators.tiles_in(found["places"], villages, scope.month),
        attention=indicators.attention_in(found["attention"]),
        exemptions={row["kind"]: row["lines"] for row in found["exemptions"]},
        topics=[TopicReach(**row) for row in found["topics"]],
        matters=indicators.matters_in(found.get("matters", []))[0],
        raised=_raised(found.get("raised", []), scope.month),
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
    asked = scope.asked()
    before, until = indicators.compared_month(scope.month)
    year = scope.asked(first=last_months(scope.month)[0])
    then = scope.asked() | indicators.span(scope.county, before) | _of(scope) | {"until": until}
    parts = {f"total {name}": Part(text, asked) for name, text in FIGURES.items()}
    for by in {"village", places}:
        names = FIGURES if by == places else ("obligations", "visits")
        parts |= {f"{by} {name}": Part(FIGURES[name], asked, by) for name in names}
    parts |= {
        "then obligations": Part(sql.OBLIGATIONS, then),
        "months": Part(sql.OBLIGATIONS, year, "month"),
        "places": Part(sql.VILLAGES, asked),
        "attention": Part(sql.ATTENTION, asked),
        "exemptions": Part(sql.EXEMPTIONS, asked),
        "topics": Part(sql.TOPICS, asked),
    }
    if scope.unit is None:
        names = ("obligations", "visits", "people")
        parts |= {f"unit {name}": Part(FIGURES[name], asked, "unit") for name in names}
    elif scope.officer is None:
        county = indicators.span(scope.county, scope.month)
        parts["peers"] = Part(sql.OBLIGATIONS, county, "unit")
    if scope.officer is None:
        parts["matters"] = Part(sql.MATTERS, asked)
        parts["raised"] = Part(sql.MATTERS_RAISED, year)
    return parts


def _of(scope: Scope) -> dict[str, Any]:
    return {"township": scope.township, "unit": scope.unit, "officer": scope.officer}


def _figures(found: dict[str, Rows], name: str, by: Any) -> list[Figures]:
    rows = {part.split()[1]: found[part] for part in found if part.startswith(f"{name} ")}
    return indicators.gathered(rows, by)


def _of_month(row: dict[str, Any] | None) -> Figures:
    return Figures(**row) if row else nothing(None)


def _raised(rows: Rows, month: date) -> dict[date, dict[int | None, int]]:
    found: dict[date, dict[int | None, int]] = {each: {} for each in last_months(month)}
    for row in rows:
        found[date.fromisoformat(row["month"])][row["category"]] = row["matters"]
    return found
