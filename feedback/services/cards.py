"""The right to answer once: codes that stand on paper only, and what became of one."""

import enum
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Village
from feedback.models import EvaluationCard, EvaluationRound, RoundVillage
from feedback.permissions import can_run_round
from feedback.services.matter_steps import ALPHABET
from feedback.services.mixing import hold_village, mix_cards
from outreach import audit, clock, sealing
from outreach.models import User
from visits.services.errors import NotPossible

# 52 bits: a hundred guesses a second need eighty years to find one of 16,000 cards. So nobody is
# locked out, and nobody is slowed by somebody else's guessing.
CODE_LENGTH = 12
SPARE_PER_CENT = 10
MOST_AT_ONCE = 1000  # cards in one document that is to be printed


class Standing(enum.Enum):
    """What a code opens now."""

    TAKES = "takes"  # the questions
    KEPT = "kept"  # its answer is there
    EARLY = "early"
    OVER = "over"
    UNKNOWN = "unknown"


def sampled_of(round: EvaluationRound) -> dict[int, int]:
    """Village id -> households drawn there; one that was replaced counts with its replacement."""
    drawn = RoundVillage.objects.filter(round=round, is_drawn=True).order_by()
    asked = Count("sample", filter=Q(sample__replaces=None))
    return dict(drawn.annotate(asked=asked).values_list("village", "asked"))


def cards_of(round: EvaluationRound) -> dict[int, tuple[int, int]]:
    """Village id -> (cards there are, spent of them)."""
    rows = EvaluationCard.objects.filter(round=round).order_by().values("village_id")
    counted = rows.annotate(all=Count("pk"), spent=Count("pk", filter=Q(spent=True)))
    return {row["village_id"]: (row["all"], row["spent"]) for row in counted}


def cards_needed(sampled: int) -> int:
    """As many as households, and one in ten spare, at least one."""
    return sampled + max(1, -(-sampled * SPARE_PER_CENT // 100))


@transaction.atomic
def make_cards(
    *, round: EvaluationRound, villages: Iterable[Village], actor: User
) -> dict[Village, list[str]]:
    """New codes for each of these villages, told this once; unspent older ones open nothing.

    Raises PermissionDenied, NotPossible.
    """
    if not can_run_round(actor, round):
        raise PermissionDenied
    _check_goes_on(round)
    made, sampled = {}, sampled_of(round)
    asked = sorted((v for v in villages if sampled.get(v.pk)), key=lambda v: v.pk)
    if not asked:
        raise NotPossible(_("No household of these villages was drawn."))
    if sum(cards_needed(sampled[village.pk]) for village in asked) > MOST_AT_ONCE:
        raise NotPossible(_("These are too many cards for one document. Print by township."))
    for village in asked:
        hold_village(round.pk, village.pk)
    _check_goes_on(round)  # it may have ended while the villages were waited for
    for village in asked:
        made[village] = _codes_for(round, village, sampled[village.pk])
    audit.record(
        gettext_noop("Cards made"),
        actor=actor,
        obj=round,
        after={
            "villages": [village.name for village in made],
            "cards": sum(map(len, made.values())),
        },
    )
    return made


def _check_goes_on(round: EvaluationRound) -> None:
    states = (EvaluationRound.State.DRAWN, EvaluationRound.State.OPEN)
    if not EvaluationRound.objects.filter(pk=round.pk, state__in=states).exists():
        raise NotPossible(_("Cards are made for a round that is drawn and not closed."))


def _codes_for(round: EvaluationRound, village: Village, sampled: int) -> list[str]:
    spent = EvaluationCard.objects.filter(round=round, village=village, spent=True).count()
    missing = max(0, cards_needed(sampled) - spent)
    codes = [_new_code() for _n in range(missing)]
    mix_cards(round.pk, village.pk, add=[mark_of(code) for code in codes], void_unspent=True)
    return codes


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _n in range(CODE_LENGTH))


def mark_of(code: str) -> str:
    """All that the database knows of a code."""
    return sealing.mark(_name_of(code))


def marks_of(code: str) -> list[str]:
    """The code's mark, and those it had under former keys of the site."""
    return sealing.marks(_name_of(code))


def _name_of(code: str) -> str:
    return f"evaluation card {code}"


def card_of(code: str) -> EvaluationCard | None:
    """The card of a code, also of one made under a former key of the site."""
    rows = EvaluationCard.objects.select_related("round__county", "village")
    return rows.filter(mark__in=marks_of(code)).first()


@dataclass(frozen=True)
class Seen:
    """A card with what decides about it, as it stood when it was looked at."""

    mark: str
    round_id: int
    village_id: int
    spent: bool
    state: str
    closes_on: date
    seed: str


# Written out: a village evening asks it three times an answer, and to compose it took longer than
# to answer it.
_SEEN = f"""
    SELECT card.mark, card.round_id, card.village_id, card.spent,
        round.state, round.closes_on, round.seed
    FROM {EvaluationCard._meta.db_table} card
    JOIN {EvaluationRound._meta.db_table} round ON round.id = card.round_id
    WHERE card.mark = ANY(%s)
"""


def seen_card(code: str) -> Seen | None:
    """The card of a code without its round's and village's rows."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [marks_of(code)])
        row = cursor.fetchone()
    return Seen(*row) if row else None


def standing_of(card: Seen | None) -> Standing:
    """What the card opens now."""
    if card is None:
        return Standing.UNKNOWN
    if card.spent:
        return Standing.KEPT
    if card.state == EvaluationRound.State.DRAWN:
        return Standing.EARLY
    is_open = card.state == EvaluationRound.State.OPEN
    return Standing.TAKES if is_open and clock.today() <= card.closes_on else Standing.OVER
