"""The villager's receipt: handed out once, looked up by its number, limited in tries."""

import secrets
import unicodedata

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Matter
from feedback.permissions import can_issue_receipt
from feedback.services.matter_steps import ALPHABET, CODE_LENGTH
from feedback.services.tries import count_in_day, count_in_hour, part_of_network
from outreach import audit, sealing
from outreach.models import User
from visits.services.errors import NotPossible

# The code stands in lists that offices see. The key makes a number of it: with ten tries a day
# somebody who knows a code needs twenty years to have found its key as likely as not.
KEY_LENGTH = 4
TRIES_OF_CODE = 10  # a day
TRIES_FROM_NET = 30  # an hour; thousands of telephones stand behind one such part of the network


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


def count_try(*, number: str, address: str) -> list[str]:
    """Count a try before anything is looked up; what to give back when the number was right.

    Raises TooOften.
    """
    code = count_in_day(f"code:{number[:CODE_LENGTH]}", TRIES_OF_CODE)
    return [code, count_in_hour(f"net:{part_of_network(address)}", TRIES_FROM_NET)]
