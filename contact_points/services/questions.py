"""What stops a row: a problem nobody but the list's author can mend, or a question to a person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

SKIP, NEW, ABOVE = "skip", "new", "above"


def remark(column: str, text: str, /, **params: Any) -> dict[str, Any]:
    """A sentence about a column of a row, as it is kept."""
    return {"column": column, "text": text, "params": params}


class Problem(Exception):
    """Why a row cannot be taken: column, sentence and its values, as they are kept."""

    def __init__(self, column: str, text: str, /, **params: Any):
        super().__init__(text)
        self.remarks = [remark(column, text, **params)]

    @classmethod
    def of(cls, remarks: list[dict[str, Any]]) -> Self:
        problem = cls("", "")
        problem.remarks = remarks
        return problem


@dataclass
class Question:
    """What only a person can tell, once for all rows that say the same.

    `key` is the kind, the context and the value; an answer of one row names the row as context.
    """

    kind: str
    column: str
    value: str
    context: str
    text: str
    params: dict[str, Any]
    # (id, label), best first
    candidates: list[tuple[str, str]]
    # Whether anything else of this kind may be meant, chosen from a list.
    others: bool = True
    # Township id whose villages the others are.
    within: int | None = None
    rows: list[int] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.kind}|{self.context}|{self.value}"

    @property
    def remark(self) -> dict[str, Any]:
        return remark(self.column, self.text, **self.params) | {"key": self.key}

    def kept(self) -> dict[str, Any]:
        """As the import keeps it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "column": self.column,
            "value": self.value,
            "context": self.context,
            "text": self.text,
            "params": self.params,
            "candidates": self.candidates,
            "others": self.others,
            "within": self.within,
            "rows": self.rows,
        }


class Asks(Exception):
    """A row that waits for an answer."""

    def __init__(self, question: Question):
        super().__init__(question.key)
        self.question = question


def place(village: Any) -> str:
    """A village, of the registry or as a list knows it, as nobody can mistake it."""
    return f"{village.name}（{village.township.name}，{village.code}）"


def village_candidates(villages: Iterable[Any]) -> list[tuple[str, str]]:
    return [(str(village.pk), place(village)) for village in villages]
