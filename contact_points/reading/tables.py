"""The table in a grid: header, rows, what its merged cells mean and what does not belong to it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from contact_points.cells import text_of
from contact_points.columns import Meanings
from contact_points.reading import strays
from contact_points.reading.files import too_large
from contact_points.reading.grids import CELLS, Grid, Range
from contact_points.reading.headers import (
    WITHIN,
    Header,
    find_header,
    guessed_header,
    with_rows_above,
)
from contact_points.reading.lists import Dropped

_SAMPLE = 2000


@dataclass
class Table:
    """A header and the rows below it; `rows` are (0-based row, raw cells), empty ones left out."""

    grid: Grid
    header: Header
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    # Cells that got the value of the merged cell they belong to.
    filled: int = 0
    width: int = 0

    @property
    def rank(self) -> tuple[bool, int]:
        return bool(self.rows), len(self.header.names)


def find_table(grid: Grid, meanings: Meanings, *, guess: bool = False) -> Table | None:
    """The table of this sheet; None when nothing looks like a header."""
    while grid.rows and grid.rows[-1].count("") == len(grid.rows[-1]):
        grid.rows.pop()
    head = [list(row) for row in grid.rows[: WITHIN + 4]]
    _fill(head, [area for area in grid.merged if area[0] < len(head)], 0)
    texts = [[text_of(cell) if cell != "" else "" for cell in row] for row in head]
    header = find_header(texts, meanings)
    if header is None and guess:
        header = guessed_header(texts, meanings)
    if header is None:
        return None
    begin = [area[0] for area in grid.merged if area[0] < header.top <= area[2]]
    header = with_rows_above(header, texts, min(begin, default=header.top), meanings)
    table = Table(grid, header)
    for y, row in enumerate(texts[: header.top]):
        if text := " ".join(dict.fromkeys(filter(None, row))):
            table.titles.append(text)
            table.dropped.append(Dropped(y + 1, text[:200], strays.TITLE))
    _take_rows(table)
    return table


def _take_rows(table: Table) -> None:
    rows = table.grid.rows
    table.width = max(map(len, rows), default=0)
    wide = [area for area in table.grid.merged if area[2] >= table.header.bottom]
    table.filled = _fill(rows, wide, table.header.bottom, list(table.header.cells))
    for y in range(table.header.bottom, len(rows)):
        row = rows[y]
        if len(row) < table.width:
            row.extend([""] * (table.width - len(row)))
        if row.count("") < len(row):
            table.rows.append((y, row))


def _fill(
    rows: list[list[Any]], areas: Sequence[Range], first: int, columns: Sequence[int] = ()
) -> int:
    """Give every cell of a merged area its value; how many cells got one.

    In the rows of a list (`columns` given) an area over most of the columns is a line of text.
    """
    filled = work = 0
    most = max(3, (2 * len(columns) + 2) // 3)
    for top, left, bottom, right in areas:
        if top >= len(rows) or left >= len(rows[top]) or (value := rows[top][left]) == "":
            continue
        if columns and (top < first or sum(left <= x <= right for x in columns) >= most):
            continue
        right = min(right, max(len(rows[top]) - 1, max(columns, default=0)))
        work += (min(bottom + 1, len(rows)) - top) * (right + 1 - left)
        if work > CELLS:  # areas that overlap without end
            too_large()
        for y in range(max(top, first), min(bottom + 1, len(rows))):
            row = rows[y]
            if len(row) <= right:
                row.extend([""] * (right + 1 - len(row)))
            for x in range(left, right + 1):
                if row[x] == "":
                    row[x] = value
                    filled += 1
    return filled


def better_filled(table: Table, candidates: Sequence[int]) -> dict[int, int]:
    """Column -> how many of the first rows have something in it."""
    counts: Counter[int] = Counter()
    for _y, row in table.rows[:_SAMPLE]:
        for x in candidates:
            counts[x] += x < len(row) and row[x] != ""
    return {x: counts[x] for x in candidates}


def columns_of(table: Table) -> Iterator[tuple[int, list[Any]]]:
    """(index, raw cells) of every column that has something below the header or in it."""
    turned: Iterator[Any] = zip(*(row for _y, row in table.rows), strict=True)
    for x, cells in enumerate(turned):
        if x in table.header.cells or cells.count("") < len(cells):
            yield x, cells
