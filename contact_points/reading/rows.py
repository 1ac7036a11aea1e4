"""The rows of a table as clean texts, column by column, without what is no row of the list."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.columns import Layout
from contact_points.reading import strays
from contact_points.reading.days import span_of
from contact_points.reading.files import Unreadable
from contact_points.reading.lists import Dropped, ListRow, ReadColumn, Sentence
from contact_points.reading.tables import Table
from contact_points.reading.texts import DITTO, Texts

_SMALL = {str(n) for n in range(1, 21)}
_MOST_TOLD = 500

Problems = dict[int, list[tuple[str, str, dict[str, Any]]]]


class Rows:
    """Reads one table; afterwards `rows`, `dropped` and `told` say what came of it."""

    def __init__(
        self, table: Table, columns: Sequence[ReadColumn], layout: Layout, year: int | None
    ):
        self.table, self.layout, self.year = table, layout, year
        self.dropped: list[Dropped] = list(table.dropped)
        self.told: list[Sentence] = []
        self._problems: Problems = {}
        self._indexes = [column.index for column in columns]
        self._raw: list[Sequence[Any]] = _turned(table, self._indexes)
        self._texts: dict[str, list[str]] = {}
        # All columns as far as they hold texts, to look for totals and the like.
        self._looks: list[Sequence[str]] = []
        for column, cells in zip(columns, self._raw, strict=True):
            if column.name:
                self._looks.append(self._clean(column.name, cells))
            else:
                self._looks.append([cell if type(cell) is str else "" for cell in cells])

    def read(self, *, township: str = "", sheet: str = "", offset: int = 0) -> list[ListRow]:
        """The rows, numbered from `offset`; `township` stands where the list has none."""
        gone, sections = self._strays()
        self._ditto(gone)
        if "period" in self._texts:
            self._split_period()
        names = tuple(self._texts)
        numbers = [y + 1 for y, _row in self.table.rows]
        placed = (township or sections) and "township" in self.layout.by_name
        rows = []
        for n, cells in enumerate(zip(*self._texts.values(), strict=True)):
            if n in gone:
                continue
            values = dict(zip(names, cells, strict=True))
            if placed and not values.get("township"):
                values["township"] = sections.get(n, township)
            number = numbers[n]
            problems = tuple(self._problems.get(n, ()))
            if sheet:
                rows.append(ListRow(number + offset, values, problems, sheet, number))
            else:
                rows.append(ListRow(number, values, problems))
        if len(rows) > settings.UPLOAD_MAX_ROWS:
            raise Unreadable(
                gettext_noop("The list has more than %(limit)s rows. Split it."),
                limit=settings.UPLOAD_MAX_ROWS,
            )
        return rows

    def _clean(self, name: str, cells: Sequence[Any]) -> list[str]:
        texts = Texts(self.layout.readable[name].kind, self.year)
        self._texts[name] = clean = list(map(texts.__getitem__, cells))
        for n in _places(cells, texts.faults):
            fault = texts.faults[cells[n]]
            self._problems.setdefault(n, []).append((_shown(name), fault.text, fault.params))
        if texts.restored:
            rows = [self.table.rows[n][0] + 1 for n in _places(cells, texts.restored)]
            self.told.append(
                Sentence(
                    gettext_noop(
                        "Telephones stored as numbers got back their first zero in the rows "
                        "%(rows)s."
                    ),
                    {"rows": spans(rows)},
                )
            )
        return clean

    def _strays(self) -> tuple[set[int], dict[int, str]]:
        """(rows that are none of the list, township of a row by the line above it)."""
        counts = [len(cells) - cells.count("") for cells in zip(*self._texts.values(), strict=True)]
        look = {n for n, count in enumerate(counts) if count <= 1}
        for column in self._looks:
            if found := strays.worth_a_look([column], self.layout):
                look.update(n for n, text in enumerate(column) if text in found)
        for name in ("village", "officer"):
            column = self._texts.get(name, ())
            if not _SMALL.isdisjoint(column):
                look.update(n for n, text in enumerate(column) if text in _SMALL)
        return self._judge(sorted(look), counts)

    def _judge(self, look: Iterable[int], counts: list[int]) -> tuple[set[int], dict[int, str]]:
        table = self.table
        judge = strays.Strays(
            [part for cell in table.header.cells.values() for part in _parts(cell.text)],
            table.titles,
            self.layout,
        )
        gone: set[int] = set()
        lines: dict[int, str] = {}
        for n in look:
            cells = [text_of(column[n]) for column in self._raw]
            township = ""
            if len(texts := {text for text in cells if text}) == 1:
                township = strays.township_of(texts.pop())
            why = strays.SECTION if township else judge.why(n, cells, counts[n])
            if why is None:
                continue
            if township:
                lines[n] = township
            gone.add(n)
            self._drop(n, cells, why)
            if why == strays.ANOTHER:
                gone.update(range(n, len(counts)))
                break
        return gone, _below(lines, len(counts))

    def _drop(self, n: int, cells: Iterable[str], why: str) -> None:
        if len(self.dropped) < _MOST_TOLD:
            text = " ".join(dict.fromkeys(filter(None, cells)))
            self.dropped.append(Dropped(self.table.rows[n][0] + 1, text[:200], why))

    def _ditto(self, gone: set[int]) -> None:
        filled = 0
        for name, column in self._texts.items():
            if DITTO.isdisjoint(column):
                continue
            above: int | None = None
            for n, text in enumerate(column):
                if n in gone:
                    continue
                if text in DITTO and above is not None:
                    column[n] = column[above]
                    self._problems.setdefault(n, []).extend(
                        problem for problem in self._problems.get(above, ()) if problem[0] == name
                    )
                    filled += 1
                above = n
        if filled:
            sentence = gettext_noop("%(count)s ditto marks were read as the cell above.")
            self.told.append(Sentence(sentence, {"count": filled}))

    def _split_period(self) -> None:
        column = self._texts.pop("period")
        spans_by_text = {text: span_of(text, self.year) for text in set(column)}
        self._texts["first_day"] = [spans_by_text[text][0] for text in column]
        self._texts["last_day"] = [spans_by_text[text][1] for text in column]


def _turned(table: Table, indexes: Sequence[int]) -> list[Sequence[Any]]:
    if not table.rows:
        return [() for _ in indexes]
    columns = list(zip(*(row for _y, row in table.rows), strict=True))
    return [columns[x] for x in indexes]


def _places(cells: Sequence[Any], wanted: dict[Any, Any]) -> list[int]:
    if not wanted:
        return []
    return [n for n, cell in enumerate(cells) if cell in wanted]


def _shown(name: str) -> str:
    return "first_day" if name == "period" else name


def _parts(text: str) -> list[str]:
    return [text, *text.split(" ")]


def _below(lines: dict[int, str], count: int) -> dict[int, str]:
    """Each row below a line with a township -> that township."""
    if not lines:
        return {}
    found: dict[int, str] = {}
    township = ""
    for n in range(count):
        township = lines.get(n, township)
        if township:
            found[n] = township
    return found


def spans(rows: Iterable[int]) -> str:
    """Row numbers as people write them: 3–5, 8."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    texts = [str(a) if a == b else f"{a}–{b}" for a, b in parts[:20]]
    return ", ".join(texts) + ("…" if len(parts) > 20 else "")
