"""Background work on lists: read one into a preview, apply one that was confirmed."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext_noop

from contact_points import formats
from contact_points.models import ImportRun
from contact_points.resources import read_list_file
from contact_points.services import imports, undoing
from outreach import jobs
from outreach.models import Job


@jobs.task
def read_list(job: Job, progress: jobs.Progress) -> str:
    """Read the uploaded file and keep what it would do; the registry stays untouched."""
    run = ImportRun.objects.get(pk=job.args["run"])
    progress(imports.READING)
    with run.file.open("rb") as file:
        content = file.read()
    try:
        rows, understood = read_list_file(run.file_name, content)
    except formats.Unreadable as error:
        imports.refuse_list(run=run, text=error.text, params=error.params, actor=job.created_by)
        raise jobs.JobFailed(error.text, **error.params) from error
    imports.preview_list(
        run=run, rows=rows, understood=understood, actor=job.created_by, progress=progress
    )
    return run.get_absolute_url()


@jobs.task
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
