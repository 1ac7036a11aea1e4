"""What of villagers and officers must not even be uploaded (domain: what is never collected)."""

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from django.utils.translation import gettext_noop

from contact_points.columns import Layout
from contact_points.reading.files import Unreadable
from contact_points.reading.lists import ReadColumn
from contact_points.reading.tables import Table

_IDENTITY = re.compile(
    r"(?<!\d)([1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?!\d)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_headers(tables: Iterable[Table], layout: Layout) -> None:
    """Refuse a file with columns that the program never keeps. Raises Unreadable."""
    texts = [
        cell.text
        for table in tables
        for _x, cell in sorted((table.header.cells | table.beside).items())
    ]
    if forbidden := [text for text in dict.fromkeys(texts) if layout.forbids(text)]:
        _refuse(forbidden)


def check_loose_rows(rows: Iterable[Sequence[str]], layout: Layout) -> None:
    """The same for a sheet without a table: rows with two such headers. Raises Unreadable."""
    for row in rows:
        found = {text for text in row if 0 < len(text) <= 12 and layout.forbids(text)}
        if len(found) > 1:
            _refuse(sorted(found))


def check_no_identities(column: ReadColumn, texts: Iterable[str]) -> None:
    """Refuse a file with an identity number in this column. Raises Unreadable."""
    long = [text for text in texts if len(text) >= 18]
    if any(map(_is_identity, _IDENTITY.findall("|".join(long)))):
        raise Unreadable(
            gettext_noop(
                "The column “%(column)s” holds identity numbers, which the program never keeps. "
                "Delete them and upload the list again."
            ),
            column=column.header or column.letter,
        )


def _is_identity(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _refuse(columns: Sequence[str]) -> NoReturn:
    raise Unreadable(
        gettext_noop(
            "The file has columns about persons that the program never keeps: %(columns)s. "
            "Delete these columns and upload the list again."
        ),
        columns="、".join(columns),
    )
