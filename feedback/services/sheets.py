"""Sheets of paper, typed in by the office: each spends its card, one in ten is typed twice."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Village
from feedback.models import EvaluationRound, PaperSheet
from feedback.permissions import can_run_round
from feedback.services.cards import card_of
from feedback.services.mixing import ANSWERS, hold_village, mix_answers, mix_cards
from outreach import audit, sealing
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.services.errors import NotPossible

ONE_IN = 10  # sheets are typed by a second person
_EMPTY = dict.fromkeys(ANSWERS) | {"text": "", "second": None}


@transaction.atomic
def type_sheet(
    *,
    round: EvaluationRound,
    village: Village,
    code: str,
    answers: Mapping[str, Any],
    actor: User,
) -> PaperSheet:
    """Spend the sheet's card and keep its answers; its number is to be written on the paper.

    The code is not kept with it. Raises PermissionDenied, NotPossible, ValidationError (the code;
    private numbers).
    """
    _check_may_type(actor, round)
    check_private_numbers({"text": answers.get("text", "")})
    hold_village(round.pk, village.pk)
    _spend(round, village, code)
    rows = PaperSheet.objects.filter(round=round, village=village)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    sheet = PaperSheet(round=round, village=village, number=number, typed_by=actor)
    sheet.needs_second = is_typed_twice(round, village, number)
    if sheet.needs_second:
        for name in ANSWERS:
            setattr(sheet, name, answers[name])
    else:
        sheet.is_settled = True
        mix_answers(round.pk, village.pk, answers)
    sheet.save(force_insert=True)
    _record(gettext_noop("Paper sheet typed in"), sheet, actor)
    return sheet


def _check_may_type(actor: User, round: EvaluationRound) -> None:
    if not can_run_round(actor, round):
        raise PermissionDenied
    if not EvaluationRound.objects.filter(pk=round.pk, state=EvaluationRound.State.OPEN).exists():
        raise NotPossible(_("Sheets are typed in while the round is open."))


def _spend(round: EvaluationRound, village: Village, code: str) -> None:
    card = card_of(code)
    if card is None or card.round_id != round.pk:
        raise ValidationError({"code": _("No card of this round has this code.")})
    if card.village_id != village.pk:
        raise ValidationError(
            {"code": _("This card belongs to %(village)s.") % {"village": card.village}}
        )
    if card.spent:
        raise ValidationError(
            {"code": _("The answer of this card is there already, by telephone or typed in.")}
        )
    mix_cards(round.pk, village.pk, spend=card.mark)


def is_typed_twice(round: EvaluationRound, village: Village, number: int) -> bool:
    """Whether the sheet is among those typed by two; nobody without the site's key knows before."""
    drawn = sealing.mark(f"typed twice {round.pk} {village.pk} {number}")
    return int(drawn, 16) % ONE_IN == 0


def _record(action: str, sheet: PaperSheet, actor: User, **after: Any) -> None:
    audit.record(
        action,
        actor=actor,
        obj=sheet.round,
        after={"village": sheet.village.name, "sheet": sheet.number, **after},
    )


@transaction.atomic
def type_second(*, sheet: PaperSheet, answers: Mapping[str, Any], actor: User) -> PaperSheet:
    """The second person's typing; where it agrees with the first one the sheet is settled.

    Raises PermissionDenied (the first person's own sheet), NotPossible, ValidationError.
    """
    _check_may_type(actor, sheet.round)
    if actor.pk == sheet.typed_by_id:
        raise PermissionDenied
    check_private_numbers({"text": answers.get("text", "")})
    hold_village(sheet.round_id, sheet.village_id)
    held = _held(sheet)
    if held.second is not None:
        raise NotPossible(_("Somebody else has typed this sheet a second time already."))
    held.second = {name: answers[name] for name in ANSWERS}
    held.second_by = actor
    held.differences = len(differing(held))
    held.save(update_fields=["second", "second_by", "differences"])
    if not held.differences:
        _settle(held, answers)
    _record(
        gettext_noop("Paper sheet typed a second time"), held, actor, differences=held.differences
    )
    return held


@transaction.atomic
def settle_sheet(*, sheet: PaperSheet, answers: Mapping[str, Any], actor: User) -> PaperSheet:
    """What the sheet says, where the two had it differently. Raises as `type_second`."""
    _check_may_type(actor, sheet.round)
    hold_village(sheet.round_id, sheet.village_id)
    held = _held(sheet)
    if held.second is None:
        raise NotPossible(_("This sheet waits for its second typing."))
    _settle(held, answers)
    _record(gettext_noop("Paper sheet settled"), held, actor)
    return held


def differing(sheet: PaperSheet) -> list[str]:
    """The questions that the two persons typed differently."""
    second = sheet.second or {}
    return [name for name in ANSWERS if getattr(sheet, name) != second.get(name)]


def _held(sheet: PaperSheet) -> PaperSheet:
    held = PaperSheet.objects.select_related("round", "village").get(pk=sheet.pk)
    if held.is_settled:
        raise NotPossible(_("This sheet is settled already."))
    return held


def _settle(sheet: PaperSheet, answers: Mapping[str, Any]) -> None:
    mix_answers(sheet.round_id, sheet.village_id, answers)
    for name, value in _EMPTY.items():
        setattr(sheet, name, value)
    sheet.is_settled = True
    sheet.save(update_fields=[*_EMPTY, "is_settled"])


def settle_by_first_typing(*, round: EvaluationRound) -> int:
    """Whatever is unsettled counts as it was typed first; the caller holds all villages."""
    rows = PaperSheet.objects.filter(round=round, is_settled=False)
    sheets = list(rows.select_related("round", "village"))
    for sheet in sheets:
        _settle(sheet, {name: getattr(sheet, name) for name in ANSWERS})
    return len(sheets)


def unsettled_sheets(round: EvaluationRound) -> list[PaperSheet]:
    """Those that wait for a second typing, or for somebody to settle what differs."""
    rows = PaperSheet.objects.filter(round=round, is_settled=False)
    return list(rows.select_related("village", "typed_by", "second_by"))
