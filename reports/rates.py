"""The three rates of matters as a table, each figure with the address of the matters behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Unit
from feedback.models import MatterCategory
from outreach.models import User
from reports import indicators
from reports.figures import MatterFigures, Rate
from reports.indicators import MatterBy

# What each rate is called.
RATES = {
    "response": _("accepted within two working days"),
    "resolution": _("answered within the limit"),
    "satisfaction": _("villagers asked say solved or satisfied"),
    "exclusion": _("out of remit or not possible"),
}
# The part that a person looks into, and what it is called.
LOOKED_INTO = {
    "response": ("missing", _("not accepted in time: %(n)s")),
    "resolution": ("missing", _("not answered in time: %(n)s")),
    "satisfaction": ("missing", _("neither solved nor satisfied: %(n)s")),
    "exclusion": ("met", _("excluded: %(n)s")),
}
PARTS = {
    "whole": _("all that count"),
    "met": _("those that meet it"),
    "missing": _("those that are missing"),
}
BY = {"unit": _("by unit"), "township": _("by township"), "category": _("by category")}


@dataclass(frozen=True)
class Cell:
    """A rate with its count, and the addresses of all of it and of what one looks into."""

    label: Any
    rate: Rate
    url: str
    looked_into: str
    looked_into_url: str


@dataclass(frozen=True)
class Row:
    name: str
    cells: list[Cell]


def total(county_id: int, month: date) -> list[Cell]:
    """The county's rates of the month."""
    return _cells(indicators.matter_figures(county_id, month)[0], month, {})


def rows(user: User, month: date, by: MatterBy) -> list[Row]:
    """One row a unit, township or category that has matters in the month, in their own order."""
    found = {row.key: row for row in indicators.matter_figures(user.county_id, month, by=by)}
    return [
        Row(name, _cells(found[key], month, {by: "null" if key is None else key}))
        for key, name in _names(user, by)
        if key in found and _counts(found[key])
    ]


def _counts(row: MatterFigures) -> bool:
    """Whether there is anything to show: matters that are due later have no part in the month."""
    return bool(row.response_due or row.exclusion.denominator or row.asked)


def _names(user: User, by: MatterBy) -> Iterable[tuple[int | None, str]]:
    if by == "unit":
        return [(row.pk, str(row)) for row in Unit.objects.visible_to(user)]
    if by == "township":
        return [(row.pk, str(row)) for row in Township.objects.visible_to(user)]
    tops = MatterCategory.objects.visible_to(user).filter(parent=None)
    return [*((row.pk, row.name) for row in tops), (None, str(_("not sorted yet")))]


def _cells(row: MatterFigures, month: date, of: dict[str, Any]) -> list[Cell]:
    cells = []
    for name, label in RATES.items():
        rate: Rate = getattr(row, name)
        part, words = LOOKED_INTO[name]
        n = rate.numerator if part == "met" else rate.denominator - rate.numerator
        url = address(month, name, "whole", of) if rate.denominator else ""
        into = address(month, name, part, of) if n else ""
        cells.append(Cell(label, rate, url, words % {"n": n}, into))
    return cells


def address(month: date, rate: str, part: str, of: dict[str, Any]) -> str:
    """The list of the matters behind a figure."""
    asked = {"month": f"{month:%Y-%m}", "rate": rate, "part": part, **of}
    return f"{reverse('matter_rate_list')}?{urlencode(asked)}"
