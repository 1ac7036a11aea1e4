"""The frozen figures of a month: all that a report's document is made from.

A snapshot is JSON; PostgreSQL does not keep the order of keys, so whatever has an order is a list.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db.models import Case, Value, When
from django.db.models.functions import Length

from contact_points.models import Township, Unit
from feedback.models import Feedback
from outreach import clock
from reports import indicators
from reports.figures import Figures, MatterFigures
from reports.models import Report
from visits.models import ExemptionRequest, ProgrammeYear

# 2 added the rates of matters; what reads a snapshot takes those of version 1, too.
VERSION = 2
TEXTS_SHOWN = 8
# What XML cannot hold, and line breaks, which would break a sentence of the report.
UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]+")
SENTENCE_END = re.compile("[。！？；!?;]")

Snapshot = dict[str, Any]


def take(report: Report) -> Snapshot:
    """Everything the report on the month says, as it is now."""
    county, month = report.county, report.month
    by_unit = indicators.figures(county.pk, month, by="unit")
    exemptions = indicators.exemptions(county.pk, month)
    substituted = exemptions.pop(ExemptionRequest.Kind.LEAVE, 0)
    return {
        "version": VERSION,
        "county": {"code": county.code, "name": county.name},
        "month": month.isoformat(),
        "revision": report.revision,
        "counted_on": clock.today().isoformat(),
        "rules": _rules(county.pk, month),
        "figures": _plain(indicators.figures(county.pk, month)[0]),
        "previous_month": _plain(indicators.figures(county.pk, clock.add_months(month, -1))[0]),
        "year": _plain(indicators.figures(county.pk, month.replace(month=1), month)[0]),
        "kinds": _named(
            indicators.figures(county.pk, month, by="kind"), {kind: {} for kind in Unit.Kind.values}
        ),
        "units": _named(by_unit, _units(row.key for row in by_unit)),
        "townships": _named(
            indicators.figures(county.pk, month, by="township"), _townships(county.pk)
        ),
        "villages_visited": _villages_visited(county.pk, month),
        "unmet": [asdict(row) for row in indicators.unmet(county.pk, month)],
        "exemptions": [[kind, lines] for kind, lines in exemptions.items()],
        "substituted": substituted,
        "topics": [asdict(row) for row in indicators.topic_reach(county.pk, month)],
        "findings": _texts(county.pk, month, "findings"),
        "suggestions": _texts(county.pk, month, "suggestions"),
        "matters": _matters(county.pk, month),
        "next_month": _next_month(county.pk, clock.add_months(month, 1)),
        "replaces": _replaced(report),
    }


def _plain(row: Figures) -> dict[str, Any]:
    plain = asdict(row)
    del plain["key"]
    groups = row.people_by_group or {}
    return plain | {"people_by_group": [[group, heads] for group, heads in groups.items()]}


def _matters(county_id: int, month: date) -> dict[str, Any]:
    """The rates of matters of the county and of each unit that has any in the month."""
    rows = {row.key: row for row in indicators.matter_figures(county_id, month, by="unit")}
    counted = {key: row for key, row in rows.items() if any(_counts(row).values())}
    return {
        "figures": _counts(indicators.matter_figures(county_id, month)[0]),
        "units": [
            {"key": key, **facts, "figures": _counts(counted[key])}
            for key, facts in _units(counted).items()
        ],
    }


def _counts(row: MatterFigures) -> dict[str, int]:
    counts = asdict(row)
    del counts["key"]
    return counts


def figures_in(plain: dict[str, Any], key: int | str | None = None) -> Figures:
    """The frozen figures as they were, for a page that shows them."""
    return Figures(key=key, **plain | {"people_by_group": dict(plain["people_by_group"])})


def _named(rows: Iterable[Figures], names: dict[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows in the order of `names`, each with its key and what `names` says of it."""
    by_key = {row.key: row for row in rows}
    return [
        {"key": key, **facts, "figures": _plain(by_key[key])}
        for key, facts in names.items()
        if key in by_key
    ]


def _units(ids: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    units = Unit.objects.filter(pk__in=list(ids)).order_by("order", "id")
    return {unit.pk: {"name": unit.name, "kind": unit.kind} for unit in units}


def _townships(county_id: int) -> dict[Any, dict[str, Any]]:
    rows = Township.objects.filter(county_id=county_id).order_by("code")
    return {row.pk: {"name": row.name} for row in rows}


def _rules(county_id: int, month: date) -> dict[str, Any]:
    year = ProgrammeYear.objects.prefetch_related("rules").get(county_id=county_id, year=month.year)
    rule = year.rule_for(month)
    return {
        "programme_year": year.year,
        "effective_month": rule.effective_month.isoformat(),
        "visits_per_month": rule.visits_per_month,
        "feedback_due_days": rule.feedback_due_days,
        "report_day": rule.report_day,
    }


def _villages_visited(county_id: int, month: date) -> int:
    return sum(row.visits > 0 for row in indicators.figures(county_id, month, by="village"))


def _texts(county_id: int, month: date, field: str) -> list[dict[str, str]]:
    """Up to eight texts, one a village, no sentence twice; the accepted and the fullest first.

    With each the village and the month, never a person (domain: what is never collected).
    """
    rows = (
        Feedback.objects.filter(
            county_id=county_id,
            visit__month=month,
            visit__state="recorded",
            state__in=[Feedback.State.SUBMITTED, Feedback.State.ACCEPTED],
        )
        .exclude(**{field: ""})
        .annotate(
            rank=Case(When(state=Feedback.State.ACCEPTED, then=Value(0)), default=Value(1)),
            length=Length(field),
        )
        .order_by("rank", "-length", "visit__started_at", "id")
        .values_list(
            "visit__contact_point__village__name",
            "visit__contact_point__village__township__name",
            "visit__contact_point__village_id",
            field,
        )
    )
    chosen: list[dict[str, str]] = []
    villages: set[int] = set()
    said: set[str] = set()
    for village, township, village_id, raw in rows.iterator():
        text = UNPRINTABLE.sub(" ", raw).strip()
        sentences = {part.strip() for part in SENTENCE_END.split(text)} - {""}
        if not sentences or sentences & said or village_id in villages:
            continue
        villages.add(village_id)
        said |= sentences
        chosen.append(
            {"township": township, "village": village, "month": month.isoformat(), "text": text}
        )
        if len(chosen) == TEXTS_SHOWN:
            break
    return chosen


def _next_month(county_id: int, month: date) -> dict[str, Any]:
    """What is planned for the month after: visits owed, undated lines, topics by villages."""
    topics = sorted(
        indicators.topic_reach(county_id, month), key=lambda row: (-row.villages_planned, row.topic)
    )
    return {
        "month": month.isoformat(),
        "due": indicators.figures(county_id, month)[0].due,
        "undated_lines": len(indicators.attention(county_id, month).undated_lines),
        "topics": [[row.title, row.villages_planned] for row in topics if row.villages_planned],
    }


def _replaced(report: Report) -> dict[str, Any] | None:
    """The figures of the newest revision made before this one, to say what changed."""
    before = (
        Report.objects.filter(
            county=report.county, month=report.month, revision__lt=report.revision, state="made"
        )
        .order_by("-revision")
        .first()
    )
    if before is None or before.snapshot is None:
        return None
    return {
        "revision": before.revision,
        "counted_on": before.snapshot["counted_on"],
        "figures": before.snapshot["figures"],
    }
