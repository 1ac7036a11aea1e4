"""Write, send and review feedback."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Feedback, Review
from feedback.permissions import can_review
from outreach import audit, clock, notifications
from outreach.models import User
from visits.models import Visit
from visits.permissions import can_edit_visit
from visits.services.errors import NotPossible, StaleVersion

# A mobile or an identity number inside running text (domain: what is never collected).
PRIVATE_NUMBER = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")


def check_private_numbers(texts: Mapping[str, str]) -> None:
    """Ask the writer to take out telephone and identity numbers. Raises ValidationError."""
    found = {
        name: _("Please take out the number %(number)s: no telephone or identity numbers here.")
        % {"number": match.group()}
        for name, text in texts.items()
        if (match := PRIVATE_NUMBER.search(text))
    }
    if found:
        raise ValidationError(found)


def _minutes(opened_at: datetime, now: datetime) -> int:
    return max(0, round((now - opened_at).total_seconds() / 60))


@transaction.atomic
def save_feedback(
    *,
    visit: Visit,
    actor: User,
    texts: Mapping[str, str],
    version: int,
    opened_at: datetime | None = None,
    send: bool,
) -> Feedback:
    """Keep the four texts as a draft, or send them to the county office.

    `version` is 0 for the first save. A first sending fixes the day of arrival for good; sending
    again after a return does not move it. Raises PermissionDenied, ValidationError (no findings,
    private numbers), StaleVersion.
    """
    # The visit's row is the lock: two first saves at once must not both create.
    Visit.objects.select_for_update().get(pk=visit.pk)
    current = Feedback.objects.filter(visit=visit).first()
    if current is not None:
        visit.feedback = current
    if not can_edit_visit(actor, visit):
        raise PermissionDenied
    if (current.version if current else 0) != version:
        raise StaleVersion(current)
    texts = {name: texts.get(name, "").strip() for name in Feedback.TEXTS}
    if send:
        if not texts["findings"]:
            raise ValidationError({"findings": _("Write what was learnt before sending.")})
        check_private_numbers(texts)
    now = clock.now()
    row = current or Feedback(
        visit=visit, county_id=visit.county_id, opened_at=min(opened_at or now, now)
    )
    before = audit.facts(row, "state", *Feedback.TEXTS) if current else None
    for name, text in texts.items():
        setattr(row, name, text)
    row.written_by, row.version = actor, version + 1
    if send:
        row.state = Feedback.State.SUBMITTED
        if row.received_at is None:
            row.received_at, row.sent_minutes = now, _minutes(row.opened_at, now)
    # A draft has not been received yet; the database checks that what was sent was.
    row.clean_fields(exclude=["visit", "county", "written_by", "received_at", "sent_minutes"])
    row.save()
    audit.record(
        gettext_noop("Feedback sent") if send else gettext_noop("Feedback draft saved"),
        actor=actor,
        obj=row,
        before=before,
        after=audit.facts(row, "state", *Feedback.TEXTS),
    )
    return row


@transaction.atomic
def review_feedback(*, feedback: Feedback, actor: User, reason: str = "") -> Feedback:
    """Accept a feedback, or with a reason return it to its author."""
    if not can_review(actor, feedback):
        raise PermissionDenied
    states = Feedback.State
    state = states.RETURNED if reason else states.ACCEPTED
    moved = Feedback.objects.filter(
        pk=feedback.pk, state=states.SUBMITTED, version=feedback.version
    ).update(state=state, return_reason=reason, version=feedback.version + 1)
    if not moved:
        raise NotPossible(_("Somebody decided this feedback in the meantime. Load it again."))
    feedback.refresh_from_db(fields=["state", "return_reason", "version"])
    Review.objects.create(
        feedback=feedback,
        decision=Review.Decision.RETURNED if reason else Review.Decision.ACCEPTED,
        reason=reason,
        by=actor,
        at=clock.now(),
    )
    audit.record(
        gettext_noop("Feedback returned") if reason else gettext_noop("Feedback accepted"),
        actor=actor,
        obj=feedback,
        before={"state": states.SUBMITTED},
        after=audit.facts(feedback, "state", "return_reason"),
    )
    if reason:
        _tell_author(feedback, reason)
    return feedback


def _tell_author(feedback: Feedback, reason: str) -> None:
    officer = feedback.visit.officer
    people = {feedback.written_by_id, officer.user_id} - {None}
    notifications.notify(
        User.objects.active().filter(pk__in=people),
        gettext_noop("%(village)s: your feedback was returned: %(reason)s"),
        params={"village": str(feedback.visit.contact_point.village), "reason": reason},
        url=feedback.get_absolute_url(),
    )
