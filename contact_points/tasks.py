"""Background work on lists: read one into a preview, apply one that was confirmed."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext_noop

from contact_points import formats
from contact_points.models import ImportRun
from contact_points.resources import read_list_file
from contact_points.services import imports
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
    with run.file.open("rb") as file:
        content = file.read()
    try:
        with formats.limited_memory():
            rows, understood = read_list_file(run.file_name, content)
    except formats.Unreadable as error:
        imports.refuse_list(run=run, text=error.text, params=error.params, actor=job.created_by)
        raise jobs.JobFailed(error.text, **error.params) from error
    imports.preview_list(
        run=run, rows=rows, understood=understood, actor=job.created_by, progress=progress
    )
    return run.get_absolute_url()


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
