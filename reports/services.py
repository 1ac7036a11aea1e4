"""Ask for a monthly report, make it from a frozen snapshot, record that it could not be made."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock, jobs, notifications
from outreach.models import Job, User
from outreach.roles import Role
from reports import documents, snapshots, storing
from reports.letterheads import heading_of_report
from reports.models import Report
from reports.permissions import can_make_report
from visits.models import ProgrammeYear

STATES = Report.State
# Where a file of each kind and its checksum stand.
FIELDS = {
    "docx": ("document", "sha256"),
    "pdf": ("pdf", "pdf_sha256"),
    "xlsx": ("workbook", "workbook_sha256"),
}


def _check_month(county: County, month: date) -> None:
    if month.day != 1:
        raise ValidationError({"month": _("A month is given by its first day.")})
    if month > clock.this_month():
        raise ValidationError({"month": _("This month has not begun yet.")})
    if not ProgrammeYear.objects.filter(county=county, year=month.year).exists():
        raise ValidationError(
            {
                "month": _("The county has not opened the programme year %(year)s.")
                % {"year": month.year}
            }
        )


@transaction.atomic
def request_report(
    *, county: County, month: date, actor: User | None, queue: str = Job.Queue.INTERACTIVE
) -> Report:
    """The next revision of the county's report on the month, to be made in the background.

    While one is being made that one is returned: asking twice is asking once. `actor` None is the
    installation itself, on its report day or at its command line. Raises PermissionDenied,
    ValidationError.
    """
    if actor is not None and not can_make_report(actor, county.pk):
        raise PermissionDenied
    _check_month(county, month)
    # The lock makes two clicks at once wait for each other; it does not hinder visits.
    County.objects.select_for_update(no_key=True).get(pk=county.pk)
    reports = Report.objects.filter(county=county, month=month)
    waiting = reports.filter(state=STATES.WAITING).select_related("job").first()
    if waiting and waiting.job and waiting.job.is_open:
        if queue == Job.Queue.INTERACTIVE:
            jobs.hasten(waiting.job)
        return waiting
    if waiting:
        # Its job ended without it, so nobody will make it any more.
        fail_report(report=waiting)
    last = reports.aggregate(last=Max("revision"))["last"] or 0
    report = Report.objects.create(
        county=county, month=month, revision=last + 1, requested_by=actor
    )
    report.job = jobs.enqueue(
        "reports.tasks.make_report",
        title=gettext_noop("Make the monthly report"),
        county_id=county.pk,
        actor=actor,
        args={"report": report.pk},
        key=f"report:{report.pk}",
        queue=queue,
    )
    report.save(update_fields=["job"])
    audit.record(
        gettext_noop("Monthly report requested"),
        actor=actor,
        obj=report,
        after=audit.facts(report, "month", "revision"),
    )
    return report


def make_report(*, report: Report, progress: jobs.Progress) -> Report:
    """Freeze the figures, make the documents from them, store all. Twice is once.

    A run that was cut short goes on from the frozen snapshot, and the same snapshot gives the same
    bytes under the same name; so a slow twin overwrites nothing with anything else.
    """
    if report.state != STATES.WAITING:
        return report
    progress(gettext_noop("Counting the month"), 0, 3)
    snapshot = _frozen(report)
    progress(gettext_noop("Writing the document"), 1, 3)
    made = documents.files(snapshot)
    progress(gettext_noop("Storing the report"), 2, 3)
    name = f"{report.county.code}-{report.month:%Y%m}-{report.pk}-{report.revision}"
    facts: dict[str, str] = {}
    for kind, content in made.items():
        stored = storing.store(f"reports/{report.month:%Y}", name, kind, content)
        facts |= zip(FIELDS[kind], stored, strict=True)
    _finish(report, facts)
    progress(gettext_noop("Storing the report"), 3, 3)
    return report


def _frozen(report: Report) -> snapshots.Snapshot:
    """The report's snapshot, taken now if there is none yet; the first one taken stays."""
    if report.snapshot is None:
        with transaction.atomic():
            if len(connection.savepoint_ids) == 0:
                # Every query sees the same moment, or the units might not add up to the county.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            taken = snapshots.take(report) | {"letterhead": heading_of_report(report)}
        Report.objects.filter(pk=report.pk, state=STATES.WAITING, snapshot__isnull=True).update(
            snapshot=taken
        )
    report.refresh_from_db(fields=["snapshot", "state"])
    return report.snapshot or {}


@transaction.atomic
def _finish(report: Report, facts: dict[str, str]) -> None:
    moved = Report.objects.filter(pk=report.pk, state=STATES.WAITING).update(
        state=STATES.MADE, made_at=clock.now(), **facts
    )
    report.refresh_from_db()
    if not moved:
        return
    audit.record(
        gettext_noop("Monthly report made"),
        actor=report.requested_by,
        obj=report,
        before={"state": STATES.WAITING},
        after=audit.facts(report, "state", "sha256", "pdf_sha256", "workbook_sha256"),
    )
    _tell(report, gettext_noop("The report on %(month)s is ready."))


@transaction.atomic
def fail_report(*, report: Report) -> Report:
    """Record that the report could not be made; its job says why."""
    moved = Report.objects.filter(pk=report.pk, state=STATES.WAITING).update(state=STATES.FAILED)
    report.refresh_from_db()
    if moved:
        audit.record(
            gettext_noop("Monthly report failed"),
            actor=report.requested_by,
            obj=report,
            before={"state": STATES.WAITING},
            after=audit.facts(report, "state"),
        )
        _tell(report, gettext_noop("The report on %(month)s could not be made."))
    return report


@transaction.atomic
def cancel_report(*, report: Report, actor: User) -> Report:
    """Stop making it: its worker writes nothing after its next step. Too late changes nothing."""
    if not can_make_report(actor, report.county_id):
        raise PermissionDenied
    moved = Report.objects.filter(pk=report.pk, state=STATES.WAITING).update(state=STATES.CANCELLED)
    report.refresh_from_db()
    if moved:
        if report.job_id:
            jobs.cancel(report.job_id)
        audit.record(
            gettext_noop("Monthly report cancelled"),
            actor=actor,
            obj=report,
            before={"state": STATES.WAITING},
            after=audit.facts(report, "state"),
        )
    return report


def _tell(report: Report, sentence: str) -> None:
    """To who asked; of a report made by itself to the county office."""
    office = User.objects.active().filter(county=report.county_id, role=Role.COUNTY)
    asked_by = [report.requested_by] if report.requested_by else list(office)
    notifications.notify(
        [user for user in asked_by if user.is_active],
        sentence,
        params={"month": f"{report.month:%Y-%m}"},
        url=report.get_absolute_url(),
        key=f"report:{report.pk}:{report.state}",
    )
