"""The issued report by e-mail: who gets it, and that nobody gets it twice."""

import hashlib
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock, jobs, notifications
from outreach.models import Job, User
from outreach.roles import Role
from reports.documents import FILE_TYPES
from reports.documents.wording import compose
from reports.models import Delivery, Recipient, Report
from reports.permissions import can_make_report
from visits.services.errors import NotPossible

STATES = Delivery.State
# A mail server that is away is tried again every hour for so long.
PATIENCE = timedelta(days=1)

UNREACHABLE = gettext_noop("The mail server cannot be reached. It is tried again every hour.")
GIVEN_UP = gettext_noop("The mail server could not be reached for a whole day.")
REFUSED_ADDRESS = gettext_noop("The mail server refuses the address.")
REFUSED = gettext_noop("The mail server refuses the message.")
UNSURE = gettext_noop("It broke off while it was being sent and may have arrived. Ask before.")
SPOILT = gettext_noop("The stored file is not the one that was issued. Tell the administrator.")


class ServerAway(Exception):
    """Nothing left; the same e-mail may be sent later."""


@transaction.atomic
def add_recipient(
    *, county: County, actor: User, user: User | None = None, name: str = "", email: str = ""
) -> Recipient:
    """Send the county's issued reports to this account, or to this address under this name.

    Raises PermissionDenied, ValidationError.
    """
    if not can_make_report(actor, county.pk) or (user and user.county_id != county.pk):
        raise PermissionDenied
    row = Recipient(county=county, user=user, name=name, email=email, added_by=actor)
    row.full_clean(exclude=["added_by"])
    row.save()
    audit.record(
        gettext_noop("Recipient of reports added"),
        actor=actor,
        obj=row,
        after=audit.facts(row, "user", "name", "email"),
    )
    return row


@transaction.atomic
def remove_recipient(*, recipient: Recipient, actor: User) -> None:
    """Send them no later report; what was sent stays on the pages of its reports."""
    if not can_make_report(actor, recipient.county_id):
        raise PermissionDenied
    audit.record(
        gettext_noop("Recipient of reports removed"),
        actor=actor,
        obj=recipient,
        before=audit.facts(recipient, "user", "name", "email"),
    )
    recipient.delete()


def addresses(county: County) -> dict[str, str]:
    """Address -> name of all who get the county's reports now, each address once."""
    rows = Recipient.objects.of(county)
    return {row.address.lower(): str(row) for row in rows if row.address}


def owe_deliveries(report: Report) -> int:
    """Queue the e-mails of an issued report that nobody queued yet; how many there are now.

    In the caller's transaction, which wrote its audit entry. Without a mail server none.
    """
    if not settings.EMAIL_ENABLED:
        return 0
    known = {address.lower() for address in report.deliveries.values_list("address", flat=True)}
    for address, name in addresses(report.county).items():
        if address not in known:
            _queue(Delivery.objects.create(report=report, name=name, address=address))
    return report.deliveries.count()


def _queue(delivery: Delivery) -> None:
    delivery.job = jobs.enqueue(
        "reports.tasks.send_report",
        title=gettext_noop("Send an e-mail"),
        county_id=delivery.report.county_id,
        actor=None,
        args={"delivery": delivery.pk},
        key=f"delivery:{delivery.pk}:{jobs.new_key()}",
        queue=Job.Queue.BULK,
    )
    delivery.save(update_fields=["job"])


def unsent(report: Report) -> int:
    """To how many it did not go: what failed, and recipients who came later."""
    known = {address.lower() for address in report.deliveries.values_list("address", flat=True)}
    new = addresses(report.county).keys() - known
    return report.deliveries.filter(state=STATES.FAILED).count() + len(new)


@transaction.atomic
def send_again(*, report: Report, actor: User) -> int:
    """Send what did not leave, and to recipients who came later; how many e-mails that is.

    Raises PermissionDenied, NotPossible: there is no mail server, or the report is not in force.
    """
    if not can_make_report(actor, report.county_id):
        raise PermissionDenied
    if not settings.EMAIL_ENABLED:
        raise NotPossible(_("E-mail is not set up, so nothing was sent."))
    # Two people pressing at once queue one e-mail each address.
    County.objects.select_for_update(no_key=True).get(pk=report.county_id)
    if not Report.objects.in_force().filter(pk=report.pk).exists():
        raise NotPossible(_("Only the report in force is sent."))
    before = report.deliveries.count()
    failed = list(report.deliveries.filter(state=STATES.FAILED))
    for delivery in failed:
        _move(delivery, STATES.WAITING, problem="", asked_at=clock.now())
        _queue(delivery)
    count = len(failed) + owe_deliveries(report) - before
    audit.record(
        gettext_noop("Monthly report sent again"),
        actor=actor,
        obj=report,
        after={"recipients": count},
    )
    return count


def deliver(*, delivery: Delivery) -> Delivery:
    """Send the e-mail if nobody took it yet. Raises ServerAway: it waits for another try."""
    if not _move(delivery, STATES.SENDING, only=[STATES.WAITING], problem=""):
        if delivery.state == STATES.SENDING:
            # Whoever took it died, or is so slow that the job was given to us.
            _fail(delivery, UNSURE)
        return delivery
    try:
        message = _message(delivery)
    except OSError:
        return _fail(delivery, SPOILT)
    server = get_connection()
    try:
        server.open()
    except OSError as error:
        _give_back(delivery, error)
    return _hand_over(delivery, message, server)


def _hand_over(delivery: Delivery, message: EmailMessage, server: BaseEmailBackend) -> Delivery:
    try:
        server.send_messages([message])
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _text in error.recipients.values()):
            _give_back(delivery, error)
        return _fail(delivery, REFUSED_ADDRESS)
    except SMTPResponseException as error:
        if error.smtp_code < 500:
            _give_back(delivery, error)
        return _fail(delivery, REFUSED)
    except OSError:
        # Among them a server that hung up: perhaps after it had taken all of it.
        return _fail(delivery, UNSURE)
    finally:
        server.close()
    return _sent(delivery)


def _give_back(delivery: Delivery, error: Exception) -> None:
    _move(delivery, STATES.WAITING, only=[STATES.SENDING], problem=UNREACHABLE)
    raise ServerAway from error


@transaction.atomic
def _sent(delivery: Delivery) -> Delivery:
    # A slow worker that was given up tells the truth all the same: nobody sends it a second time.
    not_yet = [STATES.WAITING, STATES.SENDING, STATES.FAILED]
    if _move(delivery, STATES.SENT, only=not_yet, problem="", sent_at=clock.now()):
        audit.record(
            gettext_noop("Monthly report sent by e-mail"),
            actor=None,
            obj=delivery,
            after=audit.facts(delivery, "state", "address"),
        )
    return delivery


@transaction.atomic
def _fail(delivery: Delivery, problem: str) -> Delivery:
    if not _move(delivery, STATES.FAILED, only=[STATES.WAITING, STATES.SENDING], problem=problem):
        return delivery
    audit.record(
        gettext_noop("Monthly report not sent by e-mail"),
        actor=None,
        obj=delivery,
        after=audit.facts(delivery, "state", "address", "problem"),
    )
    report = delivery.report
    notifications.notify(
        User.objects.active().filter(county=report.county_id, role=Role.COUNTY),
        gettext_noop("The report on %(month)s did not reach %(name)s by e-mail."),
        params={"month": f"{report.month:%Y-%m}", "name": delivery.name},
        url=report.get_absolute_url(),
        key=f"delivery:{delivery.pk}:{delivery.asked_at:%Y%m%d%H%M%S}",
    )
    return delivery


def _move(
    delivery: Delivery, state: str, *, only: list[str] | None = None, **facts: object
) -> bool:
    """Put the delivery into the state if it is in one of `only`; whether it was."""
    rows = Delivery.objects.filter(pk=delivery.pk)
    moved = (rows.filter(state__in=only) if only else rows).update(state=state, **facts)
    delivery.refresh_from_db(fields=["state", "problem", "asked_at", "sent_at"])
    return bool(moved)


def send_waiting() -> None:
    """Try again what waits because the mail server was away; after a day it counts as failed."""
    for delivery in Delivery.objects.due().select_related("report__county"):
        with transaction.atomic():
            if delivery.asked_at < clock.now() - PATIENCE:
                _fail(delivery, GIVEN_UP)
            else:
                _queue(delivery)


def _message(delivery: Delivery) -> EmailMessage:
    """The e-mail with the PDF, or the Word file where there is none. OSError: it is not whole."""
    report = delivery.report
    kind, file, digest = sorted(report.files, key=lambda row: row[0] != "pdf")[0]
    with file.open() as stored:
        content = stored.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise OSError(file.name)
    outline = compose(report.snapshot)
    opening = next(row.text for row in outline.paragraphs if row.key == "opening")
    with translation.override(settings.LANGUAGE_CODE):
        parts = [_("%(name)s:") % {"name": delivery.name}, opening, _replaces(report)]
        parts.append(_("The report is attached: %(file)s") % {"file": report.file_name(kind)})
        parts.append(settings.SITE_URL + report.get_absolute_url())
    host = settings.SITE_URL.split("//")[-1].split(":")[0]
    message = EmailMessage(
        outline.title,
        "\n\n".join([*filter(None, parts), outline.issuer]),
        None,
        [delivery.address],
        headers={
            # The same e-mail under the same name, should a server get it twice.
            "Message-ID": f"<report-{report.pk}-{delivery.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach(report.file_name(kind), content, FILE_TYPES[kind])
    return message


def _replaces(report: Report) -> str:
    old = (report.snapshot or {})["replaces"]
    if not old:
        return ""
    numbers = {"new": report.revision, "old": old["revision"]}
    return _("This is revision %(new)s. It replaces revision %(old)s.") % numbers
