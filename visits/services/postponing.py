"""Postpone a month's visits for many villages at once, and take that back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from contact_points.services.lookup import Registry
from contact_points.services.questions import Asks, Problem
from outreach import audit, clock, notifications
from outreach.models import AuditEntry, User
from outreach.privacy import check_private_numbers
from outreach.roles import Capability, Role
from outreach.sentences import say
from visits.models import ExemptionRequest, PlanLine
from visits.services.errors import NotPossible
from visits.services.exemptions import answer_open_requests, line_facts

POSTPONED = gettext_noop("Visit postponed by the county")
TAKEN_BACK = gettext_noop("Postponement taken back")
UNTOUCHED: dict[str, Any] = {"exemption": "", "exemption_reason": "", "exempted_by": None}


@dataclass(frozen=True)
class Scope:
    """Which villages are meant; nothing named means the whole county."""

    townships: Collection[int] = ()
    unit_kinds: Collection[str] = ()
    villages: Collection[int] = ()


@dataclass(frozen=True)
class Effect:
    """What a postponement lifts, and how many lines it leaves as they are."""

    lines: list[PlanLine]
    visited: int = 0
    exempt: int = 0
    asked: int = 0  # open requests for these lines, which it answers

    @property
    def visits(self) -> int:
        """Visits no longer owed."""
        return sum(line.required_visits for line in self.lines)


@dataclass(frozen=True)
class Postponement:
    """A bulk action as it still stands: the lines that nothing else changed since."""

    bulk_id: UUID
    month: date
    reason: str
    by: User
    at: datetime
    lines: list[PlanLine] = field(default_factory=list)


def effect_of(*, county: County, month: date, scope: Scope) -> Effect:
    """What postponing would do now: done stays done, exempt stays as it was decided."""
    rows = PlanLine.objects.filter(county=county, required_visits__gt=0).of_month(month)
    for path, wanted in (
        ("contact_point__village__township__in", scope.townships),
        ("contact_point__unit__kind__in", scope.unit_kinds),
        ("contact_point__village__in", scope.villages),
    ):
        rows = rows.filter(**{path: wanted}) if wanted else rows
    rows = rows.with_visits_made().select_related(
        "contact_point__village__township", "contact_point__unit", "substitute"
    )
    asked = ExemptionRequest.objects.open().filter(line=OuterRef("pk"))
    rows = rows.annotate(asked=Exists(asked))
    lines = list(rows.order_by("contact_point__village__code", "pk"))
    free = [line for line in lines if not line.exemption]
    return Effect(
        lines=[line for line in free if not line.visits_made],
        visited=sum(line.visits_made > 0 for line in free),
        exempt=len(lines) - len(free),
        asked=sum(line.asked for line in free if not line.visits_made),
    )


@transaction.atomic
def postpone_visits(
    *, county: County, month: date, scope: Scope, reason: str, actor: User
) -> tuple[UUID, list[PlanLine]]:
    """Lift the obligations of the month: one id for all, one entry a line, each unit told once.

    What units asked for these lines is granted by it. Raises PermissionDenied, NotPossible (nothing
    to lift, a month long over), ValidationError.
    """
    _allowed(actor, county.pk)
    check_private_numbers({"reason": reason})
    if not reason:
        raise NotPossible(_("An exemption needs a reason."))
    if month < clock.add_months(clock.this_month(), -1):
        raise NotPossible(_("A month can be postponed until the end of the month after."))
    wanted = effect_of(county=county, month=month, scope=scope).lines
    # Locked, and read again: a visit or a decision of this moment is not overwritten. Requests
    # before their lines, as whoever decides one locks them.
    asked = ExemptionRequest.objects.open().filter(line__in=wanted).order_by("pk")
    list(asked.select_for_update().values_list("pk"))
    list(PlanLine.objects.filter(pk__in=[line.pk for line in wanted]).select_for_update())
    lines = effect_of(county=county, month=month, scope=scope).lines
    if not lines:
        raise NotPossible(_("No visit of this month would be lifted."))
    bulk_id = uuid4()
    given = {"exemption": PlanLine.Exemption.POSTPONED, "exemption_reason": reason}
    _write(lines, POSTPONED, actor, bulk_id, given | {"exempted_by": actor})
    answer_open_requests(lines=lines, actor=actor, reason=reason, bulk_id=bulk_id)
    one = gettext_noop("%(month)s: the county postponed %(visits)s visit: %(reason)s")
    more = gettext_noop("%(month)s: the county postponed %(visits)s visits: %(reason)s")
    _tell_units(lines, one, more, reason)
    return bulk_id, lines


def _allowed(actor: User, county_id: int) -> None:
    if not actor.can(Capability.DECIDE_EXEMPTIONS) or actor.county_id != county_id:
        raise PermissionDenied


def _write(
    lines: list[PlanLine], action: str, actor: User, bulk_id: UUID, values: dict[str, Any]
) -> None:
    entries = []
    for line in lines:
        before = line_facts(line)
        for name, value in values.items():
            setattr(line, name, value)
        entries.append(
            audit.entry(
                action,
                actor=actor,
                obj=line,
                before=before,
                after=line_facts(line),
                bulk_id=bulk_id,
            )
        )
    rows = PlanLine.objects.filter(pk__in=[line.pk for line in lines])
    rows.update(version=F("version") + 1, **values)
    AuditEntry.objects.bulk_create(entries)


def _tell_units(lines: Iterable[PlanLine], one: str, more: str, reason: str) -> None:
    """Tell each unit once; `one` is said of a single visit."""
    by_unit: dict[int, list[PlanLine]] = {}
    for line in lines:
        by_unit.setdefault(line.contact_point.unit_id, []).append(line)
    people: dict[int, list[User]] = {}
    for user in User.objects.active().filter(unit__in=by_unit, role=Role.COORDINATOR):
        people.setdefault(user.unit_id, []).append(user)
    for unit, theirs in by_unit.items():
        visits = sum(line.required_visits for line in theirs)
        notifications.notify(
            people.get(unit, []),
            one if visits == 1 else more,
            params={
                "month": f"{theirs[0].month:%Y-%m}",
                "visits": visits,
                "reason": reason,
            },
            url=theirs[0].plan.get_absolute_url(),
        )


def standing(*, county: County) -> list[Postponement]:
    """Postponements from last month on that can be taken back, the newest first."""
    rows = PlanLine.objects.filter(
        county=county,
        exemption=PlanLine.Exemption.POSTPONED,
        month__gte=clock.add_months(clock.this_month(), -1),
    ).select_related("contact_point__village", "contact_point__unit", "substitute", "plan")
    lines = {str(line.pk): line for line in rows}
    found: dict[UUID, Postponement] = {}
    for entry in _newest_entries(lines):
        if entry.action == POSTPONED and entry.bulk_id and entry.actor:
            line = lines[entry.object_id]
            made = Postponement(
                entry.bulk_id, line.month, line.exemption_reason, entry.actor, entry.at
            )
            found.setdefault(entry.bulk_id, made).lines.append(line)
    return sorted(found.values(), key=lambda row: row.at, reverse=True)


def _newest_entries(ids: Iterable[str]) -> Iterable[AuditEntry]:
    return (
        AuditEntry.objects.filter(object_type="visits.planline", object_id__in=list(ids))
        .select_related("actor")
        .order_by("object_id", "-id")
        .distinct("object_id")
    )


@transaction.atomic
def take_back_postponement(*, county: County, bulk_id: UUID, actor: User) -> list[PlanLine]:
    """Let the lines be owed again that this bulk action lifted and nothing else changed since.

    Raises PermissionDenied, NotPossible (nothing of it stands any more).
    """
    _allowed(actor, county.pk)
    rows = PlanLine.objects.filter(county=county, exemption=PlanLine.Exemption.POSTPONED)
    list(rows.filter(month__gte=clock.add_months(clock.this_month(), -1)).select_for_update())
    lines = [
        line for row in standing(county=county) if row.bulk_id == bulk_id for line in row.lines
    ]
    if not lines:
        raise NotPossible(_("Nothing of this postponement can be taken back any more."))
    _write(lines, TAKEN_BACK, actor, uuid4(), UNTOUCHED)
    one = gettext_noop("%(month)s: %(visits)s postponed visit is owed again.")
    more = gettext_noop("%(month)s: %(visits)s postponed visits are owed again.")
    _tell_units(lines, one, more, "")
    return lines


def villages_named(county: County, text: str) -> tuple[list[int], list[str]]:
    """The villages that a pasted list names, and a sentence for each line that names none.

    A line is a code, or a name that may have its township before it.
    """
    registry = Registry(county.pk)
    found: list[int] = []
    wrong: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        name = "".join(raw.split())
        if not name:
            continue
        cells = {"village_code" if name.isdecimal() else "village": name}
        try:
            found.append(registry.village(number, cells, {}).pk)
        except Problem as problem:
            wrong += [say(remark["text"], remark["params"]) for remark in problem.remarks]
        except Asks as asks:
            wrong.append(say(asks.question.text, asks.question.params))
    return found, wrong
