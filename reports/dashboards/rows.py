"""The rows of a dashboard: units among their peers, places, and what was raised."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from contact_points.models import Unit
from outreach.lists import addresses
from outreach.templatetags.outreach import TILE_LABELS
from reports.dashboards.board import Board, middle
from reports.dashboards.scope import Scope
from reports.figures import Figures, Rate, Tile, Word

NEEDING = 8  # units in the list of those who need a hand
RAISED = 5  # categories that a chart can tell apart


@dataclass(frozen=True)
class UnitRow:
    """A unit's figures; `url` opens the visits behind them, empty in a frozen report."""

    name: str
    url: str
    figures: Figures
    rank: int | None = None  # only where the county turned ranking on

    @property
    def open(self) -> int:
        """Visits owed and not done."""
        return self.figures.open

    @property
    def weight(self) -> int:
        """How much waits here: an order of help, not of merit."""
        return self.open + self.figures.overdue_feedback + self.figures.returned


@dataclass(frozen=True)
class Peers:
    """Units of one kind, and the middle of them, which each is compared with."""

    label: str
    rows: list[UnitRow]
    middle: float | None


@dataclass(frozen=True)
class Place:
    """A township or a village with its figures and the visits behind them."""

    name: str
    url: str
    figures: Figures


@dataclass(frozen=True)
class Cell:
    """A village on the page: what its colour says in words, and its page, empty if not open."""

    state: str
    words: str
    url: str


@dataclass(frozen=True)
class TownshipTiles:
    """A row of the wall: a township, its villages, and what they owe and have done."""

    name: str
    tiles: list[Tile]
    cells: list[Cell]

    @property
    def rate(self) -> Rate:
        return Rate(sum(tile.done for tile in self.tiles), sum(tile.due for tile in self.tiles))


@dataclass(frozen=True)
class Raised:
    """A category of matters: how many were raised in each month, and how that moves."""

    name: str
    url: str  # the matters raised in the last of the months
    counts: list[int]

    @property
    def now(self) -> int:
        return self.counts[-1]

    @property
    def change(self) -> int:
        """Against the month before."""
        return self.counts[-1] - self.counts[-2]


@dataclass(frozen=True)
class Said:
    """A word that rises, and the lists of the records that hold it."""

    word: Word
    visits: str
    matters: str


def unit_rows(board: Board, scope: Scope, units: Iterable[Unit]) -> dict[Unit, UnitRow]:
    """The units that owe or made visits in the month, in their order."""
    rows = {row.key: row for row in board.units}
    return {
        unit: UnitRow(str(unit), scope.visits(unit=unit.pk), rows[unit.pk])
        for unit in units
        if unit.pk in rows
    }


def needing(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Units where something waits, the most first."""
    return sorted((row for row in rows if row.weight), key=lambda row: -row.weight)


def peers(rows: Mapping[Unit, UnitRow], *, ranked: bool = False) -> list[Peers]:
    """The units by kind; in their own order, by completion only where the county ranks them."""
    found = []
    for kind in Unit.Kind:
        mine = [row for unit, row in rows.items() if unit.kind == kind]
        if ranked:
            mine = _ranked(mine)
        if mine:
            found.append(Peers(str(kind.label), mine, middle([row.figures for row in mine])))
    return found


def places(board: Board, scope: Scope, townships: Mapping[int, str]) -> list[Place]:
    """The townships, or the villages of a part, that owe or had visits."""
    rows = {row.key: row for row in board.places}
    if board.places_are == "township":
        found = [(key, name, scope.visits(township=key)) for key, name in townships.items()]
    else:
        found = [(t.village, t.name, scope.visits(village=t.village)) for t in board.tiles]
    return [Place(name, url, rows[key]) for key, name, url in found if key in rows]


def wall(board: Board, scope: Scope, seen: Container[int] | None) -> list[TownshipTiles]:
    """The villages as tiles by township: every one of a place, those held of a unit.

    `seen` are the villages whose page is open to the reader; None: all.
    """
    labels = {state: _(": ") + str(label) for state, label in TILE_LABELS.items()}
    address = addresses("village_detail")

    def cell(tile: Tile) -> Cell:
        opens = seen is None or tile.village in seen
        words = tile.name + labels[tile.state]
        return Cell(tile.state, words, address(tile.village) if opens else "")

    tiles = board.tiles
    if scope.unit:
        tiles = [tile for tile in tiles if tile.state != "none"]
    by_township = groupby(tiles, key=lambda tile: tile.township)
    rows = [(name, list(each)) for name, each in by_township]
    return [TownshipTiles(name, each, [cell(tile) for tile in each]) for name, each in rows]


def raised(
    board: Board, scope: Scope, names: Mapping[int, str], others: str
) -> tuple[list[date], list[Raised]]:
    """The months, and of them the categories raised most, the rest together as `others`."""
    months = list(board.raised)
    counts: dict[int | None, list[int]] = {}
    for n, month in enumerate(months):
        for category, count in board.raised[month].items():
            counts.setdefault(category, [0] * len(months))[n] += count
    known = sorted((key for key in counts if key in names), key=lambda key: -sum(counts[key]))
    url = scope.list("matter_list", raised=f"{scope.month:%Y-%m}")
    found = [
        Raised(names[key or 0], f"{url}&category={key}" if url else "", counts[key])
        for key in known[:RAISED]
    ]
    rest = [
        sum(column)
        for column in zip(
            *(counts[key] for key in counts if key not in known[:RAISED]), strict=True
        )
    ]
    return months, [*found, Raised(others, "", rest)] if rest else found


def said(board: Board, scope: Scope) -> list[Said]:
    """The words that rise, with the records that hold them."""
    raised = f"{scope.month:%Y-%m}"
    return [
        Said(
            row,
            scope.visits(says=row.word),
            scope.list("matter_list", raised=raised, says=row.word),
        )
        for row in board.words
    ]


def _ranked(rows: list[UnitRow]) -> list[UnitRow]:
    """By completion; equal rates share a rank, who owes nothing has none."""
    rated = [row for row in rows if row.figures.completion.value is not None]
    rated.sort(key=lambda row: -(row.figures.completion.value or 0))
    found: list[UnitRow] = []
    for n, row in enumerate(rated, 1):
        same = found and found[-1].figures.completion.value == row.figures.completion.value
        rank = found[-1].rank if same else n
        found.append(UnitRow(row.name, row.url, row.figures, rank))
    return found + [row for row in rows if row.figures.completion.value is None]
