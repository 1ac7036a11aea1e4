"""The number a villager wants to be called back on: sealed, shown on the record, erased."""

import re
import unicodedata
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import CallBack, Matter
from feedback.permissions import can_see_call_back
from outreach import audit, clock, sealing
from outreach.models import AuditEntry, User
from visits.services.errors import NotPossible

KEPT_FOR = timedelta(days=90)  # after closing (domain: what is never collected)
_NUMBER = re.compile(r"\+?\d{7,15}")


def plain_telephone(typed: str) -> str:
    """The number as digits; empty for none. Raises ValidationError."""
    plain = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", typed))
    if plain and not _NUMBER.fullmatch(plain):
        raise ValidationError({"call_back": _("Type a telephone number, or leave this empty.")})
    return plain


def keep_call_back(matter: Matter, number: str) -> None:
    """Seal and keep it; for whoever raises the matter, in that transaction."""
    if number:
        CallBack.objects.create(matter=matter, sealed=sealing.seal(number))


@transaction.atomic
def show_call_back(*, matter: Matter, actor: User) -> str:
    """The number, for whoever is to call; that it was shown stands in the trail.

    Raises PermissionDenied, NotPossible (none is kept).
    """
    if not can_see_call_back(actor, matter):
        raise PermissionDenied
    kept = CallBack.objects.filter(matter=matter).first()
    if kept is None:
        raise NotPossible(_("No call-back number is kept for this matter."))
    number = sealing.unseal(kept.sealed)
    if number is None:
        raise NotPossible(_("The number cannot be read any more: the key of this site changed."))
    audit.record(gettext_noop("Call-back number shown"), actor=actor, obj=matter)
    return number


@transaction.atomic
def erase_call_backs() -> int:
    """Erase the numbers of matters closed for 90 days; one entry each, and how many."""
    over = Matter.objects.filter(
        call_back__isnull=False, closed_at__lte=clock.now() - KEPT_FOR
    ).select_for_update(of=("self",))
    matters = list(over)
    AuditEntry.objects.bulk_create(
        audit.entry(gettext_noop("Call-back number erased"), actor=None, obj=matter)
        for matter in matters
    )
    CallBack.objects.filter(matter__in=matters).delete()
    return len(matters)
