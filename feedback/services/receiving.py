"""Receive a whole record once and only once, from a form, a phone's queue, or both at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint
from feedback.models import Feedback, Matter, RecordVersion
from feedback.records import Record, as_values, record_of, stamp_of, with_taken_up
from feedback.services.feedback import save_feedback
from feedback.services.matters import take_up_drafts
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import private_number, take_out
from visits.models import Visit
from visits.permissions import can_edit_visit, can_record_visit, is_author
from visits.services.drafts import discard_draft
from visits.services.errors import NotPossible, StaleVersion
from visits.services.recording import content_of, correct_visit, record_visit

MOST_PROBLEMS = 10
# A form left open over night says nothing about the work it was.
LONGEST_WRITING = timedelta(hours=4)


@dataclass(frozen=True)
class Sending:
    """How a record comes: `edition` names this saving of it, whichever way and however often."""

    edition: UUID
    # The stamp the form began from; empty for a new record.
    base: str = ""
    # What this client saved of the record before, whether or not it heard an answer.
    after: frozenset[UUID] = frozenset()
    send: bool = False
    opened_at: datetime | None = None
    written_at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """What the server holds now; `new` is false when it held just this already."""

    visit: Visit
    feedback: Feedback | None
    received_at: datetime
    new: bool
    stamp: str = field(default="")


@transaction.atomic
def receive_record(
    *, id: UUID, contact_point: ContactPoint, record: Record, sending: Sending, actor: User
) -> Receipt:
    """Take the record in: as a new visit, as the same again, or as its next version.

    Raises StaleVersion (with the stored visit) when somebody else saved it since, PermissionDenied,
    NotPossible, ValidationError. Of a record that is refused nothing is written.
    """
    _one_at_a_time(id)
    _check_problems(record.problems)
    stored = _stored(id)
    if stored is None:
        visit, _new = record_visit(
            id=id,
            contact_point=contact_point,
            content=record.content,
            actor=actor,
            written_at=sending.written_at,
        )
    else:
        _check_is_theirs(stored, contact_point, actor)
        if known := _known(stored, record, sending):
            return known
        record = with_taken_up(record, stored)
        _check_may_change(stored, actor)
        if not _follows(stored, sending):
            raise StaleVersion(stored)
        visit = stored
        if content_of(stored) != record.content:
            visit = correct_visit(
                visit=stored, content=record.content, actor=actor, version=stored.version
            )
    minutes = _minutes(sending)
    feedback = _write_texts(stored or visit, record, sending, actor, minutes)
    _write_problems(visit, record.problems, actor, new=stored is None)
    if sending.send:
        take_up_drafts(visit=visit, actor=actor)
    version = _note_version(visit, record, sending, actor, minutes)
    discard_draft(record=id, actor=actor)
    return _receipt(visit.pk, feedback, version.received_at, new=True)


def _one_at_a_time(id: UUID) -> None:
    # A record that is not there yet has no row to lock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(id)])


def _stored(id: UUID) -> Visit | None:
    return Visit.objects.with_content().prefetch_related("matters").filter(pk=id).first()


def _receipt(pk: UUID, feedback: Feedback | None, received_at: datetime, *, new: bool) -> Receipt:
    visit = Visit.objects.select_related("feedback").get(pk=pk)
    return Receipt(visit, feedback, received_at, new, stamp_of(visit))


def _check_is_theirs(stored: Visit, contact_point: ContactPoint, actor: User) -> None:
    if not can_record_visit(actor, contact_point):
        raise PermissionDenied
    if stored.unit_id != contact_point.unit_id:
        raise NotPossible(_("This record's number is taken. Begin a new one."))


def _known(stored: Visit, record: Record, sending: Sending) -> Receipt | None:
    """The answer to what arrived before: under this edition, or with just this content."""
    versions = stored.record_versions.filter(edition=sending.edition)
    version = versions.first()
    feedback = getattr(stored, "feedback", None)
    # What was stored then may have become matters since, which this client does not know.
    kept = with_taken_up(record, stored)
    contents = (as_values(record), as_values(kept))
    if version is None or version.content not in contents or version.sent != sending.send:
        sent = feedback is not None and not feedback.is_open
        if record_of(stored) != kept or (sending.send and not sent):
            return None
        version = None
    at = version.received_at if version else stored.received_at
    return _receipt(stored.pk, feedback, at, new=False)


def _check_may_change(stored: Visit, actor: User) -> None:
    if can_edit_visit(actor, stored):
        return
    if not is_author(actor, stored):
        raise PermissionDenied
    raise NotPossible(closed_because(stored))


def closed_because(visit: Visit) -> str:
    """Why its own author may not write the record now."""
    if visit.is_void:
        return _("This record was voided. Begin a new one.")
    return _("The county office has this record already. It can be changed when it comes back.")


def _follows(stored: Visit, sending: Sending) -> bool:
    """Whether the writer knew what is stored: saw it, or saved it with this very client."""
    if sending.base == stamp_of(stored):
        return True
    versions = stored.record_versions
    latest = versions.order_by("-number").values_list("edition", flat=True).first()
    return latest in sending.after | {sending.edition}


def _minutes(sending: Sending) -> int:
    """Minutes from opening the form to saving it, both by the client's own clock."""
    if sending.opened_at is None:
        return 0
    took = (sending.written_at or clock.now()) - sending.opened_at
    return round(min(max(took, timedelta()), LONGEST_WRITING).total_seconds() / 60)


def _write_texts(
    visit: Visit, record: Record, sending: Sending, actor: User, minutes: int
) -> Feedback | None:
    known = getattr(visit, "feedback", None)
    if not (sending.send or known or any(record.texts.values())):
        return None
    if known and not sending.send and all(getattr(known, n) == t for n, t in record.texts.items()):
        return known
    before = RecordVersion.objects.filter(visit=visit).aggregate(total=Sum("minutes"))["total"]
    return save_feedback(
        visit=visit,
        actor=actor,
        texts=record.texts,
        version=known.version if known else 0,
        minutes=minutes + (before or 0),
        send=sending.send,
    )


def _check_problems(problems: Sequence[str]) -> None:
    longest = Matter._meta.get_field("text").max_length
    wrong = []
    if len(problems) > MOST_PROBLEMS:
        wrong.append(_("Name at most %(most)s problems at one visit.") % {"most": MOST_PROBLEMS})
    for text in problems:
        if len(text) > (longest or 0):
            wrong.append(
                _("A problem is told in at most %(most)s characters: “%(begin)s…”.")
                % {"most": longest, "begin": text[:20]}
            )
        if number := private_number(text):
            wrong.append(take_out(number))
    if wrong:
        raise ValidationError({"problems": wrong})


def _write_problems(visit: Visit, problems: Sequence[str], actor: User, *, new: bool) -> None:
    """Replace the drafts as a whole; what was taken up stays."""
    rows = list(Matter.objects.filter(visit=visit))
    if [row.text for row in rows] == list(problems):
        return
    taken = [row for row in rows if not row.is_draft]
    Matter.objects.drafts().filter(visit=visit).delete()
    first = max((row.position or 0 for row in taken), default=-1) + 1
    Matter.objects.bulk_create(
        Matter(
            visit=visit,
            county_id=visit.county_id,
            village_id=visit.contact_point.village_id,
            position=first + n,
            text=text,
        )
        for n, text in enumerate(problems[len(taken) :])
    )
    audit.record(
        gettext_noop("Problems raised noted"),
        actor=actor,
        obj=visit,
        # Which they are is the record's own until it is sent; its versions keep the words.
        before={"problems": len(rows)},
        after={"problems": len(problems)},
    )
    if not new:  # whoever has the record open sees that it is another one
        Visit.objects.filter(pk=visit.pk).update(version=F("version") + 1)


def _note_version(
    visit: Visit, record: Record, sending: Sending, actor: User, minutes: int
) -> RecordVersion:
    now, versions = clock.now(), RecordVersion.objects.filter(visit=visit)
    # A page without a script that is changed and sent again still carries its first edition.
    again = versions.filter(edition=sending.edition).exists()
    return RecordVersion.objects.create(
        visit=visit,
        county_id=visit.county_id,
        number=versions.count() + 1,
        edition=uuid4() if again else sending.edition,
        content=as_values(record),
        sent=sending.send,
        by=actor,
        minutes=minutes,
        written_at=min(sending.written_at or now, now),
        received_at=now,
    )
