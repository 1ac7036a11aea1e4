"""Groups: each is the focus of a village's visits as often as any other, give or take one."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial

from django.utils.translation import gettext_noop

from visits.planning.facts import Line, Sentence, stable

FIRST = gettext_noop("This group has not been the focus here this year.")
FEWEST = gettext_noop("No group is the focus here less often this year (%(times)s).")


def plan_groups(
    lines: Sequence[Line], groups: Sequence[str], seed: int
) -> dict[int, tuple[str, Sentence]]:
    """The group of each open line of one village that has none, with the reason.

    The least often met comes first; of those the one whose nearest turn is farthest away.
    """
    times = Counter(dict.fromkeys(groups, 0))
    turns: dict[str, list[date]] = {group: [] for group in groups}
    for line in lines:
        for group in line.focus & times.keys():
            times[group] += 1
            turns[group].append(line.month)
    drawn = {group: stable(seed, "group", lines[0].village, group) for group in groups}

    def rank(group: str, month: date) -> tuple[int, int, int]:
        near = min((abs((turn - month).days) for turn in turns[group]), default=400)
        return times[group], -near, drawn[group]

    found = {}
    for line in lines:
        if not line.open or line.group:
            continue
        group = min(groups, key=partial(rank, month=line.month))
        count = times[group]
        reason = Sentence(FEWEST, {"times": count}) if count else Sentence(FIRST)
        times[group] += 1
        turns[group].append(line.month)
        found[line.id] = (group, reason)
    return found
