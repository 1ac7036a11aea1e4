"""Write, submit and decide a unit's annual plan; exempt a line."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Role
from visits.models import AnnualPlan, PlanLine, Topic
from visits.permissions import can_decide_plan, can_exempt, can_submit_plan, can_write_plan
from visits.services.errors import NotPossible, StaleVersion
from visits.services.topics import check_offered


def line_facts(line: PlanLine, topics: Iterable[Topic]) -> dict:
    """What a plan's line says, for the audit trail."""
    return audit.facts(line, "planned_date", "group", "officer") | {
        "topics": sorted(topic.title for topic in topics)
    }


@transaction.atomic
def write_line(
    *,
    line: PlanLine,
    actor: User,
    version: int,
    planned_date: date | None,
    group: str,
    officer_id: int,
    topics: Iterable[Topic],
    reason: str = "",
) -> PlanLine:
    """Fill one line. On an approved plan this is an amendment and needs a reason.

    The same values arriving twice are one change: a reply may get lost. Raises PermissionDenied,
    NotPossible (no reason, or too late), StaleVersion, ValidationError.
    """
    # The plan before its lines, as everybody locks them who writes more than one.
    AnnualPlan.objects.select_for_update().get(pk=line.plan_id)
    current = (
        PlanLine.objects.with_visited()
        .select_for_update(of=["self"])
        .select_related("plan", "contact_point__unit", "contact_point__village")
        .get(pk=line.pk)
    )
    if not can_write_plan(actor, current.plan):
        raise PermissionDenied
    topics, known = list(topics), list(current.topics.all())
    before = line_facts(current, known)
    if current.version != version:
        if current.version == version + 1 and before == {
            "planned_date": planned_date,
            "group": group,
            "officer": officer_id,
            "topics": sorted(topic.title for topic in topics),
        }:
            return current
        raise StaleVersion(current)
    if shut := why_shut(current):
        raise NotPossible(shut)
    if not current.plan.is_open and not reason:
        raise NotPossible(_("The plan is approved: say why this line changes."))
    check_private_numbers({"reason": reason})
    check_offered(
        {topic.pk for topic in topics},
        unit=current.contact_point.unit,
        month=current.month,
        known={topic.pk for topic in known},
    )
    current.planned_date, current.group = planned_date, group
    current.officer_id, current.version = officer_id, version + 1
    current.full_clean(exclude=["county", "plan", "contact_point", "exempted_by"])
    current.save(update_fields=["planned_date", "group", "officer", "version"])
    current.topics.set(topics)
    after = line_facts(current, topics) | ({"reason": reason} if reason else {})
    audit.record(
        gettext_noop("Plan line amended") if reason else gettext_noop("Plan line written"),
        actor=actor,
        obj=current,
        before=before,
        after=after,
    )
    return current


def why_shut(line: PlanLine) -> str:
    """Why the unit may not write the line any more; nothing while it may (domain: adherence).

    An approved plan written after the visit would only follow what happened. The line is one read
    `with_visited`.
    """
    if line.plan.is_open:
        return ""
    if line.visited:  # type: ignore[attr-defined]
        return _("The visit is recorded: an approved month is not planned afterwards.")
    if line.month < clock.this_month():
        return _("This month is over: an approved month is not planned afterwards.")
    return ""


def _move(plan: AnnualPlan, allowed: Iterable[str], **values: object) -> None:
    """Change the state only from an allowed one; NotPossible when somebody was first."""
    if not AnnualPlan.objects.filter(pk=plan.pk, state__in=allowed).update(**values):
        raise NotPossible(_("Somebody decided this plan in the meantime. Load the page again."))
    plan.refresh_from_db()


@transaction.atomic
def submit_plan(*, plan: AnnualPlan, actor: User) -> AnnualPlan:
    """Hand the unit's plan to the county office."""
    if not can_submit_plan(actor, plan):
        raise PermissionDenied
    before = audit.facts(plan, "state")
    states = AnnualPlan.State
    _move(plan, [states.DRAFT, states.RETURNED], state=states.SUBMITTED, submitted_at=clock.now())
    audit.record(
        gettext_noop("Plan submitted"),
        actor=actor,
        obj=plan,
        before=before,
        after=audit.facts(plan, "state"),
    )
    notifications.notify(
        User.objects.active().filter(county=plan.county_id, role=Role.COUNTY),
        gettext_noop("%(unit)s submitted its plan for %(year)s."),
        params={"unit": str(plan.unit), "year": plan.programme_year.year},
        url=plan.get_absolute_url(),
    )
    return plan


@transaction.atomic
def decide_plan(
    *, plan: AnnualPlan, actor: User, reason: str = "", seen: datetime | None = None
) -> AnnualPlan:
    """Approve the plan, or with a reason return it to its unit.

    `seen` is when the plan was submitted that its reader saw. Raises PermissionDenied,
    NotPossible, ValidationError.
    """
    if not can_decide_plan(actor, plan):
        raise PermissionDenied
    if seen is not None and seen != plan.submitted_at:
        raise NotPossible(_("The unit submitted the plan again since. Read it once more."))
    check_private_numbers({"reason": reason})
    states = AnnualPlan.State
    _move(
        plan,
        [states.SUBMITTED],
        state=states.RETURNED if reason else states.APPROVED,
        return_reason=reason,
        decided_at=clock.now(),
        decided_by=actor,
    )
    audit.record(
        gettext_noop("Plan returned") if reason else gettext_noop("Plan approved"),
        actor=actor,
        obj=plan,
        before={"state": states.SUBMITTED},
        after=audit.facts(plan, "state", "return_reason"),
    )
    notifications.notify(
        User.objects.active().filter(unit=plan.unit_id, role=Role.COORDINATOR),
        gettext_noop("Your plan for %(year)s was returned: %(reason)s")
        if reason
        else gettext_noop("Your plan for %(year)s is approved."),
        params={"year": plan.programme_year.year, "reason": reason},
        url=plan.get_absolute_url(),
    )
    return plan


@transaction.atomic
def exempt_line(*, line: PlanLine, actor: User, exemption: str, reason: str) -> PlanLine:
    """Exempt a line from the denominator, or take the exemption back with an empty one.

    Raises PermissionDenied, ValidationError (no reason).
    """
    line = PlanLine.objects.select_for_update().get(pk=line.pk)
    if not can_exempt(actor, line):
        raise PermissionDenied
    check_private_numbers({"reason": reason})
    before = audit.facts(line, "exemption", "exemption_reason")
    line.exemption = exemption
    line.exemption_reason = reason
    line.exempted_by = actor if exemption else None
    line.version += 1
    # Django calls an empty `exempted_by` a mistake; with an exemption the constraint needs it.
    unchecked = ["county", "plan", "contact_point"]
    line.full_clean(exclude=unchecked if exemption else [*unchecked, "exempted_by"])
    line.save(update_fields=["exemption", "exemption_reason", "exempted_by", "version"])
    audit.record(
        gettext_noop("Plan line exempted") if exemption else gettext_noop("Exemption taken back"),
        actor=actor,
        obj=line,
        before=before,
        after=audit.facts(line, "exemption", "exemption_reason"),
    )
    return line
