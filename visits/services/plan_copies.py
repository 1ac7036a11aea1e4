"""Copy what one cell, row or month of a plan says to others, in one go."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from outreach import audit
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.models import AnnualPlan, PlanLine, Topic
from visits.permissions import can_write_plan
from visits.services.errors import NotPossible
from visits.services.plans import line_facts, save_lines, why_shut


class Reach(models.TextChoices):
    """What is copied where to, seen from the cell it begins at."""

    MONTHS = "months", gettext_lazy("this month's line to the following months of this village")
    POINTS = "points", gettext_lazy("this month's line to the other villages in the same month")
    ROW = "row", gettext_lazy("every month of this village to the other villages")
    COLUMN = "column", gettext_lazy("this month of every village to its following months")


class Days(models.TextChoices):
    """How a date finds its place in another month."""

    WEEKDAY = "weekday", gettext_lazy("the same weekday, like the second Tuesday")
    DAY = "day", gettext_lazy("the same day of the month")


@dataclass(frozen=True)
class Copied:
    """What a copy did: the lines it wrote, and how many it left alone and why."""

    lines: list[PlanLine]
    kept: int  # were written already
    overtaken: int  # a colleague wrote them since the person looked


def moved_day(day: date, month: date, days: str) -> date:
    """The day's place in another month; what the month is too short for is its last."""
    length = monthrange(month.year, month.month)[1]
    if days == Days.DAY:
        return month.replace(day=min(day.day, length))
    if day.replace(day=1) == month:
        return day
    first = (day.weekday() - month.weekday()) % 7 + 1
    found = first + (day.day - 1) // 7 * 7
    return month.replace(day=found if found <= length else found - 7)


@transaction.atomic
def copy_lines(
    *,
    plan: AnnualPlan,
    source: PlanLine,
    reach: str,
    actor: User,
    days: str = Days.WEEKDAY,
    replace: bool = False,
    seen: Mapping[int, int] | None = None,
    reason: str = "",
) -> Copied:
    """Copy date, group and topics from `source` outwards; one audit entry a line, one bulk id.

    Lines with something written stay as they are, unless `replace`; then `seen` (line -> version)
    is what the person had before them, and what a colleague wrote since stays. Another village
    keeps its own officer, a month without obligation stays empty, a topic goes only into months
    that offer it. Raises PermissionDenied, NotPossible (no reason on an approved plan),
    ValidationError.
    """
    plan = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    if not can_write_plan(actor, plan):
        raise PermissionDenied
    if not plan.is_open and not reason:
        raise NotPossible(_("The plan is approved: say why these lines change."))
    check_private_numbers({"reason": reason})
    writable, kept, overtaken = [], 0, 0
    for origin, target in _pairs(_locked_lines(plan), source.pk, reach):
        if not _is_written(origin) or target.exemption or why_shut(target):
            continue
        if _is_written(target) and not replace:
            kept += 1
        elif _is_written(target) and (seen or {}).get(target.pk) != target.version:
            overtaken += 1
        else:
            writable.append((origin, target))
    return Copied(_write(plan, writable, days, actor, reason), kept, overtaken)


def _locked_lines(plan: AnnualPlan) -> list[PlanLine]:
    lines = (
        plan.lines.with_visits_made()
        .select_for_update(of=["self"])
        .select_related("contact_point__unit", "contact_point__village", "officer")
        .prefetch_related("topics")
        .order_by("pk")
    )
    return [line for line in lines if line.contact_point.holds_in(line.month)]


def _is_written(line: PlanLine) -> bool:
    return bool(line.planned_date or line.group or line.topics.all())


def _pairs(lines: list[PlanLine], source: int, reach: str) -> Iterator[tuple[PlanLine, PlanLine]]:
    """(from, to) of every line the copy reaches."""
    at = {(line.contact_point_id, line.month): line for line in lines}
    begin = next((line for line in lines if line.pk == source), None)
    if begin is None:
        return
    for line in lines:
        same = line.contact_point_id == begin.contact_point_id
        later = line.month > begin.month
        origin: PlanLine | None = None
        if (reach == Reach.MONTHS and same and later) or (
            reach == Reach.POINTS and not same and line.month == begin.month
        ):
            origin = begin
        elif reach == Reach.ROW and not same:
            origin = at.get((begin.contact_point_id, line.month))
        elif reach == Reach.COLUMN and later:
            origin = at.get((line.contact_point_id, begin.month))
        if origin:
            yield origin, line


def _write(
    plan: AnnualPlan,
    pairs: list[tuple[PlanLine, PlanLine]],
    days: str,
    actor: User,
    reason: str,
) -> list[PlanLine]:
    """Write the targets that the copy changes, with their topics and their audit entries."""
    topics = set(plan.programme_year.topics.meant_for(plan.unit_id))
    chosen: dict[int, list[Topic]] = {}
    changed, entries, bulk_id = [], [], uuid4()
    for origin, line in pairs:
        before = line_facts(line, line.topics.all())
        day = origin.planned_date
        line.planned_date = day and moved_day(day, line.month, days)
        line.group = origin.group
        same_village = line.contact_point_id == origin.contact_point_id
        if same_village and origin.officer.serves_on(line.month):
            line.officer = origin.officer
        chosen[line.pk] = [
            topic
            for topic in origin.topics.all()
            if topic in topics and topic.is_offered_in(line.month)
        ]
        after = line_facts(line, chosen[line.pk])
        if after == before:
            continue
        line.version += 1
        changed.append(line)
        action = gettext_noop("Plan line amended") if reason else gettext_noop("Plan line copied")
        after |= {"reason": reason} if reason else {}
        entries.append(
            audit.entry(action, actor=actor, obj=line, before=before, after=after, bulk_id=bulk_id)
        )
    save_lines({line: chosen[line.pk] for line in changed}, entries)
    return changed
