"""The villager's receipt: handed out once, looked up by its number, limited in tries."""

import ipaddress
import secrets
import unicodedata
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Matter, ReceiptTries
from feedback.permissions import can_issue_receipt
from feedback.services.matter_steps import ALPHABET, CODE_LENGTH
from outreach import audit, clock, sealing
from outreach.models import User
from visits.services.errors import NotPossible

# The code stands in lists that offices see. The key makes a number of it: with ten tries a day
# somebody who knows a code needs twenty years to have found its key as likely as not.
KEY_LENGTH = 4
TRIES_OF_CODE = 10  # a day
TRIES_FROM_NET = 30  # an hour; thousands of telephones stand behind one such part of the network
_PREFIX = {4: 24, 6: 48}


@transaction.atomic
def issue_receipt(*, matter: Matter, actor: User) -> str:
    """A receipt number, told this once; an earlier one opens nothing any more.

    Raises PermissionDenied, NotPossible (the leading unit hands out one, and before it answers).
    """
    held = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    if not can_issue_receipt(actor, held):
        if actor.unit_id is None or {held.leader_id, held.origin_id} != {actor.unit_id}:
            raise PermissionDenied
        raise NotPossible(_("Only the county office hands out another receipt."))
    key = "".join(secrets.choice(ALPHABET) for _n in range(KEY_LENGTH))
    Matter.objects.filter(pk=held.pk).update(receipt_mark=sealing.mark(f"{held.code}{key}"))
    audit.record(gettext_noop("Receipt handed out"), actor=actor, obj=held)
    return f"{held.code}{key}"


def plain_number(typed: str) -> str:
    """A number as it is kept, whichever way it was typed."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(char for char in text if char.isalnum())


def matter_of(number: str) -> Matter | None:
    """The matter of a receipt number; for any other None, after the same work."""
    code = number[:CODE_LENGTH]
    # Without what needs a query of its own: a code that exists costs what any other costs.
    rows = Matter.objects.taken_up().for_page().prefetch_related(None)
    found = rows.filter(code=code).first()
    right = sealing.has_mark(number, found.receipt_mark if found else "")
    return found if found and right else None


class TooOften(NotPossible):
    """Too many tries; nothing was looked up."""


def count_try(*, number: str, address: str) -> list[str]:
    """Count a try before anything is looked up; what to give back when the number was right.

    Raises TooOften.
    """
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    day = clock.today()
    code = _counted(f"code:{number[:CODE_LENGTH]}:{day}", hour + timedelta(days=1), TRIES_OF_CODE)
    net = _counted(
        f"net:{part_of_network(address)}:{hour.isoformat()}",
        hour + timedelta(hours=1),
        TRIES_FROM_NET,
    )
    return [code, net]


def _counted(what: str, until: datetime, most: int) -> str:
    name = sealing.mark(what)
    row = ReceiptTries(name=name, until=until)
    # One after the other, whoever comes at once: the row is changed, then read.
    ReceiptTries.objects.bulk_create([row], ignore_conflicts=True)
    ReceiptTries.objects.filter(name=name).update(count=F("count") + 1)
    if ReceiptTries.objects.get(name=name).count > most:
        raise TooOften(_("This was tried too often. Wait a while, or ask at the desk."))
    return name


def give_back(names: list[str]) -> None:
    """The number was right: looking it up does not count."""
    ReceiptTries.objects.filter(name__in=names, count__gt=0).update(count=F("count") - 1)


def part_of_network(address: str) -> str:
    """The part of the network an address lies in; no address itself is kept."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/{_PREFIX[found.version]}", strict=False))


def forget_tries() -> int:
    """Delete the counts whose hour or day is over."""
    return ReceiptTries.objects.filter(until__lte=clock.now()).delete()[0]
