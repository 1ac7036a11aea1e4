"""Ledgers leave as CSV or Excel, streamed; a text never becomes a formula."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from itertools import count as count_from
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import quote

import xlsxwriter
from django.db import models
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from outreach import clock
from outreach.audit import TAKEN, Note, noted

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet takes for the beginning of a formula, full-width and small forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", *"＝＋－＠﹦﹢﹣﹫−")
# What it may drop before it looks.
_UNSEEN = " \u00a0\u2003\u3000\u200b\ufeff"
# The most characters of a cell, and rows of a sheet below its header.
CELL, ROWS_OF_A_SHEET = 32_767, 1_048_575
# Widths of columns in Latin letters; as many rows are looked at to choose one.
NARROWEST, WIDEST, LOOKED_AT = 8, 60, 1000

Rows = Iterable[Iterable[Any]]


def escape(value: Any) -> Any:
    """The value for a CSV cell: a text that looks like a formula gets a leading '."""
    if isinstance(value, str) and _is_formula(value):
        return "'" + value
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else value


def _is_formula(text: str) -> bool:
    return text.lstrip(_UNSEEN).startswith(FORMULA_STARTS)


def counted(note: Note, rows: Rows) -> Iterator[Iterable[Any]]:
    """The rows, counted for the trail as they are read; the header is none."""
    for n, row in enumerate(rows):
        note.after["rows"] = n
        yield row


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_lines(rows: Rows) -> Iterator[str]:
    """CSV text line by line, with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([escape(value) for value in row])


class Book:
    """A workbook written row by row: what is held in memory does not grow with the rows.

    A `secret` one leaves no temporary file on the way; `wrap` breaks long texts in their cells.
    """

    def __init__(self, target: Any, *, secret: bool = False, wrap: bool = False):
        self.book = xlsxwriter.Workbook(
            target, {"in_memory": True} if secret else {"constant_memory": True}
        )
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.text = self.book.add_format({"text_wrap": True, "valign": "top"}) if wrap else None

    def sheet(self, title: str, rows: Rows, *, filtered: bool = False) -> int:
        """Add a sheet of these rows, header first, and as many more as do not fit into one.

        `filtered` puts the filter's arrows on the header. Returns how many rows follow the header.
        """
        lines = iter(rows)
        header, written = next(lines, ()), 0
        following: list[Iterable[Any]] = []
        while not written or following:
            sheet = self.book.add_worksheet(self._title(title))
            sheet.freeze_panes(1, 0)
            part = islice(chain(following, lines), ROWS_OF_A_SHEET)
            widths, count = self._write(sheet, chain([header], part))
            for x, width in enumerate(widths):
                sheet.set_column(x, x, width)
            if filtered and count > 1:
                sheet.autofilter(0, 0, count - 1, len(widths) - 1)
            if count == 1:
                break
            written += count - 1
            following = list(islice(lines, 1))
        return written

    def _title(self, title: str) -> str:
        """A sheet's name that Excel takes, that is no formula and that no other sheet has."""
        plain = title.translate(str.maketrans("[]:*?/\\", "       ")).strip("' ")
        while _is_formula(plain):
            plain = plain[1:].strip("' ")
        known = {sheet.get_name().lower() for sheet in self.book.worksheets()}
        names = chain([plain[:31] or "1"], (f"{plain[:26]} {n}" for n in count_from(2)))
        return next(name for name in names if name.lower() not in known)

    def _write(self, sheet: Any, rows: Rows) -> tuple[list[float], int]:
        """Write the rows; the widths their columns need, and how many there were."""
        widths: list[float] = []
        y = -1
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                if x == len(widths):
                    widths.append(NARROWEST)
                self._cell(sheet, y, x, value)
                if y < LOOKED_AT:
                    widths[x] = max(widths[x], min(width_of(value) + 2, WIDEST))
        return widths, y + 1

    def _cell(self, sheet: Any, y: int, x: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            local = value.astimezone(clock.SHANGHAI).replace(tzinfo=None)
            sheet.write_datetime(y, x, local, self.moment)
        elif isinstance(value, date):
            sheet.write_datetime(y, x, value, self.day)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            sheet.write_number(y, x, value)
        else:
            # A written string is never a formula, whatever it begins with.
            sheet.write_string(y, x, _fitting(str(value)), self.text if y else self.head)

    def close(self) -> None:
        self.book.close()


def _fitting(text: str) -> str:
    """The text, or as much of it as a cell holds."""
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def width_of(value: Any) -> int:
    """How wide a cell's longest line is; a Chinese character is twice a Latin one."""
    if isinstance(value, datetime):
        return 16
    lines = str(value if value is not None else "")[:WIDEST].splitlines() or [""]
    return max(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in x) for x in lines)


def write_xlsx(
    target: Any, title: str, rows: Rows, *, secret: bool = False, wrap: bool = False
) -> None:
    """Write one typed sheet with a frozen header to the file object `target`, row by row."""
    book = Book(target, secret=secret, wrap=wrap)
    book.sheet(title, rows)
    book.close()


def csv_ledger(rows: Rows, *, name: str, about: dict[str, str] | None = None) -> HttpResponseBase:
    """A response that streams `rows` (header first) under a dated name."""
    note = _note(name, "csv", about)
    lines = csv_lines(counted(note, rows))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(note.after['file'])}"
    return noted(response, note)


def workbook(
    write: Callable[[Book], int],
    *,
    name: str,
    wrap: bool = False,
    about: dict[str, str] | None = None,
    of: models.Model | None = None,
) -> HttpResponseBase:
    """A response that downloads what `write` puts into a workbook, under a dated name.

    `write` returns how many rows it wrote; `about` is what the trail says beside them, `of` the
    record they belong to.
    """
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book, note = Book(spool, wrap=wrap), _note(name, "xlsx", about, of)
    note.after["rows"] = write(book)
    book.close()
    return _download(spool, note)


def _note(
    name: str, kind: str, about: dict[str, str] | None = None, of: models.Model | None = None
) -> Note:
    """What the trail is to say: the file's dated name, which rows, how many of them left."""
    file = f"{name}-{clock.today():%Y%m%d}.{kind}"
    return Note(TAKEN, of, {"file": file, **(about or {}), "rows": 0})


def _download(file: Any, note: Note) -> HttpResponseBase:
    file.seek(0)
    response = FileResponse(
        file, as_attachment=True, filename=note.after["file"], content_type=XLSX_TYPE
    )
    return noted(response, note)


def ledger(
    rows: Rows,
    *,
    name: str,
    wrap: bool = False,
    about: dict[str, str] | None = None,
    of: models.Model | None = None,
) -> HttpResponseBase:
    """A response that downloads `rows` (header first) as one sheet under a dated name."""
    return workbook(lambda book: book.sheet(name, rows), name=name, wrap=wrap, about=about, of=of)


def secret_ledger(rows: Rows, *, name: str, about: dict[str, str]) -> HttpResponseBase:
    """As `ledger` in Excel, never written to a disk and kept by no cache on the way."""
    book, note = BytesIO(), _note(name, "xlsx", about)
    write_xlsx(book, name, counted(note, rows), secret=True)
    response = _download(book, note)
    response["Cache-Control"] = "no-store"
    return response
