"""What the planner proposes for stored plans: reads the rows it asks for, stores nothing."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from outreach import clock, workdays
from visits import planning
from visits.models import AnnualPlan, Group, PlanLine, ProgrammeYear, Topic, Visit
from visits.querysets.visits import households_in_order


def propose(
    year: ProgrammeYear, lines: Collection[PlanLine], *, seed: int = 0
) -> list[planning.Proposal]:
    """Proposals for the lines of whole plans of the year, read with `PlanLineQuerySet.for_planner`.

    A fixed number of queries, however many plans.
    """
    calendar = planning.Calendar(
        workdays.is_workday,
        [
            planning.Avoided(row.first_day, row.last_day, row.township_id, tuple(row.month_days))
            for row in year.avoided_days.all()
        ],
        clock.today(),
    )
    topics = _topics_of(year)
    units = {line.plan_id: line.contact_point.unit_id for line in lines}
    facts = _facts(lines)
    proposals: list[planning.Proposal] = []
    for plan_id, unit_id in units.items():
        proposals += planning.plan_year(
            facts[plan_id],
            [topic for topic, only in topics if not only or unit_id in only],
            groups=Group.values,
            calendar=calendar,
            seed=seed,
        )
    return proposals


def digest(proposals: Sequence[planning.Proposal]) -> str:
    """What stands for these proposals, so that what was seen can be told from what is now."""
    said = [(each.line, each.day, each.group, each.topics) for each in proposals]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _topics_of(year: ProgrammeYear) -> list[tuple[planning.Topic, set[int]]]:
    """The year's topics, each with the units it is only for."""
    only = defaultdict(set)
    chosen = Topic.units.through.objects.filter(topic__programme_year=year)
    for topic_id, unit_id in chosen.values_list("topic_id", "unit_id"):
        only[topic_id].add(unit_id)
    return [
        (planning.Topic(row.pk, row.first_month, row.last_month), only[row.pk])
        for row in year.topics.all()
    ]


def _facts(lines: Collection[PlanLine]) -> Mapping[int, list[planning.Line]]:
    """The lines of each plan as the planner knows them."""
    pks = [line.pk for line in lines]
    topics = _pairs(PlanLine.topics.through.objects.filter(planline__in=pks), "planline", "topic")
    visits = Visit.objects.counted().filter(plan_line__in=pks)
    talked = _pairs(visits, "plan_line", "talks__group")
    explained = _pairs(visits, "plan_line", "topics")
    made = _pairs(visits, "plan_line", "started_at")
    this_month = clock.this_month()
    plans = defaultdict(list)
    for line in lines:
        point, after = line.contact_point, clock.add_months(line.month, 1)
        visited = line.pk in made
        plans[line.plan_id].append(
            planning.Line(
                id=line.pk,
                village=point.village_id,
                township=point.village.township_id,
                month=line.month,
                officer=line.substitute_id or line.officer_id,
                first=max(line.month, point.period.lower),
                last=min(point.period.upper or after, after) - clock.ONE_DAY,
                open=line.due > 0
                and not visited
                and line.month >= this_month
                and point.holds_in(line.month),
                day=_day_of(line, made[line.pk] if visited else ()),
                group=line.group,
                topics=frozenset(topics[line.pk]),
                visited=visited,
                talked=frozenset(talked[line.pk]) if visited else frozenset(),
                explained=frozenset(explained[line.pk]),
            )
        )
    return plans


def _day_of(line: PlanLine, visits: Collection[datetime]) -> date | None:
    """When somebody went or will go; an exempt line keeps nobody from going elsewhere."""
    if visits:
        return max(visits).astimezone(clock.SHANGHAI).date()
    return None if line.exemption else line.planned_date


def _pairs(rows: QuerySet, key: str, value: str) -> dict[int, set]:
    """key -> the values of its rows; a key whose rows have none stands there with no value."""
    found: dict[int, set] = defaultdict(set)
    for one, other in rows.order_by().values_list(key, value):
        found[one] |= {other} - {None}
    return found


@dataclass(frozen=True)
class Calls:
    """Which households the visits still owed are proposed, and how far the year reaches."""

    of_line: Mapping[int, tuple[planning.Household, ...]]
    waiting: Mapping[int, tuple[planning.Household, ...]]
    reach: Mapping[int, tuple[planning.Sentence, ...]]


def households_for(
    county_id: int,
    villages: Mapping[int, int | None],
    year: int,
    *,
    plan: AnnualPlan | None = None,
    most: int | None = None,
) -> Calls:
    """What is proposed in the villages (id -> households counted there) for the rest of the year.

    All units' visits to a village share its households, in the order of their dates. With a `plan`
    and `most` its visits call on that many at most, whatever the plan says so far.
    """
    month = max(clock.this_month(), date(year, 1, 1))
    stops: dict[int, list[planning.Stop]] = defaultdict(list)
    others: Counter[int] = Counter()
    own = {}
    if month.year == year:
        owed = PlanLine.objects.filter(county=county_id, contact_point__village__in=villages)
        for line in owed.owed_from(month).select_related("contact_point", "plan"):
            left = line.due - line.made  # type: ignore[attr-defined]
            if left <= 0 or not line.contact_point.holds_in(line.month):
                continue
            mine = plan is not None and line.plan_id == plan.pk
            village = line.contact_point.village_id
            each = most if mine and most else line.plan.households_per_visit
            stops[village].append(planning.Stop(line.pk, left, each))
            own[village] = each if mine else own.get(village, each)
            others[village] += 0 if mine else left
    rows = defaultdict(list)
    for row in households_in_order(villages, year):
        rows[row.village_id].append(
            planning.Household(row.pk, row.number, row.met, row.not_now)  # type: ignore[attr-defined]
        )
    of_line, waiting, reach = {}, {}, {}
    for village, counted in villages.items():
        found = planning.allocate(
            rows[village], stops[village], since=date(year, 1, 1), counted=counted or 0
        )
        of_line |= found.calls
        waiting[village] = found.waiting
        reach[village] = planning.reach(
            found, most=own.get(village, 0), others=others[village] if plan else 0
        )
    return Calls(of_line, waiting, reach)


def households_of(lines: Collection[PlanLine]) -> Mapping[int, tuple[planning.Household, ...]]:
    """What each line, all of one county and year, is proposed for the visits it still owes."""
    if not lines:
        return {}
    villages = {
        line.contact_point.village_id: line.contact_point.village.households_count for line in lines
    }
    (county_id,) = {line.county_id for line in lines}
    (year,) = {line.month.year for line in lines}
    return households_for(county_id, villages, year).of_line
