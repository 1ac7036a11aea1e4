"""Photos and documents of a matter: kept with a step or by themselves, withdrawn with a reason."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from feedback.models import Matter, MatterEvent, MatterFile
from feedback.permissions import can_add_evidence, can_withdraw_evidence
from feedback.services.telling import tell_of_files
from outreach import audit, clock, files, jobs
from outreach.models import User
from outreach.privacy import check_private_numbers, private_number
from visits import attachments, pictures
from visits.services.errors import NotPossible

MOST_A_MATTER = 30
MOST_AT_ONCE = 5  # of 20 MB each; the proxy takes 105 MB


@dataclass(frozen=True)
class Checked:
    """A file as it may be kept; without a width it is a document."""

    name: str
    kind: str
    content: bytes
    sha256: str
    width: int = 0
    height: int = 0


def checked(file: UploadedFile) -> Checked:
    """Told by its content: a picture without EXIF, or a document. Raises ValidationError."""
    name = str(file.name)
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        raise ValidationError(_("The file is larger than %(size)s MB.") % {"size": _MOST_MB})
    content = file.read()
    sha256 = hashlib.sha256(content).hexdigest()
    kind = attachments.extension_of(name)
    if pictures.kind_of(content[:16]) or kind not in attachments.DOCUMENTS:
        picture = pictures.checked(content)
        return Checked("", picture.kind, picture.content, sha256, picture.width, picture.height)
    if private_number(name):
        raise ValidationError(_("Its name holds a telephone or identity number. Rename it first."))
    return Checked(name[-200:], kind, attachments.checked(name, content), sha256)


_MOST_MB = settings.ATTACHMENT_MAX_BYTES // 2**20


def _all_checked(sent: Sequence[UploadedFile]) -> list[Checked]:
    """Every file, or a sentence for each that cannot be taken: none is kept then."""
    if len(sent) > MOST_AT_ONCE:
        sentence = _("Add at most %(most)s files at once.") % {"most": MOST_AT_ONCE}
        raise ValidationError({"files": sentence})
    taken, wrong = {}, []
    for file in sent:
        try:
            found = checked(file)
        except ValidationError as error:
            wrong.append(f"{file.name}{_(': ')}{' '.join(error.messages)}")
        else:
            taken[found.sha256] = found
    if wrong:
        raise ValidationError({"files": wrong})
    return list(taken.values())


def keep_files(
    matter: Matter, sent: Sequence[UploadedFile], by: User, event: MatterEvent | None = None
) -> list[MatterFile]:
    """Keep the files with the matter, for a step that brings them or for `add_evidence`.

    Those that are here already are left out. Raises ValidationError; then none is kept.
    """
    if not sent:
        return []
    Matter.objects.select_for_update(of=["self"]).get(pk=matter.pk)
    kept = MatterFile.objects.kept().filter(matter=matter)
    known = set(kept.values_list("sha256", flat=True))
    new = [file for file in _all_checked(sent) if file.sha256 not in known]
    if len(known) + len(new) > MOST_A_MATTER:
        sentence = _("A matter holds up to %(most)s photos and documents.")
        raise ValidationError({"files": sentence % {"most": MOST_A_MATTER}})
    now = clock.now()
    rows = [_row(matter, file, by, event, now) for file in new]
    with files.none_without_row(*(row.file for row in rows)):
        for row, file in zip(rows, new, strict=True):
            files.keep(row.file, file.kind, file.content)
            row.save(force_insert=True)
            if row.is_waiting:
                _prepare(row, by)
    return rows


def _row(
    matter: Matter, file: Checked, actor: User, event: MatterEvent | None, now: Any
) -> MatterFile:
    states = MatterFile.State
    return MatterFile(
        matter=matter,
        county_id=matter.county_id,
        event=event,
        file_name=file.name,
        size=len(file.content),
        sha256=file.sha256,
        width=file.width,
        height=file.height,
        state=states.WAITING if file.width else states.READY,
        added_by=actor,
        added_at=now,
    )


def _prepare(row: MatterFile, actor: User) -> None:
    jobs.enqueue(
        "feedback.tasks.prepare_matter_picture",
        title=gettext_noop("Prepare a photo"),
        county_id=row.county_id,
        actor=actor,
        args={"file": row.pk},
        key=f"matter-file:{row.pk}",
    )


def file_facts(rows: Sequence[MatterFile]) -> dict[str, Any]:
    """What the trail keeps of files."""
    return {"files": [row.file_name or row.sha256[:12] for row in rows]} if rows else {}


@transaction.atomic
def add_evidence(*, matter: Matter, actor: User, sent: Sequence[UploadedFile]) -> list[MatterFile]:
    """Add photos and documents to a matter; returns those that were new.

    Raises PermissionDenied, ValidationError (with a sentence for each; then none is kept).
    """
    if not can_add_evidence(actor, matter):
        raise PermissionDenied
    if not sent:
        raise ValidationError({"files": _("Choose a photo or a document first.")})
    rows = keep_files(matter, sent, actor)
    if rows:
        audit.record(
            gettext_noop("Photos or documents added"),
            actor=actor,
            obj=matter,
            after=file_facts(rows),
        )
        tell_of_files(matter, actor)
    return rows


@transaction.atomic
def withdraw_evidence(*, file: MatterFile, actor: User, reason: str) -> MatterFile:
    """Take a file back: its bytes go, that it was there and why it went stays in the story.

    Raises PermissionDenied, NotPossible (it is withdrawn already), ValidationError.
    """
    if not can_withdraw_evidence(actor, file):
        raise PermissionDenied
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why: others read it in the story.")})
    check_private_numbers({"reason": reason})
    row = MatterFile.objects.select_for_update(of=["self"]).get(pk=file.pk)
    if row.is_withdrawn:
        raise NotPossible(_("It is withdrawn already."))
    files.delete_on_commit(row.file, row.view, row.thumb)
    row.file = row.view = row.thumb = ""
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_because = actor, clock.now(), reason
    row.save(
        update_fields=["file", "view", "thumb", "withdrawn_by", "withdrawn_at", "withdrawn_because"]
    )
    audit.record(
        gettext_noop("Photo or document withdrawn"),
        actor=actor,
        obj=row.matter,
        before=file_facts([row]),
        after={"reason": reason},
    )
    return row
