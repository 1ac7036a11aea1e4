"""Villagers' evaluation as the report freezes it: of each closed round counts, and no answer."""

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q

from feedback import results
from feedback.crosscheck import check, verified
from feedback.models import Clarification, EvaluationRound, SampledHousehold
from outreach import clock


def evaluation(county_id: int, month: date) -> list[dict[str, Any]]:
    """Closed rounds about the month, and those about earlier months that were closed in it.

    The latter because a round ends after its months: else no report would ever tell of it.
    """
    begin, end = _begin(month), _begin(clock.add_months(month, 1))
    about = Q(first_month__lte=month, last_month__gte=month)
    ended = Q(closed_at__gte=begin, closed_at__lt=end)
    rounds = EvaluationRound.objects.filter(county=county_id).closed().filter(about | ended)
    return [_round(told) for told in results.read(rounds.order_by("first_month", "pk"))]


def _round(told: results.Results) -> dict[str, Any]:
    round = told.round
    answers = sum(part.n for part in results.answers_in(round))
    confirmed = verified(check([round]))
    return {
        "first_month": round.first_month.isoformat(),
        "last_month": round.last_month.isoformat(),
        "answered": answers,
        **_sample(round),
        # Sums of parts of at least five answers (`feedback.results`).
        "verified": [confirmed.least, confirmed.n] if confirmed else None,
        "said": [
            {
                "question": str(each.question),
                "topic": each.topic_title,
                # From `least` to `most` where the share itself would tell of one village.
                "answers": asdict(estimate),
            }
            for each in told.asked
            if (estimate := told.published(each.question))
        ],
        "clarifications": _clarifications(round),
    }


def _sample(round: EvaluationRound) -> dict[str, int]:
    """Villages and households drawn, replacements among them, and who did not answer."""
    drawn = SampledHousehold.objects.filter(round_village__round=round)
    outcomes = SampledHousehold.Outcome
    return drawn.aggregate(
        villages=Count("round_village", distinct=True),
        asked=Count("pk"),
        refused=Count("pk", filter=Q(outcome=outcomes.REFUSED)),
        absent=Count("pk", filter=Q(outcome=outcomes.ABSENT)),
    )


def _clarifications(round: EvaluationRound) -> dict[str, int]:
    states = Clarification.State
    return round.clarifications.aggregate(
        opened=Count("pk"), decided=Count("pk", filter=Q(state=states.DECIDED))
    )


def _begin(month: date) -> datetime:
    return datetime.combine(month, time(), clock.SHANGHAI)
