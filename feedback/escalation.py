"""Which matters are to be spoken of now, and to whom: before the day, on it, and after it."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.utils.translation import gettext_noop

from feedback.matter_states import State
from feedback.models import Matter
from outreach import clock
from outreach.models import User
from outreach.reminders import Reminder
from outreach.roles import Role
from outreach.workdays import add_workdays

BEFORE = 2  # working days before the day it is due
AFTER = 3  # working days after it, then the county hears

AS_HANDLER = gettext_noop("You took it in hand.")
AS_COORDINATOR = gettext_noop("You are the unit's coordinator.")
AS_CADRE = gettext_noop("Your unit has no coordinator.")
AS_OFFICE = gettext_noop("The county office sees to it.")


def due_matters(county_id: int) -> Iterator[Reminder]:
    """What holds now of the county's matters whose clock runs; each is told once (see `tell`)."""
    coordinators: dict[int | None, list[User]] = {}
    cadres: dict[int | None, list[User]] = {}
    office = []
    for user in User.objects.active().filter(county=county_id).exclude(role=Role.ADMIN):
        if user.role == Role.COUNTY:
            office.append(user)
        else:
            of_role = coordinators if user.role == Role.COORDINATOR else cadres
            of_role.setdefault(user.unit_id, []).append(user)
    rows = Matter.objects.filter(county=county_id).open().exclude(state=State.WAITING)
    soon = clock.today() + timedelta(days=30)  # no holiday is longer
    for matter in rows.filter(due_on__lte=soon).select_related("village", "taken_by"):
        if own := coordinators.get(matter.leader_id):
            yield from _of_matter(matter, own, AS_COORDINATOR, office)
        else:
            yield from _of_matter(matter, cadres.get(matter.leader_id, []), AS_CADRE, office)


def _of_matter(
    matter: Matter, own: list[User], own_why: str, office: list[User]
) -> Iterator[Reminder]:
    today, due = clock.today(), matter.due_on
    if matter.state == State.RECEIVED and matter.respond_by < today and not matter.accepted_at:
        text = gettext_noop("%(village)s: nobody has accepted the matter “%(matter)s”. %(why)s")
        yield from _each(matter, "unaccepted", text, own, own_why)
    if due > today:
        if add_workdays(today, BEFORE) >= due:
            handler = matter.taken_by if matter.taken_by and matter.taken_by.is_active else None
            people, why = ([handler], AS_HANDLER) if handler else (own, own_why)
            text = gettext_noop("%(village)s: “%(matter)s” is due on %(date)s. %(why)s")
            yield from _each(matter, "soon", text, people, why)
        return
    text = gettext_noop("%(village)s: the time for “%(matter)s” ends on %(date)s. %(why)s")
    yield from _each(matter, "expired", text, own, own_why)
    if add_workdays(due, AFTER) <= today:
        text = gettext_noop("%(village)s: “%(matter)s” was due on %(date)s, no answer. %(why)s")
        yield from _each(matter, "late", text, office, AS_OFFICE)


def _each(
    matter: Matter, step: str, text: str, people: Iterable[User], why: str
) -> Iterator[Reminder]:
    params = {
        "village": matter.village.name,
        "matter": matter.text if len(matter.text) <= 30 else f"{matter.text[:29]}…",
        "date": f"{matter.due_on:%Y-%m-%d}",
        "why": why,
    }
    # A day that was moved is spoken of anew.
    about = f"matter-{step}:{matter.pk}:{matter.due_on}"
    for user in people:
        yield Reminder(user, about, text, matter.get_absolute_url(), params)
