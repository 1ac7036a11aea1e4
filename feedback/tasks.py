"""Background work on matters and evaluations; running it twice changes nothing."""

from celery import shared_task

from feedback.models import EvaluationRound, MatterFile
from feedback.services import opinions
from feedback.services.call_backs import erase_call_backs as erase
from feedback.services.counting import close_due_rounds as close_due
from feedback.services.counting import count_waiting
from feedback.services.mixing import forget_traces as forget
from feedback.services.tries import forget_tries as forget_over
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
def forget_tries() -> None:
    """Delete the counts of tries whose hour or day is over."""
    forget_over()


def _cannot_be_shown(job: Job) -> None:
    photos.give_up(rows=MatterFile.objects.filter(pk=job.args["file"]))


@jobs.task(gave_up=_cannot_be_shown)
def prepare_matter_picture(job: Job, progress: jobs.Progress) -> None:
    """Make the sizes of a matter's picture that pages show, unless it was withdrawn meanwhile."""
    if row := MatterFile.objects.waiting().filter(pk=job.args["file"]).first():
        photos.prepare_photo(photo=row)


@shared_task
def count_waiting_answers() -> None:
    """Count the answers of open rounds where enough of a village wait."""
    for round in EvaluationRound.objects.filter(state=EvaluationRound.State.OPEN):
        count_waiting(round=round)


@shared_task
def close_due_rounds() -> None:
    """Close the rounds whose last day is over."""
    close_due()


@shared_task
def forget_traces() -> None:
    """Write cards and answers anew without the rows that are dead."""
    forget()
