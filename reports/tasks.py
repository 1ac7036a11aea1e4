"""Background work on reports, and the keeping of the rollups."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import clock, jobs
from outreach.models import Job
from reports import heard, mailing, rolling, scheduling, services
from reports.models import Delivery, Report, StaleMonth

log = logging.getLogger(__name__)


def fail_report(job: Job) -> None:
    """The report of a job that gave up is not being made any more."""
    services.fail_report(report=_report_of(job))


@jobs.task(gave_up=fail_report)
def make_report(job: Job, progress: jobs.Progress) -> str:
    """Make the report the job names; a failure ends the report as well as the job."""
    report = _report_of(job)
    try:
        report = services.make_report(report=report, progress=progress)
    except (jobs.LeaseLost, *jobs.TRANSIENT):
        raise
    except OSError as error:
        _fail_mine(job)
        raise jobs.JobFailed(
            gettext_noop("The report cannot be stored. Tell the administrator: %(error)s"),
            error=error.strerror or type(error).__name__,
        ) from error
    except Exception:
        _fail_mine(job)
        raise
    return report.get_absolute_url()


def _report_of(job: Job) -> Report:
    return Report.objects.select_related("county", "requested_by").get(pk=job.args["report"])


@transaction.atomic
def _fail_mine(job: Job) -> None:
    # A worker that was too slow raises LeaseLost here: another one is making the report.
    jobs.renew(job)
    fail_report(job)


@jobs.task(transient=(mailing.ServerAway,))
def send_report(job: Job, progress: jobs.Progress) -> None:
    """One e-mail with an issued report or bulletin; while the mail server is away it waits."""
    rows = Delivery.objects.with_document()
    mailing.deliver(delivery=rows.get(pk=job.args["delivery"]))


@shared_task
def send_waiting_mail() -> None:
    """Try again the e-mails that wait for a mail server; sent every hour."""
    mailing.send_waiting()


@shared_task
def request_due_reports() -> None:
    """Ask for the report of each county whose report day has come; one that fails stops no other.

    Sent every hour: what a beat that was down has missed is asked for by the next run.
    """
    for county_id, month in scheduling.owed():
        try:
            scheduling.request_due_report(county_id=county_id, month=month)
        except Exception:
            log.exception("the report of county %s on %s was not asked for", county_id, month)


@shared_task
def roll_up() -> None:
    """Count again what changed; sent every few seconds by beat. A county that fails stops no other.

    A run that was missed is made up for by the next.
    """
    for pk in StaleMonth.objects.counties():
        try:
            rolling.roll_up(pk)
        except Exception:
            log.exception("the rollups of county %s failed", pk)


@shared_task
def check_rollups() -> None:
    """Once a night: say which rows are not what counting gives, and have them counted again."""
    for pk in County.objects.values_list("pk", flat=True):
        for difference in rolling.repair(pk):
            log.warning("rollup of county %s: %s", pk, difference)


@shared_task
def listen() -> None:
    """The words that rise in this month and the last. A county that fails stops no other."""
    this = clock.this_month()
    for pk in County.objects.values_list("pk", flat=True):
        try:
            for month in (this, clock.add_months(this, -1)):
                heard.listen(pk, month)
        except Exception:
            log.exception("the words of county %s failed", pk)
