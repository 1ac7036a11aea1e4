"""Keep the plan lines, which are the year's obligations, in step with the registry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, Officer
from outreach import audit, clock
from outreach.models import AuditEntry, User
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, ProgrammeYear, Visit
from visits.services.mergers import follow_mergers
from visits.services.rules import follow_rules

HANDED_OVER = gettext_noop("Plan line handed over")
Owed = tuple[int, int, date]  # unit, village, month


@dataclass(frozen=True)
class Handover:
    """The act that lines follow: its one id, who did it, and contact point -> officer before,
    where only the officer changed.
    """

    bulk_id: UUID = field(default_factory=uuid4)
    before: Mapping[int, int] = field(default_factory=dict)
    actor: User | None = None


@dataclass
class Holdings:
    """What the year's lines are to the registry: `owed` stand with who holds the village, `idle`
    ones outlived their contact point, `moved` ones follow it; of `chosen` a person named the
    officer.
    """

    chosen: set[int]
    owed: set[Owed] = field(default_factory=set)
    idle: dict[Owed, PlanLine] = field(default_factory=dict)
    moved: list[PlanLine] = field(default_factory=list)


@transaction.atomic
def ensure_lines(year: ProgrammeYear, act: Handover | None = None) -> int:
    """Bring the year's plans and lines in step with the registry; returns how many lines changed.

    A unit owes a village one line for every month in which it holds it, written or not (domain:
    rules). After a handover later lines move to the new contact point with what was planned; that
    of the month itself moves unless it was visited or planned for an earlier day. Each line that
    moves has a new version and an entry under the id of the `act`. From the next month on lines
    owe what the rules ask of their kind of unit, and merged villages nothing from their month on.
    """
    # One at a time: what the other one wrote must be seen, or lines would be missing or double.
    ProgrammeYear.objects.select_for_update().get(pk=year.pk)
    act = act or Handover()
    points = list(
        ContactPoint.objects.filter(
            county_id=year.county_id,
            period__overlap=(date(year.year, 1, 1), date(year.year + 1, 1, 1)),
        )
        .select_related("unit")
        .order_by("period")
    )
    _ensure_plans(year, points)
    held = _holdings(year, points, act)
    created = _missing_lines(year, points, held)
    _write_moves(held.moved, act)
    PlanLine.objects.bulk_create(created, ignore_conflicts=True, batch_size=2000)
    _link_visits(year)
    ruled = follow_rules(year, clock.add_months(clock.this_month(), 1))
    return len(held.moved) + len(created) + ruled + follow_mergers(year)


def _ensure_plans(year: ProgrammeYear, points: Iterable[ContactPoint]) -> None:
    AnnualPlan.objects.bulk_create(
        [
            AnnualPlan(county_id=year.county_id, programme_year=year, unit_id=unit_id)
            for unit_id in sorted({point.unit_id for point in points})
        ],
        ignore_conflicts=True,
    )


def _locked_lines(year: ProgrammeYear) -> list[PlanLine]:
    """The year's lines, which nobody else writes until the transaction ends."""
    # The plans before their lines, as everybody locks them who writes more than one. A visit that
    # is being recorded for a line need not wait.
    list(year.plans.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    lines = PlanLine.objects.filter(county_id=year.county_id, month__year=year.year)
    list(lines.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return list(
        lines.select_related("contact_point").with_visits_made().order_by("contact_point__period")
    )


def _holdings(year: ProgrammeYear, points: Iterable[ContactPoint], act: Handover) -> Holdings:
    """How the year's lines stand to the registry. What was visited or is past stays as it was."""
    lines = _locked_lines(year)
    held = Holdings(chosen=chosen_officers(lines))
    this_month = clock.this_month()
    after_point = {(point.unit_id, point.village_id, point.first_day): point for point in points}
    for line in lines:
        point = line.contact_point
        key = (point.unit_id, point.village_id, line.month)
        visited: int = line.visits_made  # type: ignore[attr-defined]
        if point.holds_in(line.month):
            held.owed.add(key)
            if not visited and line.month >= this_month:
                following = after_point.get((*key[:2], point.period.upper), point)
                free = line.pk not in held.chosen or line.officer_id == act.before.get(point.pk)
                if _follows(line, following, free):
                    held.moved.append(line)
        elif not visited:
            held.idle[key] = line
    return held


def _follows(line: PlanLine, following: ContactPoint, free: bool) -> bool:
    """Let an unvisited line go with whoever holds the village by its day; whether it changed.

    `following` is the contact point itself where nothing takes over within the month. A colleague
    whom somebody wrote into the line stays there, unless it is `free`.
    """
    point, officer = line.contact_point, line.officer_id
    if following is not point and following.holds_in(line.month):
        if not line.moves_on(following.first_day):
            return False
        line.contact_point = following
    if free:
        line.officer_id = line.contact_point.officer_id
    return line.contact_point is not point or line.officer_id != officer


def chosen_officers(lines: Iterable[PlanLine]) -> set[int]:
    """Lines in which a person named another officer than who holds the village; the trail tells."""
    differing = [str(line.pk) for line in lines if line.officer_id != line.contact_point.officer_id]
    entries = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower,
        object_id__in=differing,
        before__has_key="officer",
    )
    newest: dict[int, str] = {}
    for entry in entries.order_by("pk"):
        if entry.before["officer"] != entry.after.get("officer"):
            newest[int(entry.object_id)] = entry.action
    return {pk for pk, action in newest.items() if action != HANDED_OVER}


def _missing_lines(
    year: ProgrammeYear, points: Iterable[ContactPoint], held: Holdings
) -> list[PlanLine]:
    """Unsaved lines that are owed and do not exist; an idle line of the same month moves there."""
    first = date(year.year, 1, 1)
    plan_of = dict(year.plans.values_list("unit_id", "pk"))
    rules = ProgrammeYear.objects.prefetch_related("rules__requirements").get(pk=year.pk)
    created = []
    for point in points:
        for month in (clock.add_months(first, n) for n in range(12)):
            key = (point.unit_id, point.village_id, month)
            if key in held.owed or not point.holds_in(month):
                continue
            held.owed.add(key)
            if line := held.idle.pop(key, None):
                line.contact_point = point
                if line.pk not in held.chosen:
                    line.officer_id = point.officer_id
                held.moved.append(line)
                continue
            created.append(
                PlanLine(
                    county_id=year.county_id,
                    plan_id=plan_of[point.unit_id],
                    contact_point=point,
                    month=month,
                    required_visits=rules.rule_for(month).visits_for(point.unit.kind),
                    officer_id=point.officer_id,
                )
            )
    return created


def _write_moves(moved: list[PlanLine], act: Handover) -> None:
    """Write where the lines moved, each with a new version, so that a form which was opened before
    is told, and one entry under the id of the act.
    """
    new = {line.pk: line for line in moved}
    names = dict(
        Officer.objects.filter(pk__in={line.officer_id for line in moved}).values_list("pk", "name")
    )
    holders = dict(
        ContactPoint.objects.filter(pk__in={line.contact_point_id for line in moved}).values_list(
            "pk", "officer__name"
        )
    )
    entries = []
    for line in PlanLine.objects.filter(pk__in=new).select_related(
        "contact_point__unit", "contact_point__village", "contact_point__officer", "officer"
    ):
        before = {"officer": line.officer.name}
        after = {"officer": names[new[line.pk].officer_id]}
        if before == after:  # a colleague goes all the same; the village is another one's now
            before = {"held_by": line.contact_point.officer.name}
            after = {"held_by": holders[new[line.pk].contact_point_id]}
        facts: dict[str, Any] = {"before": before, "after": after, "bulk_id": act.bulk_id}
        entries.append(audit.entry(HANDED_OVER, actor=act.actor, obj=line, **facts))
    AuditEntry.objects.bulk_create(entries)
    for line in moved:
        line.version += 1
    PlanLine.objects.bulk_update(moved, ["contact_point", "officer", "version"], batch_size=2000)


def _link_visits(year: ProgrammeYear) -> None:
    """Give visits that were recorded before their line existed that line."""
    loose = Visit.objects.filter(
        county_id=year.county_id, month__year=year.year, plan_line=None
    ).select_related("contact_point")
    for visit in loose:
        if line := PlanLine.objects.owed_for(visit.contact_point, visit.month):
            Visit.objects.filter(pk=visit.pk).update(plan_line=line)


@transaction.atomic
def follow_registry(*, county_id: int, act: Handover | None = None) -> int:
    """Bring the lines of every open year in step after the registry changed."""
    act, changed = act or Handover(), 0
    for year in ProgrammeYear.objects.filter(county_id=county_id):
        if lines := ensure_lines(year, act):
            changed += lines
            audit.record(
                gettext_noop("Plan lines follow the registry"),
                actor=act.actor,
                obj=year,
                after={"lines": lines},
                bulk_id=act.bulk_id,
            )
    return changed


@transaction.atomic
def release_lines(released: Mapping[int, int | None]) -> list[int]:
    """Part lines from contact points that are about to be removed because a list is undone.

    `released` is contact point -> the one whose months it had taken over, or None. Lines go back
    to that one; a line nobody wrote anything into, made only to follow the registry, goes away.
    Returns the contact points that still have lines with content.
    """
    lines = list(
        PlanLine.objects.filter(contact_point__in=released)
        .select_related("contact_point")
        .annotate(
            used=Exists(Visit.objects.filter(plan_line=OuterRef("pk"))),
            spoken_of=Exists(PlanLine.topics.through.objects.filter(planline=OuterRef("pk"))),
            asked_for=Exists(ExemptionRequest.objects.filter(line=OuterRef("pk"))),
        )
    )
    before = {point.pk: point for point in ContactPoint.objects.filter(pk__in=released.values())}
    taken = set(
        PlanLine.objects.filter(contact_point__in=before).values_list("contact_point", "month")
    )
    moved, untouched, kept = [], [], set()
    for line in lines:
        point = line.contact_point
        former = before.get(released[point.pk] or 0)
        if line.used:
            kept.add(point.pk)
        elif former and (former.pk, line.month) not in taken:
            if line.officer_id == point.officer_id:
                line.officer_id = former.officer_id
            line.contact_point = former
            moved.append(line)
        elif is_untouched(line):
            untouched.append(line.pk)
        else:
            kept.add(point.pk)
    _write_moves(moved, Handover())
    PlanLine.objects.filter(pk__in=untouched).delete()
    return sorted(kept)


def is_untouched(line: Any) -> bool:
    """Whether nobody wrote anything into the line or asked for it to be lifted.

    `spoken_of` tells of its topics, `asked_for` of requests.
    """
    written = (line.planned_date, line.group, line.exempted_by_id, line.substitute_id)
    own = line.version == 1 or line.officer_id == line.contact_point.officer_id
    return own and not any((*written, line.spoken_of, line.asked_for))
