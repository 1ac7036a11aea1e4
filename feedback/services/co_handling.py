"""Units that help with a matter: named, heard and released; they never answer for the leader."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contact_points.models import Unit
from feedback.matter_states import Action
from feedback.models import CoHandler, Matter
from feedback.services.matter_steps import Step
from outreach import clock
from outreach.models import User


@transaction.atomic
def name_co_handler(*, matter: Matter, actor: User, unit: Unit, text: str) -> Matter:
    """The leading unit or the county office names a unit that helps; `text` says with what.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    step = Step(matter, Action.NAME_CO_HANDLER, actor, text)
    if unit.county_id != matter.county_id:
        raise PermissionDenied
    if unit.pk == matter.leader_id:
        raise ValidationError({"unit": _("This unit leads it already.")})
    if unit.pk in [row.unit_id for row in matter.co_handling]:
        raise ValidationError({"unit": _("This unit helps already.")})
    done = step.take(named=unit)
    CoHandler.objects.create(matter=matter, unit=unit, named_by=actor)
    done.refresh_from_db()
    return done


@transaction.atomic
def note_progress(*, matter: Matter, actor: User, text: str) -> Matter:
    """What a co-handling unit has done so far. Raises as `name_co_handler`."""
    return Step(matter, Action.NOTE_PROGRESS, actor, text).take()


@transaction.atomic
def hand_in_part(*, matter: Matter, actor: User, text: str) -> Matter:
    """The part of the actor's unit is done; the answer is still the leader's.

    Raises as `name_co_handler`.
    """
    step = Step(matter, Action.PART_DONE, actor, text)
    done = step.take()
    _its(matter).filter(unit=actor.unit).update(done_at=clock.now())
    done.refresh_from_db()
    return done


@transaction.atomic
def release_co_handler(*, matter: Matter, actor: User, unit: Unit, text: str) -> Matter:
    """A unit helps no more, for a reason. Raises as `name_co_handler`."""
    step = Step(matter, Action.RELEASE_CO_HANDLER, actor, text)
    if unit.pk not in [row.unit_id for row in matter.co_handling]:
        raise ValidationError({"unit": _("This unit does not help with it.")})
    done = step.take(named=unit)
    _its(matter).filter(unit=unit).update(released_at=clock.now())
    done.refresh_from_db()
    return done


def _its(matter: Matter) -> QuerySet[CoHandler]:
    return CoHandler.objects.filter(matter=matter, released_at=None)
