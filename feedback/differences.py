"""What an author changed between two versions of a record, for the eye of who reads it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext

from feedback.models import Feedback
from visits.models import Visit

# A sign each; a Latin word, a number and white space as one.
_SIGNS = re.compile(r"[A-Za-z]+|\d+|\s+|.", re.DOTALL)
# So few unchanged signs between two changes only make them harder to read.
_SPECK = 2


@dataclass(frozen=True)
class Difference:
    """One field that changed; of a text also its pieces: (kept | deleted | inserted, text)."""

    label: str
    before: Any
    after: Any
    pieces: tuple[tuple[str, str], ...] = ()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields that differ between two versions' contents, in the order of `after`."""
    names = [*after, *(name for name in before if name not in after)]
    return [
        _difference(name, before.get(name), after.get(name))
        for name in names
        if (before.get(name) or None) != (after.get(name) or None)
    ]


def _difference(name: str, before: Any, after: Any) -> Difference:
    if name in Feedback.TEXTS:
        return Difference(_label(name), before, after, tuple(pieces(before or "", after or "")))
    return Difference(_label(name), before, after)


def _label(name: str) -> str:
    fields: dict[str, Field] = {
        field.name: field for model in (Visit, Feedback) for field in model._meta.concrete_fields
    }
    field = fields.get(name.removesuffix("_id"))
    return str(field.verbose_name) if field else gettext(name.replace("_", " "))


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
