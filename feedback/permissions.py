"""Who may write and who may review feedback."""

from feedback.models import Feedback
from outreach.models import User
from outreach.roles import Capability
from visits.models import Visit
from visits.permissions import can_record_for


def can_write_feedback(user: User, visit: Visit) -> bool:
    """Those who may record for the visit's officer, until it is sent, and again after a return."""
    feedback = getattr(visit, "feedback", None)
    return (
        user.can(Capability.RECORD_VISITS)
        and user.unit_id == visit.unit_id
        and not visit.is_void
        and (feedback is None or feedback.is_open)
        and (visit.recorded_by_id == user.pk or can_record_for(user, visit.officer_id))
    )


def can_review(user: User, feedback: Feedback) -> bool:
    """The county office, on submitted feedback of a visit that counts."""
    return (
        user.can(Capability.REVIEW_FEEDBACK)
        and user.county_id == feedback.county_id
        and feedback.state == Feedback.State.SUBMITTED
        and not feedback.visit.is_void
    )
