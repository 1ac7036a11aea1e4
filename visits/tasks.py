"""Background work on plans."""

from outreach import jobs
from outreach.models import Job
from visits.models import ProgrammeYear
from visits.services.programme import ensure_lines


@jobs.task
def ensure_plan_lines(job: Job, progress: jobs.Progress) -> None:
    """Give new contact points their lines in every open year of the county."""
    for year in ProgrammeYear.objects.filter(county_id=job.county_id):
        ensure_lines(year)
