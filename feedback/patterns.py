"""What repeats over months and is worth a look: places and papers to look at, never a verdict.

Everything here has an innocent reading: a village may have been away at harvest, two visits may
have heard the same, and who counts forty people writes forty. So a unit is named only where chance
and the county's own habits do not explain it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import exp, lgamma, log
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Mod

from feedback.crosscheck import Check
from feedback.marks import Code
from feedback.models import Feedback
from visits.models import Talk

AGAIN = 2  # rounds in which villagers did not confirm
ONE_IN = 1000  # how rarely chance alone may do what a unit is named for
ROUND = 5  # a head-count of 5, 10, 15 ... is a round one; of any other numbers a fifth is


@dataclass(frozen=True)
class Often:
    """Of a unit: how often something occurred, of how many; and in the county altogether."""

    unit: int
    often: int
    of: int

    @property
    def share(self) -> float:
        return self.often / self.of


def unconfirmed(checks: Iterable[Check]) -> dict[int, list[Check]]:
    """Villages that did not confirm a recorded visit in at least two rounds: all that counted."""
    found: dict[int, list[Check]] = defaultdict(list)
    for row in checks:
        if row.counts:
            found[row.village].append(row)
    return {
        village: rows
        for village, rows in found.items()
        if sum(not row.is_verified for row in rows) >= AGAIN
    }


def alike(county_id: int, first: date, last: date) -> list[Often]:
    """Records of these months that were marked as like another one when they were sent."""
    marked = Q()
    for code in (Code.SAME_TEXT, Code.LIKE_TEXT):
        marked |= Q(marks__contains=[{"code": str(code)}])
    rows = (
        Feedback.objects.sent()
        .filter(county=county_id, visit__month__range=(first, last))
        .exclude(visit__state="void")
    )
    return _often(rows.values_list("visit__unit"), marked)


def round_counts(county_id: int, first: date, last: date) -> list[Often]:
    """Head-counts of talks in these months that are multiples of five."""
    rows = (
        Talk.objects.filter(visit__county=county_id, visit__month__range=(first, last))
        .exclude(visit__state="void")
        .annotate(over=Mod(F("people"), ROUND))
    )
    return _often(rows.values_list("visit__unit"), Q(over=0))


def striking(rows: list[Often], usual: float = 0.0) -> tuple[list[Often], float]:
    """Those whom chance does not explain, and what is expected: the county's share, or `usual`.

    One in a thousand that it is chance, over all units together; the most striking first.
    """
    total = sum(row.of for row in rows)
    if not total:
        return [], usual
    expected = max(usual, sum(row.often for row in rows) / total)
    chances = [(chance(row.often, row.of, expected), row.unit, row) for row in rows]
    named = sorted(each for each in chances if each[0] * len(rows) * ONE_IN < 1)
    return [row for _chance, _unit, row in named], expected


def chance(often: int, of: int, expected: float) -> float:
    """That something with this share occurs at least so often by chance: the binomial tail."""
    if often == 0 or expected >= 1:
        return 1.0
    if expected <= 0:
        return 0.0
    whole = lgamma(of + 1)
    return sum(
        exp(
            whole
            - lgamma(n + 1)
            - lgamma(of - n + 1)
            + n * log(expected)
            + (of - n) * log(1 - expected)
        )
        for n in range(often, of + 1)
    )


def _often(units: Any, what: Q) -> list[Often]:
    rows = units.order_by("visit__unit").annotate(often=Count("pk", filter=what), of=Count("pk"))
    return [Often(*row) for row in rows]
