"""Fill in for me: write the planner's proposals into empty cells of plans, or take them back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from outreach import audit, copying, jobs, notifications
from outreach.models import AuditEntry, Job, User
from outreach.roles import Role
from visits.models import AnnualPlan, PlanLine, ProgrammeYear, Visit
from visits.permissions import can_run_year, can_submit_plan
from visits.planning import Proposal
from visits.proposals import digest, propose
from visits.services.errors import NotPossible, StaleVersion
from visits.services.obligations import HANDED_OVER

FILLED = gettext_noop("Plan filled in")
TAKEN_BACK = gettext_noop("Filling in taken back")
FILLING = gettext_noop("Filling in the plans")
CHANGED = gettext_lazy("A line was changed or visited since, so nothing was taken back.")

# So many plans are read, planned and written at once: few queries, and bounded memory.
PLANS_AT_ONCE = 40
OPEN = (AnnualPlan.State.DRAFT, AnnualPlan.State.RETURNED)
Through = PlanLine.topics.through


@transaction.atomic
def fill_plan(
    *, plan: AnnualPlan, actor: User, per_visit: int, seed: int = 0, seen: str = ""
) -> Counter[str]:
    """Fill the empty cells of the plan's open lines; returns how many of what was written.

    What a person wrote stays. `seen` is the digest of the proposals their reader agreed to. Raises
    PermissionDenied, NotPossible, StaleVersion (`current` is what would be proposed now).
    """
    if not can_submit_plan(actor, plan):
        raise PermissionDenied
    lines, (plan,) = _locked([plan], OPEN)
    proposals = propose(plan.programme_year, lines, seed=seed)
    if seen and seen != digest(proposals):
        raise StaleVersion(proposals)
    if plan.households_per_visit == per_visit and not any(each.fills for each in proposals):
        raise NotPossible(_("There is nothing left to fill in."))
    _write([plan], lines, proposals, actor=actor, per_visit=per_visit, bulk_id=uuid4())
    return tally(lines, proposals)


def tally(lines: Iterable[PlanLine], proposals: Iterable[Proposal]) -> Counter[str]:
    """How many plans, lines, dates, groups and topics the proposals fill, and how many lines stay
    without a date.
    """
    plan_of = {line.pk: line.plan_id for line in lines}
    filling = [each for each in proposals if each.fills]
    return Counter(
        plans=len({plan_of[each.line] for each in filling}),
        lines=len(filling),
        dates=sum(each.day is not None for each in filling),
        groups=sum(each.group != "" for each in filling),
        topics=sum(each.topics != () for each in filling),
        undated=sum(each.undated for each in proposals),
    )


def _locked(
    plans: Sequence[AnnualPlan], states: Iterable[str]
) -> tuple[list[PlanLine], list[AnnualPlan]]:
    """The plans that are in one of the states, and their lines, held until the transaction ends.

    The plans before their lines, as whoever writes a line does. NotPossible when no plan is left.
    """
    held = list(
        AnnualPlan.objects.filter(pk__in=[plan.pk for plan in plans], state__in=states)
        .select_related("programme_year", "unit")
        .select_for_update(of=["self"])
        .order_by("pk")
    )
    if not held:
        raise NotPossible(_("Somebody decided this plan in the meantime. Load the page again."))
    lines = PlanLine.objects.filter(plan__in=held).select_for_update(of=["self"])
    return list(lines.for_planner()), held


def _write(
    plans: Sequence[AnnualPlan],
    lines: Iterable[PlanLine],
    proposals: Iterable[Proposal],
    *,
    actor: User | None,
    bulk_id: UUID,
    per_visit: int | None = None,
) -> None:
    """Write the proposals: a handful of statements, an entry per line and one per plan."""
    titles = dict(plans[0].programme_year.topics.values_list("pk", "title"))
    by_pk = {line.pk: line for line in lines}
    changed, links, entries = [], [], []
    per_plan: Counter[int] = Counter()
    for each in proposals:
        if not each.fills:
            continue
        line = by_pk[each.line]
        before, after = _fill_line(line, each, titles)
        links += [Through(planline_id=line.pk, topic_id=pk) for pk in each.topics]
        changed.append(line)
        per_plan[line.plan_id] += 1
        entries.append(
            audit.entry(
                gettext_noop("Plan line filled in"),
                actor=actor,
                obj=line,
                before=before,
                after=after,
                bulk_id=bulk_id,
            )
        )
    for plan in plans:
        if entry := _sign(plan, per_plan[plan.pk], per_visit, actor, bulk_id):
            entries.append(entry)
    copying.update(changed, ["planned_date", "group", "version"])
    copying.insert(links)
    copying.insert(entries)


def _fill_line(line: PlanLine, proposal: Proposal, titles: dict[int, str]) -> tuple[dict, dict]:
    """Put the proposal into the row; what was there and what is there now."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    if proposal.day:
        before["planned_date"], after["planned_date"] = None, proposal.day
        line.planned_date = proposal.day
    if proposal.group:
        before["group"], after["group"] = "", proposal.group
        line.group = proposal.group
    if proposal.topics:
        before["topics"], after["topics"] = [], sorted(titles[pk] for pk in proposal.topics)
    line.version += 1
    return before, after


def _sign(
    plan: AnnualPlan, lines: int, per_visit: int | None, actor: User | None, bulk_id: UUID
) -> AuditEntry | None:
    """The entry of the plan itself, if anything of it changed; keeps the chosen number."""
    before = audit.facts(plan, "households_per_visit")
    if per_visit and per_visit != plan.households_per_visit:
        plan.households_per_visit = per_visit
        plan.save(update_fields=["households_per_visit"])
    elif not lines:
        return None
    action = FILLED if lines else gettext_noop("Households a visit chosen")
    after = audit.facts(plan, "households_per_visit") | ({"lines": lines} if lines else {})
    return audit.entry(action, actor=actor, obj=plan, before=before, after=after, bulk_id=bulk_id)


# Take it back -------------------------------------------------------------------------------------


def fill_to_take_back(plan: AnnualPlan) -> AuditEntry | None:
    """The plan's last filling in, while nobody wrote its lines or visited since."""
    last = audit.history(plan).filter(action__in=[FILLED, TAKEN_BACK]).first()
    if last is None or last.action != FILLED:
        return None
    lines = PlanLine.objects.filter(plan=plan)
    later = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower,
        object_id__in=lines.values_list(Cast("pk", models.CharField())),
        pk__gt=last.pk,
    ).exclude(action=HANDED_OVER)
    visits = Visit.objects.counted().filter(plan_line__plan=plan, received_at__gt=last.at)
    return None if later.exists() or visits.exists() else last


@transaction.atomic
def take_back_fill(*, plan: AnnualPlan, actor: User) -> int:
    """Empty again what the last filling in wrote; returns how many lines.

    Raises PermissionDenied, NotPossible (nothing to take back, or somebody wrote a line since).
    """
    if not can_submit_plan(actor, plan):
        raise PermissionDenied
    lines, (plan,) = _locked([plan], OPEN)
    last = fill_to_take_back(plan)
    if last is None:
        raise NotPossible(CHANGED)
    bulk_id, entries = uuid4(), []
    emptied, untold = [], []
    for line, entry in _as_filled(lines, last):
        now = entry.after or {}
        line.planned_date = None if "planned_date" in now else line.planned_date
        line.group = "" if "group" in now else line.group
        line.version += 1
        emptied.append(line)
        untold += [line.pk] if "topics" in now else []
        facts: dict[str, Any] = {"before": now, "after": entry.before, "bulk_id": bulk_id}
        entries.append(audit.entry(TAKEN_BACK, actor=actor, obj=line, **facts))
    copying.update(emptied, ["planned_date", "group", "version"])
    Through.objects.filter(planline__in=untold).delete()
    number = audit.facts(plan, "households_per_visit")
    before = number | {"lines": len(emptied)}
    if number.items() <= (last.after or {}).items():  # not chosen anew since
        plan.households_per_visit = (last.before or {})["households_per_visit"]
    plan.save(update_fields=["households_per_visit"])
    after = audit.facts(plan, "households_per_visit")
    facts = {"before": before, "after": after, "bulk_id": bulk_id}
    copying.insert([*entries, audit.entry(TAKEN_BACK, actor=actor, obj=plan, **facts)])
    return len(emptied)


def _as_filled(lines: Iterable[PlanLine], last: AuditEntry) -> list[tuple[PlanLine, AuditEntry]]:
    """The lines of the filling in with their entries. NotPossible when one holds anything else."""
    by_pk = {str(line.pk): line for line in lines}
    entries = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower, object_id__in=by_pk, bulk_id=last.bulk_id
    )
    pairs = [(by_pk[entry.object_id], entry) for entry in entries.order_by("pk")]
    told = _titles(line for line, _entry in pairs)
    if not all(_stands(line, entry, told) for line, entry in pairs):
        raise NotPossible(CHANGED)
    return pairs


def _titles(lines: Iterable[PlanLine]) -> dict[int, list[str]]:
    """The titles of each line's topics, in the order of the audit trail."""
    found: dict[int, list[str]] = {}
    rows = Through.objects.filter(planline__in=[line.pk for line in lines])
    for pk, title in rows.values_list("planline_id", "topic__title"):
        found.setdefault(pk, []).append(title)
    return {pk: sorted(titles) for pk, titles in found.items()}


def _stands(line: PlanLine, entry: AuditEntry, told: dict[int, list[str]]) -> bool:
    """Whether the line still holds what the entry says was filled in."""
    now = {
        "planned_date": line.planned_date and line.planned_date.isoformat(),
        "group": line.group,
        "topics": told.get(line.pk, []),
    }
    return all(now[name] == value for name, value in (entry.after or {}).items())


# All plans of a county ----------------------------------------------------------------------------


@transaction.atomic
def start_filling(*, year: ProgrammeYear, actor: User) -> Job:
    """Fill in all draft plans of the county's year in the background; asking twice is once."""
    if not can_run_year(actor, year):
        raise PermissionDenied
    job = jobs.enqueue(
        "visits.tasks.fill_all_plans",
        title=gettext_noop("Fill in the draft plans"),
        county_id=year.county_id,
        actor=actor,
        args={"year": year.pk},
        key=f"fill:{year.pk}",
    )
    audit.record(
        gettext_noop("Filling in of all draft plans asked for"),
        actor=actor,
        obj=year,
        after={"year": year.year},
        bulk_id=job.pk,
    )
    return job


def fill_drafts(
    *,
    year: ProgrammeYear,
    actor: User | None,
    bulk_id: UUID,
    progress: jobs.Progress,
    dry_run: bool = False,
) -> Counter[str]:
    """Fill in the year's draft plans, some at a time; returns how many of what was written.

    Each lot is a transaction of its own: cut short and begun again it goes on where it was, for
    what is filled in is empty no more. `actor` None is the command line of the installation.
    """
    if actor is not None and not can_run_year(actor, year):
        raise PermissionDenied
    plans = list(year.plans.filter(state=AnnualPlan.State.DRAFT).order_by("pk"))
    count: Counter[str] = Counter()
    for begin in range(0, len(plans), PLANS_AT_ONCE):
        progress(FILLING, begin, len(plans))
        lot = plans[begin : begin + PLANS_AT_ONCE]
        with transaction.atomic():
            count += _fill_lot(year, lot, actor, bulk_id, dry_run)
    progress(FILLING, len(plans), len(plans))
    return count


def _fill_lot(
    year: ProgrammeYear,
    lot: Sequence[AnnualPlan],
    actor: User | None,
    bulk_id: UUID,
    dry_run: bool,
) -> Counter[str]:
    try:
        lines, plans = _locked(lot, [AnnualPlan.State.DRAFT])
    except NotPossible:  # all of them were submitted a moment ago
        return Counter()
    proposals = propose(year, lines)
    if not dry_run:
        _write(plans, lines, proposals, actor=actor, bulk_id=bulk_id)
        _tell(year, lines, {each.line for each in proposals if each.fills})
    return tally(lines, proposals)


def _tell(year: ProgrammeYear, lines: Iterable[PlanLine], filled: set[int]) -> None:
    """Tell the coordinators whose plans were filled in without their asking."""
    units = {line.contact_point.unit_id for line in lines if line.pk in filled}
    notifications.notify(
        User.objects.active().filter(unit__in=units, role=Role.COORDINATOR),
        gettext_noop(
            "The empty months of your plan for %(year)s were filled in. Look them over, change "
            "what does not fit, then submit the plan."
        ),
        params={"year": year.year},
        url=reverse("plan_list"),
    )
