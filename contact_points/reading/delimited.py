"""Text files: which characters, which delimiter, which cells."""

import csv
import io
import re
from itertools import islice
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.reading.files import Unreadable, too_large
from contact_points.reading.grids import CELLS, Book, Grid, Sheet
from outreach.exports import FORMULA_STARTS

LINES = 2_000_000
# A formula that only protects a text, as people write it for codes: ="130529100001"
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def read_delimited(content: bytes) -> Book:
    """The one sheet of a text file, and how it was told. Raises Unreadable."""
    encoding, text = decoded(content)
    delimiter = max(",\t;", key=lambda sign: _width(text, sign))
    rows = _rows(text, delimiter)
    return Book([Sheet("", lambda: Grid(rows))], encoding, delimiter)


def decoded(content: bytes) -> tuple[str, str]:
    """(encoding, text) of UTF-8, UTF-16 or GB18030. Raises Unreadable."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "gb18030")
        if b"\0" in content[:4096]:
            # Two bytes a character: in a list most delimiters and digits have one zero byte.
            low = content[:4096]
            candidates = ("utf-16-le" if low[1::2].count(0) > low[::2].count(0) else "utf-16-be",)
            if low.count(0) < len(low) // 50 or len(content) % 2:
                candidates = ()
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding, text
    raise Unreadable(gettext_noop("The text is neither UTF-8 nor GB18030. Save it as .xlsx."))


def _width(text: str, delimiter: str) -> int:
    """How many cells the beginning has by this delimiter."""
    head = io.StringIO(text[:20_000], newline="")
    try:
        return sum(len(line) - 1 for line in islice(csv.reader(head, delimiter=delimiter), 50))
    except csv.Error:
        return 0


def _rows(text: str, delimiter: str) -> list[list[Any]]:
    # A quoted cell may hold line breaks; spreadsheets count rows, so do we.
    if text.count(delimiter) > CELLS or text.count("\n") + text.count("\r") > LINES:
        too_large()
    # Strict: a quotation mark that is never closed would swallow the rest of the list.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [[_unescaped(cell) for cell in line] for line in lines]
    except csv.Error:
        raise Unreadable(
            gettext_noop(
                "The quotation marks in line %(line)s are not closed as they should be. "
                "Save the list as .xlsx."
            ),
            line=lines.line_num,
        ) from None


def _unescaped(cell: str) -> str:
    # Our own CSV protects a text that looks like a formula with a leading '.
    if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS):
        return cell[1:]
    if cell[:2] == '="' and (match := _TEXT_FORMULA.fullmatch(cell)):
        return match[1]
    return cell
