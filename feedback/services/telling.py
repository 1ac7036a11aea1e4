"""Who hears what happens to a matter: those whom the table names, each once."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop, override

from contact_points.models import Unit
from feedback.matter_states import FILES_TELL, JUDGED_TELL, PARTS_WITH, RULES, Action, State, Who
from feedback.models import Matter
from outreach import notifications
from outreach.models import Notification, User
from outreach.roles import Role

_TOLD = {
    True: gettext_noop("%(village)s, “%(matter)s”: %(happened)s. %(text)s"),
    False: gettext_noop("%(village)s, “%(matter)s”: %(happened)s."),
}
_TOLD_JOINED = {
    True: gettext_noop(
        "%(village)s, “%(matter)s”, by the matter it is joined to: %(happened)s. %(text)s"
    ),
    False: gettext_noop("%(village)s, “%(matter)s”, by the matter it is joined to: %(happened)s."),
}
FILES_ADDED = gettext_noop("photos or documents added")


def source_of(label: Any) -> str:
    """A label as it is kept in the database: in its source language, translated for its reader."""
    with override("en"):
        return str(label)


def offices_of(units: set[int | None]) -> Q:
    """The coordinators of these units; of one that has none all its cadres."""
    has_one = User.objects.active().filter(unit__in=units, role=Role.COORDINATOR).values("unit")
    no_office = Q(unit__in=units, role=Role.CADRE) & ~Q(unit__in=has_one)
    return Q(unit__in=units, role=Role.COORDINATOR) | no_office


def tell(
    matter: Matter,
    action: Action,
    by: User | None,
    text: str,
    also: Iterable[int | None] = (),
    named: Unit | None = None,
) -> set[int]:
    """Tell everybody the table names, each once; who did it knows. Former units hear it, too.

    Of the co-handling units the one that it is about, else all. Returns the ids of the told.
    """
    users = list(_people(matter, RULES[action].tells, by, also, named))
    notifications.notify_as_chosen(
        users,
        _TOLD[bool(text)],
        params=_words(matter, action.label, text),
        url="" if action in PARTS_WITH else matter.get_absolute_url(),
    )
    return {user.pk for user in users}


def tell_of_files(matter: Matter, by: User) -> None:
    """Tell who works on it that photos or documents were added, and whoever judges its answer.

    Somebody whose notice of it is still unread hears it once, however many are added.
    """
    judged = matter.state in (State.TO_CONFIRM, State.ANSWERED)
    users = _people(matter, FILES_TELL + (JUDGED_TELL if judged else ()), by)
    url = matter.get_absolute_url()
    unread = Notification.objects.unread().filter(url=url, params__happened=FILES_ADDED)
    notifications.notify_as_chosen(
        users.exclude(pk__in=unread.values("user")),
        _TOLD[False],
        params=_words(matter, FILES_ADDED, ""),
        url=url,
    )


def _people(
    matter: Matter,
    tells: Collection[Who],
    by: User | None,
    also: Iterable[int | None] = (),
    named: Unit | None = None,
) -> QuerySet[User]:
    main = matter.main
    helping: set[int | None] = {named.pk} if named else set()
    if Who.CO_HANDLER in tells and not named:
        helping = {row.unit_id for row in matter.co_handling}
    units: dict[Who, set[int | None]] = {
        Who.LEADER: {matter.leader_id, main.leader_id if main else None} | set(also),
        Who.ORIGIN: {matter.origin_id},
        Who.ASKED: {matter.asked_unit_id} | set(also),
        Who.CO_HANDLER: helping,
    }
    told = set().union(*(units.get(who, set()) for who in tells)) - {None}
    people = offices_of(told)
    if Who.LEADER in tells:
        people |= Q(pk=matter.taken_by_id, unit=matter.leader_id)
    if Who.ORIGIN in tells:
        people |= Q(pk=matter.raised_by_id)
    if Who.COUNTY in tells:
        people |= Q(county=matter.county_id, role=Role.COUNTY)
    known = [by.pk] if by else []
    return User.objects.active().filter(people, county=matter.county_id).exclude(pk__in=known)


def tell_joined(main: Matter, action: Action, known: set[int], text: str) -> None:
    """Tell the people of each matter joined to it what happened, but those who know it already."""
    for matter in main.joined.select_related("village").prefetch_related("co_handlers"):
        units = {row.unit_id for row in matter.co_handling} | {matter.leader_id, matter.origin_id}
        people = offices_of(units)
        people |= Q(pk__in={matter.raised_by_id, matter.taken_by_id} - {None})
        users = User.objects.active().filter(people, county=matter.county_id)
        notifications.notify_as_chosen(
            users.exclude(pk__in=known),
            _TOLD_JOINED[bool(text)],
            params=_words(matter, action.label, text),
            url=matter.get_absolute_url(),
        )


def _words(matter: Matter, happened: Any, text: str) -> dict[str, str]:
    return {
        "village": matter.village.name,
        "matter": matter.text if len(matter.text) <= 30 else f"{matter.text[:29]}…",
        "happened": source_of(happened),
        "text": text if len(text) <= 120 else f"{text[:119]}…",
    }
