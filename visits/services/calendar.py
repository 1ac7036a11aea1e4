"""Move planned visits to another day, and hand out the address of a person's calendar."""

import hashlib
import secrets
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from outreach import audit, clock
from outreach.models import User
from outreach.roles import Capability
from visits.models import CalendarFeed, PlanLine
from visits.services.errors import NotPossible
from visits.services.plans import why_shut, write_line


@transaction.atomic
def move_line(
    *, line: PlanLine, actor: User, version: int, planned_date: date, reason: str = ""
) -> PlanLine:
    """Set another day; everything else of the line stays as it is. Raises what `write_line` does.

    NotPossible for a day that is over and for a line whose visit took place or is not owed.
    """
    if planned_date < clock.today():
        raise NotPossible(_("This day is over. Choose today or a later day."))
    # Not locked here: whoever changes it changes its version, which is asked under the lock.
    current = PlanLine.objects.with_visits_made().select_related("plan").get(pk=line.pk)
    if fixed := why_fixed(current):
        raise NotPossible(fixed)
    return write_line(
        line=current,
        actor=actor,
        version=version,
        planned_date=planned_date,
        group=current.group,
        officer_id=current.officer_id,
        topics=list(current.topics.all()),
        reason=reason,
    )


def why_fixed(line: PlanLine) -> str:
    """Why the line's day is not moved any more; nothing while it may be.

    The line is one read `with_visits_made`, and with its plan.
    """
    if line.exemption or line.visits_made:  # type: ignore[attr-defined]
        return _("This visit took place or is not owed: its day is not changed.")
    if line.month < clock.this_month():
        return _("This month is over: its days are not changed.")
    return why_shut(line)


def digest_of(token: str) -> str:
    """What is kept of a feed's secret; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, actor: User) -> str:
    """A new secret for the person's feed, shown once; an earlier address ends."""
    if not actor.can(Capability.RECORD_VISITS):
        raise PermissionDenied
    token = secrets.token_urlsafe(32)
    values = {"digest": digest_of(token), "created_at": clock.now()}
    feed, _new = CalendarFeed.objects.update_or_create(user=actor, defaults=values)
    audit.record(gettext_noop("Calendar address made"), actor=actor, obj=feed)
    return token


@transaction.atomic
def revoke_feed(*, actor: User) -> None:
    """End the person's feed: its address opens nothing from now on."""
    feed = CalendarFeed.objects.select_for_update().filter(user=actor).first()
    if feed is not None:
        audit.record(gettext_noop("Calendar address revoked"), actor=actor, obj=feed)
        feed.delete()
