"""Which sheets of a file are the list."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from contact_points.columns import Meanings
from contact_points.reading import privacy
from contact_points.reading.files import Unreadable, too_large
from contact_points.reading.grids import CELLS, Book, Sheet
from contact_points.reading.tables import Table, find_tables, first_texts

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
# (name, why it was not read)
Others = list[tuple[str, str]]


@dataclass(frozen=True)
class Found:
    """A sheet with its table, or several side by side."""

    sheet: Sheet
    tables: list[Table]

    @property
    def has_rows(self) -> bool:
        return any(table.rows for table in self.tables)

    @property
    def shape(self) -> list[list[tuple[int, str]]]:
        return [table.header.shape for table in self.tables]


def list_sheets(
    book: Book, meanings: Meanings, wanted: str | None, *, year: int | None, guess: bool
) -> tuple[list[Found], Others]:
    """The best sheet and those with equal headers, in the file's order, and the others.

    Raises Unreadable.
    """
    found, others = _search(book, meanings, wanted, guess=guess)
    best = max(found, key=lambda item: _rank(item, year))
    parts = []
    for item in found:
        name = item.sheet.name
        if item is best:
            parts.append(item)
        elif not item.has_rows:
            others.append((name, NO_ROWS))
        elif item.shape != best.shape:
            others.append((name, OTHER_COLUMNS))
        elif _COPY.search(name):
            others.append((name, A_COPY))
        elif _year_of(name) != _year_of(best.sheet.name):
            others.append((name, OTHER_YEAR))
        else:
            parts.append(item)
    order = {sheet.name: n for n, sheet in enumerate(book)}
    return parts, sorted(others, key=lambda other: order[other[0]])


def _search(
    book: Book, meanings: Meanings, wanted: str | None, *, guess: bool
) -> tuple[list[Found], Others]:
    found: list[Found] = []
    others: Others = []
    cells = 0
    shown = [sheet for sheet in book if sheet.visible] or book.sheets
    for sheet in book.sheets[:_SHEETS]:
        skipped = ""
        if wanted is not None and sheet.name != wanted:
            skipped = NOT_ASKED
        elif wanted is None and sheet not in shown:
            skipped = HIDDEN
        if skipped and not meanings.layout.strict:
            others.append((sheet.name, skipped))
            continue
        grid = sheet.grid()
        cells += sum(map(len, grid.rows))
        if cells > 2 * CELLS:
            too_large()
        tables = find_tables(grid, meanings, guess=guess)
        privacy.check_headers(tables, meanings.layout)
        if not tables:
            privacy.check_loose_rows(first_texts(grid), meanings.layout)
            skipped = skipped or (NO_HEADER if grid.rows else EMPTY)
        if skipped:
            others.append((sheet.name, skipped))
        else:
            found.append(Found(sheet, tables))
    if not found:
        raise Unreadable(
            gettext_noop(
                "No header was found in the first rows. It should name columns like %(columns)s."
            ),
            columns="、".join(meanings.layout.needed_headers),
        )
    return found, others


def _rank(item: Found, year: int | None) -> tuple[bool, bool, bool, int, int]:
    """Not of another year, with most columns, of this year or the latest."""
    own = _year_of(item.sheet.name)
    other = year is not None and own not in (None, year)
    names = item.tables[0].header.names
    return item.has_rows, not _COPY.search(item.sheet.name), not other, len(names), own or 0


def _year_of(text: str) -> int | None:
    match = _YEAR.search(text)
    return int(match[1]) if match else None


def title_year(table: Table) -> int | None:
    """The one year that the titles name."""
    years = {int(year) for title in table.titles for year in _YEAR.findall(title)}
    return years.pop() if len(years) == 1 else None
