"""A file of any kind we read, from its bytes to the rows of a list."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.columns import Layout, Meanings
from contact_points.layouts import CONTACT_POINTS
from contact_points.reading import privacy, sections, several, strays
from contact_points.reading.choices import choose_columns
from contact_points.reading.delimited import read_delimited
from contact_points.reading.files import Unreadable, broken, check_upload, true_kind
from contact_points.reading.grids import Book, letter
from contact_points.reading.lists import Dropped, ListRow, ReadColumn, Reading, Sentence
from contact_points.reading.old_workbooks import read_old_workbook
from contact_points.reading.open_document import read_open_document
from contact_points.reading.rows import Rows, spans
from contact_points.reading.sheets import Found, list_sheets, title_year
from contact_points.reading.tables import Table, find_tables, first_texts
from contact_points.reading.workbooks import read_workbook


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
        book = _book(true_kind(name, content), content)
        found, others = list_sheets(book, meanings, sheet, year=year, guess=bool(mapping))
        reading = _Reader(meanings, mapping, year).read(found)
        return replace(
            reading, other_sheets=others, encoding=book.encoding, delimiter=book.delimiter
        )
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


@dataclass
class _Reader:
    """Joins the tables of a list: sheets, tables side by side, tables below each other."""

    meanings: Meanings
    mapping: Mapping[int, str] | None
    year: int | None
    rows: list[ListRow] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    told: list[Sentence] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return self.meanings.layout

    def read(self, found: Sequence[Found]) -> Reading:
        first = found[0].tables[0]
        if not any(item.has_rows for item in found):
            raise Unreadable(gettext_noop("There is no row below the header."))
        columns = choose_columns(first, self.layout, self.mapping)
        if len(found) > 1:
            sentence = gettext_noop("Sheets with equal headers were read as one list: %(sheets)s.")
            self._tell(sentence, sheets="、".join(item.sheet.name for item in found))
        for item in found:
            self._read_sheet(item, columns, first, together=len(found) > 1)
        if not self.rows:
            raise Unreadable(gettext_noop("There is no row below the header."))
        if self.layout.one_each:
            self._part_rows(*self.layout.one_each)
        if len(self.rows) > settings.UPLOAD_MAX_ROWS:
            raise Unreadable(
                gettext_noop("The list has more than %(limit)s rows. Split it."),
                limit=settings.UPLOAD_MAX_ROWS,
            )
        header = first.header
        return Reading(
            sheet=found[0].sheet.name,
            columns=columns + _beside(first),
            header_rows=[y + 1 for y in range(header.top, header.bottom)],
            rows=self.rows,
            dropped=list(dict.fromkeys(self.dropped)),
            hidden=self.told,
            missing=self._missing(columns),
        )

    def _part_rows(self, column: str, code: str) -> None:
        self.rows, parted = several.one_each(self.rows, column, code)
        if parted:
            sentence = gettext_noop(
                "Cells that name several villages were read as a row for each, in the rows "
                "%(rows)s."
            )
            self._tell(sentence, rows=spans(row.sheet_row or row.number for row in parted))

    def _missing(self, columns: Sequence[ReadColumn]) -> tuple[str, ...]:
        """The needed columns that are not there, and that no line or title names either."""
        names = {column.name for column in columns if column.name}
        if self.layout.lacking(names):
            names |= {name for name in self.layout.sections if any(r.get(name) for r in self.rows)}
        return self.layout.lacking(names)

    def _read_sheet(
        self, item: Found, columns: Sequence[ReadColumn], first: Table, *, together: bool
    ) -> None:
        """All tables of a sheet: side by side, and those below that are clearly of the list."""
        name, year = item.sheet.name, self.year or title_year(item.tables[0])
        tables, alone = item.tables, None if not together else name
        while tables:
            fitting = [_fitting(columns, first, table) for table in tables]
            readers = [
                Rows(table, own, self.layout, year)
                for table, own in zip(tables, fitting, strict=True)
            ]
            seen = [reader.another for reader in readers if reader.another is not None]
            below, columns = self._below(tables[0], min(seen)) if seen else ([], columns)
            until = below[0].header.top if below else min(seen, default=None)
            if len(tables) > 1:
                sentence = gettext_noop("Tables side by side were read as one list: %(columns)s.")
                self._tell(sentence, columns=", ".join(map(_letters, fitting)))
            for reader, own in zip(readers, fitting, strict=True):
                self._take(reader, own, name, sheet=alone, until=until)
                alone = alone or ""
            if until is not None and not below:
                texts = first_texts(tables[0].grid, until)[until]
                text = " ".join(dict.fromkeys(filter(None, texts)))
                self.dropped.append(Dropped(until + 1, text[:200], strays.ANOTHER, name))
            tables, first = below, below[0] if below else first

    def _take(
        self,
        reader: Rows,
        columns: Sequence[ReadColumn],
        name: str,
        *,
        sheet: str | None,
        until: int | None,
    ) -> None:
        """The rows of one table and what is to be told of them."""
        given = self._given(reader.table, columns, name)
        offset = self.rows[-1].number if self.rows else 0
        rows = reader.read(given=given, until=until, sheet=sheet, offset=offset)
        self.rows += rows
        self.dropped += [row._replace(sheet=name) for row in reader.dropped]
        told = _hidden(reader.table, rows, columns) + reader.told
        self.told += [sentence for sentence in told if sentence not in self.told]
        for column, text in given.items():
            sentence = gettext_noop(
                "“%(text)s”, the title or the name of the sheet, was taken as %(column)s of all "
                "rows."
            )
            self._tell(sentence, text=text, column=self.layout.by_name[column].header)

    def _given(self, table: Table, columns: Sequence[ReadColumn], sheet: str) -> dict[str, str]:
        """What title and name of the sheet say of all rows, where the list has no such column."""
        given = dict(table.above)
        if named := sections.section_of(text_of(sheet), self.layout):
            column, text = named
            if given.setdefault(column, text) != text:  # they differ: nobody knows
                del given[column]
        known = {column.name for column in columns}
        return {column: text for column, text in given.items() if column not in known}

    def _below(self, table: Table, another: int) -> tuple[list[Table], list[ReadColumn]]:
        """The tables that begin in this row of the sheet, when they are clearly of the list."""
        tables = find_tables(table.grid, self.meanings, begin=another)
        if not tables or not tables[0].rows:
            return [], []
        privacy.check_headers(tables, self.layout)
        columns = choose_columns(tables[0], self.layout, None)
        clear = all(column.sure for column in columns) and not tables[0].beside
        if not clear or self.layout.lacking({column.name for column in columns if column.name}):
            return [], []
        sentence = gettext_noop(
            "Another table with a header of its own in row %(row)s was read, too: %(columns)s."
        )
        known = "、".join(column.header for column in columns if column.name)
        self._tell(sentence, row=another + 1, columns=known)
        if unread := [c.header or c.letter for c in columns if c.name is None]:
            sentence = gettext_noop("Columns of it that were not read: %(columns)s.")
            self._tell(sentence, columns="、".join(unread))
        return tables, columns

    def _tell(self, sentence: str, /, **params: Any) -> None:
        self.told.append(Sentence(sentence, params))


def _fitting(columns: Sequence[ReadColumn], first: Table, table: Table) -> list[ReadColumn]:
    """The columns of the first table as they stand in one like it."""
    if first.header.cells.keys() == table.header.cells.keys():
        return [column for column in columns if column.index < table.right]
    here = table.header.cells
    meant = [x for x in sorted(here) if here[x].name != ""]
    there = [x for x in sorted(first.header.cells) if first.header.cells[x].name != ""]
    by_index = {column.index: column for column in columns}
    moved = {x: replace(by_index[old], index=x) for old, x in zip(there, meant, strict=True)}
    serial = {x: ReadColumn(x, letter(x), here[x].text, "") for x in here if x not in moved}
    return [replace(c, letter=letter(x)) for x, c in sorted((moved | serial).items())]


def _beside(table: Table) -> list[ReadColumn]:
    """Columns to the right of tables side by side: whose they are is not known."""
    return [
        ReadColumn(x, letter(x), cell.text, None, sure=False)
        for x, cell in sorted(table.beside.items())
    ]


def _letters(columns: Sequence[ReadColumn]) -> str:
    return f"{columns[0].letter}–{columns[-1].letter}"


def _hidden(table: Table, rows: Sequence[ListRow], columns: Sequence[ReadColumn]) -> list[Sentence]:
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
                gettext_noop("%(count)s cell got the value of the merged cell it belongs to.")
                if table.filled == 1
                else gettext_noop(
                    "%(count)s cells got the value of the merged cell they belong to."
                ),
                {"count": table.filled},
            )
        )
    return told
