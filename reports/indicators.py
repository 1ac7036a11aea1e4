"""The indicators, each defined once and as SQL (domain: indicators, rules).

Every figure is read here: by pages, the monthly report, ledgers, commands and tests.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal
from uuid import UUID

from contact_points.models import County
from feedback.crosscheck import Check, check
from feedback.estimates import published, together
from outreach import clock
from reports import sql
from reports.asking import By, Rows, run, span
from reports.evaluation import Evaluated, evaluated_in
from reports.figures import (
    Attention,
    Comparison,
    Figures,
    Key,
    MatterFigures,
    Rate,
    Tile,
    TopicReach,
    Unmet,
    nothing,
)
from visits.models import Group

VerifiedBy = Literal["unit", "township"]
MatterBy = Literal["unit", "township", "village", "kind", "category"]
MatterRate = Literal["response", "resolution", "satisfaction", "exclusion"]
MatterPart = Literal["whole", "met", "missing"]


FIGURES = {
    "obligations": sql.OBLIGATIONS,
    "visits": sql.VISITS,
    "households": sql.HOUSEHOLDS,
    "groups": sql.GROUPS,
    "people": sql.PEOPLE,
}


def figures(
    county_id: int, first_month: date, last_month: date | None = None, by: By | None = None
) -> list[Figures]:
    """The figures of the months from first to last, one row per key that has lines or visits.

    Without `by` exactly one row, that of the county. An officer's row holds what happened under
    the plan lines they were responsible for, whoever stood in (domain: handover). Five queries.
    """
    asked = span(county_id, first_month, last_month)
    return gathered({name: run(part, asked, by) for name, part in FIGURES.items()}, by)


def gathered(found: dict[str, Rows], by: By | None = None) -> list[Figures]:
    """The rows of the statements of `FIGURES`, or of some of them, as figures."""
    rows: dict[Key, dict[str, Any]] = {0: {}} if by is None else {}
    for name in ("obligations", "visits", "households", "groups"):
        _merge(rows, found.get(name, []))
    for row in rows.values():
        row["people_by_group"] = dict.fromkeys(Group.values, 0)
    for row in found.get("people", []):
        heads = rows[row["key"]]
        heads["people_by_group"][row["group"]] = row["people"]
        heads["people"] = heads.get("people", 0) + row["people"]
    figures = [_figures(key if by else None, row) for key, row in rows.items()]
    return sorted(figures, key=lambda row: str(row.key) if by == "kind" else row.key or 0)


def matter_figures(
    county_id: int, first_month: date, last_month: date | None = None, by: MatterBy | None = None
) -> list[MatterFigures]:
    """The rates of matters that fell due, or whose villager was asked, in these months.

    Without `by` exactly one row, that of the county. One query.
    """
    return matters_in(run(sql.MATTERS, span(county_id, first_month, last_month), by), by)


def matters_in(rows: Rows, by: MatterBy | None = None) -> list[MatterFigures]:
    """The rows of `sql.MATTERS` as figures."""
    if by is None:
        return [MatterFigures(**{**row, "key": None}) for row in rows] or [MatterFigures(None)]
    return [MatterFigures(**row) for row in rows]


def matter_ids(
    county_id: int,
    first_month: date,
    rate: MatterRate,
    part: MatterPart = "whole",
    last_month: date | None = None,
) -> list[int]:
    """The matters behind a rate of `matter_figures`: all that count, what is met or missing."""
    asked = span(county_id, first_month, last_month)
    return [row["id"] for row in run(sql.matter_ids(rate, part), asked)]


def status_tiles(county_id: int, month: date) -> list[Tile]:
    """One tile per village, by township. `late`: not done though month or feedback day is over."""
    asked = span(county_id, month)
    work = {name: run(FIGURES[name], asked, "village") for name in ("obligations", "visits")}
    return tiles_in(run(sql.VILLAGES, asked), gathered(work, "village"), month)


def tiles_in(villages: Rows, figures: Iterable[Figures], month: date) -> list[Tile]:
    """The rows of `sql.VILLAGES` as tiles, coloured by the figures of the villages."""
    rows = {row.key: row for row in figures}
    over = clock.this_month() > month
    tiles = []
    for village in villages:
        row = rows.get(village["village"]) or nothing(village["village"])
        place = {name: value for name, value in village.items() if name != "merged"}
        if village["merged"] and not row.due and not row.exempt:
            continue
        tiles.append(Tile(**place, state=_state(row, over), due=row.due, done=row.done))
    return tiles


def attention(county_id: int, month: date) -> Attention:
    """What in the month's plan and visits waits for somebody. One query."""
    return attention_in(run(sql.ATTENTION, span(county_id, month)))


def attention_in(rows: Rows) -> Attention:
    """The rows of `sql.ATTENTION` by concern."""
    waiting: dict[str, list[Any]] = {name: [] for name in Attention.__dataclass_fields__}
    for row in rows:
        waiting[row["concern"]].append(UUID(row["id"]) if "-" in row["id"] else int(row["id"]))
    return Attention(**waiting)


def compared(county_id: int, month: date) -> Comparison:
    """Done in the month against the month before, up to the same day while the month runs."""
    before, until = compared_month(month)
    now = _obligations(span(county_id, month))
    then = _obligations(span(county_id, before) | {"until": until})
    return comparison(now, then, until)


def compared_month(month: date) -> tuple[date, date | None]:
    """The month before, and its day to compare with (None: the whole month)."""
    before, last_day = clock.add_months(month, -1), month - clock.ONE_DAY
    today = clock.today()
    if month != clock.this_month():
        return before, None
    if today == clock.add_months(month, 1) - clock.ONE_DAY:
        return before, last_day
    return before, before.replace(day=min(today.day, last_day.day))


def comparison(now: Figures, then: Figures, until: date | None) -> Comparison:
    """The obligations done now beside those done then."""
    return Comparison(now.done, then.done if then.due else None, until)


def exemptions(county_id: int, month: date) -> dict[str, int]:
    """Kind of `ExemptionRequest` -> the month's lines it applies to, of kinds that occur.

    All but leaves, which keep the obligation, add up to `Figures.exempt`.
    """
    rows = run(sql.EXEMPTIONS, span(county_id, month))
    return {row["kind"]: row["lines"] for row in rows}


def unmet(county_id: int, month: date) -> list[Unmet]:
    """The month's obligations that are not done, in the order of units and villages."""
    return [Unmet(**row) for row in run(sql.UNMET, span(county_id, month))]


def topic_reach(
    county_id: int, first_month: date, last_month: date | None = None, *, public: bool = False
) -> list[TopicReach]:
    """Topics that were planned for or explained in these months, the widest first.

    `public`: who knows them as everybody may read it, else as the county office does.
    """
    asked = span(county_id, first_month, last_month)
    summed = published if public else together
    said = evaluated_in(run(sql.EVALUATED, asked), asked, summed=summed)
    return topics_in(run(sql.TOPICS, asked), said)


def topics_in(rows: Rows, said: Evaluated) -> list[TopicReach]:
    """The rows of `sql.TOPICS`, each with who knows it."""
    return [TopicReach(**row, known=said.known.get(row["topic"])) for row in rows]


def verified(
    county_id: int, first_month: date, last_month: date | None = None, by: VerifiedBy | None = None
) -> dict[Key, Rate]:
    """印证率: villages of closed rounds about these months that confirm a recorded visit.

    Without `by` exactly one, under None, that of the county. A village that several units visited
    stands in the rate of each.
    """
    county = County.objects.get(pk=county_id)
    rounds = county.evaluationround_set.about(first_month, last_month or first_month)
    found: dict[Key, list[Check]] = {None: []} if by is None else {}
    for row in check(rounds):
        keys: Iterable[Key] = {None: [None], "unit": row.claimed, "township": [row.township]}[by]
        for key in keys:
            found.setdefault(key, []).append(row)
    counted = {key: [row for row in rows if row.counts] for key, rows in found.items()}
    return {
        key: Rate(sum(row.is_verified for row in rows), len(rows)) for key, rows in counted.items()
    }


def _merge(rows: dict[Key, dict[str, Any]], found: Iterable[dict[str, Any]]) -> None:
    for row in found:
        rows.setdefault(row.pop("key"), {}).update(row)


def _figures(key: Key, row: dict[str, Any]) -> Figures:
    substantive = row.pop("substantive", 0)
    return Figures(key=key, extra=substantive - row.get("done", 0), **row)


def _obligations(asked: dict[str, Any]) -> Figures:
    rows = run(sql.OBLIGATIONS, asked)
    if not rows:
        return Figures(key=None)
    del rows[0]["key"]
    return Figures(key=None, **rows[0])


def _state(row: Figures, over: bool) -> Literal["none", "exempt", "done", "due", "late"]:
    if not row.due:
        return "exempt" if row.exempt else "none"
    if row.done >= row.due:
        return "done"
    return "late" if over or row.overdue_feedback else "due"
