"""The audit trail: every service that writes calls `record` once."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_noop

from outreach.logs import request_id
from outreach.models import AuditEntry, User

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
    gettext_noop("co officers"),
)


def facts(obj: models.Model, *fields: str) -> dict[str, Any]:
    """The named fields of `obj` as they are stored, for `before` and `after`."""
    return {name: obj.serializable_value(name) for name in fields}


def entry(
    action: str,
    *,
    actor: User | None,
    obj: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    bulk_id: UUID | None = None,
) -> AuditEntry:
    """An unsaved entry, for bulk actions that insert many at once."""
    county_id = getattr(obj, "county_id", None) or (actor.county_id if actor else None)
    return AuditEntry(
        actor=actor,
        county_id=county_id,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:200],
        before=before,
        after=after,
        bulk_id=bulk_id,
        request_id=request_id.get(),
    )


def record(action: str, **who_and_what: Any) -> AuditEntry:
    """Write one entry; takes what `entry` takes. `action` is an English source text."""
    row = entry(action, **who_and_what)
    row.save(force_insert=True)
    return row


def history(obj: models.Model) -> models.QuerySet[AuditEntry]:
    """All entries about `obj`, newest first."""
    return AuditEntry.objects.filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk)
    ).newest_first()
