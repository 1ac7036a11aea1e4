"""Who may make reports. Seeing them is `visible_to`."""

from outreach.models import User
from outreach.roles import Capability


def can_make_report(user: User, county_id: int) -> bool:
    """The county office, for its own county."""
    return user.can(Capability.MAKE_REPORTS) and user.county_id == county_id
