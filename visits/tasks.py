"""Background work on plans."""

import logging

from celery import shared_task

from contact_points.models import County
from outreach import jobs
from outreach.models import Job
from visits.services.programme import follow_registry
from visits.services.reminders import remind_county

log = logging.getLogger(__name__)


@jobs.task
def ensure_plan_lines(job: Job, progress: jobs.Progress) -> None:
    """Give new contact points their lines in every open year of the county."""
    follow_registry(county_id=job.county_id)


@shared_task
def remind() -> None:
    """Tell people what is due; sent hourly by beat. A county that fails stops no other."""
    for pk in County.objects.values_list("pk", flat=True):
        try:
            remind_county(pk)
        except Exception:
            log.exception("the reminders of county %s failed", pk)
