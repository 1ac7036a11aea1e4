"""A matter's story as its page tells it: what happened, and what was shown of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from feedback.models import Matter, MatterEvent, MatterFile
from feedback.permissions import can_withdraw_evidence
from outreach.models import User

AT_ONCE = timedelta(minutes=10)


@dataclass
class Shown:
    """Files that one person added at once and by themselves; stands in the story like an event."""

    by: User
    at: datetime
    shown: list[MatterFile]
    to_unit = None
    said = said_text = text = ""

    def __str__(self) -> str:
        return _("photos or documents added")

    def goes_with(self, later: "Shown") -> bool:
        return self.by == later.by and later.at - self.at < AT_ONCE


def story_of(matter: Matter, user: User) -> list[MatterEvent | Shown]:
    """Events newest first, each with the files that came with it (`shown`). Two queries."""
    rows = list(MatterFile.objects.filter(matter=matter).for_story())
    for row in rows:
        row.may_withdraw = can_withdraw_evidence(user, row)
    events = list(matter.events.newest_first())  # type: ignore[attr-defined]
    for event in events:
        event.shown = [row for row in rows if row.event_id == event.pk]
    alone = [row for row in rows if row.event_id is None]
    # Of what happened in one moment the files came last: they were shown of it.
    parts = sorted([*_together(alone), *events], key=lambda part: part.at, reverse=True)
    return list(_one_showing(parts))


def _together(rows: Iterable[MatterFile]) -> list[Shown]:
    found = [
        Shown(by, at, list(group))
        for (by, at), group in groupby(rows, key=lambda row: (row.added_by, row.added_at))
    ]
    return found[::-1]


def _one_showing(parts: Iterable[MatterEvent | Shown]) -> Iterator[MatterEvent | Shown]:
    """A phone sends file after file: what one person added with nothing in between is one part."""
    last: MatterEvent | Shown | None = None
    for part in parts:
        if isinstance(part, Shown) and isinstance(last, Shown) and part.goes_with(last):
            last.shown[:0] = part.shown
        else:
            last = part
            yield part
