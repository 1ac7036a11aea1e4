"""What a report's document consists of, before it has a layout."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Style = Literal["Title", "Addressee", "Body", "Heading 1", "Heading 2"]


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
    width: int  # millimetres
    align: Literal["left", "center", "right"] = "right"


@dataclass(frozen=True)
class Annex:
    """A table on pages of its own; its last row is the total."""

    title: str
    columns: list[Column]
    rows: list[list[str]]


@dataclass(frozen=True)
class Outline:
    paragraphs: list[Paragraph]
    issuer: str
    issued_on: date
    annexes: list[Annex]
