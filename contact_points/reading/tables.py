"""The tables in a grid: header, rows, what merged cells mean and what stands above."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contact_points.cells import text_of
from contact_points.columns import Meanings
from contact_points.reading import strays
from contact_points.reading.files import too_large
from contact_points.reading.grids import CELLS, Grid, Range
from contact_points.reading.headers import (
    DEEPEST,
    WITHIN,
    Header,
    HeaderCell,
    find_header,
    guessed_header,
    side_by_side,
    with_rows_above,
)
from contact_points.reading.lists import Dropped
from contact_points.reading.sections import alone, section_of

_SAMPLE = 2000


@dataclass
class Table:
    """A header and the rows below it; `rows` are (0-based row, raw cells), empty ones left out.

    Of tables side by side each has the columns from `left` up to `right`.
    """

    grid: Grid
    header: Header
    left: int
    right: int
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    # What a title alone names for all rows: column -> text.
    above: dict[str, str] = field(default_factory=dict)
    # Rows in which one merged cell lies over most of the columns.
    lines: set[int] = field(default_factory=set)
    # Cells that got the value of the merged cell they belong to.
    filled: int = 0
    # Columns with a header that belong to none of the tables side by side.
    beside: dict[int, HeaderCell] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[tuple[Any, ...]]:
        """The raw cells below the header by column of the sheet; nothing when there is no row."""
        return list(zip(*(row for _y, row in self.rows), strict=True))


def find_tables(
    grid: Grid, meanings: Meanings, *, begin: int | None = None, guess: bool = False
) -> list[Table]:
    """The table of this sheet, or several side by side; none when nothing looks like a header.

    With `begin` the header must be there, where another table was seen.
    """
    rows = grid.rows
    while rows and rows[-1].count("") == len(rows[-1]):
        rows.pop()
    texts = first_texts(grid, begin)
    if begin is None:
        header = find_header(texts, meanings)
    else:
        header = find_header(texts, meanings, begin, 1)
    if header is None and guess:
        header = guessed_header(texts, meanings)
    if header is None:
        return []
    header = with_rows_above(header, texts, grid.merged, meanings)
    width = max(map(len, rows), default=0)
    parts = side_by_side(header, meanings.layout)
    last = max(parts[-1].cells)
    beside = {x: cell for x, cell in header.cells.items() if x > last}
    starts = [0, *(min(part.cells) for part in parts[1:]), min(beside, default=width)]
    tables = [
        Table(grid, part, left, right)
        for part, left, right in zip(parts, starts, starts[1:], strict=False)
    ]
    tables[0].beside = beside
    for row in rows[header.bottom :]:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    for table in tables:
        if begin is None:
            _take_titles(table, texts, meanings)
        _fill_table(table)
    for table in tables:
        _take_rows(table)
    return tables


def first_texts(grid: Grid, begin: int | None = None) -> list[list[str]]:
    """The texts of the first rows, else of those around `begin`, with merged cells filled."""
    first, last = 0, WITHIN + DEEPEST
    if begin is not None:
        first, last = max(0, begin - DEEPEST), begin + DEEPEST
    head = [[] if y < first else list(row) for y, row in enumerate(grid.rows[:last])]
    _fill(head, [area for area in grid.merged if area[0] < last], 0, max(map(len, head), default=0))
    return [[text_of(cell) if cell != "" else "" for cell in row] for row in head]


def _take_titles(table: Table, texts: Sequence[Sequence[str]], meanings: Meanings) -> None:
    """What stands above the header: titles, and perhaps a line that speaks of all rows."""
    named: dict[str, set[str]] = {}
    for y, row in enumerate(texts[: table.header.top]):
        own = [text for text in row[table.left : table.right] if text]
        if not own:
            continue
        text = " ".join(dict.fromkeys(own))
        table.titles.append(text)
        table.dropped.append(Dropped(y + 1, text[:200], strays.TITLE))
        if section := section_of(alone(own), meanings.layout):
            named.setdefault(section[0], set()).add(section[1])
    table.above = {column: texts.pop() for column, texts in named.items() if len(texts) == 1}


def _take_rows(table: Table) -> None:
    rows, first = table.grid.rows[table.header.bottom :], table.header.bottom
    own = rows
    if table.left or (rows and len(rows[0]) > table.right):
        own = [row[table.left : table.right] for row in rows]
    table.rows = [
        (y, row)
        for y, (row, cells) in enumerate(zip(rows, own, strict=True), first)
        if cells.count("") < len(cells)
    ]


def _fill_table(table: Table) -> None:
    """Give the cells below the header the values of their merged areas.

    An area over most of the columns is a line of text and stays in its first cell.
    """
    columns, rows = sorted(table.header.cells), table.grid.rows
    most = max(3, (2 * len(columns) + 2) // 3)
    areas = []
    for area in table.grid.merged:
        top, left, bottom, right = area
        if bottom < table.header.bottom or not left < table.right or right < table.left:
            continue
        if sum(left <= x <= right for x in columns) < most:
            areas.append(area)
        elif table.header.bottom <= top < len(rows) and left < len(rows[top]):
            table.lines.add(top)
            if left < columns[0] and rows[top][columns[0]] == "":
                rows[top][columns[0]] = rows[top][left]
    table.filled = _fill(rows, areas, table.header.bottom, table.right)


def _fill(rows: list[list[Any]], areas: Sequence[Range], first: int, width: int) -> int:
    """Give every cell of the areas from row `first` on its value; how many cells got one."""
    filled = work = 0
    for top, left, bottom, right in areas:
        if not first <= top < len(rows) or left >= len(rows[top]):
            continue
        if (value := rows[top][left]) == "":
            continue
        right = min(right, width - 1)
        work += (min(bottom + 1, len(rows)) - top) * (right + 1 - left)
        if work > CELLS:  # areas that overlap without end
            too_large()
        for row in rows[top : bottom + 1]:
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


def columns_of(table: Table) -> list[int]:
    """Every column that has something below the header or in it."""
    return [
        x
        for x, cells in enumerate(table.columns)
        if x in table.header.cells
        or (table.left <= x < table.right and cells.count("") < len(cells))
    ]
