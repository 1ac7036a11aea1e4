"""Who may change the registry."""

from outreach.models import User
from outreach.roles import Capability


def can_change_registry(user: User, county_id: int) -> bool:
    """Administrators, in their own county."""
    return user.can(Capability.MANAGE_REGISTRY) and user.county_id == county_id


def can_import_lists(user: User, county_id: int) -> bool:
    """Administrators, in their own county."""
    return user.can(Capability.IMPORT_LISTS) and user.county_id == county_id
