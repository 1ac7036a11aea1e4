"""The story of the demonstration county, written in memory: who does what at which moment.

It knows neither database nor services, hence the same lists, seed and day give the same story.
Steps that lie after the last day are cut off, so the present month is done as far as it has come.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from outreach import clock

GROUPS = ("party_members", "village_cadres", "representatives", "capable", "in_difficulty")


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of the Shanghai day."""
    return datetime.combine(day, time(hour, minute), clock.SHANGHAI)


@dataclass
class Officer:
    key: int
    unit: str
    name: str
    post: str
    username: str = ""


@dataclass
class Account:
    username: str
    name: str
    role: str
    unit: str = ""
    known_password: bool = False


@dataclass
class Point:
    """A contact point; `last_day` and `note` where it ends within the story."""

    key: int
    unit: str
    village: str
    officer: Officer
    first_day: date
    last_day: date | None = None
    note: str = ""

    def holds_in(self, month: date) -> bool:
        after = clock.add_months(month, 1)
        return self.first_day < after and (self.last_day is None or self.last_day >= month)


@dataclass(frozen=True)
class OpenPoint:
    point: Point


@dataclass(frozen=True)
class OpenYear:
    year: int


@dataclass(frozen=True)
class AddTopic:
    year: int
    title: str
    level: str
    text: str
    first_month: date
    last_month: date
    with_file: bool = False


@dataclass(frozen=True)
class AvoidDays:
    year: int
    first_day: date
    last_day: date
    township: str
    reason: str


@dataclass(frozen=True)
class WriteLine:
    point: int
    month: date
    day: date
    group: str
    officer: int
    topics: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class SubmitPlan:
    unit: str
    year: int


@dataclass(frozen=True)
class DecidePlan:
    unit: str
    year: int
    reason: str = ""


@dataclass(frozen=True)
class Exempt:
    point: int
    month: date
    exemption: str
    reason: str


@dataclass(frozen=True)
class AskExemption:
    point: int
    month: date
    kind: str
    reason: str
    substitute: int | None = None


@dataclass(frozen=True)
class DecideRequest:
    point: int
    month: date
    grant: bool
    answer: str


@dataclass(frozen=True)
class HandOver:
    point: int
    successor: Point
    reason: str


@dataclass(frozen=True)
class RecordVisit:
    id: uuid.UUID
    point: int
    officer: int
    by: str
    started_at: datetime
    ended_at: datetime
    ate: bool
    lived: bool
    worked: bool
    topics: tuple[str, ...]
    talks: Mapping[tuple[str, str], int]
    households: Mapping[str, str]
    written_at: datetime


@dataclass(frozen=True)
class SaveFeedback:
    visit: uuid.UUID
    by: str
    texts: Mapping[str, str]
    minutes: int
    send: bool
    problems: tuple[tuple[int, str], ...] = ()  # (key of the matter, what was raised)


@dataclass(frozen=True)
class Review:
    visit: uuid.UUID
    by: str
    reason: str = ""


@dataclass(frozen=True)
class VoidVisit:
    visit: uuid.UUID
    by: str
    reason: str


@dataclass(frozen=True)
class AddCategory:
    name: str
    parent: str
    limit_days: int
    unit: str


@dataclass(frozen=True)
class RaiseMatter:
    key: int
    unit: str
    village: str
    text: str
    source: str
    category: str
    urgency: str


@dataclass(frozen=True)
class MoveMatter:
    """A service by its name; without a unit it is the county office that acts."""

    key: int
    verb: str
    unit: str
    values: Mapping[str, Any]
    to_unit: str = ""


@dataclass(frozen=True)
class JoinMatter:
    key: int
    main: int


@dataclass(frozen=True)
class HandOutReceipt:
    key: int
    unit: str


@dataclass(frozen=True)
class VillagerSays:
    """By the receipt, without an account."""

    key: int
    word: str
    satisfied: bool
    text: str = ""


@dataclass(frozen=True)
class PutOnAgenda:
    category: str
    title: str
    text: str


@dataclass(frozen=True)
class AnswerSuggestion:
    """The reply, or its correction where there is one already."""

    visit: uuid.UUID
    decision: str
    text: str


@dataclass(frozen=True)
class DrawRound:
    """A round of evaluation about one month, drawn; without a number in all its villages.

    `questions`: topic's title, question, four answers, which of them is right.
    """

    month: date
    closes_on: date
    villages: int | None
    questions: tuple[tuple[str, str, tuple[str, ...], int], ...]


@dataclass(frozen=True)
class OpenRound:
    month: date


@dataclass(frozen=True)
class AnswerRound:
    """What villagers answered in one village; `Question` -> choice, and "text"."""

    month: date
    village: str
    answers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class CloseRound:
    month: date


@dataclass(frozen=True)
class ExplainGap:
    month: date
    village: str
    unit: str
    text: str


@dataclass(frozen=True)
class OpenCall:
    question: str
    closes_on: date


@dataclass(frozen=True)
class WriteOpinion:
    """By the village's page, without an account; about the last call where `of_call`."""

    key: int
    village: str
    grade: int | None
    text: str
    of_call: bool = False


@dataclass(frozen=True)
class PublishOpinion:
    key: int
    text: str
    reply: str


@dataclass(frozen=True)
class HoldBackOpinion:
    key: int
    reason: str


@dataclass(frozen=True)
class RaiseFromOpinion:
    key: int
    unit: str
    category: str


@dataclass
class Story:
    """Everything that happens, in the order in which it happens."""

    months: list[date]
    ends: datetime
    accounts: list[Account] = field(default_factory=list)
    officers: list[Officer] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    households: dict[str, list[str]] = field(default_factory=dict)
    # village code -> (households, inhabitants)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    steps: list[tuple[datetime, Any]] = field(default_factory=list)

    @property
    def begins(self) -> datetime:
        """When the registry is loaded."""
        return moment(self.months[0] - timedelta(days=30))

    def add(self, at: datetime, step: Any) -> None:
        self.steps.append((at, step))

    def close(self) -> None:
        """Put the steps in order and forget those that have not come yet."""
        self.steps = sorted((s for s in self.steps if s[0] < self.ends), key=lambda step: step[0])


def months_until(last: date, count: int) -> list[date]:
    """The `count` months that end with the month of `last`."""
    return [clock.add_months(clock.month_of(last), n - count + 1) for n in range(count)]


def workday(day: date, rng: Random) -> date:
    """The day itself, or mostly the Monday after when it lies in a weekend."""
    if day.weekday() > 4 and rng.random() < 0.8:
        return day + timedelta(days=7 - day.weekday())
    return day
