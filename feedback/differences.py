"""What an author changed between two versions of a record, for the eye of who reads it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from feedback.models import Feedback
from feedback.records import labels

# A sign each; a Latin word, a number and white space as one.
_SIGNS = re.compile(r"[A-Za-z]+|\d+|\s+|.", re.DOTALL)
# So few unchanged signs between two changes only make them harder to read.
_SPECK = 2
# Where the words themselves are compared; of the rest the whole before and after is told.
_TEXTS = {*Feedback.TEXTS, "problems"}


@dataclass(frozen=True)
class Difference:
    """A part that changed; of a text also its pieces: (kept | deleted | inserted, text)."""

    name: str
    label: str
    before: str
    after: str
    pieces: tuple[tuple[str, str], ...] = ()


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """The parts that differ between two versions in words (`records.described`), page order."""
    return [
        Difference(
            name,
            label,
            before[name],
            after[name],
            tuple(pieces(before[name], after[name])) if name in _TEXTS else (),
        )
        for name, label in labels().items()
        if before[name] != after[name]
    ]


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts as one: what is kept, what is deleted and what is inserted, in order."""
    old, new = _SIGNS.findall(before), _SIGNS.findall(after)
    found: list[tuple[str, str]] = []
    deleted = inserted = ""
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for n, (step, a, b, c, d) in enumerate(steps):
        inner = 0 < n < len(steps) - 1
        if step == "equal" and not (inner and b - a <= _SPECK):
            found += _changed(deleted, inserted)
            found.append(("kept", "".join(old[a:b])))
            deleted = inserted = ""
        else:
            deleted += "".join(old[a:b])
            inserted += "".join(new[c:d])
    return found + _changed(deleted, inserted)


def _changed(deleted: str, inserted: str) -> list[tuple[str, str]]:
    both = (("deleted", deleted), ("inserted", inserted))
    return [(kind, text) for kind, text in both if text]
