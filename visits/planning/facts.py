"""What the planner is told and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any

from outreach.sentences import say


@dataclass(frozen=True)
class Sentence:
    """A source sentence and its values; read in the reader's language."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return say(self.text, self.params)


@dataclass(frozen=True)
class Line:
    """A line of one unit's plan: what is written stays, what is empty may be filled."""

    id: int
    village: int
    township: int
    month: date
    officer: int
    # The days of the month on which the contact point holds.
    first: date
    last: date
    # Whether a visit is still to be planned: owed, not over, not made.
    open: bool = True
    day: date | None = None
    group: str = ""
    topics: frozenset[int] = frozenset()
    # Whom the visits made talked with and what they explained; empty without a visit.
    visited: bool = False
    talked: frozenset[str] = frozenset()
    explained: frozenset[int] = frozenset()

    @property
    def happens(self) -> bool:
        """Whether it counts: it was visited, or is still to come."""
        return self.visited or self.open

    @property
    def focus(self) -> frozenset[str]:
        """The groups that were its focus, or will be."""
        if self.visited:
            return self.talked
        return frozenset({self.group} - {""}) if self.open else frozenset()

    @property
    def told(self) -> frozenset[int]:
        """The topics that were explained, or will be."""
        if self.visited:
            return self.explained
        return self.topics if self.open else frozenset()


@dataclass(frozen=True)
class Topic:
    """A topic that is meant for the unit, with its months."""

    id: int
    first: date
    last: date


@dataclass(frozen=True)
class Avoided:
    """Days nobody should plan for, in one township or (None) the whole county."""

    first: date
    last: date
    township: int | None = None
    month_days: tuple[int, ...] = ()  # none: every day from the first to the last

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last and (
            not self.month_days or day.day in self.month_days
        )


@dataclass(frozen=True)
class Proposal:
    """What is proposed for the empty cells of a line; None or empty where it proposes nothing."""

    line: int
    day: date | None = None
    group: str = ""
    topics: tuple[int, ...] = ()
    reasons: tuple[Sentence, ...] = ()
    # Whether the line has no date and none is proposed.
    undated: bool = False

    @property
    def fills(self) -> bool:
        """Whether it would write anything."""
        return bool(self.day or self.group or self.topics)


def stable(*parts: object) -> int:
    """A number that looks drawn but is the same in every process: `hash()` is not."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
