"""Findings of a month worth reporting: new to the county, or heard in several villages.

Sentence by sentence, as a record holds several points. They are compared as PostgreSQL's
`similarity` does, but each is taken apart once and not once for each comparison.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from math import log2
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Length

from feedback.models import Feedback
from feedback.substance import ALIKE, SHORT
from outreach import clock
from outreach.privacy import private_number
from reports.texts import SENTENCE_END, cleaned

MONTHS = 3  # how far back a finding is looked for
SHOWN = 30
# Of more than these the fullest are compared: what a page can wait for (200 a month are usual).
COMPARED, COMPARED_BEFORE = 1000, 3000
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Finding:
    """A finding as it may be quoted: where and when, never who."""

    feedback: int
    visit: UUID
    township: str
    village: str
    text: str
    # Of its most telling sentence. 1: nothing like it in the months before; 0: the same was said.
    novelty: float = 1.0
    villages: int = 1  # of the month that say about the same


Grams = frozenset[str]
Rows = list[dict[str, Any]]


def grams(text: str) -> Grams:
    """The trigrams of a text as `show_trgm` takes them: of each word, two blanks before it."""
    words = (f"  {word} " for word in WORD.findall(text.lower()))
    return frozenset(word[n : n + 3] for word in words for n in range(len(word) - 2))


class _Sentences:
    """The sentences of findings, each once, with the villages that say it."""

    def __init__(self, rows: Rows):
        self.villages: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            for sentence in _sentences(row["findings"]):
                self.villages[sentence].add(row["visit__contact_point__village_id"])
        self.texts = list(self.villages)
        self.grams = {text: grams(text) for text in self.texts}
        self.places: dict[str, list[int]] = defaultdict(list)
        for n, text in enumerate(self.texts):
            for gram in self.grams[text]:
                self.places[gram].append(n)

    def alike(self, wanted: Grams) -> dict[str, float]:
        """Sentence -> likeness (`similarity`) of all that share anything with this one."""
        shared: Counter[int] = Counter()
        for gram in wanted:
            shared.update(self.places.get(gram, ()))
        found = {}
        for n, count in shared.items():
            text = self.texts[n]
            found[text] = count / (len(wanted) + len(self.grams[text]) - count)
        return found


@dataclass(frozen=True)
class _Point:
    """What one sentence is worth, and the sentences of the month that say about the same."""

    novelty: float
    villages: int
    like: frozenset[str]

    @property
    def weight(self) -> float:
        """New before known, often heard before once heard."""
        return self.novelty * (1 + log2(self.villages))


def shortlist(county_id: int, month: date) -> list[Finding]:
    """At most thirty findings of the month, the most telling first, each point once."""
    said = _said(county_id, month, month, COMPARED)
    rows = [row for row in said if _may_be_quoted(row["findings"])]
    first, last = clock.add_months(month, -MONTHS), clock.add_months(month, -1)
    earlier = _said(county_id, first, last, COMPARED_BEFORE)
    points = _points(_Sentences(rows), _Sentences(earlier))
    weighed = []
    for row in rows:
        sentences = [points[sentence] for sentence in _sentences(row["findings"])]
        if sentences:
            # What makes a record worth telling is its best sentence.
            weighed.append((max(sentences, key=lambda point: point.weight), row))
    weighed.sort(key=lambda each: (-each[0].weight, -len(each[1]["findings"]), each[1]["pk"]))
    shown: list[Finding] = []
    told: set[str] = set()
    for point, row in weighed:
        if not point.like & told and len(shown) < SHOWN:
            shown.append(_finding(row, point.novelty, point.villages))
            told |= point.like
    return shown


def _points(now: _Sentences, before: _Sentences) -> dict[str, _Point]:
    found = {}
    for sentence in now.texts:
        wanted = now.grams[sentence]
        novelty = 1 - max(before.alike(wanted).values(), default=0.0)
        like = frozenset(text for text, likeness in now.alike(wanted).items() if likeness >= ALIKE)
        villages = set().union(*(now.villages[text] for text in like))
        found[sentence] = _Point(novelty, len(villages), like)
    return found


def _sentences(text: str) -> list[str]:
    """Those long enough to say something."""
    parts = (part.strip() for part in SENTENCE_END.split(cleaned(text)))
    return [part for part in parts if len(part) >= SHORT]


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


def _said(county_id: int, first: date, last: date, most: int) -> Rows:
    rows = _quotable(county_id).filter(visit__month__range=(first, last))
    fullest = rows.annotate(length=Length("findings")).order_by("-length", "pk")
    return list(fullest.values(*_FIELDS)[:most])


def _finding(row: dict[str, Any], novelty: float = 1.0, villages: int = 1) -> Finding:
    return Finding(
        feedback=row["pk"],
        visit=row["visit_id"],
        township=row["visit__contact_point__village__township__name"],
        village=row["visit__contact_point__village__name"],
        text=cleaned(row["findings"]),
        novelty=novelty,
        villages=villages,
    )


def _may_be_quoted(text: str) -> bool:
    return len(text) >= SHORT and private_number(text) is None
