"""More time for a matter, and the clock that stands still while somebody named is waited for."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.matter_states import Action
from feedback.models import Matter
from feedback.services.matter_steps import Step
from feedback.services.matters import due_values
from outreach import clock
from outreach.models import User
from outreach.workdays import workdays_between
from visits.services.errors import NotPossible

MOST_DAYS = 30
_DAYS = gettext_noop("working days: %(days)s")


@transaction.atomic
def ask_extension(*, matter: Matter, actor: User, days: int, text: str) -> Matter:
    """Ask for working days more, before the limit is over, with a reason.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    if matter.is_overdue:
        raise NotPossible(_("More time is asked for before the day, not after it."))
    step = Step(matter, Action.ASK_EXTENSION, actor, text)
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError(
            {"days": _("Ask for 1 to %(most)s working days.") % {"most": MOST_DAYS}}
        )
    return step.take(
        said=_DAYS, params={"days": days}, extension_days=days, extension_asked_by=actor
    )


@transaction.atomic
def decide_extension(*, matter: Matter, actor: User, grant: bool, text: str = "") -> Matter:
    """The county office grants the days asked for, or refuses with a reason.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    action = Action.GRANT_EXTENSION if grant else Action.REFUSE_EXTENSION
    step = Step(matter, action, actor, text)
    asked = matter.extension_days or 0
    answered: dict[str, Any] = {"extension_days": None, "extension_asked_by": None}
    if not grant:
        return step.take(**answered)
    more = due_values(matter, more_days=matter.more_days + asked)
    return step.take(said=_DAYS, params={"days": asked}, **answered, **more)


@transaction.atomic
def wait_for(*, matter: Matter, actor: User, text: str) -> Matter:
    """Let the clock stand still until somebody named has done something; `text` names them.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    return Step(matter, Action.WAIT_FOR, actor, text).take(waiting_since=clock.today())


@transaction.atomic
def resume(*, matter: Matter, actor: User) -> Matter:
    """Go on; the working days waited are added to the limit.

    Raises PermissionDenied, NotPossible.
    """
    step = Step(matter, Action.RESUME, actor)
    since = matter.waiting_since or clock.today()
    waited = workdays_between(since, clock.today())
    values = due_values(matter, more_days=matter.more_days + waited)
    return step.take(waiting_since=None, **values)
