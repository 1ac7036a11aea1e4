"""How often something is asked for without an account: counted by marks, forgotten in time."""

import ipaddress
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from feedback.models import Tries
from outreach import clock, sealing
from visits.services.errors import NotPossible

_PREFIX = {4: 24, 6: 48}


class TooOften(NotPossible):
    """Too many tries; nothing else was done."""


def count_in_hour(what: str, most: int) -> str:
    """Count once more this hour; the count's name. Raises TooOften."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return _counted(f"{what}:{hour.isoformat()}", timedelta(hours=1), most)


def count_in_day(what: str, most: int) -> str:
    """Count once more today; the count's name. Raises TooOften."""
    return _counted(f"{what}:{clock.today()}", timedelta(days=1), most)


def _counted(what: str, kept: timedelta, most: int) -> str:
    name = sealing.mark(what)
    until = clock.now().replace(minute=0, second=0, microsecond=0) + kept
    row = Tries(name=name, until=until)
    # One after the other, whoever comes at once: the row is changed, then read.
    Tries.objects.bulk_create([row], ignore_conflicts=True)
    Tries.objects.filter(name=name).update(count=F("count") + 1)
    if Tries.objects.get(name=name).count > most:
        raise TooOften(_("This was tried too often. Wait a while, or ask at the desk."))
    return name


def give_back(names: list[str]) -> None:
    """What was tried was right: it does not count."""
    Tries.objects.filter(name__in=names, count__gt=0).update(count=F("count") - 1)


def part_of_network(address: str) -> str:
    """The part of the network an address lies in; no address itself is kept."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/{_PREFIX[found.version]}", strict=False))


def forget_tries() -> int:
    """Delete the counts whose hour or day is over."""
    return Tries.objects.filter(until__lte=clock.now()).delete()[0]
