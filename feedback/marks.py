"""What strikes one about a record: marks, shown to its author before and to the office after.

A mark rejects nothing (domain: rules). It is stored as a code with what it is about; its words are
made where it is read.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TEXT_LABELS = {
    "findings": gettext_lazy("findings"),
    "problems_solved": gettext_lazy("problems solved"),
    "suggestions": gettext_lazy("suggestions to the county"),
    "reflections": gettext_lazy("reflections"),
}


class Code(TextChoices):
    """The kinds of marks, with the word of their tag."""

    SHORT = "short", gettext_lazy("very short")
    SAME_TEXT = "same_text", gettext_lazy("same text")
    LIKE_TEXT = "like_text", gettext_lazy("similar text")
    SAME_COUNTS = "same_counts", gettext_lazy("same head-counts")
    PRIVATE = "private", gettext_lazy("private number")


SENTENCES = {
    Code.SHORT: gettext_lazy("The findings are empty or very short."),
    Code.SAME_TEXT: gettext_lazy(
        "The text “%(field)s” is the same as that of the visit to %(village)s on %(day)s."
    ),
    Code.LIKE_TEXT: gettext_lazy(
        "The text “%(field)s” is almost the same as that of the visit to %(village)s on %(day)s."
    ),
    Code.SAME_COUNTS: gettext_lazy("All head-counts are the same as at the visit here on %(day)s."),
    Code.PRIVATE: gettext_lazy(
        "The text “%(field)s” holds a telephone or identity number. Please take it out."
    ),
}


@dataclass(frozen=True)
class Mark:
    """One mark: which text (`field`) it is about and which other visit it names, if any."""

    code: str
    field: str = ""
    visit_id: UUID | None = None
    village: str = ""
    day: date | None = None

    @property
    def label(self) -> str:
        """The word of its tag."""
        return str(Code(self.code).label)

    @property
    def sentence(self) -> str:
        """What it says, in the reader's language."""
        told = {
            "field": TEXT_LABELS.get(self.field, ""),
            "village": self.village,
            "day": date_format(self.day, "DATE_FORMAT") if self.day else _("another day"),
        }
        return str(SENTENCES[Code(self.code)]) % told

    def stored(self) -> dict[str, Any]:
        """What is kept of it: its code, the text and the other visit's id."""
        kept = {"code": str(self.code), "field": self.field, "visit": str(self.visit_id or "")}
        return {name: value for name, value in kept.items() if value}

    @classmethod
    def read(cls, kept: dict[str, Any], village: str = "", day: date | None = None) -> Self:
        """The mark of what `stored` kept, with the other visit's village and day if known."""
        visit = kept.get("visit")
        return cls(
            kept["code"], kept.get("field", ""), UUID(visit) if visit else None, village, day
        )
