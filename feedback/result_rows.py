"""The results of a round as a table: places or units in rows, the questions in columns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import Township, Unit, Village
from feedback import results
from feedback.estimates import Estimate
from feedback.results import Results
from outreach.models import User

BY = {
    "township": gettext_lazy("by township"),
    "village": gettext_lazy("by village"),
    "unit": gettext_lazy("by unit"),
}
CHARTED = 40  # rows that a chart can show


@dataclass(frozen=True)
class Row:
    """Who or where, and of each question what is known; None: fewer than five answers."""

    name: str
    cells: list[tuple[str, Estimate | None]]  # the question's label and what is known
    note: str = ""

    @property
    def says_something(self) -> bool:
        return any(estimate for _label, estimate in self.cells)


def seen_by(user: User, told: Results) -> Results:
    """All of it for the county office; for people of a unit their villages, and veiled."""
    if user.unit_id is None:
        return told
    held = results.holdings(told.round, unit=user.unit_id)
    return told.narrowed(held.get(user.unit_id, set()))


def rows(user: User, told: Results, by: str) -> list[Row]:
    """The rows that have something to show, in the order of townships, villages or units."""
    made = {"township": _townships, "village": _villages, "unit": _units}[by]
    return [row for row in made(user, told) if row.says_something]


def total(told: Results) -> Row:
    """All of what the reader is shown, together."""
    return Row("", _cells(told, told.total))


def _townships(user: User, told: Results) -> list[Row]:
    found = [
        Row(row.name, _cells(told, told.of_township, row.pk))
        for row in Township.objects.filter(county=user.county_id).order_by("code")
    ]
    return [*found, _rest_of_county(told)]


def _villages(user: User, told: Results) -> list[Row]:
    """Each village that can be told apart, and after those of a township its other ones."""
    places = {village for _township, village in told.places if village}
    known = Village.objects.filter(pk__in=places).order_by("code")
    townships = Township.objects.filter(pk__in={township for township, _v in told.places})
    found = []
    for township in townships.order_by("code"):
        found += [
            Row(
                row.name,
                _cells(told, told.of_village, row.pk),
                township.name,
            )
            for row in known
            if row.township_id == township.pk
        ]
        rest = _cells(told, told.of_rest, township.pk)
        found.append(Row(_("other villages, together"), rest, township.name))
    return [*found, _rest_of_county(told)]


def _rest_of_county(told: Results) -> Row:
    return Row(
        _("villages of several townships, together"),
        _cells(told, told.of_township, None),
    )


def _units(user: User, told: Results) -> list[Row]:
    held = results.holdings(told.round)
    return [
        Row(str(unit), _cells(told, told.of_villages, held[unit.pk]))
        for unit in Unit.objects.filter(pk__in=held).order_by("order", "pk")
    ]


def _cells(told: Results, sum_of: Callable[..., Estimate | None], *place: Any) -> Any:
    return [(each.label, sum_of(each.question, *place)) for each in told.asked]
