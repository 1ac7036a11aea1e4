"""Background work on matters; running it twice changes nothing."""

from celery import shared_task

from feedback.models import MatterFile
from feedback.services import opinions
from feedback.services.call_backs import erase_call_backs as erase
from feedback.services.tries import forget_tries
from outreach import jobs
from outreach.models import Job
from visits.services import photos


@shared_task
def erase_call_backs() -> None:
    """Erase the call-back numbers whose time is over."""
    erase()


@shared_task
def erase_opinions() -> None:
    """Erase the words of opinions whose time is over."""
    opinions.erase_opinions()


@shared_task
def forget_receipt_tries() -> None:
    """Delete the counts of tries whose hour or day is over."""
    forget_tries()


def _cannot_be_shown(job: Job) -> None:
    photos.give_up(rows=MatterFile.objects.filter(pk=job.args["file"]))


@jobs.task(gave_up=_cannot_be_shown)
def prepare_matter_picture(job: Job, progress: jobs.Progress) -> None:
    """Make the sizes of a matter's picture that pages show, unless it was withdrawn meanwhile."""
    if row := MatterFile.objects.waiting().filter(pk=job.args["file"]).first():
        photos.prepare_photo(photo=row)
