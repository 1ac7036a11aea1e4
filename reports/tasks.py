"""Background work on reports."""

from django.utils.translation import gettext_noop

from outreach import jobs
from outreach.models import Job
from reports import services
from reports.models import Report


@jobs.task
def make_report(job: Job, progress: jobs.Progress) -> str:
    """Make the report the job names; a failure ends the report as well as the job."""
    report = Report.objects.select_related("county", "requested_by").get(pk=job.args["report"])
    try:
        report = services.make_report(report=report, progress=progress)
    except (jobs.LeaseLost, *jobs.TRANSIENT):
        raise
    except OSError as error:
        services.fail_report(report=report)
        raise jobs.JobFailed(
            gettext_noop("The report cannot be stored. Tell the administrator: %(error)s"),
            error=error.strerror or type(error).__name__,
        ) from error
    except Exception:
        services.fail_report(report=report)
        raise
    return report.get_absolute_url()
