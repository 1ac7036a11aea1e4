"""Keep what somebody is typing about a visit, until the record is saved or thrown away.

Drafts are saved every few seconds and nobody else ever reads them: they leave no audit entries.
"""

import json
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from contact_points.models import ContactPoint
from outreach import clock
from outreach.models import User
from visits.models import VisitDraft
from visits.permissions import can_record_visit
from visits.services.errors import NotPossible, StaleVersion

MOST_DRAFTS = 50


@transaction.atomic
def save_draft(
    *,
    record: UUID,
    contact_point: ContactPoint,
    content: Sequence[tuple[str, str]],
    missing: Sequence[str],
    revision: int,
    actor: User,
) -> VisitDraft:
    """Keep the fields as typed; `revision` is the one the page knows, 0 for none.

    The same content arriving twice is one. Raises PermissionDenied, NotPossible (too much),
    StaleVersion when it was continued in another tab or on another device.
    """
    if not can_record_visit(actor, contact_point):
        raise PermissionDenied
    # The one sign that a JSON field of PostgreSQL cannot hold.
    pairs = [[part.replace("\0", "") for part in pair] for pair in content]
    if len(json.dumps(pairs, ensure_ascii=False).encode()) > VisitDraft.LARGEST:
        raise NotPossible(_("The draft is too long to be kept. Shorten the texts."))
    # The writer's row is the lock: two tabs may begin the same draft at the same moment.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    row = VisitDraft.objects.filter(writer=actor, record=record).first()
    if row is None:
        if VisitDraft.objects.filter(writer=actor).count() >= MOST_DRAFTS:
            raise NotPossible(_("You have too many drafts. Send or discard one first."))
        row = VisitDraft(writer=actor, record=record, revision=0)
    elif row.content == pairs:
        return row
    if row.revision != revision:
        raise StaleVersion(row)
    row.contact_point, row.content, row.missing = contact_point, pairs, list(missing)
    row.revision, row.saved_at = revision + 1, clock.now()
    row.save()
    return row


def discard_draft(*, record: UUID, actor: User) -> bool:
    """Throw the person's draft of the record away; whether there was one."""
    deleted, _rows = VisitDraft.objects.filter(writer=actor, record=record).delete()
    return bool(deleted)
