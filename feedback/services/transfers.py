"""Who leads a matter: asked and accepted, passed up and down, decided by the county.

The leading unit stays answerable until another has accepted (domain: first receiver leads).
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contact_points.models import Unit
from feedback.matter_states import REFUSALS_UNTIL_COUNTY, Action, State
from feedback.models import Matter
from feedback.services.matter_steps import Step
from outreach import clock
from outreach.models import User
from visits.services.errors import NotPossible


def _check_unit(matter: Matter, unit: Unit) -> None:
    if unit.county_id != matter.county_id:
        raise PermissionDenied
    if unit.pk == matter.leader_id:
        raise ValidationError({"unit": _("This unit leads it already.")})


def _back(matter: Matter) -> State:
    """Where the leading unit stood when it asked."""
    return State.IN_WORK if matter.taken_at else State.RECEIVED


@transaction.atomic
def assign_matter(
    *, matter: Matter, actor: User, unit: Unit, text: str = "", bulk_id: UUID | None = None
) -> Matter:
    """The county office asks a unit to take it over; the unit may refuse.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    step = Step(matter, Action.ASSIGN, actor, text, bulk_id, quiet=bulk_id is not None)
    _check_unit(matter, unit)
    return step.take(asked_unit=unit)


@transaction.atomic
def ask_transfer(*, matter: Matter, actor: User, unit: Unit, text: str) -> Matter:
    """The leading unit asks another, with a reason. Raises as `assign_matter`."""
    step = Step(matter, Action.ASK_TRANSFER, actor, text)
    _check_unit(matter, unit)
    return step.take(asked_unit=unit)


@transaction.atomic
def accept_transfer(*, matter: Matter, actor: User) -> Matter:
    """The unit asked leads from now on. Raises PermissionDenied, NotPossible."""
    now = clock.now()
    return Step(matter, Action.ACCEPT_TRANSFER, actor).take(
        leader=matter.asked_unit,
        asked_unit=None,
        refusals=0,
        taken_by=actor,
        taken_at=now,
        accepted_at=matter.accepted_at or now,
    )


@transaction.atomic
def refuse_transfer(*, matter: Matter, actor: User, text: str) -> Matter:
    """The unit asked refuses with a reason; after two refusals the county decides.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    step = Step(matter, Action.REFUSE_TRANSFER, actor, text)
    refusals = matter.refusals + 1
    to_county = refusals >= REFUSALS_UNTIL_COUNTY
    return step.take(
        after=State.WITH_COUNTY if to_county else _back(matter),
        asked_unit=None,
        refusals=refusals,
    )


@transaction.atomic
def withdraw_transfer(*, matter: Matter, actor: User) -> Matter:
    """Ask no longer. Raises PermissionDenied, NotPossible."""
    step = Step(matter, Action.WITHDRAW_TRANSFER, actor)
    return step.take(after=_back(matter), asked_unit=None)


@transaction.atomic
def pass_up(*, matter: Matter, actor: User, text: str) -> Matter:
    """A unit asks the county to decide; it leads until then.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    return Step(matter, Action.PASS_UP, actor, text).take()


@transaction.atomic
def pass_down(*, matter: Matter, actor: User, text: str) -> Matter:
    """The county gives it to the unit of the village's township. Raises as `pass_up`."""
    step = Step(matter, Action.PASS_DOWN, actor, text)
    unit = Unit.objects.filter(
        county=matter.county_id, township=matter.village.township_id, kind=Unit.Kind.TOWNSHIP
    ).first()
    if unit is None:
        raise NotPossible(_("This township has no unit in the registry. Name another unit."))
    return step.take(**_decided(unit))


@transaction.atomic
def decide_transfer(*, matter: Matter, actor: User, unit: Unit, text: str) -> Matter:
    """The county decides who leads; the unit takes it in hand. Raises as `pass_up`."""
    step = Step(matter, Action.DECIDE_TRANSFER, actor, text)
    if unit.county_id != matter.county_id:
        raise PermissionDenied
    return step.take(**_decided(unit))


def _decided(unit: Unit) -> dict[str, Any]:
    return {"leader": unit, "refusals": 0, "taken_by": None, "taken_at": None}
