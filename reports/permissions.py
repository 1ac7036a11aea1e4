"""Who may make reports and read a unit's sheet. Seeing reports is `visible_to`."""

from contact_points.models import Township, Unit
from outreach.models import User
from outreach.roles import Capability


def can_make_report(user: User, county_id: int) -> bool:
    """The county office, for its own county."""
    return user.can(Capability.MAKE_REPORTS) and user.county_id == county_id


def can_read_sheets(user: User) -> bool:
    """The county office, and coordinators for their own unit."""
    return user.can(Capability.MAKE_REPORTS) or user.can(Capability.WRITE_PLANS)


def can_read_sheet(user: User, part: Unit | Township) -> bool:
    """The office all of its county; a coordinator the own unit's and, of a township's, its own."""
    if not can_read_sheets(user) or part.county_id != user.county_id:
        return False
    if user.unit is None:
        return True
    return part in (user.unit, user.unit.township)
