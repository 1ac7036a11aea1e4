""".xls: values by calamine, everything else from the records of the workbook's stream."""

import io
import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from python_calamine import CalamineWorkbook

from contact_points.reading.files import broken, locked, too_large
from contact_points.reading.grids import CELLS, Book, Grid, Sheet, calamine

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!"}
_NO_VALUE = 42  # #N/A
_EOF, _FILEPASS, _BOUNDSHEET = 0xA, 0x2F, 0x85
_ROW, _COLINFO, _FORMULA, _BOOLERR, _MULRK = 0x208, 0x7D, 0x6, 0x205, 0xBD
# What these promise calamine makes room for, whatever follows.
_DIMENSIONS, _SST = 0x200, 0xFC
# LABELSST, NUMBER, RK, LABEL: a value in one cell
_VALUES = {0xFD, 0x203, 0x27E, 0x204}
_FREE = 0xFFFFFFFF
_SHEETS = 200


class _Sheet(Grid):
    """What the records say of one sheet; `rows` stay empty."""

    bottom = right = 0

    def __init__(self) -> None:
        super().__init__([])
        self.errors: dict[tuple[int, int], str] = {}


def read_old_workbook(content: bytes) -> Book:
    """The sheets of an .xls file. Raises Unreadable."""
    try:
        stream = _workbook_stream(content)
        found = _sheets(stream)
    except (struct.error, IndexError, KeyError, MemoryError):
        broken()
    with calamine():
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = []
    for said, meta in zip(found, book.sheets_metadata, strict=False):
        visible = not str(meta.visible).endswith("Hidden")
        sheets.append(Sheet(meta.name, partial(_grid, book, meta.name, said), visible))
    return Book(sheets)


def _grid(book: CalamineWorkbook, name: str, said: _Sheet) -> Grid:
    with calamine():
        sheet = book.get_sheet_by_name(name)
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
    for (row, column), text in said.errors.items():
        while len(rows) <= row:
            rows.append([])
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = text
    return Grid(rows, merged, said.hidden_rows, said.hidden_columns)


def _workbook_stream(content: bytes) -> bytes:
    """The stream named Workbook of a compound file."""
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        broken()
    size = 1 << shift
    count, first = (
        struct.unpack_from("<I", content, 44)[0],
        struct.unpack_from("<I", content, 48)[0],
    )
    if count > len(content) // size + 1:
        broken()
    places = list(struct.unpack_from("<109I", content, 76))
    following = struct.unpack_from("<I", content, 68)[0]
    while following < _FREE - 5 and len(places) < count:
        block = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        places += block[:-1]
        following = block[-1]
    table: list[int] = []
    for place in places[:count]:
        table += struct.unpack_from(f"<{size // 4}I", content, (place + 1) * size)
    directory = _chain(content, table, first, size)
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        entries[name] = struct.unpack_from("<II", directory, at + 116)
    if "EncryptedPackage" in entries:
        locked()
    start, length = entries.get("Workbook") or entries.get("Book") or broken()
    if length < 4096:  # kept in the small stream, where no real list fits
        broken()
    return _chain(content, table, start, size)[:length]


def _chain(content: bytes, table: list[int], start: int, size: int) -> bytes:
    pieces = []
    while start < len(table):
        pieces.append(content[(start + 1) * size : (start + 2) * size])
        if len(pieces) > len(table):
            broken()
        start = table[start]
    return b"".join(pieces)


def _records(stream: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _sheets(stream: bytes) -> list[_Sheet]:
    """What the records of each sheet say, in the order of the workbook. Raises Unreadable."""
    starts = []
    for kind, at, _length in _records(stream):
        if kind == _FILEPASS:
            locked()
        if kind == _SST and max(struct.unpack_from("<II", stream, at)) > len(stream):
            broken()
        if kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", stream, at)[0])
        if kind == _EOF:
            break
    if len(starts) > _SHEETS:
        too_large()
    return [_sheet(memoryview(stream)[start:]) for start in starts]


def _sheet(stream: memoryview) -> _Sheet:
    said = _Sheet()
    for kind, at, length in _records(stream):
        if kind == _EOF:
            break
        if kind in _VALUES or kind in (_FORMULA, _BOOLERR, _MULRK):
            row, column = struct.unpack_from("<HH", stream, at)
            if kind == _MULRK:
                column = struct.unpack_from("<H", stream, at + length - 2)[0]
            said.bottom, said.right = max(said.bottom, row + 1), max(said.right, column + 1)
            if (code := _error(stream, kind, at)) is not None:
                said.errors[row, column] = "#N/A" if code == _NO_VALUE else _ERRORS.get(code, "#?")
        elif kind == _DIMENSIONS:
            form = "<IIHH" if length == 14 else "<HHHH"
            top, bottom, left, right = struct.unpack_from(form, stream, at)
            if top > bottom or left > right:
                broken()
            if bottom * right > 2 * CELLS:
                too_large()
        elif kind == _ROW:
            row, height = struct.unpack_from("<H", stream, at)[0], stream[at + 12]
            if height & 0x20:
                said.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, _width, _style, options = struct.unpack_from("<5H", stream, at)
            if options & 1:
                said.hidden_columns.update(range(first, min(last, 255) + 1))
    if said.bottom * said.right > CELLS // 2:
        too_large()
    return said


def _error(stream: memoryview, kind: int, at: int) -> int | None:
    if kind == _BOOLERR and stream[at + 7]:
        return stream[at + 6]
    if kind == _FORMULA and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
        return stream[at + 8]
    return None
