"""What units recorded beside what villagers said: verified visits and gaps.

Nothing here judges anybody: a gap is a question to the unit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count

from feedback import results
from feedback.estimates import Estimate, wilson
from feedback.models import EvaluationRound
from feedback.questions import Question
from feedback.results import Part
from visits.models import Visit


def confirms(answers: Estimate) -> bool:
    """Whether the village says that somebody came: at least half of those who say yes or no."""
    return 2 * answers.least >= answers.n


@dataclass(frozen=True)
class Check:
    """A village in a round: what units recorded, and how many of those asked say somebody came."""

    round: EvaluationRound
    township: int
    village: int
    answers: Estimate | None  # None: fewer than five said yes or no
    claimed: dict[int, int] = field(default_factory=dict)  # unit -> visits recorded

    @property
    def counts(self) -> bool:
        """Whether it stands in the verified rate (domain: indicators)."""
        return bool(self.claimed) and self.answers is not None

    @property
    def is_verified(self) -> bool:
        """At least half of those who said yes or no say that somebody came."""
        return bool(self.claimed and self.answers and confirms(self.answers))

    @property
    def is_gap(self) -> bool:
        """A visit is recorded, and that half of the village saw somebody lies beyond chance.

        So many must have answered that it could be said of one yes as well: else the question to
        the unit would tell that all of them said no.
        """
        if not (self.claimed and self.answers):
            return False
        return wilson(max(self.answers.least, 1), self.answers.n)[1] < 0.5


def check(rounds: Iterable[EvaluationRound], **of: Any) -> list[Check]:
    """Villages of closed rounds with a recorded visit or five answers, by round and township.

    `of` narrows what was recorded, as a filter of visits; then a village without a visit is left
    out. Two queries, whatever the number of rounds of the one county.
    """
    told = results.read(rounds, only=[Question.VISITED])
    if not told:
        return []
    recorded = _recorded([row.round for row in told], of)
    return [row for each in told for row in _checks(each, recorded, narrowed=bool(of))]


def verified(checks: Iterable[Check]) -> Estimate | None:
    """How many village-rounds are verified, of those that count (domain: verified rate)."""
    counted = [row for row in checks if row.counts]
    if not counted:
        return None
    return Estimate.exact(sum(row.is_verified for row in counted), len(counted))


# (month, township, village, unit, visits)
Recorded = list[tuple[date, int, int, int, int]]


def _recorded(rounds: list[EvaluationRound], of: dict[str, Any]) -> Recorded:
    first, last = min(r.first_month for r in rounds), max(r.last_month for r in rounds)
    village = "contact_point__village"
    rows = (
        Visit.objects.counted()
        .filter(county=rounds[0].county_id, month__range=(first, last), **of)
        .order_by("month", f"{village}__township__code", f"{village}__code", "unit")
        .values_list("month", f"{village}__township", village, "unit")
    )
    return list(rows.annotate(visits=Count("pk")))


def _checks(told: results.Results, recorded: Recorded, *, narrowed: bool) -> list[Check]:
    places: dict[tuple[int, int], dict[int, int]] = {}
    for month, township, village, unit, visits in recorded:
        if told.round.first_month <= month <= told.round.last_month:
            claimed = places.setdefault((township, village), {})
            claimed[unit] = claimed.get(unit, 0) + visits
    answered = {row.village: row for row in told.parts[Question.VISITED] if row.village}
    if not narrowed:
        known = {village for _township, village in places}
        more = (row for row in answered.values() if row.village not in known)
        places |= {(row.township or 0, row.village or 0): {} for row in more}
    return [
        Check(told.round, township, village, _said(answered.get(village)), claimed)
        for (township, village), claimed in places.items()
    ]


def _said(part: Part | None) -> Estimate | None:
    return part.estimate if part else None
