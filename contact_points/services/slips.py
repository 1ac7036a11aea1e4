"""Sign-in slips: first passwords for the accounts that an import made, readable this once."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ImportRun
from contact_points.services.imports import NotPossible, State, check_allowed
from contact_points.services.record_writing import ADDED
from outreach import audit
from outreach.models import User
from outreach.services import hand_out_first_passwords

# Each password takes a tenth of a second to keep; more of them would keep a browser waiting.
PART = 200


def accounts_of(run: ImportRun) -> list[int]:
    """The ids of the accounts that an applied import made, in a fixed order."""
    if run.kind != ImportRun.Kind.OFFICERS or run.state != State.APPLIED:
        return []
    added = run.trail.content[ADDED].get(User._meta.label_lower, {})
    return sorted(map(int, added))


@transaction.atomic
def make_slips(*, run: ImportRun, part: int, actor: User) -> list[tuple[User, str]]:
    """New first passwords for those of the part's accounts that never signed in.

    What was handed out before ends. Raises NotPossible, PermissionDenied.
    """
    check_allowed(actor, run.county_id)
    accounts = accounts_of(run)[part * PART : (part + 1) * PART]
    slips = hand_out_first_passwords(accounts=accounts, actor=actor)
    if not slips:
        raise NotPossible(_("No account of this import waits for its first password."))
    audit.record(
        gettext_noop("Sign-in slips made"), actor=actor, obj=run, after={"rows": len(slips)}
    )
    return slips
