"""What a sheet's XML says that calamine does not: hidden parts, error cells, how a number is shown.

Read by searching the bytes: a parser would take longer than calamine does for the values.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

from contact_points.reading.archives import check_xml
from contact_points.reading.files import broken, too_large
from contact_points.reading.grids import CELLS, COLUMNS, UNCALCULATED, index_of

_HIDDEN_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"[^>]*?\bhidden="(?:1|true)"')
_HIDDEN_ROW_FIRST = re.compile(rb'<row [^>]*?\bhidden="(?:1|true)"[^>]*?\br="(\d+)"')
_COLUMN = re.compile(rb"<col [^>]*>")
_ATTRIBUTE = re.compile(rb'\b(min|max|hidden)="(\w+)"')
_ERROR = re.compile(
    rb'<c r="([A-Za-z]+)(\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,40})</v>'
)
_UNCALCULATED = re.compile(
    rb'<c r="([A-Za-z]+)(\d+)"(?![^>]*\bt="str")[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)'
    rb"(?:<v></v>|<v ?/>)?</c>"
)
_FILLED = re.compile(rb"""<c\s[^>]*?\br\s*=\s*["']([A-Za-z]+)(\d+)["'][^>]*(?<!/)>""")
_PREFIX = re.compile(rb"<(/?)[A-Za-z_][\w.-]*:")
_VALUES = (b"<v>", b"<is", b"<f", b"<v ", b"<t>")


@dataclass
class Facts:
    """Cells by (row, column), 0-based."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    # Error texts, and UNCALCULATED.
    instead: dict[tuple[int, int], str] = field(default_factory=dict)
    # Cells of the styles asked for.
    styled: dict[tuple[int, int], int] = field(default_factory=dict)
    # The sheet without its empty pieces, when there were any.
    trimmed: bytes | None = None


class SheetScan:
    """One pass over the pieces of one sheet. Raises Unreadable when no list is that large."""

    def __init__(self, styles: Iterable[int] = ()):
        self.facts = Facts()
        self._kept: list[bytes] = []
        self._size = self._values = self._bottom = self._right = 0
        digits = 6 if settings.UPLOAD_MAX_ROWS < 50_000 else 7
        # Cells that no list has: only when one is there, all are looked at.
        self._far = re.compile(
            rb'<c r="(?:[A-Za-z]{3}|[B-Zb-z][A-Za-z]\d|[A-Za-z]{1,2}\d{%d})[^>]*(?<!/)>' % digits
        )
        ids = b"|".join(str(style).encode() for style in styles)
        self._styled = (
            re.compile(rb'<c r="([A-Za-z]+)(\d+)"[^>]*?\bs="(' + ids + rb')"[^>]*(?<!/)>')
            if ids
            else None
        )

    def run(self, pieces: Iterable[bytes]) -> Facts:
        dropped = False
        for number, piece in enumerate(pieces):
            if number == 0:
                check_xml(piece)
            if number and not any(mark in piece for mark in _VALUES) and b":" not in piece[:64]:
                # Millions of empty formatted cells; what follows the rows stays.
                dropped = True
                end = piece.find(b"</sheetData")
                piece = piece[end:] if end >= 0 else b""
            if piece:
                self._take(piece)
        if dropped:
            self.facts.trimmed = b"".join(self._kept)
        return self.facts

    def _take(self, piece: bytes) -> None:
        self._kept.append(piece)
        self._size += len(piece)
        if self._size > 100 * 2**20:
            too_large()
        piece = _bare(piece)
        self._bound(piece)
        facts = self.facts
        if b' hidden="' in piece:
            for pattern in (_HIDDEN_ROW, _HIDDEN_ROW_FIRST):
                facts.hidden_rows.update(int(row) - 1 for row in pattern.findall(piece))
            self._hide_columns(piece)
        if b't="e"' in piece:
            for column, row, text in _ERROR.findall(piece):
                facts.instead[int(row) - 1, index_of(column)] = text.decode(errors="replace")
        if b"<f" in piece:
            for column, row in _UNCALCULATED.findall(piece):
                facts.instead[int(row) - 1, index_of(column)] = UNCALCULATED
        if self._styled:
            for column, row, style in self._styled.findall(piece):
                facts.styled[int(row) - 1, index_of(column)] = int(style)

    def _bound(self, piece: bytes) -> None:
        """Keep what calamine would unfold to within CELLS."""
        self._values += piece.count(b"<v>")
        if self._values > CELLS // 2:
            too_large()
        odd = piece.count(b"<c ") != piece.count(b'<c r="') or b"<c\n" in piece or b"<c\t" in piece
        if self._right:
            self._measure(piece)
        elif odd or self._far.search(piece):
            for earlier in self._kept:
                self._measure(_bare(earlier))

    def _measure(self, piece: bytes) -> None:
        for column, row in _FILLED.findall(piece):
            if len(column) > 3 or len(row) > 7:
                broken()
            self._right = max(self._right, index_of(column) + 1)
            self._bottom = max(self._bottom, int(row))
            if self._right > COLUMNS or self._right * self._bottom > CELLS:
                too_large()

    def _hide_columns(self, piece: bytes) -> None:
        for tag in _COLUMN.findall(piece):
            said = dict(_ATTRIBUTE.findall(tag))
            first, last = int(said.get(b"min", b"0")), int(said.get(b"max", b"0"))
            if said.get(b"hidden") in (b"1", b"true") and 0 < first <= last:
                self.facts.hidden_columns.update(range(first - 1, min(last, COLUMNS)))


def _bare(piece: bytes) -> bytes:
    """The piece without namespace prefixes, which some programs write before every name."""
    return _PREFIX.sub(rb"<\1", piece) if b":c " in piece or b":row " in piece else piece
