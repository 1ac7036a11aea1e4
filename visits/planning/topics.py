"""Topics: every topic of the year gets a month in every village, no visit gets too many."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext_noop

from visits.planning.facts import Line, Sentence, Topic

AT_MOST = 3

ALL = gettext_noop("All topics that the county offers the unit in this month.")
SOME = gettext_noop(
    "%(chosen)s of the month's %(offered)s topics: first those not planned here yet, by how soon "
    "their months end."
)


def plan_topics(
    lines: Sequence[Line], topics: Sequence[Topic]
) -> dict[int, tuple[tuple[int, ...], Sentence]]:
    """The topics of each open line of one village that has none, with the reason.

    Where a month offers more than AT_MOST, what is not planned yet and has the least time left
    goes first, so that every topic is planned at least once if the months allow it at all.
    """
    times = Counter(topic for line in lines for topic in line.told)
    to_fill = sorted((x for x in lines if x.open and not x.topics), key=lambda x: x.month)
    months = [line.month for line in to_fill]
    # The last month in which a line of this village can still take it.
    ends = {
        topic.id: max((m for m in months if m <= topic.last), default=topic.last)
        for topic in topics
    }
    found = {}
    for line in to_fill:
        offered = [topic for topic in topics if topic.first <= line.month <= topic.last]
        urgent = sorted(
            offered,
            key=lambda topic: (times[topic.id] > 0, ends[topic.id], times[topic.id], topic.id),
        )[:AT_MOST]
        if not urgent:
            continue
        chosen = tuple(topic.id for topic in offered if topic in urgent)
        times.update(chosen)
        params = {"chosen": len(chosen), "offered": len(offered)}
        found[line.id] = (
            chosen,
            Sentence(ALL) if len(chosen) == len(offered) else Sentence(SOME, params),
        )
    return found
