"""Which column of the sheet is read as which column of the list."""

from collections.abc import Mapping

from contact_points.columns import Layout
from contact_points.reading.grids import letter
from contact_points.reading.lists import ReadColumn
from contact_points.reading.tables import Table, better_filled, columns_of

# Belong to the person left of them.
_PERSONAL = ("post", "telephone")


def choose_columns(
    table: Table, layout: Layout, mapping: Mapping[int, str] | None
) -> list[ReadColumn]:
    """Every column with a header or with cells; of two that mean the same one is taken."""
    cells = table.header.cells
    names = {x: cell.name for x, cell in cells.items()}
    sure = {x: cell.sure for x, cell in cells.items()}
    told = {
        x: name
        for x, name in (mapping or {}).items()
        if table.left <= x < table.right and (name == "" or name in layout.readable)
        if x not in cells or not layout.never_reads(cells[x].text)
    }
    for x, name in told.items():
        for other in [other for other, taken in names.items() if name and taken == name]:
            names[other] = ""
        names[x], sure[x] = name, True
    for x in _losers(table, {x: name for x, name in names.items() if name}):
        names[x], sure[x] = None, False
    return [
        ReadColumn(
            index=x,
            letter=letter(x),
            header=cells[x].text if x in cells else "",
            name=names.get(x),
            sure=sure.get(x, True),
        )
        for x in columns_of(table)
    ]


def _losers(table: Table, names: dict[int, str]) -> list[int]:
    """Columns that mean what a better one means already."""
    by_name: dict[str, list[int]] = {}
    for x, name in sorted(names.items()):
        by_name.setdefault(name, []).append(x)
    losers: list[int] = []
    if "period" in by_name and ("first_day" in by_name or "last_day" in by_name):
        losers += by_name.pop("period")
    people = by_name.get("officer", [])
    officer = _best(table, people) if people else None
    for name, candidates in by_name.items():
        if len(candidates) == 1:
            continue
        if name == "officer":
            kept = officer
        elif len(people) > 1 and name in _PERSONAL:
            kept = _of_person(table, candidates, officer, people)
        else:
            kept = _best(table, candidates)
        losers += [x for x in candidates if x != kept]
    return losers


def _best(table: Table, candidates: list[int]) -> int:
    filled = better_filled(table, candidates)
    cells = table.header.cells
    return max(candidates, key=lambda x: (filled[x], x in cells and cells[x].sure, -x))


def _of_person(
    table: Table, candidates: list[int], officer: int | None, people: list[int]
) -> int | None:
    """The column that stands between this officer's and the next person's."""
    cells = table.header.cells
    if officer is None:
        return None
    group = cells[officer].group if officer in cells else ""
    same = [x for x in candidates if group and x in cells and cells[x].group == group]
    if same:
        return same[0]
    following = min((x for x in people if x > officer), default=table.right)
    between = [x for x in candidates if officer < x < following]
    return between[0] if between else None
