"""What an indicator is told as: rates, counts, tiles, and what waits for somebody."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from feedback.estimates import Estimate, wilson
from visits.models import Group

Key = int | str | None


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
        n = self.denominator
        return wilson(min(self.numerator, n), n) if n else None


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
    own_matters: list[int]  # Matter of any month, of one officer: raised at their visits, open


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
    """宣传到达: villages that planned a topic, villages it was explained in, heads present.

    And who knows it, of the villagers asked; None while nobody was, or fewer than five answered.
    """

    topic: int
    title: str
    villages_planned: int
    villages_delivered: int
    people: int
    known: Estimate | None = None


@dataclass(frozen=True)
class Word:
    """A word that rises: the month's records that hold it, and those of the months before."""

    word: str
    visits: int
    matters: int
    before: int
    records: int  # of the month, with the word or without it
    records_before: int


def nothing(key: Key) -> Figures:
    """The figures of who owed and did nothing."""
    return Figures(key, people_by_group=dict.fromkeys(Group.values, 0))
