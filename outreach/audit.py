"""The audit trail: every service that writes calls `record` once."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext_noop

from outreach import clock, copying
from outreach.logs import request_id
from outreach.models import AuditEntry, User

_LABEL = 200  # what fits into `object_label`

# What changes nothing and is noted all the same: what left as a file, and who opened what.
TAKEN, OPENED = gettext_noop("List exported"), gettext_noop("Record opened")

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
    """What was done with `obj`, newest first; who opened it is for the trail alone."""
    rows = AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
    return rows.exclude(action=OPENED).newest_first()


def opened(page: HttpResponse, obj: models.Model) -> HttpResponse:
    """The page of all that `obj` tells; `middleware.access_audited` notes who opened it."""
    page.opened = obj  # type: ignore[attr-defined]
    return page
