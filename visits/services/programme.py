"""Open the programme year, and keep the plan lines that are its obligations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from contact_points.models import ContactPoint, County, Officer
from outreach import audit, clock
from outreach.models import AuditEntry, User
from visits.models import (
    AnnualPlan,
    ExemptionRequest,
    PlanLine,
    ProgrammeYear,
    Topic,
    Visit,
    YearRule,
)
from visits.permissions import can_run_year
from visits.services.rules import follow_rules, rule_facts, write_requirements

Owed = tuple[int, int, date]  # unit, village, month


@dataclass(frozen=True)
class Handover:
    """The act that lines follow: its one id, and contact point -> officer before, where only the
    officer changed.
    """

    bulk_id: UUID
    before: Mapping[int, int] = field(default_factory=dict)


@transaction.atomic
def open_year(
    *,
    county: County,
    year: int,
    actor: User | None,
    visits_per_month: int = 1,
    feedback_due_days: int = 5,
    report_day: int = 5,
    by_kind: Mapping[str, int] | None = None,
) -> ProgrammeYear:
    """Open a year with its first rule and give every active contact point its lines.

    Raises ValidationError when the year is open already.
    """
    row = ProgrammeYear(county=county, year=year, opened_by=actor)
    if actor is not None and not can_run_year(actor, row):
        raise PermissionDenied
    insert_once(row)
    rule = YearRule(
        programme_year=row,
        effective_month=date(year, 1, 1),
        visits_per_month=visits_per_month,
        feedback_due_days=feedback_due_days,
        report_day=report_day,
    )
    rule.full_clean()
    rule.save(force_insert=True)
    write_requirements(rule, by_kind or {})
    ensure_lines(row)
    audit.record(
        gettext_noop("Programme year opened"),
        actor=actor,
        obj=row,
        after={"year": year} | rule_facts(rule),
    )
    return row


def insert_once(row: ProgrammeYear | Topic) -> None:
    """Insert a row whose name is taken only once, also when two people do it at one moment."""
    row.full_clean()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.full_clean()  # says what is taken, now that the other one can be seen
        raise


@transaction.atomic
def ensure_lines(year: ProgrammeYear, act: Handover | None = None) -> int:
    """Bring the year's plans and lines in step with the registry; returns how many lines changed.

    A unit owes a village one line for every month in which it holds it, written or not (domain:
    rules). After a handover later lines move to the new contact point with what was planned; that
    of the month itself moves unless it was visited or planned for an earlier day. What follows an
    `act` is noted line by line under its id. From the next month on lines owe what the rules ask
    of their kind of unit, and a village merged into another nothing.
    """
    # One at a time: what the other one wrote must be seen, or lines would be missing or double.
    ProgrammeYear.objects.select_for_update().get(pk=year.pk)
    first, after = date(year.year, 1, 1), date(year.year + 1, 1, 1)
    points = (
        ContactPoint.objects.filter(county_id=year.county_id, period__overlap=(first, after))
        .select_related("unit")
        .order_by("period")
    )
    AnnualPlan.objects.bulk_create(
        [
            AnnualPlan(county_id=year.county_id, programme_year=year, unit_id=unit_id)
            for unit_id in sorted({point.unit_id for point in points})
        ],
        ignore_conflicts=True,
    )
    owed, idle, handed = _existing_lines(year, points, act)
    plan_of = dict(year.plans.values_list("unit_id", "pk"))
    rules = ProgrammeYear.objects.prefetch_related("rules__requirements").get(pk=year.pk)
    moved, created = [], []
    for point in points:
        for month in (clock.add_months(first, n) for n in range(12)):
            key = (point.unit_id, point.village_id, month)
            if key in owed or not point.holds_in(month):
                continue
            owed.add(key)
            if line := idle.pop(key, None):
                if line.officer_id == line.contact_point.officer_id:
                    line.officer_id = point.officer_id
                line.contact_point = point
                moved.append(line)
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
    moved += handed
    if act:
        _note_moves(moved, act.bulk_id)
    PlanLine.objects.bulk_update(moved, ["contact_point", "officer"], batch_size=2000)
    PlanLine.objects.bulk_create(created, ignore_conflicts=True, batch_size=2000)
    _link_visits(year)
    ruled = follow_rules(year, clock.add_months(clock.this_month(), 1))
    return len(moved) + len(created) + ruled + _follow_merges(year)


def _follow_merges(year: ProgrammeYear) -> int:
    """Exempt the lines to come of villages merged into another; take it back where none is.

    Only what the registry decided is taken back, and what the county took back stays owed.
    """
    merged = PlanLine.Exemption.MERGED
    to_come = (
        PlanLine.objects.filter(plan__programme_year=year, month__gt=clock.this_month())
        .select_related("contact_point__village__merged_into", "contact_point__unit")
        .order_by("contact_point__village", "pk")
    )
    gone = list(to_come.filter(exemption="", contact_point__village__merged_into__isnull=False))
    back = to_come.filter(
        exemption=merged, exempted_by=None, contact_point__village__merged_into=None
    )
    kept = _owed_all_the_same(gone)
    gone = [line for line in gone if line.pk not in kept]
    bulk, entries = uuid4(), []
    for village, lines in groupby(gone, key=lambda line: line.contact_point.village):
        with override(settings.LANGUAGE_CODE):
            reason = _("%(village)s was merged into %(other)s.") % {
                "village": village,
                "other": village.merged_into,
            }
        entries += _exempt(list(lines), merged, reason, bulk)
    entries += _exempt(list(back), "", "", bulk)
    AuditEntry.objects.bulk_create(entries)
    return len(entries)


def _owed_all_the_same(lines: Iterable[PlanLine]) -> set[int]:
    """Lines whose exemption a person took back."""
    entries = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower,
        object_id__in=[str(line.pk) for line in lines],
        action="Exemption taken back",
        actor__isnull=False,
    )
    return {int(pk) for pk in entries.values_list("object_id", flat=True)}


def _exempt(lines: list[PlanLine], exemption: str, reason: str, bulk: UUID) -> list[AuditEntry]:
    """Exempt the lines as the registry has it, nobody deciding; returns the entries to write."""
    facts = {"exemption": exemption, "exemption_reason": reason}
    entries = [
        audit.entry(
            gettext_noop("Plan line exempted")
            if exemption
            else gettext_noop("Exemption taken back"),
            actor=None,
            obj=line,
            before=audit.facts(line, *facts),
            after=facts,
            bulk_id=bulk,
        )
        for line in lines
    ]
    PlanLine.objects.filter(pk__in=[line.pk for line in lines]).update(**facts)
    return entries


def _note_moves(moved: Iterable[PlanLine], bulk_id: UUID) -> None:
    """One entry for each line that is about to get another officer; the system acts."""
    new = {line.pk: line.officer_id for line in moved}
    names = dict(Officer.objects.filter(pk__in=set(new.values())).values_list("pk", "name"))
    lines = PlanLine.objects.filter(pk__in=new).select_related(
        "contact_point__unit", "contact_point__village", "officer"
    )
    AuditEntry.objects.bulk_create(
        audit.entry(
            gettext_noop("Plan line handed over"),
            actor=None,
            obj=line,
            before={"officer": line.officer.name},
            after={"officer": names[new[line.pk]]},
            bulk_id=bulk_id,
        )
        for line in lines
        if line.officer_id != new[line.pk]
    )


def _link_visits(year: ProgrammeYear) -> None:
    """Give visits that were recorded before their line existed that line."""
    loose = Visit.objects.filter(
        county_id=year.county_id, month__year=year.year, plan_line=None
    ).select_related("contact_point")
    for visit in loose:
        if line := PlanLine.objects.owed_for(visit.contact_point, visit.month):
            Visit.objects.filter(pk=visit.pk).update(plan_line=line)


def _existing_lines(
    year: ProgrammeYear, points: Iterable[ContactPoint], act: Handover | None
) -> tuple[set[Owed], dict[Owed, PlanLine], list[PlanLine]]:
    """What is owed already, the unused lines of contact points that ended before the month, and
    unwritten lines to come whose contact point has another officer by now, with those that a
    handover within their month takes along.
    """
    owed, idle, handed = set(), {}, []
    this_month = clock.this_month()
    after_point = {(point.unit_id, point.village_id, point.first_day): point for point in points}
    lines = (
        PlanLine.objects.filter(county_id=year.county_id, month__year=year.year)
        .select_related("contact_point")
        .with_visited()
        .order_by("contact_point__period")
    )
    for line in lines:
        point = line.contact_point
        key = (point.unit_id, point.village_id, line.month)
        if point.holds_in(line.month):
            owed.add(key)
            if not line.visited and line.month >= this_month:
                following = after_point.get((*key[:2], point.period.upper), point)
                before = act.before.get(point.pk) if act else None
                if _follows(line, following, before):
                    handed.append(line)
        elif not line.visited:
            idle[key] = line
    return owed, idle, handed


def _follows(line: PlanLine, following: ContactPoint, before: int | None) -> bool:
    """Let an unvisited line go with whoever holds the village by its day; whether it changed.

    `following` is the contact point itself where nothing takes over within the month. A colleague
    whom somebody wrote into the line stays there.
    """
    point, officer = line.contact_point, line.officer_id
    if following is not point and following.holds_in(line.month):
        if not line.moves_on(following.first_day):
            return False
        line.contact_point = following
    if officer == point.officer_id or officer == before or line.version == 1:
        line.officer_id = line.contact_point.officer_id
    return line.contact_point is not point or line.officer_id != officer


@transaction.atomic
def follow_registry(*, county_id: int, act: Handover | None = None) -> int:
    """Bring the lines of every open year in step after the registry changed; the system acts."""
    changed = 0
    for year in ProgrammeYear.objects.filter(county_id=county_id):
        if lines := ensure_lines(year, act):
            changed += lines
            audit.record(
                gettext_noop("Plan lines follow the registry"),
                actor=None,
                obj=year,
                after={"lines": lines},
                bulk_id=act and act.bulk_id,
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
    PlanLine.objects.bulk_update(moved, ["contact_point", "officer"], batch_size=2000)
    PlanLine.objects.filter(pk__in=untouched).delete()
    return sorted(kept)


def is_untouched(line: Any) -> bool:
    """Whether nobody wrote anything into the line or asked for it to be lifted.

    `spoken_of` tells of its topics, `asked_for` of requests.
    """
    written = (line.planned_date, line.group, line.exempted_by_id, line.substitute_id)
    return not any((*written, line.spoken_of, line.asked_for)) and line.version == 1
