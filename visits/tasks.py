"""Background work on plans."""

from outreach import jobs
from outreach.models import Job
from visits.services.programme import follow_registry


@jobs.task
def ensure_plan_lines(job: Job, progress: jobs.Progress) -> None:
    """Give new contact points their lines in every open year of the county."""
    follow_registry(county_id=job.county_id)
