"""The header of a table: one to three rows, joined, and what their columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contact_points.columns import Layout, Meanings, plain
from contact_points.reading.grids import Range

WITHIN = 40
DEEPEST = 3


@dataclass(frozen=True)
class HeaderCell:
    """`name` None: not understood, "": not needed; `group`: what stands above the lowest text.

    `foreign` are somebody else's particulars, whatever the lowest text alone would mean.
    """

    text: str
    name: str | None
    sure: bool
    group: str
    foreign: bool = False


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

    @property
    def rank(self) -> tuple[int, int, int, int]:
        named = [cell.name for cell in self.cells.values() if cell.name]
        sure = sum(cell.sure for cell in self.cells.values() if cell.name)
        return len(set(named)), len(set(named)) - len(named), sure, self.top - self.bottom

    def completes(self, layout: Layout) -> bool:
        """Whether rows can be taken from its sure columns and the lines between the rows."""
        sure = {cell.name for cell in self.cells.values() if cell.name and cell.sure}
        return bool(sure) and not layout.lacking({*sure, *layout.sections})

    def part(self, columns: Sequence[int]) -> "Header":
        """The header of these columns only."""
        return replace(self, cells={x: self.cells[x] for x in columns})


def find_header(
    texts: Sequence[Sequence[str]], meanings: Meanings, first: int = 0, within: int = WITHIN
) -> Header | None:
    """The first rows that name all columns a list needs, else those that name most.

    None when no two columns are named. `texts` have their merged cells filled.
    """
    best: Header | None = None
    for top in range(first, min(len(texts), first + within)):
        header = _best_at(top, texts, meanings)
        if header is None:
            continue
        if header.completes(meanings.layout):
            # What stands further below is another table.
            inner = (_best_at(row, texts, meanings) for row in range(top + 1, header.bottom))
            return max([header, *filter(None, inner)], key=lambda found: found.rank)
        if best is None or header.rank > best.rank:
            best = header
    return best


def _best_at(top: int, texts: Sequence[Sequence[str]], meanings: Meanings) -> Header | None:
    layout = meanings.layout
    distinct = {text for text in texts[top] if text}
    if not distinct or (len(distinct) == 1 and not layout.exactly(*distinct)):  # a title
        return None
    best: Header | None = None
    for depth in range(1, DEEPEST + 1):
        if top + depth > len(texts) or (depth > 1 and not _joins(texts, top + depth - 1, meanings)):
            break
        header = _header(texts[top : top + depth], top, meanings)
        few = len(header.names) < 2 and not header.completes(layout)
        if not few and (best is None or header.rank > best.rank):
            best = header
    return best


def with_rows_above(
    header: Header, texts: Sequence[Sequence[str]], merged: Sequence[Range], meanings: Meanings
) -> Header:
    """The header with the rows above it that its merged cells begin in or that group its columns.

    `merged` are the merged areas of the sheet.
    """
    top = min(
        (area[0] for area in merged if _reaches(area, header)),
        default=header.top,
    )
    if header.bottom - DEEPEST <= top < header.top:
        taller = _header(texts[top : header.bottom], top, meanings)
        lost = header.names - taller.names
        foreign = {cell.name for x, cell in header.cells.items() if taller.cells[x].foreign}
        if lost <= foreign:
            return taller
    return _doubted(header, texts, meanings)


def _reaches(area: Range, header: Header) -> bool:
    """Whether a merged area above the first row of the header is a part of it."""
    top, left, bottom, right = area
    if top < header.top <= bottom:
        return True
    first = min(header.cells)
    return bottom == header.top - 1 and right > left > first


def _doubted(header: Header, texts: Sequence[Sequence[str]], meanings: Meanings) -> Header:
    """The header with a doubt about columns that stand below somebody else's name, unmerged."""
    above = texts[header.top - 1] if header.top else ()
    first, doubt = min(header.cells), False
    cells = {}
    for x, cell in sorted(header.cells.items()):
        text = above[x] if first < x < len(above) else ""
        if text:
            doubt = meanings.foreign(text)
        cells[x] = replace(cell, sure=False) if doubt and cell.name else cell
    return replace(header, cells=cells)


def side_by_side(header: Header, layout: Layout) -> list[Header]:
    """The header parted where its columns begin again, as lists are printed to save paper.

    Columns behind the last repetition belong to none of the parts.
    """
    columns = sorted(header.cells)
    meant = [x for x in columns if header.cells[x].name != ""]
    texts = [plain(header.cells[x].text) for x in meant]
    if not texts:
        return [header]
    length = texts.index(texts[0], 1) if texts[0] in texts[1:] else len(texts)
    count = 1
    while texts[count * length : (count + 1) * length] == texts[:length]:
        count += 1
    parts = []
    for n in range(count):
        own = meant[n * length : (n + 1) * length]
        start = columns.index(own[0])
        while start and header.cells[columns[start - 1]].name == "":  # its serial numbers
            start -= 1
        parts.append(header.part([x for x in columns[start:] if x <= own[-1]]))
    # 姓名 电话 姓名 电话 alone may be two people of one village.
    clear = parts[0].completes(layout) or (length > 2 and len(parts[0].names) > 1)
    if count == 1 or not clear:
        return [header]
    return parts


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
    if meanings.foreign(joined):
        return HeaderCell(joined[:80], None, True, group, foreign=True)
    name, sure = meanings.of(joined)
    lowest = meanings.of(parts[-1])
    if name is None or (not sure and lowest[0] is not None and lowest[1]):
        name, sure = lowest
    if name is None and len(parts) > 1:
        name, sure = meanings.of(parts[0])[0], False
    return HeaderCell(joined[:80], name, sure, group)
