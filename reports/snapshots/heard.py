"""What the month's visits learnt and suggest, as the report freezes it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Case, Value, When
from django.db.models.functions import Length

from feedback.models import Feedback, SuggestionAnswer
from outreach.privacy import private_number
from reports.models import FindingChoice, Report
from reports.shortlist import quoted, shortlist
from reports.texts import cleaned, varied

# In this order they are told: what came of it first.
DECISIONS = (*SuggestionAnswer.Decision.values, "open")


def findings(report: Report) -> dict[str, Any]:
    """The findings the office chose; before it did, those first on the shortlist.

    `findings_choice` is the version of its choice, 0 without any; a choice of none is a choice.
    """
    month = report.month
    choice = FindingChoice.objects.of(report.county, month).first()
    rows = (
        quoted(report.county_id, month, choice.findings)
        if choice
        else shortlist(report.county_id, month)
    )
    told: list[dict[str, Any]] = [
        {
            "visit": str(row.visit),
            "township": row.township,
            "village": row.village,
            "month": month.isoformat(),
            "text": row.text,
        }
        for row in rows
    ]
    return {
        "findings": told if choice else varied(told),
        "findings_choice": choice.version if choice else 0,
    }


def suggestions(county_id: int, month: date) -> dict[str, Any]:
    """How many there are and what came of them, and a few with the county's replies."""
    rows = list(_suggestions(county_id, month))
    rows.sort(key=lambda row: DECISIONS.index(row["decision"]))
    counted = Counter(row["decision"] for row in rows)
    tellable = (row for row in rows if not private_number(row["text"] + "。" + row["reply"]))
    return {
        "suggestions": varied(tellable),
        "suggestions_counted": [[name, counted[name]] for name in DECISIONS if counted[name]],
        "lists": {"suggestions": [row["visit"] for row in rows]}
        | {
            f"suggestions:{name}": [row["visit"] for row in rows if row["decision"] == name]
            for name in counted
        },
    }


def _suggestions(county_id: int, month: date) -> Iterator[dict[str, Any]]:
    """The accepted and the fullest first."""
    accepted = Case(When(state=Feedback.State.ACCEPTED, then=Value(0)), default=Value(1))
    rows = (
        Feedback.objects.suggesting()
        .filter(county_id=county_id, visit__month=month)
        .select_related("suggestion_answer", "visit__contact_point__village__township")
        .annotate(rank=accepted, length=Length("suggestions"))
        .order_by("rank", "-length", "visit__started_at", "id")
    )
    for row in rows:
        village = row.visit.contact_point.village
        yield {
            "visit": str(row.visit_id),
            "township": village.township.name,
            "village": village.name,
            "month": month.isoformat(),
            "text": cleaned(row.suggestions),
            "decision": row.suggestion_state,
            "reply": cleaned(row.reply.text) if row.reply else "",
        }
