"""What closed rounds say of the county or a part of it: who knows a topic, what is verified."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from feedback.crosscheck import confirms
from feedback.estimates import Estimate, together
from feedback.results import Part, parts_of
from reports.asking import Rows
from reports.figures import Rate


@dataclass(frozen=True)
class Evaluated:
    """Topic -> share of those asked who know it; village-rounds confirmed, of those claimed."""

    known: dict[int, Estimate]
    verified: Rate


def evaluated_in(
    rows: Rows,
    asked: dict[str, Any],
    *,
    veiled: bool = False,
    summed: Callable[[Iterable[Estimate]], Estimate | None] = together,
) -> Evaluated:
    """The rows of `sql.EVALUATED`, asked with `asked`; `veiled` for those who were evaluated."""
    known: dict[int, list[Estimate]] = defaultdict(list)
    confirmed = claimed = 0
    for topic, part, is_claimed in _parts(rows, asked):
        estimate = part.estimate.veiled() if veiled else part.estimate
        if topic is not None:
            known[topic].append(estimate)
        elif is_claimed:
            claimed += 1
            confirmed += confirms(part.estimate)
    sums = {topic: summed(estimates) for topic, estimates in known.items()}
    return Evaluated(
        {topic: estimate for topic, estimate in sums.items() if estimate},
        Rate(confirmed, claimed),
    )


def _parts(rows: Rows, asked: dict[str, Any]) -> Iterator[tuple[int | None, Part, bool]]:
    """(topic, part, whether a visit is recorded there) of the part of the county asked about."""
    tallies: dict[tuple[int, int | None], list[Part]] = defaultdict(list)
    held, visited = set(), set()
    for row in rows:
        place = row["township"], row["village"]
        tallies[row["round"], row["topic"]].append(Part(*place, row["n"], row["good"]))
        if row["inside"]:
            held.add((row["round"], row["village"]))
        if row["claimed"]:
            visited.add((row["round"], row["village"]))
    township, of_somebody = asked["township"], asked["unit"] or asked["officer"]
    for (round, topic), answers in tallies.items():
        for part in parts_of(answers):
            here = township is None or part.township == township
            village = round, part.village
            # Who recorded a visit is asked what became of it, whoever holds the village.
            mine = village in held or (topic is None and village in visited)
            if here and (mine or not of_somebody):
                yield topic, part, village in visited
