"""Calls for opinions: a question to everybody, open for a while."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import OpinionCall
from feedback.permissions import can_run_calls
from feedback.services.last_days import check_last_day
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.services.errors import NotPossible


@transaction.atomic
def open_call(*, actor: User, question: str, opens_on: date, closes_on: date) -> OpinionCall:
    """Ask everybody a question for a while. Raises PermissionDenied, ValidationError."""
    if not can_run_calls(actor):
        raise PermissionDenied
    call = OpinionCall(county_id=actor.county_id, created_by=actor)
    _write(call, question, opens_on, closes_on)
    call.save(force_insert=True)
    audit.record(
        gettext_noop("Call for opinions opened"),
        actor=actor,
        obj=call,
        after=audit.facts(call, "question", "opens_on", "closes_on"),
    )
    return call


@transaction.atomic
def change_call(
    *, call: OpinionCall, actor: User, question: str, opens_on: date, closes_on: date
) -> OpinionCall:
    """Another period; another question only while nobody has answered it.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    call = _held(call, actor)
    if question.strip() != call.question and call.opinions.exists():
        raise ValidationError({"question": _("It was answered already: ask another question.")})
    before = audit.facts(call, "question", "opens_on", "closes_on")
    _write(call, question, opens_on, closes_on)
    call.save(update_fields=["question", "opens_on", "closes_on"])
    audit.record(
        gettext_noop("Call for opinions changed"),
        actor=actor,
        obj=call,
        before=before,
        after=audit.facts(call, "question", "opens_on", "closes_on"),
    )
    return call


@transaction.atomic
def close_call(*, call: OpinionCall, actor: User) -> OpinionCall:
    """End it now. Raises PermissionDenied, NotPossible."""
    call = _held(call, actor)
    call.closed_at = clock.now()
    call.save(update_fields=["closed_at"])
    audit.record(gettext_noop("Call for opinions closed"), actor=actor, obj=call)
    return call


def _held(call: OpinionCall, actor: User) -> OpinionCall:
    """The row, locked, while something about it can change."""
    if not can_run_calls(actor) or actor.county_id != call.county_id:
        raise PermissionDenied
    call = OpinionCall.objects.select_for_update().get(pk=call.pk)
    if call.is_over:
        raise NotPossible(_("This call is over."))
    return call


def _write(call: OpinionCall, question: str, opens_on: date, closes_on: date) -> None:
    call.question, call.opens_on, call.closes_on = question.strip(), opens_on, closes_on
    check_private_numbers({"question": call.question})
    check_last_day(closes_on)
    call.full_clean(exclude=["county", "created_by"])
