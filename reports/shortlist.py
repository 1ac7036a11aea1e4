"""Findings of a month worth reporting: new to the county, or heard in several villages.

Texts are compared as PostgreSQL's `similarity` does, by the trigrams of `show_trgm`, but each is
taken apart once and not once for each comparison.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import log2
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, QuerySet, TextField

from feedback.models import Feedback
from feedback.substance import ALIKE, SHORT
from outreach import clock
from outreach.privacy import private_number
from reports.texts import cleaned

MONTHS = 3  # how far back a finding is looked for
SHOWN = 30


@dataclass(frozen=True)
class Finding:
    """A finding as it may be quoted: where and when, never who."""

    feedback: int
    visit: UUID
    township: str
    village: str
    village_id: int
    text: str
    novelty: float = 1.0  # 1: nothing like it in the months before; 0: the same was said then
    villages: int = 1  # of the month that say about the same

    @property
    def weight(self) -> float:
        """New before known, often heard before once heard."""
        return self.novelty * (1 + log2(self.villages))


Grams = frozenset[str]


class _Corpus:
    """Texts by their trigrams."""

    def __init__(self, grams: list[Grams]):
        self.sizes = [len(each) for each in grams]
        self.places: dict[str, list[int]] = defaultdict(list)
        for n, each in enumerate(grams):
            for gram in each:
                self.places[gram].append(n)

    def alike(self, grams: Grams) -> Iterator[tuple[int, float]]:
        """(number of a text, likeness) of all that share anything with this one."""
        shared: Counter[int] = Counter()
        for gram in grams:
            shared.update(self.places.get(gram, ()))
        for n, count in shared.items():
            yield n, count / (len(grams) + self.sizes[n] - count)


def shortlist(county_id: int, month: date) -> list[Finding]:
    """At most thirty findings of the month, the most telling first, of alike ones the fullest."""
    rows = [(_finding(row), frozenset(row["grams"])) for row in _said(county_id, month, month)]
    rows = [(found, grams) for found, grams in rows if _may_be_quoted(found.text)]
    now = _Corpus([grams for _found, grams in rows])
    earlier = _said(county_id, clock.add_months(month, -MONTHS), clock.add_months(month, -1))
    before = _Corpus([frozenset(row["grams"]) for row in earlier])
    weighed = []
    for n, (found, grams) in enumerate(rows):
        novelty = 1 - max((likeness for _n, likeness in before.alike(grams)), default=0.0)
        like = {m for m, likeness in now.alike(grams) if likeness >= ALIKE} | {n}
        villages = len({rows[m][0].village_id for m in like})
        found = Finding(**vars(found) | {"novelty": novelty, "villages": villages})
        weighed.append((found, n, like))
    weighed.sort(key=lambda row: (-row[0].weight, -len(row[0].text), row[0].feedback))
    shown: list[Finding] = []
    told: set[int] = set()
    for found, n, like in weighed:
        if n not in told and len(shown) < SHOWN:
            shown.append(found)
            told |= like
    return shown


def quoted(county_id: int, month: date, ids: list[int]) -> list[Finding]:
    """These findings in this order; those returned or void in the meantime are left out."""
    rows = _quotable(county_id).filter(visit__month=month, pk__in=ids).values(*_FIELDS)
    found = {row["pk"]: _finding(row) for row in rows}
    return [found[pk] for pk in ids if pk in found and _may_be_quoted(found[pk].text)]


_FIELDS = (
    *("pk", "visit_id", "findings", "visit__contact_point__village_id"),
    "visit__contact_point__village__name",
    "visit__contact_point__village__township__name",
)


def _quotable(county_id: int) -> QuerySet:
    return Feedback.objects.filter(
        county_id=county_id,
        visit__state="recorded",
        state__in=[Feedback.State.SUBMITTED, Feedback.State.ACCEPTED],
    ).exclude(findings="")


def _said(county_id: int, first: date, last: date) -> list[dict]:
    grams = Func(F("findings"), function="show_trgm", output_field=ArrayField(TextField()))
    rows = _quotable(county_id).filter(visit__month__range=(first, last))
    return list(rows.annotate(grams=grams).order_by("pk").values(*_FIELDS, "grams"))


def _finding(row: dict) -> Finding:
    return Finding(
        feedback=row["pk"],
        visit=row["visit_id"],
        township=row["visit__contact_point__village__township__name"],
        village=row["visit__contact_point__village__name"],
        village_id=row["visit__contact_point__village_id"],
        text=cleaned(row["findings"]),
    )


def _may_be_quoted(text: str) -> bool:
    return len(text) >= SHORT and private_number(text) is None
