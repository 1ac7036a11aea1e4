"""An answer by a card: the right is spent and the answer kept, and nothing joins the two."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from feedback.services.cards import Standing, marks_of, seen_card, standing_of
from feedback.services.mixing import hold_village_of, mix_answers, mix_cards


@transaction.atomic
def keep_answer(*, code: str, answers: Mapping[str, Any]) -> Standing:
    """How the card stood: TAKES when its answer is kept now; otherwise nothing was done.

    No account, no entry in the trail: whatever names this moment could name who answered.
    """
    hold_village_of(marks_of(code))
    card = seen_card(code)  # as it stands now that nobody else can spend it
    standing = standing_of(card)
    if card and standing == Standing.TAKES:
        mix_cards(card.round_id, card.village_id, spend=card.mark)
        mix_answers(card.round_id, card.village_id, answers)
    return standing
