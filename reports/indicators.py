"""The indicators, each defined once and as SQL (domain: indicators, rules).

Every figure is read here: by pages, the monthly report, ledgers, commands and tests.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any, Literal
from uuid import UUID

from outreach import clock
from reports import sql
from reports.asking import By, Rows, run, span
from visits.models import Group

MatterBy = Literal["unit", "township", "village", "kind", "category"]
MatterRate = Literal["response", "resolution", "satisfaction", "exclusion"]
MatterPart = Literal["whole", "met", "missing"]
Key = int | str | None
Z = 1.959964  # of a standard normal distribution 95 % lie within


FIGURES = {
    "obligations": sql.OBLIGATIONS,
    "visits": sql.VISITS,
    "households": sql.HOUSEHOLDS,
    "groups": sql.GROUPS,
    "people": sql.PEOPLE,
}


@dataclass(frozen=True)
class Rate:
    """Part of a whole. Nothing of nothing is no rate, and no rate exceeds 1 (domain: rules)."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """A fraction from 0 to 1, or None when there is nothing to divide by."""
        if not self.denominator:
            return None
        return min(self.numerator / self.denominator, 1.0)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, for a rate of a sample; None of an empty one."""
        n, rate = self.denominator, self.value
        if rate is None:
            return None
        centre = rate + Z * Z / (2 * n)
        half = Z * sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


@dataclass(frozen=True)
class Figures:
    """The counts of one county, unit, township, village, contact point, officer or kind of unit.

    Counts are of the asked months; those marked "year" run from 1 January to the last month's end.
    """

    key: Key  # the id (for `kind` its code; None for the county as a whole)

    # Obligations: visits owed after exemptions, visits done for them, substantive visits beyond.
    due: int = 0
    done: int = 0
    extra: int = 0
    exempt: int = 0  # plan lines
    planned_lines: int = 0  # lines owed, with topics, of approved plans
    planned_kept: int = 0

    # Visits that are not void, and their feedback.
    visits: int = 0
    feedback_sent: int = 0
    feedback_on_time: int = 0
    waiting_review: int = 0
    returned: int = 0
    overdue_feedback: int = 0
    burden_minutes: float | None = None  # median from opening the form to sending it
    written_minutes: int = 0  # sum of the same
    ate: int = 0
    lived: int = 0
    worked: int = 0
    together_visits: int = 0

    # People, in heads.
    people: int = 0
    people_by_group: dict[str, int] | None = None  # Group value -> heads, in Group order
    groups_covered: int = 0  # year; summed over contact points
    groups_possible: int = 0  # five for each contact point

    # Households.
    households_reached: int = 0  # year, distinct
    households_total: int = 0
    household_contacts: int = 0
    household_repeats: int = 0

    @property
    def open(self) -> int:
        """Visits owed and not done."""
        return self.due - self.done

    @property
    def sent_late(self) -> int:
        """Records that reached the server after the day allowed."""
        return self.feedback_sent - self.feedback_on_time

    @property
    def written_hours(self) -> float:
        return self.written_minutes / 60

    @property
    def completion(self) -> Rate:
        """完成率."""
        return Rate(self.done, self.due)

    @property
    def on_time(self) -> Rate:
        """及时反馈率."""
        return Rate(self.feedback_on_time, self.visits)

    @property
    def adherence(self) -> Rate:
        """按计划率."""
        return Rate(self.planned_kept, self.planned_lines)

    @property
    def household_coverage(self) -> Rate:
        """逐户覆盖率."""
        return Rate(self.households_reached, self.households_total)

    @property
    def repeat(self) -> Rate:
        """重复率."""
        return Rate(self.household_repeats, self.household_contacts)

    @property
    def group_coverage(self) -> Rate:
        """层次覆盖."""
        return Rate(self.groups_covered, self.groups_possible)


@dataclass(frozen=True)
class MatterFigures:
    """三率 of the matters of a county, unit, township, village, kind of unit or category."""

    key: Key
    response_due: int = 0
    responded: int = 0
    resolution_due: int = 0
    resolved: int = 0
    excluded: int = 0  # out of remit or not possible, as two people said
    asked: int = 0
    content: int = 0

    @property
    def response(self) -> Rate:
        """Accepted within two working days."""
        return Rate(self.responded, self.response_due)

    @property
    def resolution(self) -> Rate:
        """The unit says solved or explained within the limit, and nobody took it back."""
        return Rate(self.resolved, self.resolution_due)

    @property
    def satisfaction(self) -> Rate:
        """The villager says solved or satisfied, of those asked."""
        return Rate(self.content, self.asked)

    @property
    def exclusion(self) -> Rate:
        """The share that left the resolution rate."""
        return Rate(self.excluded, self.excluded + self.resolution_due)


@dataclass(frozen=True)
class Tile:
    """A village on the wall of tiles."""

    village: int
    code: str
    name: str
    township: str
    township_id: int
    state: Literal["none", "exempt", "done", "due", "late"]
    due: int
    done: int


@dataclass(frozen=True)
class Attention:
    """What waits for somebody, as ids; count with `len`."""

    undated_lines: list[int]  # PlanLine: owed, not visited yet, without an intended date
    overdue_feedback: list[UUID]  # Visit: no feedback sent and its day has passed
    returned: list[UUID]  # Visit: feedback returned and not sent again
    waiting_review: list[UUID]  # Visit: feedback submitted
    waiting_plans: list[int]  # AnnualPlan of the year: submitted
    open_requests: list[int]  # ExemptionRequest of any month: not answered yet
    overdue_matters: list[int]  # Matter of any month: open and past its day


@dataclass(frozen=True)
class Comparison:
    """Obligations done, and those done by the same day of the month before."""

    done: int
    before: int | None  # None: the month before owed nothing, so there is nothing to compare with
    until: date | None  # the day compared with; None: whole months

    @property
    def difference(self) -> int | None:
        return None if self.before is None else self.done - self.before


@dataclass(frozen=True)
class Unmet:
    """An obligation not fulfilled."""

    line: int
    unit: str
    village: str
    township: str
    officer: str
    due: int
    done: int


@dataclass(frozen=True)
class TopicReach:
    """宣传到达: villages that planned a topic, villages it was explained in, heads present."""

    topic: int
    title: str
    villages_planned: int
    villages_delivered: int
    people: int


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
    county_id: int, first_month: date, last_month: date | None = None
) -> list[TopicReach]:
    """Topics that were planned for or explained in these months, the widest first."""
    asked = span(county_id, first_month, last_month)
    return [TopicReach(**row) for row in run(sql.TOPICS, asked)]


def nothing(key: Key) -> Figures:
    """The figures of who owed and did nothing."""
    return Figures(key, people_by_group=dict.fromkeys(Group.values, 0))


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
