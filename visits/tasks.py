"""Background work on plans and photos."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext_noop

from contact_points.models import County
from contact_points.reading import Unreadable
from contact_points.reading.memory import limited_memory
from outreach import jobs
from outreach.models import Job, User
from visits import parts
from visits.loading import read_sheet
from visits.models import PlanImport, ProgrammeYear, VisitPhoto
from visits.services import photos, plan_imports
from visits.services.filling import fill_drafts
from visits.services.obligations import Handover, follow_registry
from visits.services.reminders import remind_county

log = logging.getLogger(__name__)


@jobs.task
def ensure_plan_lines(job: Job, progress: jobs.Progress) -> None:
    """Give new contact points their lines in every open year of the county."""
    act = job.args.get("act")
    follow_registry(county_id=job.county_id, act=act and _handover(act))


def _handover(act: dict[str, Any]) -> Handover:
    """The act as it was announced; a job that waited since an earlier version names nobody."""
    return Handover(
        bulk_id=UUID(act["id"]),
        before={int(pk): officer for pk, officer in act["before"].items()},
        actor=User.objects.filter(pk=act.get("actor")).first(),
    )


@jobs.task
def fill_all_plans(job: Job, progress: jobs.Progress) -> str:
    """Fill in the draft plans of the year; whoever asked must still be allowed to."""
    year = ProgrammeYear.objects.get(pk=job.args["year"])
    try:
        fill_drafts(year=year, actor=job.created_by, bulk_id=job.pk, progress=progress)
    except PermissionDenied as error:
        raise jobs.JobFailed(
            gettext_noop("You may no longer run the programme year, so nothing more was filled in.")
        ) from error
    return f"{reverse('plan_list')}?year={year.pk}"


def _refuse(job: Job) -> None:
    # A reader that meets the limit of memory below Python ends its process, not with an exception.
    sentence = gettext_noop("The file could not be read. Copy only the sheet into a new workbook.")
    run = PlanImport.objects.get(pk=job.args["run"])
    plan_imports.refuse_sheet(run=run, text=sentence, params={}, actor=job.created_by)


@jobs.task(gave_up=_refuse)
def read_plan_sheet(job: Job, progress: jobs.Progress) -> str:
    """Read an uploaded sheet of a plan and keep what it says; the plan stays untouched."""
    run = PlanImport.objects.for_page().get(pk=job.args["run"])
    if run.state != PlanImport.State.READING:  # a late second run of the job
        return run.get_absolute_url()
    progress(plan_imports.READING)
    try:
        with run.file.open("rb") as file, limited_memory():
            reading = read_sheet(run.file_name, file.read(), run.plan.programme_year.year)
    except Unreadable as error:
        refusal: dict = {"text": error.text, "params": error.params}
        plan_imports.refuse_sheet(run=run, actor=job.created_by, **refusal)
        raise jobs.JobFailed(error.text, **error.params) from error
    plan_imports.keep_sheet(
        run=run, rows=reading.rows, understood=reading.understood(), actor=job.created_by
    )
    return run.get_absolute_url()


def _cannot_be_shown(job: Job) -> None:
    photos.give_up(rows=VisitPhoto.objects.filter(pk=job.args["photo"]))


@jobs.task(gave_up=_cannot_be_shown)
def prepare_photo(job: Job, progress: jobs.Progress) -> None:
    """Make the sizes of a photo that pages show, unless it was removed meanwhile."""
    if photo := VisitPhoto.objects.filter(pk=job.args["photo"]).first():
        photos.prepare_photo(photo=photo)


@shared_task
def delete_old_photo_parts() -> None:
    """Delete half-sent photos that nobody went on with; sent daily by beat."""
    parts.forget_old()


@shared_task
def remind() -> None:
    """Tell people what is due; sent hourly by beat. A county that fails stops no other."""
    for pk in County.objects.values_list("pk", flat=True):
        try:
            remind_county(pk)
        except Exception:
            log.exception("the reminders of county %s failed", pk)
