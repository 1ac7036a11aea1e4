"""Write, submit and decide a unit's annual plan."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from outreach import audit, clock, notifications
from outreach.models import AuditEntry, User
from outreach.privacy import check_private_numbers
from outreach.roles import Role
from visits.models import AnnualPlan, PlanLine, Topic
from visits.permissions import can_decide_plan, can_submit_plan, can_write_plan
from visits.services.errors import NotPossible, StaleVersion
from visits.services.many import Done, one_by_one
from visits.services.topics import check_offered


def line_facts(line: PlanLine, topics: Iterable[Topic]) -> dict:
    """What a plan's line says, for the audit trail."""
    return audit.facts(line, "planned_date", "group") | {
        "officer": str(line.officer),
        "topics": sorted(topic.title for topic in topics),
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
        PlanLine.objects.with_visits_made()
        .select_for_update(of=["self"])
        .select_related("plan", "contact_point__unit", "contact_point__village", "officer")
        .get(pk=line.pk)
    )
    if not can_write_plan(actor, current.plan):
        raise PermissionDenied
    topics, known = list(topics), list(current.topics.all())
    before = line_facts(current, known)
    if current.version != version:
        written = current.planned_date, current.group, current.officer_id, set(known)
        if current.version == version + 1 and written == (
            *(planned_date, group, officer_id),
            set(topics),
        ):
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
    settled = ["county", "plan", "contact_point", "exempted_by"]
    if officer_id == current.officer_id:
        settled.append("officer")
    if planned_date is None or clock.month_of(planned_date) == current.month:
        settled.append("month")  # its check would only ask the database what is seen here
    current.planned_date, current.group = planned_date, group
    current.officer_id, current.version = officer_id, version + 1
    current.full_clean(exclude=settled)
    current.save(update_fields=["planned_date", "group", "officer", "version"])
    current.topics.remove(*(topic for topic in known if topic not in topics))
    current.topics.add(*(topic for topic in topics if topic not in known))
    after = line_facts(current, topics) | ({"reason": reason} if reason else {})
    audit.record(
        gettext_noop("Plan line amended") if reason else gettext_noop("Plan line written"),
        actor=actor,
        obj=current,
        before=before,
        after=after,
    )
    return current


def save_lines(
    topics_of: Mapping[PlanLine, Iterable[Topic]], entries: Iterable[AuditEntry]
) -> None:
    """Save the changed lines, each with its topics, and what the trail tells of them."""
    PlanLine.objects.bulk_update(topics_of, ["planned_date", "group", "officer", "version"])
    through = PlanLine.topics.through
    through.objects.filter(planline__in=topics_of).delete()
    through.objects.bulk_create(
        through(planline_id=line.pk, topic_id=topic.pk)
        for line, topics in topics_of.items()
        for topic in topics
    )
    AuditEntry.objects.bulk_create(entries)


def why_shut(line: PlanLine) -> str:
    """Why the unit may not write the line any more; nothing while it may (domain: adherence).

    An approved plan written after the visit would only follow what happened. The line is one read
    `with_visits_made`.
    """
    if line.plan.is_open:
        return ""
    if line.visits_made:  # type: ignore[attr-defined]
        return _("The visit is recorded: an approved month is not planned afterwards.")
    if line.month < clock.this_month():
        return _("This month is over: an approved month is not planned afterwards.")
    return ""


def _move(plan: AnnualPlan, allowed: Iterable[str], **values: object) -> None:
    """Change the state only from an allowed one; NotPossible when somebody was first."""
    if not AnnualPlan.objects.filter(pk=plan.pk, state__in=allowed).update(**values):
        raise NotPossible(_("Somebody decided this plan in the meantime. Load the page again."))
    for name, value in values.items():
        setattr(plan, name, value)


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
    *,
    plan: AnnualPlan,
    actor: User,
    reason: str = "",
    seen: datetime | None = None,
    bulk_id: UUID | None = None,
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
        bulk_id=bulk_id,
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
def decide_plans(
    *,
    plans: Iterable[AnnualPlan],
    actor: User,
    seen: Mapping[int, datetime],
    reason: str = "",
) -> Done[AnnualPlan]:
    """Approve several plans, or with a reason return them, each by the rule of one.

    `seen` is plan id -> when the plan was submitted that its reader saw. Raises ValidationError.
    """
    check_private_numbers({"reason": reason})
    bulk_id = uuid4()
    return one_by_one(
        plans,
        lambda plan: decide_plan(
            plan=plan, actor=actor, reason=reason, seen=seen[plan.pk], bulk_id=bulk_id
        ),
        refused=_("A colleague decided this plan in the meantime."),
    )
