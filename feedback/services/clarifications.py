"""Where answers and a recorded visit do not fit: the unit is asked, explains, the county decides.

Nothing follows from it by itself (domain: villagers' evaluation).
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Village
from feedback.crosscheck import Check, check
from feedback.models import Clarification, EvaluationRound
from feedback.models.clarifications import LONGEST
from feedback.permissions import can_decide_gap, can_explain_gap, can_run_round
from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from outreach.roles import Role
from visits.services.errors import NotPossible


@transaction.atomic
def open_clarifications(*, round: EvaluationRound, actor: User | None) -> list[Clarification]:
    """Ask each unit whose recorded visit the villagers' answers do not fit, beyond chance.

    Of a closed round; called again it asks nobody twice. None: the round's time was over. Raises
    PermissionDenied, NotPossible.
    """
    if actor and not can_run_round(actor, round):
        raise PermissionDenied
    if round.state != EvaluationRound.State.CLOSED:
        raise NotPossible(_("The round is not closed."))
    gaps = [row for row in check([round]) if row.is_gap]
    known = set(round.clarifications.values_list("village", "unit"))
    rows = Clarification.objects.bulk_create(_asked(gaps, known))
    if rows:
        audit.record(
            gettext_noop("Clarifications asked for"),
            actor=actor,
            obj=round,
            after={"rows": len(rows)},
        )
        for row in rows:
            _tell_unit(
                row,
                gettext_noop(
                    "%(village)s, %(months)s: the villagers' answers do not fit the visit"
                    " that is recorded. Please say how it was."
                ),
            )
    return rows


def _asked(gaps: Iterable[Check], known: set[tuple[int, int]]) -> list[Clarification]:
    gaps = list(gaps)
    villages = Village.objects.in_bulk([row.village for row in gaps])
    return [
        Clarification(
            county_id=row.round.county_id,
            round=row.round,
            village=villages[row.village],
            unit_id=unit,
            claimed=visits,
            asked=row.answers.n,
            yes=row.answers.least,
        )
        for row in gaps
        for unit, visits in row.claimed.items()
        if row.answers and (row.village, unit) not in known
    ]


@transaction.atomic
def explain_gap(*, clarification: Clarification, actor: User, text: str) -> Clarification:
    """The unit says how it was. Raises PermissionDenied, NotPossible, ValidationError."""
    if not can_explain_gap(actor, clarification):
        raise PermissionDenied
    text = _written(text)
    _step(
        clarification,
        Clarification.State.ASKED,
        state=Clarification.State.EXPLAINED,
        explanation=text,
        explained_by=actor,
        explained_at=clock.now(),
    )
    audit.record(
        gettext_noop("Gap explained"),
        actor=actor,
        obj=clarification,
        after={"explanation": text},
    )
    return clarification


@transaction.atomic
def decide_gap(*, clarification: Clarification, actor: User, text: str) -> Clarification:
    """The county says what it makes of it; the unit reads it.

    Raises PermissionDenied, NotPossible, ValidationError.
    """
    if not can_decide_gap(actor, clarification):
        raise PermissionDenied
    text = _written(text)
    _step(
        clarification,
        Clarification.State.EXPLAINED,
        state=Clarification.State.DECIDED,
        decision=text,
        decided_by=actor,
        decided_at=clock.now(),
    )
    audit.record(
        gettext_noop("Gap decided"), actor=actor, obj=clarification, after={"answer": text}
    )
    _tell_unit(
        clarification,
        gettext_noop("%(village)s, %(months)s: the county has read your explanation."),
    )
    return clarification


def _written(text: str) -> str:
    """Raises ValidationError: something is said, and no numbers of persons."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Please write a sentence.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("At most %(n)s characters, please.") % {"n": LONGEST}})
    check_private_numbers({"text": text})
    return text


def _step(row: Clarification, before: str, **values: Any) -> None:
    """Raises NotPossible if somebody was first."""
    if not Clarification.objects.filter(pk=row.pk, state=before).update(**values):
        raise NotPossible(_("Somebody was first. This is how it stands now."))
    for name, value in values.items():
        setattr(row, name, value)


def _tell_unit(row: Clarification, sentence: str) -> None:
    """Its coordinators; where it has none, everybody of the unit."""
    people = User.objects.active().filter(unit=row.unit_id)
    office = list(people.filter(role=Role.COORDINATOR))
    notifications.notify(
        office or people,
        sentence,
        params={"village": row.village.name, "months": str(row.round)},
        url=row.get_absolute_url(),
    )
