"""Who may do what with accounts."""

from outreach.models import User
from outreach.roles import Capability


def can_manage_account(user: User, account: User) -> bool:
    """Administrators manage the accounts of their county, but not their own."""
    return (
        user.can(Capability.MANAGE_ACCOUNTS)
        and account.county_id == user.county_id
        and account.pk != user.pk
    )
