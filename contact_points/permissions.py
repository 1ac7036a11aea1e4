"""Who may change the registry."""

from contact_points.models import ContactPoint
from outreach.models import User
from outreach.roles import Capability


def can_change_registry(user: User, county_id: int) -> bool:
    """Administrators, in their own county."""
    return user.can(Capability.MANAGE_REGISTRY) and user.county_id == county_id


def can_import_lists(user: User, county_id: int) -> bool:
    """Administrators, in their own county."""
    return user.can(Capability.IMPORT_LISTS) and user.county_id == county_id


def can_hand_over(user: User, contact_point: ContactPoint) -> bool:
    """A coordinator within the own unit, county office and administrators within the county."""
    return (
        user.can(Capability.HAND_OVER)
        and user.county_id == contact_point.county_id
        and user.unit_id in (None, contact_point.unit_id)
    )
