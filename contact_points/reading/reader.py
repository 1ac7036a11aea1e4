"""A file of any kind we read, from its bytes to the rows of a list."""

import gc
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.columns import Layout, Meanings
from contact_points.layouts import CONTACT_POINTS
from contact_points.reading import choices, strays
from contact_points.reading.delimited import read_delimited
from contact_points.reading.files import Unreadable, broken, check_upload, kind_of, too_large
from contact_points.reading.grids import CELLS, Book, Sheet, letter
from contact_points.reading.lists import Dropped, ListRow, ReadColumn, Reading, Sentence
from contact_points.reading.old_workbooks import read_old_workbook
from contact_points.reading.open_document import read_open_document
from contact_points.reading.rows import Rows, spans
from contact_points.reading.tables import Table, find_table
from contact_points.reading.workbooks import read_workbook

HIDDEN = gettext_noop("The sheet is hidden.")
EMPTY = gettext_noop("The sheet is empty.")
NO_HEADER = gettext_noop("No header was found in it.")
NO_ROWS = gettext_noop("There is no row below its header.")
OTHER_COLUMNS = gettext_noop("It has other columns than the sheet that was read.")
OTHER_YEAR = gettext_noop("It is named after another year.")
A_COPY = gettext_noop("By its name it is a copy or an example.")
NOT_ASKED = gettext_noop("Another sheet was asked for.")
_SHEETS = 100
_COPY = re.compile(r"旧|备份|副本|样表|示例|模板|例表|填写说明|作废|copy|old", re.I)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
Found = tuple[Sheet, Table]


def read_list(
    name: str,
    content: bytes,
    *,
    layout: Layout = CONTACT_POINTS,
    synonyms: Mapping[str, str] | None = None,
    mapping: Mapping[int, str] | None = None,
    sheet: str | None = None,
    year: int | None = None,
) -> Reading:
    """The list in a file of this name. Raises Unreadable and nothing else.

    `synonyms` are remembered headers with the column each means;
    `mapping` is a person's word on columns by 0-based index, "" for one to be left out. `year`
    is that of days written without one, else the year in the title is.
    """
    check_upload(name, content[:8], len(content))
    meanings = Meanings(layout, synonyms or {})
    # Nothing here is garbage in circles, and looking for it takes a quarter of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        book = _book(kind_of(name), content)
        found, others = _tables(book, meanings, sheet, guess=bool(mapping))
        best = _best(found, year)
        parts = _parts(best, found, others, sheet)
        return _reading(book, layout, parts, others, mapping, year)
    except (RecursionError, MemoryError, OverflowError):
        broken()
    finally:
        if collecting:
            gc.enable()


def _book(kind: str, content: bytes) -> Book:
    if kind in (".xlsx", ".xlsm"):
        return read_workbook(content, macros=kind == ".xlsm")
    if kind == ".xls":
        return read_old_workbook(content)
    if kind == ".ods":
        return read_open_document(content)
    return read_delimited(content)


def _tables(
    book: Book, meanings: Meanings, wanted: str | None, *, guess: bool
) -> tuple[list[Found], list[tuple[str, str]]]:
    """The sheets with a table, and (name, why not) of the others. Raises Unreadable."""
    found: list[Found] = []
    others: list[tuple[str, str]] = []
    cells = 0
    shown = [sheet for sheet in book if sheet.visible] or book.sheets
    for sheet in book.sheets[:_SHEETS]:
        if wanted is not None and sheet.name != wanted:
            others.append((sheet.name, NOT_ASKED))
            continue
        if wanted is None and sheet not in shown:
            others.append((sheet.name, HIDDEN))
            continue
        grid = sheet.grid()
        cells += sum(map(len, grid.rows))
        if cells > 2 * CELLS:
            too_large()
        table = find_table(grid, meanings, guess=guess)
        if table is None:
            others.append((sheet.name, NO_HEADER if grid.rows else EMPTY))
        else:
            found.append((sheet, table))
    if not found:
        raise Unreadable(
            gettext_noop(
                "No header was found in the first rows. It should name columns like %(columns)s."
            ),
            columns="、".join(meanings.layout.needed_headers),
        )
    return found, others


def _best(found: list[Found], year: int | None) -> Found:
    """The sheet that names most columns; of equals the one of this year, else the first."""

    def rank(item: Found) -> tuple[Any, ...]:
        sheet, table = item
        own = _year_of(sheet.name)
        fits = (own == year) - (own is not None and own != year) if year else own or 0
        return bool(table.rows), not _COPY.search(sheet.name), len(table.header.names), fits

    return max(found, key=rank)


def _parts(
    best: Found, found: list[Found], others: list[tuple[str, str]], wanted: str | None
) -> list[Found]:
    """The best sheet and those with equal headers, in the order of the file."""
    parts = []
    year = _year_of(best[0].name)
    for item in found:
        sheet, table = item
        if item is best:
            parts.append(item)
        elif not table.rows:
            others.append((sheet.name, NO_ROWS))
        elif table.header.shape != best[1].header.shape:
            others.append((sheet.name, OTHER_COLUMNS))
        elif _COPY.search(sheet.name):
            others.append((sheet.name, A_COPY))
        elif _year_of(sheet.name) != year:
            others.append((sheet.name, OTHER_YEAR))
        else:
            parts.append(item)
    return parts


def _reading(
    book: Book,
    layout: Layout,
    parts: list[Found],
    others: list[tuple[str, str]],
    mapping: Mapping[int, str] | None,
    year: int | None,
) -> Reading:
    table = parts[0][1]
    if not any(table.rows for _sheet, table in parts):
        raise Unreadable(gettext_noop("There is no row below the header."))
    columns = choices.choose_columns(table, layout, mapping)
    rows: list[ListRow] = []
    dropped: list[Dropped] = []
    told: list[Sentence] = []
    several = len(parts) > 1
    if several:
        sentence = gettext_noop("Sheets with equal headers were read as one list: %(sheets)s.")
        told.append(Sentence(sentence, {"sheets": "、".join(sheet.name for sheet, _t in parts)}))
    for sheet, table in parts:
        reader = Rows(table, _fitting(columns, table), layout, year or _title_year(table))
        has_township = any(column.name == "township" for column in columns)
        new = reader.read(
            township="" if has_township else strays.township_of(sheet.name),
            sheet=sheet.name if several else "",
            offset=rows[-1].number if rows else 0,
        )
        rows += new
        dropped += [row._replace(sheet=sheet.name) for row in reader.dropped]
        told += _hidden(table, new, columns) + reader.told
    if not rows:
        raise Unreadable(gettext_noop("There is no row below the header."))
    header = parts[0][1].header
    order = [sheet.name for sheet in book]
    return Reading(
        sheet=parts[0][0].name,
        columns=columns,
        header_rows=[y + 1 for y in range(header.top, header.bottom)],
        rows=rows,
        other_sheets=sorted(others, key=lambda other: order.index(other[0])),
        dropped=dropped,
        hidden=told,
        encoding=book.encoding,
        delimiter=book.delimiter,
        missing=choices.missing(columns, layout),
    )


def _fitting(columns: list[ReadColumn], table: Table) -> list[ReadColumn]:
    return [column for column in columns if column.index < table.width]


def _hidden(table: Table, rows: list[ListRow], columns: list[ReadColumn]) -> list[Sentence]:
    """What was read although the sheet hides it, and what merged cells filled."""
    told = []
    grid = table.grid
    numbers = {row.sheet_row or row.number for row in rows}
    if hidden := [y + 1 for y in grid.hidden_rows if y + 1 in numbers]:
        told.append(
            Sentence(gettext_noop("Hidden rows were read: %(rows)s."), {"rows": spans(hidden)})
        )
    letters = [letter(c.index) for c in columns if c.name and c.index in grid.hidden_columns]
    if letters:
        told.append(
            Sentence(
                gettext_noop("Hidden columns were read: %(columns)s."),
                {"columns": ", ".join(letters)},
            )
        )
    if table.filled:
        told.append(
            Sentence(
                gettext_noop("%(count)s cells got the value of the merged cell they belong to."),
                {"count": table.filled},
            )
        )
    return told


def _year_of(text: str) -> int | None:
    match = _YEAR.search(text)
    return int(match[1]) if match else None


def _title_year(table: Table) -> int | None:
    years = {int(year) for title in table.titles for year in _YEAR.findall(title)}
    return years.pop() if len(years) == 1 else None
