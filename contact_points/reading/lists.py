"""What was read: the rows of a list, and how the file was understood."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Sentence(NamedTuple):
    """An English source text and its values, kept as data and translated when shown."""

    text: str
    params: dict[str, Any] = {}


class ListRow(NamedTuple):
    """One row of a list: its number in the sheet and its cells as clean texts by column name.

    `problems` are cells that cannot be read as (column, source sentence, its values). Rows of a
    further sheet are numbered on from the sheet before; `sheet` and `sheet_row` say where they
    stand.
    """

    number: int
    values: dict[str, str]
    problems: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    sheet: str = ""
    sheet_row: int = 0

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def place(self) -> str:
        """Where it stands in the file, as people say it."""
        number = self.sheet_row or self.number
        return f"{self.sheet} {number}" if self.sheet else str(number)


@dataclass(frozen=True)
class ReadColumn:
    """One column of the sheet: `name` None is not understood, "" is known and not needed."""

    index: int
    letter: str
    header: str
    name: str | None
    sure: bool = True


class Dropped(NamedTuple):
    """A row of the sheet that is no row of the list."""

    row: int
    text: str
    why: str
    sheet: str = ""


@dataclass(frozen=True)
class Reading:
    """A list as it was understood; sentences are English source texts with their values."""

    sheet: str
    columns: list[ReadColumn]
    header_rows: list[int]
    rows: list[ListRow]
    other_sheets: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    # What a person should know of how it was read: hidden parts, restored or filled cells.
    hidden: list[Sentence] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    # Columns without which no row can be taken: names of the ones that were not found.
    missing: tuple[str, ...] = ()

    @property
    def unknown(self) -> list[str]:
        """The headers, else letters, of columns that are not read."""
        return [column.header or column.letter for column in self.columns if column.name is None]

    @property
    def unsure(self) -> bool:
        """Whether a person should look at the columns before the rows are believed."""
        return bool(self.missing) or any(not column.sure for column in self.columns)

    def understood(self) -> dict[str, Any]:
        """Everything but the rows, as JSON keeps it."""
        return {
            "sheet": self.sheet,
            "header_row": self.header_rows[-1],
            "header_rows": self.header_rows,
            "columns": [
                {
                    "index": column.index,
                    "letter": column.letter,
                    "header": column.header,
                    "name": column.name,
                    "sure": column.sure,
                }
                for column in self.columns
            ],
            "unknown": self.unknown,
            "missing": list(self.missing),
            "unsure": self.unsure,
            "dropped": [
                {"row": row.row, "text": row.text, "why": row.why, "sheet": row.sheet}
                for row in self.dropped
            ],
            "other_sheets": [{"sheet": name, "why": why} for name, why in self.other_sheets],
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "hidden": [{"text": said.text, "params": said.params} for said in self.hidden],
        }
