"""Background work on lists: read one into a preview, apply one that was confirmed."""

from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext_noop

from contact_points.models import Alias, ImportRun
from contact_points.reading.files import Unreadable
from contact_points.reading.lists import Reading
from contact_points.reading.memory import limited_memory
from contact_points.reading.reader import read_list as read_file
from contact_points.services import imports, undoing
from outreach import jobs
from outreach.models import Job


def _refuse(job: Job) -> None:
    # A reader that meets the limit of memory below Python ends its process, not with an exception.
    sentence = gettext_noop("The list could not be read. Copy only the list into a new workbook.")
    run = ImportRun.objects.get(pk=job.args["run"])
    imports.refuse_list(run=run, text=sentence, params={}, actor=job.created_by)


def _give_back(job: Job) -> None:
    sentence = gettext_noop("The list could not be applied, so nothing was changed. Try again.")
    run = ImportRun.objects.get(pk=job.args["run"])
    imports.give_back(run=run, text=sentence, actor=job.created_by)


@jobs.task(gave_up=_refuse)
def read_list(job: Job, progress: jobs.Progress) -> str:
    """Read the uploaded file and keep what it would do; the registry stays untouched."""
    run = ImportRun.objects.get(pk=job.args["run"])
    progress(imports.READING)
    try:
        with limited_memory():
            reading = _read(run, job.args.get("columns"))
    except Unreadable as error:
        imports.refuse_list(run=run, text=error.text, params=error.params, actor=job.created_by)
        raise jobs.JobFailed(error.text, **error.params) from error
    if reading.missing:
        sentence = gettext_noop("The list has no column “%(column)s”.")
        params = {"column": run.layout.by_name[reading.missing[0]].header}
        imports.refuse_list(
            run=run,
            text=sentence,
            params=params,
            actor=job.created_by,
            understood=reading.understood(),
        )
        raise jobs.JobFailed(sentence, **params)
    imports.preview_list(
        run=run,
        rows=reading.rows,
        understood=reading.understood(),
        actor=job.created_by,
        progress=progress,
    )
    return run.get_absolute_url()


def _read(run: ImportRun, columns: dict[str, str] | None) -> Reading:
    """The file with the county's own headers; `columns` is a person's word, index -> name."""
    headers = Alias.objects.filter(county=run.county_id, kind=Alias.Kind.HEADER)
    with run.file.open("rb") as file:
        content = file.read()
    return read_file(
        run.file_name,
        content,
        layout=run.layout,
        synonyms=dict(headers.values_list("text", "column")),
        mapping={int(index): name for index, name in columns.items()} if columns else None,
        year=run.first_day.year,
    )


@jobs.task(gave_up=_give_back)
def apply_list(job: Job, progress: jobs.Progress) -> str:
    """Write the confirmed preview; whoever asked must still be allowed to."""
    run = ImportRun.objects.get(pk=job.args["run"])
    progress(gettext_noop("Writing to the registry"))
    try:
        imports.apply_import(run=run, plan_sha256=job.args["plan_sha256"], actor=job.created_by)
    except PermissionDenied as error:
        sentence = gettext_noop("You may no longer import lists, so nothing was applied.")
        imports.give_back(run=run, text=sentence, actor=job.created_by)
        raise jobs.JobFailed(sentence) from error
    except IntegrityError as error:
        sentence = gettext_noop(
            "Somebody changed the registry at the same moment, so nothing was applied. Try again."
        )
        imports.give_back(run=run, text=sentence, actor=job.created_by)
        raise jobs.JobFailed(sentence) from error
    return run.get_absolute_url()


@jobs.task
def undo_list(job: Job, progress: jobs.Progress) -> str:
    """Take an applied list back; whoever asked must still be allowed to."""
    run = ImportRun.objects.get(pk=job.args["run"])
    progress(undoing.UNDOING)
    try:
        done = undoing.undo_import(run=run, actor=job.created_by)
    except PermissionDenied as error:
        raise jobs.JobFailed(
            gettext_noop("You may no longer import lists, so nothing was undone.")
        ) from error
    except IntegrityError as error:
        raise jobs.JobFailed(
            gettext_noop(
                "Somebody changed the registry at the same moment, so nothing was undone. "
                "Try again."
            )
        ) from error
    if not done:
        raise jobs.JobFailed(gettext_noop("Something stands in the way, so nothing was undone."))
    return run.get_absolute_url()


@shared_task
def delete_old_originals() -> None:
    """Delete the files of old imports; sent daily by beat."""
    for run in ImportRun.objects.with_old_original():
        imports.forget_file(run=run, actor=None)
