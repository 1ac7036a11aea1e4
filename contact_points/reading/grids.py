"""A sheet as it lies in its file: cells, and what the file says about them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, PasswordError

from contact_points.reading.files import broken, locked

# Stands in a cell whose formula was never calculated.
UNCALCULATED = "\0="
# What may unfold to cells: calamine holds the whole rectangle, 24 bytes for each.
CELLS = 5_000_000
COLUMNS = 520

# top, left, bottom, right: 0-based, inclusive
Range = tuple[int, int, int, int]


@dataclass
class Grid:
    """Raw values from A1 on; error cells hold their text, like #N/A."""

    rows: list[list[Any]]
    merged: list[Range] = field(default_factory=list)
    # 0-based
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file; `grid()` parses it."""

    name: str
    grid: Callable[[], Grid]
    visible: bool = True


@dataclass(frozen=True)
class Book:
    sheets: list[Sheet]
    encoding: str = ""
    delimiter: str = ""

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.sheets)


def letter(index: int) -> str:
    """The letters of a 0-based column."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def index_of(letters: str | bytes) -> int:
    """The 0-based column of its letters."""
    text = letters.decode() if isinstance(letters, bytes) else letters
    index = 0
    for char in text.upper():
        index = index * 26 + ord(char) - 64
    return index - 1


@contextmanager
def calamine() -> Iterator[None]:
    """What calamine cannot read is Unreadable."""
    try:
        yield
    except PasswordError:
        locked()
    except (CalamineError, ValueError, OverflowError):
        broken()
    except BaseException as error:
        # A panic of its Rust code, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        broken()
