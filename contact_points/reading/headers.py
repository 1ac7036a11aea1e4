"""The header of a table: one to three rows, joined, and what their columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from contact_points.columns import Meanings, plain

WITHIN = 40
DEEPEST = 3


@dataclass(frozen=True)
class HeaderCell:
    """`name` None: not understood, "": not needed; `group`: what stands above the lowest text."""

    text: str
    name: str | None
    sure: bool
    group: str


@dataclass(frozen=True)
class Header:
    """Rows top to bottom (0-based, exclusive) and the cells by column."""

    top: int
    bottom: int
    cells: dict[int, HeaderCell]

    @property
    def names(self) -> set[str]:
        return {cell.name for cell in self.cells.values() if cell.name}

    @property
    def shape(self) -> list[tuple[int, str]]:
        """What must be equal for two sheets to be parts of one list."""
        return [(index, plain(cell.text)) for index, cell in sorted(self.cells.items())]

    def _rank(self) -> tuple[int, int, int, int]:
        named = [cell.name for cell in self.cells.values() if cell.name]
        sure = sum(cell.sure for cell in self.cells.values() if cell.name)
        return len(set(named)), len(set(named)) - len(named), sure, self.top - self.bottom


def find_header(texts: Sequence[Sequence[str]], meanings: Meanings) -> Header | None:
    """The rows among the first that name most columns; None when no two of them are named.

    `texts` have their merged cells filled.
    """
    best: Header | None = None
    for top in range(min(len(texts), WITHIN)):
        if len(set(filter(None, texts[top]))) < 2:  # empty, or a title
            continue
        for depth in range(1, DEEPEST + 1):
            if top + depth > len(texts) or (
                depth > 1 and not _joins(texts, top + depth - 1, meanings)
            ):
                break
            header = _header(texts[top : top + depth], top, meanings)
            if len(header.names) >= 2 and (best is None or header._rank() > best._rank()):
                best = header
    return best


def with_rows_above(
    header: Header, texts: Sequence[Sequence[str]], top: int, meanings: Meanings
) -> Header:
    """The header with the rows from `top` on that its merged cells begin in."""
    if not header.bottom - DEEPEST <= top < header.top:
        return header
    taller = _header(texts[top : header.bottom], top, meanings)
    return taller if taller.names >= header.names else header


def guessed_header(texts: Sequence[Sequence[str]], meanings: Meanings) -> Header | None:
    """The first row with several texts, for a person who says what the columns mean."""
    for top, row in enumerate(texts[:WITHIN]):
        if len({text for text in row if text}) >= 2:
            return _header([row], top, meanings)
    return None


def _joins(texts: Sequence[Sequence[str]], row: int, meanings: Meanings) -> bool:
    """Whether a row can belong to the header above it: most of its own texts are headers."""
    above = texts[row - 1]
    own = [
        text for x, text in enumerate(texts[row]) if text and (x >= len(above) or text != above[x])
    ]
    known = sum(meanings.of(text)[0] is not None for text in own)
    return known > 0 and 2 * known >= len(own)


def _header(rows: Sequence[Sequence[str]], top: int, meanings: Meanings) -> Header:
    cells = {}
    for x in range(max(map(len, rows))):
        parts: list[str] = []
        for row in rows:
            text = row[x] if x < len(row) else ""
            if text and text not in parts[-1:]:
                parts.append(text)
        if parts:
            cells[x] = _cell(parts, meanings)
    return Header(top, top + len(rows), cells)


def _cell(parts: list[str], meanings: Meanings) -> HeaderCell:
    joined, group = " ".join(parts), "".join(parts[:-1])
    whole, lowest = meanings.of(joined), meanings.of(parts[-1])
    if meanings.foreign(joined):
        whole = lowest = (None, True)
    elif whole[0] is None or (not whole[1] and lowest[0] is not None and lowest[1]):
        whole = lowest
    if whole[0] is None and len(parts) > 1 and not meanings.foreign(joined):
        whole = (meanings.of(parts[0])[0], False)
    return HeaderCell(joined[:80], whole[0], whole[1], group)
