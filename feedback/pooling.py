"""The rule of five: answers are told apart by place only where there are five of them.

A village with fewer gives its answers to its township, a township whose villages and rests have
fewer to the county.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from feedback.models.rounds import FEWEST


class Place(NamedTuple):
    """Where answers are counted: a village, a township without its village, or the county."""

    township: int | None
    village: int | None

    @property
    def wider(self) -> "Place":
        """The next one up that hides where the answers came from."""
        return Place(self.township if self.village else None, None)


def pooled(
    tallies: Iterable[tuple[Place, Counter[Any]]], size: Callable[[Counter[Any]], int]
) -> dict[Place, Counter[Any]]:
    """The same answers, placed so that every village and township has five or none.

    `size`: how many answers a tally holds. What the county keeps may still be fewer.
    """
    parts: dict[Place, Counter[Any]] = defaultdict(Counter)
    for place, tally in tallies:
        parts[place].update(tally)
    for is_of_level in (_is_village, _is_township):
        for place in [p for p in parts if is_of_level(p) and size(parts[p]) < FEWEST]:
            parts[place.wider].update(parts.pop(place))
    return parts


def _is_village(place: Place) -> bool:
    return place.village is not None


def _is_township(place: Place) -> bool:
    return place.village is None and place.township is not None
