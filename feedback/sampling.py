"""The draw of a round: which villages and households are asked, from seed and frame alone.

Whoever has the seed and the frame gets the same sample, in any language that knows SHA-256:

1. The order number of something is the SHA-256 (hexadecimal, of UTF-8) of the text
   `seed|part|village code|household number`; the start of a list is the same as a whole number.
2. Villages stand in order: those that were visited, then the others; within each by their order
   number (part `village`, no household number). Households of a village stand in order: those
   that were met, then the others; within each by natural group (the number before 组, else 0);
   within that by their order number (part `household`).
3. Of N in order n are drawn. The start s is the rest of the list's start divided by N (parts
   `village-start`, without village code, and `household-start`). What stands at place i, counted
   from 0, is drawn if the rest of (i * n + s) divided by N is at least N - n.
4. Those not drawn are reserves, in the order of their order numbers. For a household that cannot
   be asked comes the first free reserve of its natural group, else of the village; each time
   those that were met, or not, as it was, before the others.

Of the N possible starts exactly n draw any given place, so its chance is n / N; and of any places
that stand together the draw takes their share of n, rounded down or up.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

_GROUP = re.compile(r"^(\d+)组")


@dataclass(frozen=True)
class Place:
    """A village of the frame: its households by number, and those that were met."""

    code: str
    visited: bool
    households: tuple[str, ...]
    met: frozenset[str] = frozenset()


class Drawn(NamedTuple):
    """The households drawn, by number, and the others in the order in which they step in."""

    sample: tuple[str, ...]
    reserves: tuple[str, ...]


def order_number(seed: str, part: str, village: str = "", household: str = "") -> str:
    """The place of something in chance's order (rule 1)."""
    return hashlib.sha256(f"{seed}|{part}|{village}|{household}".encode()).hexdigest()


def group_of(number: str) -> int:
    """The natural group that a household number names, else 0."""
    found = _GROUP.match(number)
    return int(found[1]) if found else 0


def by_number(numbers: Iterable[str]) -> list[str]:
    """3组-017 before 12组-001."""
    return sorted(numbers, key=lambda number: (group_of(number), number))


def _systematic(ordered: Sequence[str], count: int, start: str) -> list[str]:
    """Those of the list whose place the start draws (rule 3)."""
    total = len(ordered)
    count = min(count, total)
    if not count:
        return []
    first = int(start, 16) % total
    return [
        one for place, one in enumerate(ordered) if (place * count + first) % total >= total - count
    ]


def draw_villages(seed: str, frame: Iterable[Place], count: int | None) -> set[str]:
    """Codes of the villages drawn, of those that have households; None: all of them."""
    places = [place for place in frame if place.households]
    if count is None or count >= len(places):
        return {place.code for place in places}
    ordered = sorted(
        places, key=lambda place: (not place.visited, order_number(seed, "village", place.code))
    )
    start = order_number(seed, "village-start")
    return set(_systematic([place.code for place in ordered], count, start))


def draw_households(seed: str, place: Place, count: int) -> Drawn:
    """The sample of one village; all of it where it has no more than are asked."""
    chance = {
        number: order_number(seed, "household", place.code, number)
        for number in set(place.households)
    }
    ordered = sorted(
        chance, key=lambda number: (number not in place.met, group_of(number), chance[number])
    )
    start = order_number(seed, "household-start", place.code)
    sample = _systematic(ordered, count, start)
    reserves = sorted(chance.keys() - set(sample), key=chance.__getitem__)
    return Drawn(tuple(by_number(sample)), tuple(reserves))


def replacement(number: str, reserves: Sequence[str], met: Collection[str]) -> str | None:
    """Who of the free reserves, in their order, comes for a household (rule 4)."""
    return min(
        reserves,
        key=lambda one: (group_of(one) != group_of(number), (one in met) != (number in met)),
        default=None,
    )


def frame_text(
    first: date, last: date, villages: int | None, each: int, frame: Iterable[Place]
) -> str:
    """The frame as the one text whose checksum is published with the draw.

    First the months, the villages to draw and the households of each; then a line a village by
    its code: visited or not, its households by number, those met with a star.
    """
    lines = [f"{first:%Y-%m} {last:%Y-%m} {'all' if villages is None else villages} {each}"]
    for place in sorted(frame, key=lambda place: place.code):
        numbers = [f"{one}*" if one in place.met else one for one in by_number(place.households)]
        state = "visited" if place.visited else "not-visited"
        lines.append(" ".join([place.code, state, *numbers]))
    return "".join(f"{line}\n" for line in lines)


def frame_digest(text: str) -> str:
    """The checksum of a frame's text."""
    return hashlib.sha256(text.encode()).hexdigest()
