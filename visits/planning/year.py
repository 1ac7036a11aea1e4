"""One unit's year: days, groups and topics for what is still empty."""

from collections import defaultdict
from collections.abc import Sequence

from visits.planning.days import Calendar, plan_days
from visits.planning.facts import Line, Proposal, Topic
from visits.planning.groups import plan_groups
from visits.planning.topics import plan_topics


def plan_year(
    lines: Sequence[Line],
    topics: Sequence[Topic],
    *,
    groups: Sequence[str],
    calendar: Calendar,
    seed: int = 0,
) -> list[Proposal]:
    """Proposals for the open lines of one unit's year that have an empty cell, in their order.

    `lines` are all lines of the year, for what was done and written counts; `topics` those meant
    for the unit. The same input and seed give the same proposals, in any order of the lines.
    """
    lines = sorted(lines, key=lambda line: (line.month, line.id))
    days = plan_days(lines, calendar, seed)
    villages = defaultdict(list)
    for line in lines:
        villages[line.village].append(line)
    chosen_groups, chosen_topics = {}, {}
    for own in villages.values():
        chosen_groups |= plan_groups(own, groups, seed)
        chosen_topics |= plan_topics(own, topics)
    proposals = []
    for line in lines:
        day, why_day = days.get(line.id, (None, None))
        group, why_group = chosen_groups.get(line.id, ("", None))
        told, why_told = chosen_topics.get(line.id, ((), None))
        reasons = tuple(why for why in (why_day, why_group, why_told) if why)
        if reasons:
            undated = why_day is not None and day is None
            proposals.append(Proposal(line.id, day, group, told, reasons, undated))
    return proposals
