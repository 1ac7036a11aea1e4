"""Many matters assigned in one action: first said what would happen to each, then done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Unit
from feedback.matter_states import Action, State
from feedback.models import Matter
from feedback.permissions import actions_of, can_direct_matters
from feedback.services.matter_steps import what_happened
from feedback.services.routes import proposed_units
from feedback.services.telling import offices_of
from feedback.services.transfers import assign_matter
from outreach import notifications
from outreach.models import User
from visits.services.errors import NotPossible
from visits.services.many import Done, one_by_one


@dataclass(frozen=True)
class Proposal:
    """What would happen to a matter: this unit is asked, or `why_not`."""

    matter: Matter
    unit: Unit | None
    why_not: str

    @property
    def pick(self) -> str:
        """The matter as it was seen, and the unit that is asked."""
        return f"{self.matter.pick}@{self.unit.pk}" if self.unit else ""


def proposals(
    matters: Iterable[Matter], by: User, seen: Mapping[int, int], unit: Unit | None
) -> list[Proposal]:
    """For each what assigning it to `unit`, or to whom the table proposes, would do.

    `seen` is matter id -> the version its reader saw. Nothing is written.
    """
    rows = list(matters)
    proposed = {row.pk: unit for row in rows} if unit else proposed_units(rows)
    return [
        Proposal(row, proposed[row.pk], _why_not(row, proposed[row.pk], by, seen)) for row in rows
    ]


def _why_not(matter: Matter, unit: Unit | None, by: User, seen: Mapping[int, int]) -> str:
    if matter.version != seen[matter.pk]:
        return what_happened(matter)
    if matter.state == State.WITH_COUNTY:
        return _("The county decides this one by itself, with a reason: name the unit on its page.")
    if Action.ASSIGN not in actions_of(by, matter):
        return _("%(state)s: it is not assigned in this state.") % {
            "state": matter.get_state_display()
        }
    if unit is None:
        return _("The county's table proposes nobody for it.")
    return _("This unit leads it already.") if unit.pk == matter.leader_id else ""


@transaction.atomic
def assign_many(
    *,
    matters: Iterable[Matter],
    units: Mapping[int, Unit],
    actor: User,
    seen: Mapping[int, int],
    text: str = "",
) -> Done[Matter]:
    """Ask for each matter its unit in `units`, each by the rule of one and under one bulk id.

    One that was moved on since it was seen is left and said; each unit is told once of all.
    Raises PermissionDenied.
    """
    if not can_direct_matters(actor):
        raise PermissionDenied
    bulk_id = uuid4()

    def assign(row: Matter) -> None:
        if row.version != seen[row.pk]:
            raise NotPossible(what_happened(row))
        if row.pk not in units:
            raise ValidationError(_("The county's table proposes nobody for it."))
        assign_matter(matter=row, actor=actor, unit=units[row.pk], text=text, bulk_id=bulk_id)

    told = one_by_one(matters, assign, refused=_("This matter is not assigned here."))
    _tell(told.done, units, actor)
    return told


_ASKED = gettext_noop("The county office asks your unit to take over matters: %(asked)s.")
_LED = gettext_noop("The county office asks others to take over matters that you lead: %(led)s.")
_BOTH = gettext_noop(
    "The county office asks your unit to take over matters: %(asked)s; and others to take over "
    "matters that you lead: %(led)s."
)


def _tell(done: list[Matter], units: Mapping[int, Unit], by: User) -> None:
    """One notification for each person of the offices concerned and for whoever has one in hand."""
    asked = Counter(units[row.pk].pk for row in done)
    led = Counter(row.leader_id for row in done)
    in_hand = Counter((row.taken_by_id, row.leader_id) for row in done if row.taken_by_id)
    active = User.objects.active().filter(county=by.county_id).exclude(pk=by.pk)
    offices = set(active.filter(offices_of({*asked, *led})))
    holders = set(active.filter(pk__in=[person for person, _unit in in_hand]))
    for user in sorted(offices | holders, key=lambda user: user.pk):
        leads = user in offices
        counts = {
            "asked": asked[user.unit_id] if leads else 0,
            "led": led[user.unit_id] if leads else in_hand[user.pk, user.unit_id],
        }
        counts = {name: n for name, n in counts.items() if n}
        if counts:
            sentence = _BOTH if len(counts) == 2 else _ASKED if "asked" in counts else _LED
            notifications.notify_as_chosen(
                [user],
                sentence,
                params=counts,
                url=f"{reverse('matter_list')}?state=transfer_asked",
            )
