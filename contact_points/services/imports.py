"""A list from upload to registry: kept, read, confirmed, applied exactly as shown."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County, ImportRun, ImportTrail
from contact_points.permissions import can_import_lists
from contact_points.reading.lists import ListRow
from contact_points.services.kinds import KINDS, Confirmed, plan_run
from contact_points.services.previews import keep_preview
from outreach import audit, clock, copying, jobs
from outreach.models import Job, User

State = ImportRun.State
READING = gettext_noop("Reading the list")
_LOCK = 0x0C91  # first half of the advisory lock; the county is the second


class NotPossible(Exception):
    """A step that the import's present state does not allow, with a sentence for the person."""


def check_allowed(actor: User | None, county_id: int) -> None:
    # actor None is the command line of the installation itself.
    if actor is not None and not can_import_lists(actor, county_id):
        raise PermissionDenied


@transaction.atomic
def keep_list(
    *,
    county: County,
    file_name: str,
    content: bytes,
    first_day: date,
    actor: User | None,
    kind: str = ImportRun.Kind.CONTACT_POINTS,
) -> ImportRun:
    """Store an uploaded list with its hash; nothing is read yet."""
    check_allowed(actor, county.pk)
    run = ImportRun(
        kind=kind,
        county=county,
        created_by=actor,
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        first_day=first_day,
    )
    extension = file_name.rsplit(".", 1)[-1].lower()
    run.file.save(f"{run.pk}.{extension}", ContentFile(content), save=False)
    run.save(force_insert=True)
    audit.record(
        gettext_noop("List uploaded"),
        actor=actor,
        obj=run,
        after=audit.facts(run, "kind", "file_name", "sha256", "first_day"),
    )
    return run


@transaction.atomic
def start_import(
    *,
    county: County,
    file_name: str,
    content: bytes,
    first_day: date,
    actor: User,
    kind: str = ImportRun.Kind.CONTACT_POINTS,
) -> ImportRun:
    """Keep a list and let it be read in the background."""
    run = keep_list(
        county=county,
        file_name=file_name,
        content=content,
        first_day=first_day,
        actor=actor,
        kind=kind,
    )
    run.job = enqueue("read_list", READING, run, actor, {})
    run.save(update_fields=["job"])
    return run


@transaction.atomic
def refuse_list(
    *,
    run: ImportRun,
    text: str,
    params: dict[str, Any],
    actor: User | None,
    understood: dict[str, Any] | None = None,
) -> None:
    """The file cannot be read; `text` is the source sentence that says why.

    With what was `understood` of it, a person can name the columns that are missing.
    """
    if ImportRun.objects.filter(pk=run.pk, state=State.READING).update(
        state=State.REFUSED,
        message=text,
        message_params=params,
        understood=understood or {},
        counts={},
    ):
        audit.record(gettext_noop("List refused"), actor=actor, obj=run, after={"why": text})
        if KINDS[run.kind].private and understood is None:
            # It may have been refused for the names it holds.
            forget_file(run=run, actor=actor)


@transaction.atomic
def forget_file(*, run: ImportRun, actor: User | None) -> None:
    """Delete the uploaded file; what was read of it and what came of it stays."""
    if not run.file:
        return
    # The file goes first: a row that still names it is found again, a file without a row is not.
    run.file.delete(save=False)
    ImportRun.objects.filter(pk=run.pk).update(file="")
    audit.record(gettext_noop("Original of a list deleted"), actor=actor, obj=run)


@copying.no_collecting()
def preview_list(
    *,
    run: ImportRun,
    rows: Sequence[ListRow],
    understood: dict[str, Any],
    actor: User | None,
    progress: Callable[..., None] = lambda *args: None,
) -> ImportRun:
    """Decide what the rows would do and keep that as the preview; the registry stays untouched."""
    kept = KINDS[run.kind].kept(rows)
    plan = plan_run(run, kept, progress)
    with transaction.atomic():
        if kept != list(rows):
            forget_file(run=run, actor=actor)
        if KINDS[run.kind].private:
            understood["dropped"] = [row | {"text": ""} for row in understood.get("dropped", [])]
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if run.state not in (State.READING, State.READY):
            return run
        run.understood = understood
        keep_preview(run, plan)
        audit.record(gettext_noop("List read"), actor=actor, obj=run, after=run.counts)
    return run


@transaction.atomic
def confirm_import(
    *,
    run: ImportRun,
    sha256: str,
    plan_sha256: str,
    actor: User,
    close: bool | Collection[int] = (),
) -> ImportRun:
    """Apply, in the background, exactly the file and the preview of these hashes.

    `close` are those of the contact points which the list leaves out that shall end the day
    before it begins to hold; True means all of them. Nothing closes by default.
    """
    check_allowed(actor, run.county_id)
    run = ImportRun.objects.select_for_update(of=["self"]).select_related("job").get(pk=run.pk)
    run.closes = [pk for pk in run.left if close is True or (close and pk in close)]
    if not run.can_be_confirmed or not (run.rows_to_apply or run.closes):
        raise NotPossible(_("There is nothing to apply, or it is being applied already."))
    if (run.sha256, run.plan_sha256) != (sha256, plan_sha256):
        raise NotPossible(_("The preview is a newer one. Look at it before you apply it."))
    run.state, run.message, run.message_params = State.APPLYING, "", {}
    title = gettext_noop("Applying the list")
    run.job = enqueue("apply_list", title, run, actor, {"plan_sha256": plan_sha256})
    run.save(update_fields=["state", "message", "message_params", "job", "closes"])
    audit.record(
        gettext_noop("List confirmed"),
        actor=actor,
        obj=run,
        after={"sha256": sha256, "rows": run.rows_to_apply, "closed": len(run.closes)},
    )
    return run


@copying.no_collecting()
@transaction.atomic
def apply_import(
    *, run: ImportRun, plan_sha256: str, actor: User | None, close: bool = False
) -> bool:
    """Write the previewed rows, all or none; rejected and asking rows stay out.

    Ends the contact points that were confirmed to, with `close` all that the list leaves out.

    True when they are in the registry, now or since an earlier run of the same job. False when
    the registry moved on since the preview: then nothing is written and a new preview waits.
    Raises PermissionDenied.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state in (State.APPLIED, State.UNDONE):  # a late second run of the job
        return True
    check_allowed(actor, run.county_id)
    one_at_a_time(run.county_id)
    confirmed = KINDS[run.kind].confirm(run, plan_sha256)
    if confirmed is None:
        run.message = gettext_noop(
            "The registry changed since the preview, so nothing was applied. "
            "This is the new preview."
        )
        run.save(update_fields=["message"])
        audit.record(gettext_noop("List read again"), actor=actor, obj=run, after=run.counts)
        return False
    if close:
        run.closes = run.left
    _write(run, confirmed, actor)
    return True


def _write(run: ImportRun, confirmed: Confirmed, actor: User | None) -> None:
    trail = KINDS[run.kind].write(run, confirmed, actor)
    copying.insert_values(ImportTrail, ["content"], [[trail]], run=run.pk)
    run.state, run.applied_at = State.APPLIED, clock.now()
    run.save(update_fields=["state", "applied_at", "counts", "closes"])
    audit.record(
        gettext_noop("List applied"), actor=actor, obj=run, after=run.counts, bulk_id=run.bulk_id
    )


@transaction.atomic
def give_back(*, run: ImportRun, text: str, actor: User | None) -> None:
    """An apply that could not be done leaves the preview ready, with the sentence that says why."""
    if ImportRun.objects.filter(pk=run.pk, state=State.APPLYING).update(
        state=State.READY, message=text, message_params={}
    ):
        audit.record(gettext_noop("List not applied"), actor=actor, obj=run, after={"why": text})


def one_at_a_time(county_id: int) -> None:
    """Until the transaction ends, no other list is applied to this county."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, county_id])


def enqueue(task: str, title: str, run: ImportRun, actor: User, args: dict[str, Any]) -> Job:
    return jobs.enqueue(
        f"contact_points.tasks.{task}",
        title=title,
        county_id=run.county_id,
        actor=actor,
        args={"run": str(run.pk), **args},
        key=f"{task}:{run.pk}",
    )
