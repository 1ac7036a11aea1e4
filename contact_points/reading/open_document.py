""".ods: one streaming pass gives values, merged cells and hidden parts.

Not by calamine: it unfolds repeated cells before one could measure them, and tells no merged ones.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from lxml import etree

from contact_points.reading import archives
from contact_points.reading.files import broken, locked, too_large
from contact_points.reading.grids import CELLS, UNCALCULATED, Book, Grid, Sheet

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def read_open_document(content: bytes) -> Book:
    """The sheets of an .ods file. Raises Unreadable."""
    with archives.opened(content) as archive:
        names = set(archive.namelist())
        if "content.xml" not in names:
            broken()
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in archives.proved(archive, manifest):
            locked()
        for name in names - {"content.xml"}:
            archives.skim(archive, name)
        archives.check_xml(archive.open("content.xml").read(4096))
        try:
            with archive.open("content.xml") as stream:
                return Book(list(_Reader().sheets(stream)))
        except etree.XMLSyntaxError:
            broken()


class _Reader:
    def __init__(self) -> None:
        self.cells = 0
        self.hidden_tables: set[str] = set()

    def sheets(self, stream: Any) -> Iterator[Sheet]:
        grid = Grid([])
        empty = 0
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=(f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column", f"{_STYLE}style"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        column = 0
        for event, element in events:
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    grid, empty, column = Grid([]), 0, 0
                continue
            if element.tag == f"{_STYLE}style":
                self._style(element)
            elif element.tag == f"{_TABLE}table-column":
                times = _times(element, "columns")
                if element.get(f"{_TABLE}visibility", "visible") != "visible":
                    grid.hidden_columns.update(range(column, min(column + times, 1024)))
                column += times
            elif element.tag == f"{_TABLE}table-row":
                empty = self._row(grid, element, empty)
                _forget(element)
            else:
                name = element.get(f"{_TABLE}name", "")
                visible = element.get(f"{_TABLE}style-name", "") not in self.hidden_tables
                yield Sheet(name, partial(_same, grid), visible)
                _forget(element)

    def _style(self, element: Any) -> None:
        shown = element.find(f"{_STYLE}table-properties")
        if shown is not None and shown.get(f"{_TABLE}display") == "false":
            self.hidden_tables.add(element.get(f"{_STYLE}name", ""))

    def _row(self, grid: Grid, element: Any, empty: int) -> int:
        """Add a row; empty ones count only when something follows them."""
        times = _times(element, "rows")
        start = len(grid.rows) + empty
        cells, merged = self._cells(element, start)
        if not cells:
            return empty + times
        self.cells += empty + len(cells) * times
        if self.cells > CELLS:
            too_large()
        grid.rows.extend([] for _ in range(empty))
        grid.rows.extend(list(cells) for _ in range(times))
        grid.merged.extend(merged)
        if element.get(f"{_TABLE}visibility", "visible") != "visible":
            grid.hidden_rows.update(range(start, start + times))
        return 0

    def _cells(self, element: Any, row: int) -> tuple[list[Any], list[tuple[int, int, int, int]]]:
        cells: list[Any] = []
        merged = []
        empty = 0
        for cell in element.iterchildren(*_CELLS):
            times = _times(cell, "columns")
            value = _value(cell) if cell.tag == _CELLS[0] else ""
            if value == "":
                empty += times
                continue
            if len(cells) + empty + times > CELLS:
                too_large()
            cells.extend([""] * empty)
            high = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
            wide = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
            if high > 1 or wide > 1:
                merged.append((row, len(cells), row + high - 1, len(cells) + wide - 1))
            cells.extend([value] * times)
            empty = 0
        return cells, merged


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        parent.remove(parent[0])


def _times(element: Any, what: str) -> int:
    times = int(element.get(f"{_TABLE}number-{what}-repeated", "1"))
    if times < 1:
        broken()
    return times


def _value(cell: Any) -> Any:
    kind = cell.get(f"{_OFFICE}value-type")
    text = "\n".join("".join(p.itertext()) for p in cell.iterchildren(f"{_TEXT}p"))
    if text.startswith(("#", "Err:")):
        return text
    if kind in ("float", "currency", "percentage"):
        return float(cell.get(f"{_OFFICE}value", "nan"))
    if kind == "date":
        return _day(cell.get(f"{_OFFICE}date-value", ""), text)
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if not text and kind is None and cell.get(f"{_TABLE}formula"):
        return UNCALCULATED
    return cell.get(f"{_OFFICE}string-value", text)


def _day(value: str, text: str) -> Any:
    try:
        day = datetime.fromisoformat(value)
    except ValueError:
        return text
    if not any(sign in text for sign in ("日", "号")) and text.rstrip().endswith("月"):
        return text  # shown as a month
    return date(day.year, day.month, day.day)


def _same(grid: Grid) -> Grid:
    return grid
