"""What a report's document consists of, before it has a layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

# Headings are written with their numbers: 一、 then （一） then 1. then （1）.
Style = Literal["Title", "Addressee", "Body", "Heading 1", "Heading 2", "Heading 3", "Heading 4"]

# Of a table, in millimetres: a letter of 12 points, and the space beside the text of a cell.
LETTER, INSETS = 12 * 25.4 / 72, 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, and for the page what the office did to it and what its figures open."""

    style: Style
    text: str
    key: str = ""  # by which the office edits it
    edited: str = ""  # the mode of the edit that it is
    spans: tuple[tuple[str, str], ...] = ()  # (piece of the text, list of records behind it)


@dataclass(frozen=True)
class Column:
    head: str
    width: int  # millimetres; the columns of a table have 156 together
    align: Literal["left", "center", "right"] = "right"

    @property
    def head_lines(self) -> list[str]:
        """The head as a page shows it: one that is too wide ends before its unit, or halfway."""
        if len(self.head) * LETTER + INSETS <= self.width:
            return [self.head]
        what, bracket, unit = self.head.partition("（")
        half = len(what) // 2
        return [what, bracket + unit] if bracket else [what[:half], what[half:]]


@dataclass(frozen=True)
class Table:
    """An annex of rows; the last one is their total, unless there is none."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: bool = True

    @property
    def labelled(self) -> list[list[tuple[Column, str]]]:
        """The rows, each cell with its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """An annex of bars: for each label one bar a series, each with its number."""

    title: str
    unit: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True)
class RedHeader:
    """The head of a document that is sent out under a number: 巨办〔2026〕5号.

    That of a bulletin says who issues it, and when, on one line above the rule.
    """

    office: str
    number: str
    left: str = ""
    right: str = ""


@dataclass(frozen=True)
class Outline:
    """Several annexes are numbered, and listed after the text, in their order."""

    paragraphs: Sequence[Paragraph]
    issuer: str
    issued_on: date
    annexes: Sequence[Table | Chart] = ()
    red_header: RedHeader | None = None
    signed: bool = True  # with office and date after the text
    imprint: Sequence[str] = ()  # to whom copies go, below everything

    @property
    def title(self) -> str:
        return "".join(part.text for part in self.paragraphs if part.style == "Title")

    @property
    def tables(self) -> list[Table]:
        """The annexes that a page can show as they are."""
        return [annex for annex in self.annexes if isinstance(annex, Table)]

    def annex_labels(self) -> list[str]:
        """What stands at the head of each annex: 附件 for one, 附件1 and so on for several."""
        if len(self.annexes) == 1:
            return ["附件"]
        return [f"附件{number}" for number in range(1, len(self.annexes) + 1)]

    def annex_notes(self) -> list[tuple[str, str]]:
        """The list after the text (GB/T 9704, 7.3.4): what stands before each title, the title."""
        if len(self.annexes) == 1:
            return [("附件：", self.annexes[0].title)]
        return [
            (f"附件：{number}." if number == 1 else f"{number}.", annex.title)
            for number, annex in enumerate(self.annexes, 1)
        ]
