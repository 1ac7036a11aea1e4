"""The audit trail: every service that writes calls `record` once."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpResponseBase
from django.utils.translation import gettext_noop

from outreach import clock, copying
from outreach.logs import request_id
from outreach.models import AuditEntry, User

_LABEL = 200  # what fits into `object_label`

# What changes nothing and is noted all the same: what left as a file, who opened what, who looked
# into the trail, who was refused.
TAKEN, FETCHED = gettext_noop("List exported"), gettext_noop("File downloaded")
OPENED, READ = gettext_noop("Record opened"), gettext_noop("Audit trail read")
REFUSED = gettext_noop("Access refused")
ACCESS = (TAKEN, FETCHED, OPENED, READ, REFUSED)
SELDOM = timedelta(minutes=1)  # between two notes that would say the same

Answer = TypeVar("Answer", bound=HttpResponseBase)

# What entries name beside fields of their model; the trail shows them in the reader's language.
WORDS = (
    gettext_noop("first day"),
    gettext_noop("last day"),
    gettext_noop("topics"),
    gettext_noop("talks"),
    gettext_noop("households"),
    gettext_noop("villages"),
    gettext_noop("lines"),
    gettext_noop("rows"),
    gettext_noop("reason"),
    gettext_noop("year"),
    gettext_noop("visits per month"),
    gettext_noop("feedback due days"),
    gettext_noop("report day"),
    gettext_noop("sha256"),
    gettext_noop("effective month"),
    gettext_noop("kinds of unit"),
    gettext_noop("township"),
    gettext_noop("units"),
    gettext_noop("file"),
    gettext_noop("list"),
    gettext_noop("filter"),
    gettext_noop("files"),
    gettext_noop("co officers"),
    gettext_noop("held by"),
    gettext_noop("month days"),
    gettext_noop("questions"),
    gettext_noop("edited"),
    gettext_noop("recipients"),
    gettext_noop("pdf sha256"),
    gettext_noop("workbook sha256"),
    gettext_noop("cards"),
    gettext_noop("answers"),
    gettext_noop("step"),
    gettext_noop("format"),
    gettext_noop("page"),
)


def facts(obj: models.Model, *fields: str) -> dict[str, Any]:
    """The named fields of `obj` as they are stored, for `before` and `after`."""
    return {name: obj.serializable_value(name) for name in fields}


def digest(facts: dict[str, Any]) -> str:
    """A short name of these facts, by which a form tells what its writer saw."""
    text = json.dumps(facts, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def entry(
    action: str,
    *,
    actor: User | None,
    obj: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    bulk_id: UUID | None = None,
) -> AuditEntry:
    """An unsaved entry, for bulk actions that insert many at once.

    What is called by somebody's words has a `name_in_trail` without them.
    """
    county_id = getattr(obj, "county_id", None) or (actor.county_id if actor else None)
    return AuditEntry(
        actor=actor,
        county_id=county_id,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(getattr(obj, "name_in_trail", obj))[:_LABEL],
        before=before,
        after=after,
        bulk_id=bulk_id,
        request_id=request_id.get(),
    )


class Noted(NamedTuple):
    """What one entry of a bulk action tells: of which row what happened, before and after."""

    action: str
    model: type[models.Model]
    pk: Any
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record_all(
    noted: Iterable[Noted], *, actor: User | None, county_id: int, bulk_id: UUID
) -> None:
    """Write one entry for each row of a bulk action; `noted` may be made while it is written."""
    copying.insert_values(
        AuditEntry,
        ("action", "object_type", "object_id", "object_label", "before", "after"),
        ((n[0], n[1]._meta.label_lower, n[2], n[3][:_LABEL], n[4], n[5]) for n in noted),
        at=clock.now(),
        actor=actor and actor.pk,
        county=county_id,
        bulk_id=bulk_id,
        request_id=request_id.get(),
    )


def record(action: str, **who_and_what: Any) -> AuditEntry:
    """Write one entry; takes what `entry` takes. `action` is an English source text."""
    row = entry(action, **who_and_what)
    row.save(force_insert=True)
    return row


def history(obj: models.Model) -> models.QuerySet[AuditEntry]:
    """What was done with `obj`, newest first; who looked at it is for the trail alone."""
    rows = AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
    return rows.exclude(action__in=ACCESS).newest_first()


@dataclass
class Note:
    """The entry that an answer leaves once it was sent: that it was given, nothing of it.

    Without `obj` it is about the person's account: what was taken is many records, or none.
    A `seldom` one like the last is left out for a minute.
    """

    action: str
    obj: models.Model | None = None
    after: dict[str, Any] = field(default_factory=dict)
    seldom: bool = False


def noted(answer: Answer, note: Note) -> Answer:
    """The answer, marked so that `middleware.access_audited` leaves an entry about it."""
    answer.note = note  # type: ignore[attr-defined]
    return answer


def opened(page: Answer, obj: models.Model) -> Answer:
    """The page of all that `obj` tells."""
    return noted(page, Note(OPENED, obj))


def fetched(file: Answer, document: str, obj: models.Model, kind: str, **more: Any) -> Answer:
    """A document of `obj` as a file: which one and its format, never how somebody called it.

    `document` is an English source text.
    """
    return noted(file, Note(FETCHED, obj, {"file": document, "format": kind, **more}))


def leave(note: Note, *, actor: User) -> None:
    """Write the entry of an answer that was sent."""
    about = note.obj or actor
    if note.seldom:
        same = AuditEntry.objects.filter(
            object_type=about._meta.label_lower, object_id=str(about.pk), action=note.action
        )
        last = same.filter(after=note.after).order_by("-id").first()
        if last and clock.now() - last.at < SELDOM:
            return
    record(note.action, actor=actor, obj=about, after=note.after or None)
