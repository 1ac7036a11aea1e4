"""Ledgers leave as CSV or Excel, streamed; a text never becomes a formula."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from outreach import clock

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet takes for the beginning of a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

Rows = Iterable[Iterable[Any]]


def escape(value: Any) -> Any:
    """The value for a CSV cell: a text that looks like a formula gets a leading '."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else value


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_lines(rows: Rows) -> Iterator[str]:
    """CSV text line by line, with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([escape(value) for value in row])


def write_xlsx(
    target: Any, title: str, rows: Rows, *, secret: bool = False, wrap: bool = False
) -> None:
    """Write one typed sheet with a frozen header to the file object `target`, row by row.

    A `secret` one leaves no temporary file on the way; `wrap` breaks long texts in their cells.
    """
    book = xlsxwriter.Workbook(target, {"in_memory": True} if secret else {"constant_memory": True})
    sheet = book.add_worksheet(title[:31].translate(str.maketrans("[]:*?/\\", "       ")) or "1")
    head = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    text = book.add_format({"text_wrap": True, "valign": "top"}) if wrap else None
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 50, 16)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, datetime):
                local = value.astimezone(clock.SHANGHAI).replace(tzinfo=None)
                sheet.write_datetime(y, x, local, moment)
            elif isinstance(value, date):
                sheet.write_datetime(y, x, value, day)
            elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(y, x, value)
            else:
                # A written string is never a formula, whatever it begins with.
                sheet.write_string(y, x, str(value), head if y == 0 else text)
    book.close()


def ledger(rows: Rows, *, name: str, kind: str, wrap: bool = False) -> HttpResponseBase:
    """A response that downloads `rows` (header first) as `csv` or `xlsx` under a dated name."""
    filename = f"{name}-{clock.today():%Y%m%d}.{kind}"
    if kind == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            csv_lines(rows), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
        return response
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_xlsx(spool, name, rows, wrap=wrap)
    spool.seek(0)
    return FileResponse(spool, as_attachment=True, filename=filename, content_type=XLSX_TYPE)


def secret_ledger(rows: Rows, *, name: str) -> HttpResponseBase:
    """As `ledger` in Excel, never written to a disk and kept by no cache on the way."""
    book = BytesIO()
    write_xlsx(book, name, rows, secret=True)
    book.seek(0)
    filename = f"{name}-{clock.today():%Y%m%d}.xlsx"
    response = FileResponse(book, as_attachment=True, filename=filename, content_type=XLSX_TYPE)
    response["Cache-Control"] = "no-store"
    return response
