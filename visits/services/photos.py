"""Photos of a visit: received piece by piece and once only, kept, prepared for pages, removed."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from outreach import audit, clock, files, jobs
from outreach.models import User
from visits import parts, pictures
from visits.models import KeptPicture, Visit, VisitPhoto
from visits.permissions import can_add_photo, can_edit_visit, can_send_photo

MOST_A_VISIT = 50
CHUNK_MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Received:
    """How far the photo has come: bytes on the disk, and whether it is kept."""

    received: int
    complete: bool


class WrongOffset(Exception):
    """The chunk does not begin where what is here ends; `received` is where that is."""

    def __init__(self, received: int):
        super().__init__(received)
        self.received = received


def received(*, visit: Visit, sha256: str) -> Received:
    """How far a photo has come, for whoever goes on with it."""
    if photo := visit.photos.filter(sha256=sha256).first():
        return Received(photo.sent_bytes, True)
    return Received(parts.received(visit.pk, sha256), False)


def receive_chunk(
    *, visit: Visit, sha256: str, offset: int, length: int, chunk: bytes, actor: User
) -> Received:
    """Take the next bytes of a photo of `length` bytes; with the last ones it is kept.

    A photo that is here already is answered as complete, whatever became of the visit since.
    Raises PermissionDenied, ValidationError, WrongOffset.
    """
    if not can_send_photo(actor, visit):
        raise PermissionDenied
    if visit.photos.filter(sha256=sha256).exists():
        return Received(length, True)
    _check_adding(visit, actor)
    _check_chunk(offset, length, chunk)
    with parts.hold(visit.pk, sha256) as part:
        if visit.photos.filter(sha256=sha256).exists():  # kept while this one waited
            part.forget()
            return Received(length, True)
        if offset != part.received:
            raise WrongOffset(part.received)
        part.append(chunk)
        if part.received < length:
            return Received(part.received, False)
        try:
            _keep_whole(visit, sha256, part.read(), actor)
        except ValidationError:
            part.forget()
            raise
        part.forget()
    return Received(length, True)


def _check_chunk(offset: int, length: int, chunk: bytes) -> None:
    """What will be refused in the end is refused before the rest of it is sent."""
    pictures.check_length(length)
    if len(chunk) > CHUNK_MAX_BYTES or offset < 0 or offset + len(chunk) > length:
        raise ValidationError(_("The photo was sent in wrong pieces. Send it again."))
    if offset == 0 and len(chunk) >= 16:
        pictures.check_beginning(chunk[:16])


def _keep_whole(visit: Visit, sha256: str, content: bytes, actor: User) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValidationError(_("The photo changed on its way. Send it again."))
    add_photo(visit=visit, content=content, actor=actor)


def _check_adding(visit: Visit, actor: User) -> None:
    if not can_add_photo(actor, visit):
        raise PermissionDenied
    if visit.photos.count() >= MOST_A_VISIT:
        raise ValidationError(
            _("A visit holds up to %(most)s photos. Remove one to add another.")
            % {"most": MOST_A_VISIT}
        )


@transaction.atomic
def add_photo(*, visit: Visit, content: bytes, actor: User) -> VisitPhoto:
    """Keep a photo with the visit; the same one again is the same one.

    Raises PermissionDenied, ValidationError.
    """
    if not can_send_photo(actor, visit):
        raise PermissionDenied
    sha256 = hashlib.sha256(content).hexdigest()
    visit = _locked(visit)
    if known := visit.photos.filter(sha256=sha256).first():
        return known
    _check_adding(visit, actor)
    picture = pictures.checked(content)
    photo = VisitPhoto(
        visit=visit,
        county_id=visit.county_id,
        sha256=sha256,
        sent_bytes=len(content),
        width=picture.width,
        height=picture.height,
        added_by=actor,
        received_at=clock.now(),
    )
    with files.none_without_row(photo.file):
        files.keep(photo.file, picture.kind, picture.content)
        photo.save(force_insert=True)
        audit.record(gettext_noop("Photo added"), actor=actor, obj=visit, after=_facts(photo))
        jobs.enqueue(
            "visits.tasks.prepare_photo",
            title=gettext_noop("Prepare a photo"),
            county_id=visit.county_id,
            actor=actor,
            args={"photo": photo.pk},
            key=f"photo:{photo.pk}",
        )
    return photo


@transaction.atomic
def remove_photo(*, photo: VisitPhoto, actor: User) -> None:
    """Take a photo away, its files with it; what is gone stays gone. Raises PermissionDenied."""
    visit = _locked(photo.visit)
    if not can_edit_visit(actor, visit):
        raise PermissionDenied
    # Read under the lock: its sizes may have been prepared a moment ago.
    present = VisitPhoto.objects.select_for_update().filter(pk=photo.pk).first()
    if present is None:
        return
    photo = present
    audit.record(
        gettext_noop("Photo removed"), actor=actor, obj=visit, before=_facts(photo), after={}
    )
    photo.delete()
    files.delete_on_commit(photo.file, photo.view, photo.thumb)


def prepare_photo(*, photo: KeptPicture) -> None:
    """Make the sizes that pages show; doing it twice, or after its removal, changes nothing."""
    with photo.file.open() as file:
        content = file.read()
    kind: Any = type(photo)
    waiting = kind.objects.waiting().filter(pk=photo.pk)
    try:
        view, thumb = pictures.sizes_of(content)
    except pictures.Damaged:
        waiting.update(state=KeptPicture.State.DAMAGED)
        return
    made = kind()
    with files.none_without_row(made.view, made.thumb):
        files.keep(made.view, "jpg", view)
        files.keep(made.thumb, "jpg", thumb)
        names = {"view": made.view.name, "thumb": made.thumb.name}
        if not waiting.update(state=KeptPicture.State.READY, **names):
            files.delete(made.view, made.thumb)


def give_up(*, rows: Any) -> None:
    """The sizes of these pictures cannot be made here: the page says so."""
    rows.waiting().update(state=KeptPicture.State.DAMAGED)


def _locked(visit: Visit) -> Visit:
    # Locked first and read afterwards, so that the feedback is as fresh as the row.
    Visit.objects.select_for_update().get(pk=visit.pk)
    return Visit.objects.select_related("feedback").get(pk=visit.pk)


def _facts(photo: VisitPhoto) -> dict[str, Any]:
    return {"sha256": photo.sha256}
