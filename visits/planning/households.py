"""Households: who is called on next, how many a visit, and whether the year reaches everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext_noop

from visits.planning.facts import Sentence

REACHES_ALL = gettext_noop(
    "Households to reach: %(households)s, visits: %(visits)s; %(each)s a visit reach them all."
)
REACHES_SOME = gettext_noop(
    "Households to reach: %(households)s, visits: %(visits)s, %(most)s a visit: %(reachable)s "
    "reachable; %(each)s a visit would reach all."
)
NO_VISIT = gettext_noop("Households to reach: %(households)s, and no visit is left this year.")
ALL_REACHED = gettext_noop("Every household was reached this year.")
UNKNOWN = gettext_noop("How many households this village has is not in the registry.")
NOT_NOW = gettext_noop("Left out, for they said “not now” this year: %(count)s.")
OTHERS = gettext_noop("Of these visits other units make %(count)s.")


class Household(NamedTuple):
    """A number, the day it was last met, and whether it said "not now" in the year."""

    pk: int
    number: str
    met: date | None = None
    not_now: bool = False


class Stop(NamedTuple):
    """The visits one line still owes, with how many households each may call on at most."""

    line: int
    visits: int
    most: int


@dataclass(frozen=True)
class Allocation:
    """What each stop is proposed, and how far the stops together reach."""

    calls: dict[int, tuple[Household, ...]]
    # Those still to call on this year, in order.
    waiting: tuple[Household, ...]
    households: int
    to_reach: int
    reachable: int
    visits: int
    refusing: int


def number_key(number: str) -> tuple[int, str]:
    """3组-017 before 12组-001."""
    return number.find("组"), number


def in_order(households: Iterable[Household]) -> list[Household]:
    """Never met first, then the least recently met, then by number."""
    return sorted(households, key=lambda row: (row.met or date.min, number_key(row.number)))


def allocate(
    households: Sequence[Household], stops: Sequence[Stop], *, since: date, counted: int = 0
) -> Allocation:
    """Share the households not met since the day over the stops, in the order of the stops.

    Each visit gets its even share of what is left, no more than its `most`. `counted` is how many
    households the village has, of which the registry may list fewer.
    """
    unreached = [row for row in in_order(households) if not row.met or row.met < since]
    waiting = tuple(row for row in unreached if not row.not_now)
    reached, refusing = len(households) - len(unreached), len(unreached) - len(waiting)
    total = max(len(households), counted)
    to_reach = left = total - reached - refusing
    visits = to_come = sum(stop.visits for stop in stops)
    calls, begin = {}, 0
    for stop in stops:
        end = begin
        for _visit in range(stop.visits):
            share = min(stop.most, -(-left // to_come))
            end, left, to_come = end + share, left - share, to_come - 1
        calls[stop.line] = waiting[begin:end]
        begin = end
    return Allocation(calls, waiting, total, to_reach, to_reach - left, visits, refusing)


def reach(found: Allocation, *, most: int, others: int = 0) -> tuple[Sentence, ...]:
    """Whether the rest of the year reaches every household, said plainly.

    `most` is what a visit calls on at most; `others` how many of the visits other units owe.
    """
    if not found.households:
        return (Sentence(UNKNOWN),)
    more = [Sentence(NOT_NOW, {"count": found.refusing})] if found.refusing else []
    if not found.to_reach:
        return (Sentence(ALL_REACHED), *more)
    if not found.visits:
        return (Sentence(NO_VISIT, {"households": found.to_reach}), *more)
    figures = {
        "households": found.to_reach,
        "visits": found.visits,
        "each": -(-found.to_reach // found.visits),
    }
    if found.reachable == found.to_reach:
        sentence = Sentence(REACHES_ALL, figures)
    else:
        sentence = Sentence(REACHES_SOME, figures | {"most": most, "reachable": found.reachable})
    if others:
        more.insert(0, Sentence(OTHERS, {"count": others}))
    return (sentence, *more)
