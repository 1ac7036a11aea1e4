"""Who may review feedback; writing it is a part of the visit's record (`can_edit_visit`)."""

from feedback.models import Feedback
from outreach.models import User
from outreach.roles import Capability


def can_review(user: User, feedback: Feedback) -> bool:
    """The county office, on submitted feedback of a visit that counts."""
    return (
        user.can(Capability.REVIEW_FEEDBACK)
        and user.county_id == feedback.county_id
        and feedback.state == Feedback.State.SUBMITTED
        and not feedback.visit.is_void
    )
