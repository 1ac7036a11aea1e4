"""Matters as the report freezes them: rates, what was raised, what is overdue or solved."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length

from contact_points.models import Unit
from feedback.matter_states import Outcome, State, Word
from feedback.models import Matter, MatterCategory
from outreach import clock
from outreach.privacy import private_number
from reports import behind, indicators, sql
from reports.asking import run, span
from reports.figures import MatterFigures
from reports.texts import cleaned

SOLVED_SHOWN = 3


def matters(county_id: int, month: date) -> dict[str, Any]:
    """All that the report says of matters, and under `lists` the matters behind its figures."""
    before = clock.add_months(month, -1)
    late = indicators.attention(county_id, month).overdue_matters
    solved = _solved(county_id, month)
    lists = (
        behind.matters(county_id, month)
        | _raised_ids(county_id, month)
        | {"overdue_matters": late, "solved": [row.pk for row in solved]}
        | {"open_matters": _open(county_id)}
    )
    return {
        "figures": counts(indicators.matter_figures(county_id, month)[0]),
        "previous_month": counts(indicators.matter_figures(county_id, before)[0]),
        "units": _of_units(county_id, month),
        "raised": raised(county_id, month),
        "overdue": [_overdue(row) for row in _told(late).order_by("due_on", "pk")],
        "solved_count": len(solved),
        "solved": _examples(solved),
        "lists": lists | _led(lists),
    }


def counts(row: MatterFigures) -> dict[str, int]:
    """The counts of these matters, whosever they are."""
    return {name: value for name, value in vars(row).items() if name != "key"}


def _of_units(county_id: int, month: date) -> list[dict[str, Any]]:
    rows = {row.key: row for row in indicators.matter_figures(county_id, month, by="unit")}
    counted = {key: counts(row) for key, row in rows.items() if any(counts(row).values())}
    units = Unit.objects.filter(pk__in=list(counted)).order_by("order", "id")
    return [
        {"key": unit.pk, "name": unit.name, "kind": unit.kind, "figures": counted[unit.pk]}
        for unit in units
    ]


def raised(county_id: int, month: date) -> list[dict[str, Any]]:
    """Upper categories by how many matters were raised in the month, the most first.

    `key` and `name` of those not sorted yet are null.
    """
    rows = run(sql.MATTERS_RAISED, span(county_id, month))
    names = dict(MatterCategory.objects.filter(county_id=county_id).values_list("pk", "name"))
    return [
        {"key": row["category"], "name": names.get(row["category"]), "matters": row["matters"]}
        for row in rows
    ]


def _raised_ids(county_id: int, month: date) -> dict[str, list[int]]:
    rows = (
        Matter.objects.taken_up()
        .exclude(state=State.JOINED)
        .filter(county_id=county_id, raised_at__gte=_begin(month))
        .filter(raised_at__lt=_begin(clock.add_months(month, 1)))
        .order_by("pk")
        .values_list("pk", "category_id", "category__parent_id")
    )
    found: dict[str, list[int]] = {"raised": []}
    for pk, category, parent in rows:
        for name in ("raised", f"raised:{parent or category or ''}"):
            found.setdefault(name, []).append(pk)
    return found


def _open(county_id: int) -> list[int]:
    rows = Matter.objects.open().filter(county_id=county_id).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _led(lists: dict[str, list[int]]) -> dict[str, list[int]]:
    """The same matters by the unit that leads them now: `leader:7`."""
    ids = {pk for rows in lists.values() for pk in rows}
    found: dict[str, list[int]] = {}
    rows = Matter.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "leader_id")
    for pk, leader in rows:
        found.setdefault(f"leader:{leader}", []).append(pk)
    return found


def _begin(month: date) -> datetime:
    return datetime.combine(month, time(), clock.SHANGHAI)


def _told(ids: list[int]) -> QuerySet[Matter]:
    return Matter.objects.filter(pk__in=ids).select_related("village__township", "leader")


def _overdue(row: Matter) -> dict[str, Any]:
    return {
        "unit": row.leader.name,
        "township": row.village.township.name,
        "village": row.village.name,
        "due_on": row.due_on.isoformat(),
    }


def _solved(county_id: int, month: date) -> list[Matter]:
    """Of which the villager said in the month that they are solved; the fullest answers first."""
    rows = Matter.objects.filter(
        county_id=county_id,
        state__in=[State.ANSWERED, State.CLOSED],
        outcome=Outcome.SOLVED,
        villager_word=Word.SOLVED,
        villager_at__gte=_begin(month),
        villager_at__lt=_begin(clock.add_months(month, 1)),
    )
    rows = rows.select_related("village__township", "category")
    return list(rows.annotate(length=Length("answer")).order_by("reopened", "-length", "pk"))


def _examples(solved: list[Matter]) -> list[dict[str, Any]]:
    """A few, one a village and one a category."""
    shown: list[dict[str, Any]] = []
    places: set[int] = set()
    subjects: set[int] = set()
    for row in solved:
        top = row.category and (row.category.parent_id or row.category_id)
        known = row.village_id in places or (top is not None and top in subjects)
        if known or private_number(f"{row.text}。{row.answer}"):
            continue
        places.add(row.village_id)
        subjects |= {top} - {None}
        shown.append(
            {
                "township": row.village.township.name,
                "village": row.village.name,
                "month": clock.month_of(row.raised_at).isoformat(),
                "text": cleaned(row.text),
                "answer": cleaned(row.answer),
            }
        )
        if len(shown) == SOLVED_SHOWN:
            break
    return shown
