"""What the county's month page says: sentences with their records, rows with their links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.urls import reverse
from django.utils.translation import ngettext

from contact_points.models import Unit
from outreach import clock
from reports import indicators
from reports.indicators import Figures, Rate, Tile
from visits.models import ExemptionRequest

NEEDING = 8  # units in the list of those who need a hand


@dataclass(frozen=True)
class UnitRow:
    """A unit's figures; `url` opens the visits behind them, empty in a frozen report."""

    name: str
    url: str
    figures: Figures

    @property
    def open(self) -> int:
        """Visits owed and not done."""
        return self.figures.due - self.figures.done

    @property
    def weight(self) -> int:
        """How much waits here: an order of help, not of merit."""
        return self.open + self.figures.overdue_feedback + self.figures.returned


@dataclass(frozen=True)
class TownshipTiles:
    """A row of the wall: a township, its villages, and what they owe and have done."""

    name: str
    tiles: list[Tile]

    @property
    def rate(self) -> Rate:
        return Rate(sum(tile.done for tile in self.tiles), sum(tile.due for tile in self.tiles))


def _days(month: date) -> str:
    """The month as the filter of a list of visits."""
    last = clock.add_months(month, 1) - clock.ONE_DAY
    return f"since={month:%Y-%m-%d}&until={last:%Y-%m-%d}"


def unit_rows(units: Iterable[Unit], county_id: int, month: date) -> list[UnitRow]:
    """The units that owe or made visits in the month, in their order."""
    rows = {row.key: row for row in indicators.figures(county_id, month, by="unit")}
    visits = f"{reverse('visit_list')}?{_days(month)}&unit="
    return [
        UnitRow(str(unit), f"{visits}{unit.pk}", rows[unit.pk]) for unit in units if unit.pk in rows
    ]


def needing(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Units where something waits, the most first."""
    return sorted((row for row in rows if row.weight), key=lambda row: -row.weight)


def wall(county_id: int, month: date) -> list[TownshipTiles]:
    """Every village of the county as a tile, by township."""
    tiles = indicators.status_tiles(county_id, month)
    return [TownshipTiles(k, list(v)) for k, v in groupby(tiles, key=lambda tile: tile.township)]


def attention(county_id: int, month: date) -> list[tuple[str, str]]:
    """(sentence, address of its records) for everything that waits for somebody."""
    waiting = indicators.attention(county_id, month)
    plans, visits = reverse("plan_list"), reverse("visit_list")
    undated, overdue = len(waiting.undated_lines), len(waiting.overdue_feedback)
    returned, review = len(waiting.returned), len(waiting.waiting_review)
    submitted, asked = len(waiting.waiting_plans), len(waiting.open_requests)
    found = [
        (
            undated,
            ngettext(
                "%d contact point without a date", "%d contact points without a date", undated
            ),
            f"{plans}?undated={month:%Y-%m-%d}",
        ),
        (
            overdue,
            ngettext("%d feedback record overdue", "%d feedback records overdue", overdue),
            f"{visits}?feedback=overdue&{_days(month)}",
        ),
        (
            returned,
            ngettext(
                "%d feedback returned, not resent", "%d feedback returned, not resent", returned
            ),
            f"{visits}?feedback=returned&{_days(month)}",
        ),
        (
            review,
            ngettext("%d feedback record to review", "%d feedback records to review", review),
            f"{visits}?feedback=submitted&{_days(month)}",
        ),
        (
            submitted,
            ngettext("%d plan waiting for approval", "%d plans waiting for approval", submitted),
            f"{plans}?state=submitted",
        ),
        (
            asked,
            ngettext("%d request for an exemption", "%d requests for exemptions", asked),
            f"{reverse('exemption_request_list')}?state=asked",
        ),
    ]
    return [(sentence % number, url) for number, sentence, url in found if number]


def exemptions(county_id: int, month: date) -> list[tuple[str, int, str]]:
    """(kind in words, lines, address of the lines) of what is exempt or substituted."""
    lines = f"{reverse('exemption_list')}?month={month:%Y-%m-%d}&kind="
    labels = dict(ExemptionRequest.Kind.choices)
    return [
        (str(labels[kind]), count, f"{lines}{kind}")
        for kind, count in indicators.exemptions(county_id, month).items()
    ]
