"""A cell that names several villages: a row for each of them, as a person reads it."""

import re
from collections.abc import Sequence

from contact_points.reading.lists import ListRow

_SIGNS = re.compile(r"[、,，;；/]")


def one_each(
    rows: Sequence[ListRow], column: str, code: str
) -> tuple[list[ListRow], list[ListRow]]:
    """(all rows, those that were parted): a row with several names in `column` becomes several.

    Where the row has a `code` that says which one is meant, or the text has brackets, it stays.
    Numbers stay unique and in order; where a row stands is told apart.
    """
    parted = [row for row in rows if len(_parts(row, column, code)) > 1]
    if not parted:
        return list(rows), []
    found: list[ListRow] = []
    for row in rows:
        place = {"sheet_row": row.sheet_row or row.number}
        for name in _parts(row, column, code):
            number = max(row.number, found[-1].number + 1 if found else 0)
            values = row.values | {column: name} if name else row.values
            found.append(row._replace(number=number, values=values, **place))
    return found, parted


def _parts(row: ListRow, column: str, code: str) -> list[str]:
    text = row.get(column)
    if row.get(code) or not _SIGNS.search(text) or re.search(r"[()（）]", text):
        return [text]
    return list(dict.fromkeys(part for part in _SIGNS.split(text) if part)) or [text]
