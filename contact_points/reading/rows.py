"""The rows of a table as clean texts, column by column, without what is no row of the list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.columns import Layout
from contact_points.reading import sections, strays
from contact_points.reading.days import span_of
from contact_points.reading.lists import Dropped, ListRow, ReadColumn, Sentence
from contact_points.reading.privacy import check_no_identities
from contact_points.reading.tables import Table
from contact_points.reading.texts import DITTO, Texts, in_group

_SMALL = {str(n) for n in range(1, 21)}
_MOST_TOLD = 500

Problems = dict[int, list[tuple[str, str, dict[str, Any]]]]


class Rows:
    """Reads one table: `dropped` and `told` say what came of it beside the rows.

    `another` is the 0-based sheet row where another table begins, None when there is none.
    """

    def __init__(
        self, table: Table, columns: Sequence[ReadColumn], layout: Layout, year: int | None
    ):
        self.table, self.layout, self.year = table, layout, year
        self.dropped: list[Dropped] = list(table.dropped)
        self.told: list[Sentence] = []
        self.another: int | None = None
        self._problems: Problems = {}
        self._texts: dict[str, list[str]] = {}
        self._raw: dict[int, Sequence[Any]] = {}
        look: set[int] = set()
        for column in columns if table.columns else ():
            cells: Sequence[Any] = table.columns[column.index]
            types = set(map(type, cells))
            if bool in types:  # as keys they would be 1 and 0
                cells = [str(cell).upper() if type(cell) is bool else cell for cell in cells]
            self._raw[column.index] = cells
            if column.name:
                texts = self._clean(column.name, cells, all_texts=types == {str})
            else:  # as far as it holds texts
                texts = [cell if type(cell) is str else "" for cell in cells]
            distinct = set(texts)
            check_no_identities(column, distinct)
            if found := strays.worth_a_look(distinct, layout):
                look.update(n for n, text in enumerate(texts) if text in found)
        self._gone, self._lines = self._judge(look)

    def read(
        self,
        *,
        given: Mapping[str, str],
        until: int | None = None,
        sheet: str | None = None,
        offset: int = 0,
    ) -> list[ListRow]:
        """The rows above the 0-based row `until` of the sheet, numbered from `offset`.

        `given` is what title or sheet name say of all rows: column -> text. With a `sheet`, be it
        without a name, the rows tell where they stand.
        """
        self._ditto()
        if "period" in self._texts:
            self._split_period()
        if "group" in self._texts and "household" in self._texts:
            self._join_households()
        placed = sections.below(self._lines, self._texts, len(self.table.rows))
        placed |= {column: {} for column in given if column not in placed}
        names, problems = tuple(self._texts), self._problems
        rows = []
        for n, cells in enumerate(zip(*self._texts.values(), strict=True)):
            if n in self._gone:
                continue
            number = self.table.rows[n][0] + 1
            if until is not None and number > until:
                break
            values = dict(zip(names, cells, strict=True))
            for name, texts in placed.items():
                if not values.get(name):
                    values[name] = texts.get(n, given.get(name, ""))
            wrong = tuple(problems[n]) if n in problems else ()
            if sheet is None:
                rows.append(ListRow(number, values, wrong))
            else:
                rows.append(ListRow(number + offset, values, wrong, sheet, number))
        if until is not None:
            self.dropped = [row for row in self.dropped if row.row <= until]
        return rows

    def _clean(self, name: str, cells: Sequence[Any], *, all_texts: bool) -> list[str]:
        texts = Texts(self.layout.readable[name].kind, self.year)
        self._texts[name] = clean = texts.of(cells, all_texts=all_texts)
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

    def _judge(self, look: set[int]) -> tuple[set[int], dict[int, tuple[str, str]]]:
        """(rows that are none of the list, what lines between the rows name)."""
        judge = strays.Strays(
            self.table.header,
            self.table.titles,
            self.layout,
            several=len(self._texts) > 1,
        )
        counts = self._counts()
        look |= {n for n, count in enumerate(counts) if count <= 1} | self._counting()
        reasons: dict[int, str] = {}
        lines: dict[int, tuple[str, str]] = {}
        for n in sorted(look):
            cells = self._cells(n)
            alone = sections.alone(cells.values())
            numbered = len({text for text in cells.values() if text}) > 1
            line = bool(alone) and (numbered or self.table.rows[n][0] in self.table.lines)
            if section := sections.section_of(alone, self.layout):
                lines[n], reasons[n] = section, strays.SECTIONS[section[0]]
                continue
            why = judge.why(n, cells, counts[n], line=line)
            known = len(self._texts) == 1 or not alone or sections.is_village(alone)
            if why == strays.LINE or (why in (None, strays.NOTHING) and not known):
                lines[n] = sections.UNKNOWN
            if why is None:
                continue
            reasons[n] = why
            if why in (strays.AGAIN, strays.ANOTHER):
                self._take_titles_above(n, reasons)
            if why == strays.ANOTHER:
                self.another = self.table.rows[n][0]
                break
        for n in [n for n in lines if _is_signed(n, reasons, len(counts))]:
            del lines[n]
            reasons[n] = strays.SIGNATURE
        self._drop(reasons)
        below = range(max(reasons), len(counts)) if self.another is not None else ()
        return {*reasons, *below}, lines

    def _drop(self, reasons: Mapping[int, str]) -> None:
        for n, why in sorted(reasons.items())[:_MOST_TOLD]:
            if why == strays.ANOTHER:  # told by who tries to read it
                continue
            text = " ".join(dict.fromkeys(filter(None, self._cells(n).values())))
            self.dropped.append(Dropped(self.table.rows[n][0] + 1, text[:200], why))

    def _counts(self) -> list[int]:
        """How many different texts each row has in the columns that are read."""
        columns = self._texts.values()
        if not columns:
            return [0] * len(self.table.rows)
        if self.table.filled:
            return [len({*cells, ""}) - 1 for cells in zip(*columns, strict=True)]
        return [len(cells) - cells.count("") for cells in zip(*columns, strict=True)]

    def _counting(self) -> set[int]:
        """The rows that may number the columns."""
        first = [*self._raw.values()][:2]
        return {n for cells in first for n, cell in enumerate(cells) if cell in ("1", 1)}

    def _cells(self, n: int) -> dict[int, str]:
        return {x: text_of(column[n]) for x, column in self._raw.items()}

    def _take_titles_above(self, n: int, reasons: dict[int, str]) -> None:
        while n and n - 1 not in reasons and strays.is_title(self._cells(n - 1).values()):
            n -= 1
            reasons[n] = strays.TITLE

    def _ditto(self) -> None:
        filled = 0
        for name, column in self._texts.items():
            if DITTO.isdisjoint(column):
                continue
            above: int | None = None
            for n, text in enumerate(column):
                if n in self._gone:
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

    def _join_households(self) -> None:
        groups, column = self._texts.pop("group"), self._texts["household"]
        self._texts["household"] = list(map(in_group, groups, column))


def _is_signed(n: int, reasons: Mapping[int, str], count: int) -> bool:
    """Whether the n-th row is who signs: the date follows, then nothing or the next page."""
    if reasons.get(n + 1) != strays.SIGNATURE:
        return False
    return n + 2 >= count or reasons.get(n + 2) in (strays.AGAIN, strays.TITLE, strays.ANOTHER)


def _places(cells: Sequence[Any], wanted: Mapping[Any, Any]) -> list[int]:
    if not wanted:
        return []
    return [n for n, cell in enumerate(cells) if cell in wanted]


def _shown(name: str) -> str:
    return "first_day" if name == "period" else name


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
