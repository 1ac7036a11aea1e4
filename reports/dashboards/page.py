"""All that a dashboard's page says, for its reader."""

from typing import Any

from django.utils.translation import gettext as _

from contact_points.models import Township, Unit, Village
from feedback.models import MatterCategory
from feedback.records import QUESTIONS
from outreach import clock
from outreach.models import User
from reports.dashboards import board, rows, sentences
from reports.dashboards.board import Board
from reports.dashboards.scope import Scope
from visits.models import Group, ProgrammeYear

# What only some dashboards show.
NO_UNITS: dict[str, Any] = {
    "units": [],
    "needing": None,
    "needing_more": 0,
    "unopened": False,
    "peers": [],
    "ranking": False,
    "ranked": False,
    "alike": 0,
    "alike_middle": None,
}


def context(user: User, scope: Scope, *, sort: str = "") -> dict[str, Any]:
    """What every dashboard shows, by the questions it answers."""
    read = board.read(scope)
    townships = list(Township.objects.visible_to(user).order_by("code"))
    names = {township.pk: township.name for township in townships}
    found: dict[str, Any] = {
        "scope": scope,
        "month": scope.month,
        "townships": townships,
        "board": read,
        "total": read.total,
        "compared": read.compared,
        "matters": read.matters,
        "attention": sentences.attention(read, scope),
        "needs": sentences.needs(read, scope),
        "exemptions": sentences.exemptions(read, scope),
        "months": list(read.months.items()),
        "wall": rows.wall(read, scope, _seen(user, scope)),
        "places": rows.places(read, scope, names),
        "reach": _reach(read, scope),
        "groups": [(label, read.total.people_by_group[group]) for group, label in Group.choices],
        "group_labels": list(Group.labels),
        "questions": len(QUESTIONS),
        "said": rows.said(read, scope),
    }
    found |= NO_UNITS | _raised(user, read, scope) | _units(user, read, scope, sort)
    return found | _links(scope)


def months_offered(month: Any) -> list[Any]:
    """The months of the choice, the newest first, the shown one among them."""
    this = clock.this_month()
    return sorted({clock.add_months(this, 1 - n) for n in range(19)} | {month}, reverse=True)


def _links(scope: Scope) -> dict[str, Any]:
    """The lists behind the figures of the cards."""
    return {
        "links": {
            "visits": scope.visits(),
            "done": scope.visits(feedback="done"),
            "due": scope.list("plan_calendar", month=f"{scope.month:%Y-%m}"),
            "late": scope.visits(feedback="late"),
            "overdue": scope.visits(feedback="overdue"),
            "matters": scope.list("matter_list", state="open"),
            "matters_over": scope.list("matter_list", due="over"),
        }
    }


def _seen(user: User, scope: Scope) -> set[int] | None:
    """The villages whose page the reader may open; None: all of the page's."""
    if scope.opens:
        return None
    return set(Village.objects.visible_to(user).values_list("pk", flat=True))


def _reach(read: Board, scope: Scope) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic,
            "planned": scope.list("plan_list", month=scope.month, topic=topic.topic),
            "explained": scope.visits(topic=topic.topic),
            "whole": max(topic.villages_planned, topic.villages_delivered, 1),
        }
        for topic in read.topics[:8]
    ]


def _raised(user: User, read: Board, scope: Scope) -> dict[str, Any]:
    if scope.officer is not None:
        return {"raised": [], "raised_months": []}
    categories = MatterCategory.objects.visible_to(user).filter(parent=None)
    names = dict(categories.values_list("pk", "name"))
    months, found = rows.raised(read, scope, names, _("others"))
    by_month = [(month, [row.counts[n] for row in found]) for n, month in enumerate(months)]
    return {"raised": found, "raised_months": by_month}


def _units(user: User, read: Board, scope: Scope, sort: str) -> dict[str, Any]:
    """The units among their peers for the county, the own one's peers for a unit."""
    if scope.officer is not None or not scope.opens:
        return {}
    if scope.unit is not None:
        return _own_peers(read, scope)
    units = rows.unit_rows(read, scope, Unit.objects.visible_to(user))
    needing = rows.needing(units.values())
    year = ProgrammeYear.objects.filter(county=scope.county, year=scope.month.year).first()
    ranking = bool(year and year.ranking)
    return {
        "units": list(units.values()),
        "needing": needing[: rows.NEEDING],
        "needing_more": max(0, len(needing) - rows.NEEDING),
        "unopened": year is None and scope.month >= clock.this_month(),
        "peers": rows.peers(units, ranked=ranking and sort == "completion"),
        "ranking": ranking,
        "ranked": ranking and sort == "completion",
    }


def _own_peers(read: Board, scope: Scope) -> dict[str, Any]:
    kind = Unit.objects.get(pk=scope.unit).kind
    alike = Unit.objects.filter(county=scope.county, kind=kind).values_list("pk", flat=True)
    figures = [read.peers[pk] for pk in alike if pk in read.peers and read.peers[pk].due]
    shown = len(figures) >= board.FEWEST
    return {"alike": len(figures), "alike_middle": board.middle(figures) if shown else None}
