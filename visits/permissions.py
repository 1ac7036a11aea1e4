"""Who may write plans and visits. Seeing is `visible_to`; these are asked of rows already seen."""

from contact_points.models import ContactPoint
from outreach.models import User
from outreach.roles import Capability
from visits.models import AnnualPlan, ExemptionRequest, PlanLine, ProgrammeYear, Visit


def can_run_year(user: User, year: ProgrammeYear) -> bool:
    """The county office sets its own year's rules and topics."""
    return user.can(Capability.RUN_YEAR) and user.county_id == year.county_id


def is_plan_writer(user: User, plan: AnnualPlan) -> bool:
    """The unit's coordinator, whatever state the plan is in."""
    return user.can(Capability.WRITE_PLANS) and user.unit_id == plan.unit_id


def can_write_plan(user: User, plan: AnnualPlan) -> bool:
    """The unit's coordinator writes it; a submitted plan waits for its answer."""
    return is_plan_writer(user, plan) and plan.state != AnnualPlan.State.SUBMITTED


def can_submit_plan(user: User, plan: AnnualPlan) -> bool:
    """The unit's coordinator, while it is a draft or was returned."""
    return can_write_plan(user, plan) and plan.is_open


def can_decide_plan(user: User, plan: AnnualPlan) -> bool:
    """The county office, on a submitted plan."""
    return (
        user.can(Capability.APPROVE_PLANS)
        and user.county_id == plan.county_id
        and plan.state == AnnualPlan.State.SUBMITTED
    )


def can_exempt(user: User, line: PlanLine) -> bool:
    """The county office decides exemptions."""
    return user.can(Capability.DECIDE_EXEMPTIONS) and user.county_id == line.county_id


def can_ask_exemption(user: User, line: PlanLine) -> bool:
    """The unit's coordinator for every line of the unit, a cadre for the own ones."""
    return (
        user.can(Capability.ASK_EXEMPTIONS)
        and user.unit_id == line.contact_point.unit_id
        and (user.can(Capability.WRITE_PLANS) or line.officer.user_id == user.pk)
    )


def can_decide_exemption(user: User, request: ExemptionRequest) -> bool:
    """The county office, while the request is open."""
    return (
        user.can(Capability.DECIDE_EXEMPTIONS)
        and user.county_id == request.county_id
        and request.state == ExemptionRequest.State.ASKED
    )


def can_record_visit(user: User, contact_point: ContactPoint) -> bool:
    """People of the unit; a colleague who stands in counts as a visit by the unit."""
    return user.can(Capability.RECORD_VISITS) and user.unit_id == contact_point.unit_id


def can_record_for(user: User, officer_id: int) -> bool:
    """For oneself; a coordinator for every officer of the own unit."""
    if user.can(Capability.RECORD_FOR_UNIT):
        return True
    own = getattr(user, "officer", None)
    return own is not None and own.pk == officer_id


def is_author(user: User, visit: Visit) -> bool:
    """Its officer, who recorded it, or the unit's coordinator."""
    return user.unit_id == visit.unit_id and (
        visit.recorded_by_id == user.pk or can_record_for(user, visit.officer_id)
    )


def can_edit_visit(user: User, visit: Visit) -> bool:
    """Its officer, who recorded it, or the coordinator, until the county has accepted it."""
    feedback = getattr(visit, "feedback", None)
    return (
        user.can(Capability.RECORD_VISITS)
        and is_author(user, visit)
        and not visit.is_void
        and (feedback is None or feedback.is_open)
    )


def can_add_photo(user: User, visit: Visit) -> bool:
    """As `can_edit_visit`, and while the county reads it: photos come after their record.

    A phone sends them one by one over a bad connection, hours after the texts if need be.
    """
    feedback = getattr(visit, "feedback", None)
    return (
        user.can(Capability.RECORD_VISITS)
        and is_author(user, visit)
        and not visit.is_void
        and (feedback is None or feedback.state != "accepted")
    )


def can_send_photo(user: User, visit: Visit) -> bool:
    """People of the unit hear what became of a photo they send; adding asks `can_add_photo`."""
    return user.can(Capability.RECORD_VISITS) and user.unit_id == visit.unit_id


def can_void_visit(user: User, visit: Visit) -> bool:
    """Those who may edit it, and the county office at any time."""
    if visit.is_void:
        return False
    if user.can(Capability.REVIEW_FEEDBACK):
        return user.county_id == visit.county_id
    return can_edit_visit(user, visit)
