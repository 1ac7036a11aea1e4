"""Free texts as a report quotes them: printable, with village and month, never a person."""

import re
from collections.abc import Iterable
from typing import Any

# What XML cannot hold, line breaks, which would break a sentence of the report, and the
# noncharacters that mark its figures (`documents.phrases`).
UNPRINTABLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]+"
)
# Characters without a width of their own that turn or join what stands around them.
UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
SENTENCE_END = re.compile("[。！？；!?;]")
SHOWN = 8


def cleaned(text: str) -> str:
    """The text on one line, of characters that are seen as they are stored."""
    return UNPRINTABLE.sub(" ", UNSEEN.sub("", text)).strip()


def varied(rows: Iterable[dict[str, Any]], most: int = SHOWN) -> list[dict[str, Any]]:
    """Of these rows the first few with one a village and no sentence twice."""
    chosen: list[dict[str, Any]] = []
    places: set[tuple[str, str]] = set()
    said: set[str] = set()
    for row in rows:
        place = row["township"], row["village"]
        sentences = {part.strip() for part in SENTENCE_END.split(row["text"])} - {""}
        if not sentences or sentences & said or place in places:
            continue
        places.add(place)
        said |= sentences
        chosen.append(row)
        if len(chosen) == most:
            break
    return chosen
