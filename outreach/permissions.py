"""Who may do what with accounts."""

from outreach.models import User
from outreach.roles import Capability


def can_create_account(user: User, county_id: int) -> bool:
    """Administrators make the accounts of their county."""
    return user.can(Capability.MANAGE_ACCOUNTS) and user.county_id == county_id


def can_manage_account(user: User, account: User) -> bool:
    """Administrators manage the accounts of their county, but not their own."""
    return (
        user.can(Capability.MANAGE_ACCOUNTS)
        and account.county_id == user.county_id
        and account.pk != user.pk
    )
