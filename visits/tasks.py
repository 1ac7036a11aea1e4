"""Background work on plans."""

from uuid import UUID

from outreach import jobs
from outreach.models import Job
from visits.services.programme import Handover, follow_registry


@jobs.task
def ensure_plan_lines(job: Job, progress: jobs.Progress) -> None:
    """Give new contact points their lines in every open year of the county."""
    act = job.args.get("act")
    follow_registry(
        county_id=job.county_id,
        act=act
        and Handover(UUID(act["id"]), {int(pk): before for pk, before in act["before"].items()}),
    )
