"""Write, send and review feedback."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Feedback, Review
from feedback.permissions import can_review
from feedback.substance import marks_of_visit
from outreach import audit, clock, notifications
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.models import Visit
from visits.permissions import can_edit_visit
from visits.services.errors import NotPossible, StaleVersion


@transaction.atomic
def save_feedback(
    *,
    visit: Visit,
    actor: User,
    texts: Mapping[str, str],
    version: int,
    minutes: int = 0,
    send: bool,
) -> Feedback:
    """Keep the four texts as a draft, or send them to the county office.

    `version` is 0 for the first save, `minutes` what it took to write so far. A first sending
    fixes the day of arrival for good; sending again after a return does not move it. The same
    save arriving twice is one. Raises PermissionDenied, ValidationError (no
    findings, private numbers), StaleVersion.
    """
    # The visit's row is the lock: two first saves at once must not both create.
    Visit.objects.hold(visit.pk)
    visit = Visit.objects.with_feedback().get(pk=visit.pk)
    current = getattr(visit, "feedback", None)
    texts = {name: texts.get(name, "").strip() for name in Feedback.TEXTS}
    if current is not None and _is_repeated(current, actor, texts, version, send):
        return current
    if not can_edit_visit(actor, visit):
        raise PermissionDenied
    if (current.version if current else 0) != version:
        raise StaleVersion(current)
    if send and not texts["findings"]:
        raise ValidationError({"findings": _("Write what was learnt before sending.")})
    check_private_numbers(texts)
    now = clock.now()
    row = current or Feedback(visit=visit, county_id=visit.county_id)
    before = _facts(row) if current else None
    for name, text in texts.items():
        setattr(row, name, text)
    row.written_by, row.version = actor, version + 1
    if send:
        row.state = Feedback.State.SUBMITTED
        row.marks = [mark.stored() for mark in marks_of_visit(visit, texts, row.received_at)]
        if row.received_at is None:
            row.received_at, row.sent_minutes = now, minutes
    # A draft has not been received yet; the database checks that what was sent was.
    row.clean_fields(exclude=["visit", "county", "written_by", "received_at", "sent_minutes"])
    row.save()
    audit.record(
        gettext_noop("Feedback sent") if send else gettext_noop("Feedback draft saved"),
        actor=actor,
        obj=row,
        before=before,
        after=_facts(row),
    )
    return row


def _is_repeated(
    current: Feedback, actor: User, texts: Mapping[str, str], version: int, send: bool
) -> bool:
    """Whether this very save arrived before: its answer was lost on the way."""
    return (
        current.version == version + 1
        and current.written_by_id == actor.pk
        and send == (current.state == Feedback.State.SUBMITTED)
        and all(getattr(current, name) == text for name, text in texts.items())
    )


def _facts(row: Feedback) -> dict[str, Any]:
    # The trail keeps that there is a text, not which: versions keep the texts.
    return audit.facts(row, "state") | {
        name: len(getattr(row, name)) for name in Feedback.TEXTS if getattr(row, name)
    }


@transaction.atomic
def review_feedback(
    *,
    feedback: Feedback,
    actor: User,
    reason: str = "",
    version: int | None = None,
    bulk_id: UUID | None = None,
) -> Feedback:
    """Accept a feedback, or with a reason return it to its author.

    `version` is what the reviewer saw, with its marks. Raises PermissionDenied, NotPossible,
    ValidationError.
    """
    seen = feedback.version if version is None else version
    Visit.objects.hold(feedback.visit_id)
    feedback = Feedback.objects.select_related(
        "visit__contact_point__village", "visit__contact_point__unit"
    ).get(pk=feedback.pk)
    if feedback.version != seen:
        raise NotPossible(_("The record changed since you opened it. Read it again."))
    if not can_review(actor, feedback):
        raise PermissionDenied
    check_private_numbers({"reason": reason})
    states = Feedback.State
    state = states.RETURNED if reason else states.ACCEPTED
    decided = {"state": state, "return_reason": reason, "version": feedback.version + 1}
    waiting = Feedback.objects.filter(
        pk=feedback.pk, state=states.SUBMITTED, version=feedback.version
    )
    if not waiting.update(**decided):
        raise NotPossible(_("Somebody decided this feedback in the meantime. Load it again."))
    for name, value in decided.items():
        setattr(feedback, name, value)
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
        bulk_id=bulk_id,
    )
    if reason:
        _tell_author(feedback, reason)
    return feedback


def _tell_author(feedback: Feedback, reason: str) -> None:
    officer = feedback.visit.officer
    people = {feedback.written_by_id, officer.user_id} - {None}
    notifications.notify_as_chosen(
        User.objects.active().filter(pk__in=people),
        gettext_noop("%(village)s: your feedback was returned: %(reason)s"),
        params={"village": str(feedback.visit.contact_point.village), "reason": reason},
        url=feedback.get_absolute_url(),
    )
