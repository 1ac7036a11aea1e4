"""Hand contact points over to another officer of the unit, from a day on."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, ImportRow, Officer
from contact_points.permissions import can_hand_over
from contact_points.reading.lists import ListRow
from contact_points.services.applying import Writer
from contact_points.services.imports import NotPossible, one_at_a_time
from contact_points.services.planning import PlannedRow
from contact_points.services.registry import announce_change
from outreach import clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Role

# A day further away than this is a slip of the pen.
AHEAD = timedelta(days=366)
# More names than these help nobody in a notice.
NAMED = 5


@transaction.atomic
def hand_over(
    *,
    contact_points: Iterable[ContactPoint],
    officer: Officer,
    first_day: date,
    actor: User,
    reason: str,
) -> UUID:
    """Let the officer be responsible from the day on; returns the one id of the whole act.

    Each contact point ends the day before and another begins, its co-officers and last day kept
    (domain: handover). One that begins on that very day only changes its officer. What follows
    the registry moves the lines under the same id. Raises PermissionDenied, NotPossible,
    ValidationError.
    """
    one_at_a_time(officer.county_id)
    points = _locked({point.pk for point in contact_points})
    if not all(can_hand_over(actor, point) for point in points):
        raise PermissionDenied
    check_private_numbers({"reason": reason})
    if not reason:
        raise NotPossible(_("Say why the officer changes."))
    check_handover(points, officer, first_day)
    bulk_id = uuid4()
    former = {point.officer.user_id for point in points}
    before = {point.pk: point.officer_id for point in points if point.first_day == first_day}
    others: Any = {point.pk: list(point.co_officers.all()) for point in points}
    Writer(
        county_id=officer.county_id,
        bulk_id=bulk_id,
        actor=actor,
        co_officers=others,
        reason=reason,
    ).write([_planned(point, officer, first_day) for point in points], [], first_day)
    _tell(points, former, officer, first_day, reason)
    act = {"id": str(bulk_id), "actor": actor.pk, "before": before}
    announce_change(officer.county_id, act)
    return bulk_id


def _locked(wanted: set[int]) -> list[ContactPoint]:
    """The contact points, which nobody else writes until the transaction ends."""
    points = list(
        ContactPoint.objects.filter(pk__in=wanted)
        .select_for_update(of=["self"])
        .select_related("village__township", "unit", "officer")
        .prefetch_related("co_officers")
        .with_last_visit()
    )
    if not points or len(points) != len(wanted):
        raise NotPossible(_("Choose at least one contact point."))
    return points


def check_handover(points: Iterable[ContactPoint], officer: Officer, first_day: date) -> None:
    """Whether the officer can take these (read `with_last_visit`) then. Raises NotPossible."""
    if first_day < clock.this_month():
        raise NotPossible(_("A handover goes back to the first of this month at most."))
    if first_day > clock.today() + AHEAD:
        raise NotPossible(_("This day is more than a year away."))
    for point in points:
        _check(point, officer, first_day)


def _check(point: ContactPoint, officer: Officer, first_day: date) -> None:
    village = {"village": point.village.name}
    if officer.unit_id != point.unit_id:
        raise NotPossible(_("The new officer is of another unit."))
    if officer.left_on and officer.left_on < first_day:
        raise NotPossible(_("%(officer)s has left by then.") % {"officer": officer})
    if point.officer_id == officer.pk:
        taken = _("%(officer)s holds %(village)s already.") % (village | {"officer": officer})
        raise NotPossible(taken)
    if first_day not in point.period:
        raise NotPossible(_("%(village)s is not held on that day.") % village)
    visited: date | None = point.last_visit  # type: ignore[attr-defined]
    if visited and visited >= first_day:
        days = {"day": date_format(visited), "next": date_format(visited + clock.ONE_DAY)}
        raise NotPossible(
            _("%(village)s was visited on %(day)s: hand it over from %(next)s on.")
            % (village | days)
        )


def _tell(
    points: list[ContactPoint],
    former: set[int | None],
    officer: Officer,
    first_day: date,
    reason: str,
) -> None:
    """Tell who gives, who takes, and the unit's coordinators; once each."""
    unit = User.objects.active().filter(unit=officer.unit_id)
    people = {officer.user_id, *former} - {None}
    notifications.notify(
        unit.filter(role=Role.COORDINATOR) | unit.filter(pk__in=people),
        gettext_noop("From %(day)s on %(officer)s is responsible for %(villages)s: %(reason)s"),
        params={
            "day": first_day.isoformat(),
            "officer": officer.name,
            "villages": "、".join(point.village.name for point in points[:NAMED])
            + ("…" if len(points) > NAMED else ""),
            "reason": reason,
        },
        url=officer.get_absolute_url(),
    )


def _planned(point: Any, officer: Any, first_day: date) -> PlannedRow:
    """As a list would hand it over, of which the writer takes rows of the registry as well."""
    return PlannedRow(
        ListRow(point.pk, {}),
        ImportRow.Outcome.CHANGED,
        unit=point.unit,
        village=point.village,
        officer=officer,
        co_officers=[other for other in point.co_officers.all() if other.pk != officer.pk],
        target=point,
        hands_over=first_day > point.first_day,
        first_day=first_day,
        last_day=point.last_day,
        note=point.note,
    )
