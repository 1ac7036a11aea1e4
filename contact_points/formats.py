"""Reading uploaded lists: the formats of django-import-export, guarded and fast.

`XLSX` of the library parses with openpyxl; `CalamineXLSX` reads the same bytes about seven times
faster. Calamine holds a sheet in memory as a full rectangle, so what a hostile or careless file
could unfold to is measured before it is parsed.
"""

import csv
import io
import re
import resource
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import tablib
from django.conf import settings
from django.utils.translation import gettext_noop
from import_export.formats.base_formats import CSV, XLSX
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from contact_points.cells import text_of
from contact_points.columns import BY_NAME, REASON, Column, meaning, plain
from outreach.exports import FORMULA_STARTS

UNFOLDED = 100 * 2**20
RATIO = 100
PARTS = 200
HEADER_WITHIN = 10
# The name under which a row's number in its sheet stands in the dataset.
ROW = "#"
# Cells below row 29,999 or right of column CZ: no list of 20,000 rows goes there.
_FAR_CELL = re.compile(
    rb"""\sr\s*=\s*["'](?:[A-Z]{3,}\d+|[D-Z][A-Z]\d+|[A-Z]{0,2}(?:[3-9]\d{4}|\d{6,}))["']"""
)
# A cell or row that does not say where it stands, so that the reader puts it next to the last one:
# it gets as far as it likes. Excel, WPS, LibreOffice and every common library say it.
_UNPLACED = re.compile(
    rb"""<(?:[^\s<>/:]+:)?(?:c|row)(?=[\s/>])"""
    rb"""(?!(?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*?\s+r\s*=)"""
)
UNPLACED = 100
# What reading a list may take beside what the process has already.
MEMORY = 2**30


class Unreadable(Exception):
    """A file that cannot be taken, with the sentence its owner will read."""

    def __init__(self, text: str, /, **params: Any):
        super().__init__(text % params if params else text)
        self.text, self.params = text, params


class ListDataset(tablib.Dataset):
    """The rows of a list under the headers we know, and where in the file they were found."""

    sheet: str = ""
    header_row: int = 0
    unknown: list[str]


class CalamineXLSX(XLSX):
    """Excel, for import only: the library types exports by exact class."""

    def can_export(self) -> bool:
        return False

    def create_dataset(self, in_stream: bytes) -> ListDataset:
        """The first visible sheet that has a header among its first rows. Raises Unreadable."""
        check_archive(in_stream)
        try:
            with CalamineWorkbook.from_filelike(io.BytesIO(in_stream)) as book:
                for sheet in book.sheets_metadata:
                    if sheet.visible != SheetVisibleEnum.Visible:
                        continue
                    rows = book.get_sheet_by_name(sheet.name)
                    if dataset := _dataset(enumerate(rows.iter_rows(), 1)):
                        dataset.sheet = sheet.name
                        return dataset
        except CalamineError:
            _broken()
        _no_header()


class ListCSV(CSV):
    """Text in UTF-8 or GB18030, parted by commas, tabs or semicolons."""

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> ListDataset:
        """Raises Unreadable."""
        text = _decoded(in_stream)
        for delimiter in ",\t;":
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            try:
                dataset = _dataset(_numbered(lines))
            except csv.Error:
                _broken()
            if dataset:
                return dataset
        _no_header()


FORMATS: dict[str, type[CalamineXLSX] | type[ListCSV]] = {".xlsx": CalamineXLSX, ".csv": ListCSV}


def read(name: str, content: bytes) -> ListDataset:
    """The list in a file of this name. Raises Unreadable."""
    check_upload(name, content[:8], len(content))
    return FORMATS[_extension(name)]().create_dataset(content)


def check_upload(name: str, head: bytes, size: int) -> None:
    """What can be said without parsing: kind, size and first bytes. Raises Unreadable."""
    extension = _extension(name)
    if extension not in FORMATS:
        raise Unreadable(gettext_noop("Only .xlsx and .csv files can be read. Save it as one."))
    if not size:
        raise Unreadable(gettext_noop("The file is empty."))
    if size > settings.UPLOAD_MAX_BYTES:
        raise Unreadable(
            gettext_noop("The file is larger than %(limit)s MB. Split the list."),
            limit=settings.UPLOAD_MAX_BYTES // 2**20,
        )
    if extension == ".xlsx" and head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            gettext_noop(
                "The file is protected by a password or of the old .xls kind. "
                "Save it as .xlsx without a password."
            )
        )
    if extension == ".xlsx" and not head.startswith(b"PK\x03\x04"):
        raise Unreadable(
            gettext_noop("This is no Excel file, whatever its name says. Save it as .xlsx.")
        )


def check_archive(content: bytes) -> None:
    """What the workbook would unfold to, before anything parses it. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            size = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            if "[Content_Types].xml" not in names:
                _broken()
            if len(parts) > PARTS or size > UNFOLDED or size > RATIO * max(packed, 1):
                _too_large()
            if any("vbaProject" in name or "externalLinks" in name for name in names):
                raise Unreadable(
                    gettext_noop(
                        "The file carries macros or links to other files. "
                        "Copy the list into a new workbook."
                    )
                )
            for part in parts:
                _check_part(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        _broken()


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    # Reading to the end also proves that the directory tells the true sizes.
    sheet = "worksheets/" in part.filename
    unplaced = judged = 0
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(2**20):
            text = tail + chunk
            sheet = sheet or b"sheetData" in text  # a sheet may stand under any name
            if not sheet:
                tail = text[-64:]
                continue
            if _FAR_CELL.search(text):
                _too_large()
            # A tag that goes on in the next chunk is judged there.
            begun = text.rfind(b"<")
            whole = len(text) if begun < 0 or b">" in text[begun:] else begun
            if len(text) - whole > 2**16:
                _broken()
            unplaced += sum(1 for _ in _UNPLACED.finditer(text, judged, whole))
            if unplaced > UNPLACED:
                _unplaced()
            kept = min(whole, max(len(text) - 64, 0))
            tail, judged = text[kept:], whole - kept


@contextmanager
def limited_memory() -> Iterator[None]:
    """Let the process grow by no more than MEMORY inside. Raises Unreadable.

    For a worker, which is alone in its process: the rest of the machine must not pay for a file.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux
        yield
        return
    limit = pages * resource.getpagesize() + MEMORY
    if before[0] != resource.RLIM_INFINITY:
        limit = min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    except MemoryError:
        _too_large()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _extension(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""


def _decoded(content: bytes) -> str:
    if b"\0" not in content[:4096]:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Unreadable(gettext_noop("The text is neither UTF-8 nor GB18030. Save it as .xlsx."))


def _numbered(lines: Any) -> Iterator[tuple[int, list[str]]]:
    # A quoted cell may hold line breaks; spreadsheets count rows, so do we.
    for number, line in enumerate(lines, 1):
        yield number, [_unescaped(cell) for cell in line]


def _unescaped(cell: str) -> str:
    # Our own CSV protects a text that looks like a formula with a leading '.
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def _dataset(rows: Iterable[tuple[int, list[Any]]]) -> ListDataset | None:
    """The dataset below the header among the first rows; None when there is no header."""
    places: dict[int, Column] = {}
    rows = iter(rows)
    dataset = ListDataset()
    for number, row in rows:
        found = {x: column for x, cell in enumerate(row) if (column := meaning(text_of(cell)))}
        if len(found) >= 3:
            places = found
            dataset.header_row = number
            dataset.unknown = [
                text_of(cell)[:50]
                for x, cell in enumerate(row)
                if x not in found and text_of(cell) and plain(text_of(cell)) != REASON
            ]
            break
        if number >= HEADER_WITHIN:
            return None
    if not places:
        return None
    _check_columns(places)
    dataset.headers = [ROW, *(column.header for column in places.values())]
    for number, row in rows:
        cells = [row[x] if x < len(row) else "" for x in places]
        if not any(text_of(cell) for cell in cells):
            continue
        if len(dataset) >= settings.UPLOAD_MAX_ROWS:
            raise Unreadable(
                gettext_noop("The list has more than %(limit)s rows. Split it."),
                limit=settings.UPLOAD_MAX_ROWS,
            )
        dataset.append([number, *cells])
    if not len(dataset):
        raise Unreadable(gettext_noop("There is no row below the header."))
    return dataset


def _check_columns(places: dict[int, Column]) -> None:
    names = [column.name for column in places.values()]
    for column in places.values():
        if names.count(column.name) > 1:
            raise Unreadable(
                gettext_noop("Two columns mean “%(column)s”. Remove one."), column=column.header
            )
    for wanted in (("unit",), ("officer",), ("village_code", "village")):
        if not set(wanted) & set(names):
            raise Unreadable(
                gettext_noop("The list has no column “%(column)s”."),
                column=BY_NAME[wanted[-1]].header,
            )


def _broken() -> NoReturn:
    raise Unreadable(
        gettext_noop("The file is damaged. Open it in a spreadsheet and save it again.")
    )


def _too_large() -> NoReturn:
    raise Unreadable(
        gettext_noop("The sheet is far larger than a list. Copy only the list into a new workbook.")
    )


def _unplaced() -> NoReturn:
    raise Unreadable(
        gettext_noop(
            "The sheet does not say where its cells stand. Open it in a spreadsheet and save it "
            "again."
        )
    )


def _no_header() -> NoReturn:
    raise Unreadable(
        gettext_noop(
            "No header was found in the first ten rows. It should name columns like 村名, 乡镇, "
            "联系单位 and 责任人."
        )
    )
