"""Whether a record carries substance, asked before it is sent and again when it is (domain: rules).

Each text is compared with the same text of the unit's other records, not the four joined: a copied
finding under a fresh reflection is a copied finding, and joined it would pass. What stands in a
stock answer ("none", "settled on the spot") is too short to be a copy. The unit is the whole of
what its people may see, and holds the author's own earlier records.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, Q, Subquery, When
from django.db.models.functions import Length

from feedback.marks import Code, Mark
from feedback.models import Feedback
from outreach import clock
from outreach.privacy import private_number
from visits.models import Talk, Visit

# Below this many characters that say something, findings are very short.
SHORT = 10
# Texts shorter than this are not compared.
COMPARED = 30
# Shares of trigrams: with numbers and the village's name exchanged a text keeps about four fifths.
ALIKE, SAME = 0.6, 0.97
# How far back a text is compared.
MONTHS = 24


def marks_of(
    *,
    visit_id: UUID,
    unit_id: int,
    contact_point_id: int,
    month: date,
    talks: Mapping[tuple[str, str], int],
    texts: Mapping[str, str],
    sent_before: datetime | None = None,
) -> list[Mark]:
    """The marks of a record that need not be stored yet.

    `month` is the visit's, `talks` (group, form) -> people, `texts` as `Feedback.TEXTS`. Records
    that were sent at or after `sent_before` are no models of this one.
    """
    marks = []
    if len(_telling(texts.get("findings", ""))) < SHORT:
        marks.append(Mark(Code.SHORT, "findings"))
    marks += _alike(visit_id, unit_id, month, texts, sent_before)
    if talks:
        marks += _same_counts(visit_id, contact_point_id, month, talks)
    marks += [Mark(Code.PRIVATE, name) for name, text in texts.items() if private_number(text)]
    return marks


def marks_of_visit(
    visit: Visit, texts: Mapping[str, str], sent_before: datetime | None = None
) -> list[Mark]:
    """`marks_of` for a visit that is stored, with its talks as they are."""
    return marks_of(
        visit_id=visit.pk,
        unit_id=visit.unit_id,
        contact_point_id=visit.contact_point_id,
        month=clock.month_of(visit.started_at),
        talks={(talk.group, talk.form): talk.people for talk in visit.talks.all()},
        texts=texts,
        sent_before=sent_before,
    )


def _telling(text: str) -> str:
    """The text's letters, signs and digits without spaces and punctuation."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] in "LN")


def _alike(
    visit_id: UUID,
    unit_id: int,
    month: date,
    texts: Mapping[str, str],
    sent_before: datetime | None,
) -> list[Mark]:
    compared = {
        name: text
        for name in Feedback.TEXTS
        if len(_telling(text := texts.get(name, ""))) >= COMPARED
    }
    if not compared:
        return []
    found, columns, like = Q(), {}, {}
    for name, text in compared.items():
        columns[f"{name}_length"] = Length(name)
        # Asked of the unit's rows only: PostgreSQL takes the comparison for cheap, and without the
        # condition on the visit it may compare the whole table before it looks at the unit.
        likeness = When(visit__unit=unit_id, then=TrigramSimilarity(name, text))
        like[f"{name}_like"] = Case(likeness, default=0.0)
        # The lengths first: they are known at once, and alike texts are about as long.
        near = (len(text) // 2, len(text) * 2)
        found |= Q((f"{name}_length__range", near), (f"{name}_like__gte", ALIKE))
    rows = (
        Feedback.objects.sent()
        .filter(visit__unit=unit_id, visit__month__gt=clock.add_months(month, -MONTHS))
        .exclude(visit=visit_id)
        .exclude(visit__state=Visit.State.VOID)
        .alias(**columns)
        .annotate(**like)
        .filter(found)
    )
    if sent_before is not None:
        rows = rows.filter(received_at__lt=sent_before)
    near_by = list(rows.order_by("-received_at", "-pk").values("visit_id", *like))
    nearest = {name: _nearest(name, near_by) for name in compared}
    alike = [(name, *row) for name, row in nearest.items() if row[1] >= ALIKE]
    # Mostly nothing is alike: only then the visits that the marks name are asked for.
    ids = {pk for _name, pk, _likeness in alike}
    visits = Visit.objects.select_related("contact_point__village").in_bulk(ids) if ids else {}
    return [_likeness_mark(name, visits[pk], likeness) for name, pk, likeness in alike]


def _nearest(name: str, rows: list[dict[str, Any]]) -> tuple[Any, float]:
    """The visit with the text most like this one, of several the newest, and how like it is."""
    best = max(rows, key=lambda row: row[f"{name}_like"], default=None)
    return (best["visit_id"], best[f"{name}_like"]) if best else (None, 0)


def _likeness_mark(name: str, visit: Visit, likeness: float) -> Mark:
    code = Code.SAME_TEXT if likeness >= SAME else Code.LIKE_TEXT
    return Mark(code, name, visit.pk, str(visit.contact_point.village), visit.day)


def _same_counts(
    visit_id: UUID, contact_point_id: int, month: date, talks: Mapping[tuple[str, str], int]
) -> list[Mark]:
    """Whether the last visit of the month before counted exactly the same heads."""
    before = (
        Visit.objects.counted()
        .filter(contact_point=contact_point_id, month=clock.add_months(month, -1))
        .exclude(pk=visit_id)
        .order_by("-started_at", "pk")
    )
    then = Talk.objects.filter(visit=Subquery(before.values("pk")[:1]))
    if dict(talks) != {(talk.group, talk.form): talk.people for talk in then}:
        return []
    last = before.select_related("contact_point__village")[0]
    return [Mark(Code.SAME_COUNTS, "", last.pk, str(last.contact_point.village), last.day)]
