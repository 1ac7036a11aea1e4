"""Issued reports and bulletins by e-mail: who gets them, and that nobody gets one twice."""

from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock, jobs, notifications
from outreach.models import Job, User
from outreach.roles import Role
from reports.letters import letter
from reports.models import Bulletin, Delivery, Recipient, Report
from reports.permissions import can_make_report
from visits.services.errors import NotPossible

STATES = Delivery.State
Document = Report | Bulletin

# A mail server that is away is tried again every hour for so long.
PATIENCE = timedelta(days=1)

UNREACHABLE = gettext_noop("The mail server cannot be reached. It is tried again every hour.")
GIVEN_UP = gettext_noop("The mail server could not be reached for a whole day.")
REFUSED_ADDRESS = gettext_noop("The mail server refuses the address.")
REFUSED = gettext_noop("The mail server refuses the message.")
UNSURE = gettext_noop("It broke off while it was being sent and may have arrived. Ask before.")
SPOILT = gettext_noop("The stored file is not the one that was issued. Tell the administrator.")


@dataclass(frozen=True)
class Said:
    """How the trail and a notification name what happens to a document's e-mails."""

    again: str
    sent: str
    failed: str
    missed: str


OF_REPORT = Said(
    gettext_noop("Monthly report sent again"),
    gettext_noop("Monthly report sent by e-mail"),
    gettext_noop("Monthly report not sent by e-mail"),
    gettext_noop("The report on %(month)s did not reach %(name)s by e-mail."),
)
OF_BULLETIN = Said(
    gettext_noop("Bulletin sent again"),
    gettext_noop("Bulletin sent by e-mail"),
    gettext_noop("Bulletin not sent by e-mail"),
    gettext_noop("The bulletin “%(title)s” did not reach %(name)s by e-mail."),
)


def _said(document: Document) -> Said:
    return OF_BULLETIN if isinstance(document, Bulletin) else OF_REPORT


class ServerAway(Exception):
    """Nothing left; the same e-mail may be sent later."""


@transaction.atomic
def add_recipient(
    *,
    county: County,
    actor: User,
    user: User | None = None,
    name: str = "",
    email: str = "",
    gets: str = Recipient.Gets.BOTH,
) -> Recipient:
    """Send the county's issued documents to this account, or to this address under this name.

    Raises PermissionDenied, ValidationError.
    """
    if not can_make_report(actor, county.pk) or (user and user.county_id != county.pk):
        raise PermissionDenied
    row = Recipient(county=county, user=user, name=name, email=email, gets=gets, added_by=actor)
    row.full_clean(exclude=["added_by"])
    row.save()
    audit.record(
        gettext_noop("Recipient of reports added"),
        actor=actor,
        obj=row,
        after=audit.facts(row, "user", "name", "email", "gets"),
    )
    return row


@transaction.atomic
def remove_recipient(*, recipient: Recipient, actor: User) -> None:
    """Send them nothing later; what was sent stays on the pages of its documents."""
    if not can_make_report(actor, recipient.county_id):
        raise PermissionDenied
    audit.record(
        gettext_noop("Recipient of reports removed"),
        actor=actor,
        obj=recipient,
        before=audit.facts(recipient, "user", "name", "email", "gets"),
    )
    recipient.delete()


def addresses(document: Document) -> dict[str, str]:
    """Address -> name of all who get such a document of the county now, each address once."""
    rows = Recipient.objects.of(document.county).getting(document.mailed_as)
    return {row.address.lower(): str(row) for row in rows if row.address}


def owe_deliveries(document: Document) -> int:
    """Queue the e-mails of an issued document that nobody queued yet; how many there are now.

    In the caller's transaction, which wrote its audit entry. Without a mail server none.
    """
    if not settings.EMAIL_ENABLED:
        return 0
    known = _known(document)
    for address, name in addresses(document).items():
        if address not in known:
            _queue(document.deliveries.create(name=name, address=address))
    return document.deliveries.count()


def _known(document: Document) -> set[str]:
    rows = document.deliveries.values_list("address", flat=True)
    return {address.lower() for address in rows}


def _queue(delivery: Delivery) -> None:
    delivery.job = jobs.enqueue(
        "reports.tasks.send_report",
        title=gettext_noop("Send an e-mail"),
        county_id=delivery.county_id,
        actor=None,
        args={"delivery": delivery.pk},
        key=f"delivery:{delivery.pk}:{jobs.new_key()}",
        queue=Job.Queue.BULK,
    )
    delivery.save(update_fields=["job"])


def unsent(document: Document) -> int:
    """To how many it did not go: what failed, and recipients who came later."""
    new = addresses(document).keys() - _known(document)
    return document.deliveries.filter(state=STATES.FAILED).count() + len(new)


@transaction.atomic
def send_again(*, document: Document, actor: User) -> int:
    """Send what did not leave, and to recipients who came later; how many e-mails that is.

    Raises PermissionDenied, NotPossible: there is no mail server, or it is not in force.
    """
    if not can_make_report(actor, document.county_id):
        raise PermissionDenied
    if not settings.EMAIL_ENABLED:
        raise NotPossible(_("E-mail is not set up, so nothing was sent."))
    # Two people pressing at once queue one e-mail each address.
    County.objects.select_for_update(no_key=True).get(pk=document.county_id)
    _check_in_force(document)
    before = document.deliveries.count()
    failed = list(document.deliveries.filter(state=STATES.FAILED))
    for delivery in failed:
        _move(delivery, STATES.WAITING, problem="", asked_at=clock.now())
        _queue(delivery)
    count = len(failed) + owe_deliveries(document) - before
    audit.record(
        _said(document).again,
        actor=actor,
        obj=document,
        after={"recipients": count},
    )
    return count


def _check_in_force(document: Document) -> None:
    if isinstance(document, Bulletin):
        if not Bulletin.objects.issued().filter(pk=document.pk).exists():
            raise NotPossible(_("Only an issued bulletin is sent."))
    elif not Report.objects.in_force().filter(pk=document.pk).exists():
        raise NotPossible(_("Only the report in force is sent."))


def deliver(*, delivery: Delivery) -> Delivery:
    """Send the e-mail if nobody took it yet. Raises ServerAway: it waits for another try."""
    if not _move(delivery, STATES.SENDING, only=[STATES.WAITING], problem=""):
        if delivery.state == STATES.SENDING:
            # Whoever took it died, or is so slow that the job was given to us.
            _fail(delivery, UNSURE)
        return delivery
    try:
        message = letter(delivery)
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
            _said(delivery.document).sent,
            actor=None,
            obj=delivery,
            after=audit.facts(delivery, "state", "address"),
        )
    return delivery


@transaction.atomic
def _fail(delivery: Delivery, problem: str) -> Delivery:
    if not _move(delivery, STATES.FAILED, only=[STATES.WAITING, STATES.SENDING], problem=problem):
        return delivery
    document = delivery.document
    said = _said(document)
    audit.record(
        said.failed,
        actor=None,
        obj=delivery,
        after=audit.facts(delivery, "state", "address", "problem"),
    )
    is_bulletin = isinstance(document, Bulletin)
    which = {"title": document.title} if is_bulletin else {"month": f"{document.month:%Y-%m}"}
    notifications.notify(
        User.objects.active().filter(county=document.county_id, role=Role.COUNTY),
        said.missed,
        params=which | {"name": delivery.name},
        url=document.get_absolute_url(),
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
    for delivery in Delivery.objects.due():
        with transaction.atomic():
            if delivery.asked_at < clock.now() - PATIENCE:
                _fail(delivery, GIVEN_UP)
            else:
                _queue(delivery)
