"""The project's own background work."""

from smtplib import (
    SMTPConnectError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import EmailMultiAlternatives, send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop, ngettext

from outreach import jobs
from outreach.models import Job, Notification, User
from outreach.reminders import off_token
from outreach.sentences import say

MAIL_SERVER_AWAY = (SMTPServerDisconnected, SMTPConnectError, ConnectionError, TimeoutError)


@shared_task
def clear_expired_sessions() -> None:
    """Remove the sessions that ended; sent daily by beat."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@jobs.task(transient=MAIL_SERVER_AWAY)
def send_mail_to(job: Job, progress: jobs.Progress) -> None:
    """One notification as an e-mail, in the programme's language."""
    user = User.objects.active().filter(pk=job.args["user"]).first()
    if user is None or not user.email:
        return
    with translation.override(settings.LANGUAGE_CODE):
        sentence = say(job.args["text"], job.args["params"])
        send_mail(gettext("Face-to-face outreach"), sentence, None, [user.email])


def give_back(job: Job) -> None:
    """The e-mail did not leave: its reminders wait for the next one."""
    Notification.objects.filter(pk__in=job.args["notices"]).update(mailed_at=None)


@jobs.task(transient=MAIL_SERVER_AWAY, gave_up=give_back)
def send_reminders(job: Job, progress: jobs.Progress) -> None:
    """One person's waiting reminders as one e-mail; what was read in the meantime stays out."""
    user = (
        User.objects.active()
        .exclude(email="")
        .exclude(reminders=User.Reminders.NONE)
        .filter(pk=job.args["user"])
        .first()
    )
    notices = Notification.objects.unread().filter(pk__in=job.args["notices"]).order_by("id")
    if user is None or not notices:
        return
    with translation.override(settings.LANGUAGE_CODE):
        message = reminder_mail(user, list(notices), job.args["mail"])
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _text in error.recipients.values()):
            raise jobs.JobFailed(gettext_noop("The mail server refuses the address.")) from error
        give_back(job)
        raise
    except MAIL_SERVER_AWAY:
        raise
    except SMTPException:
        give_back(job)
        raise


def reminder_mail(user: User, notices: list[Notification], name: str) -> EmailMultiAlternatives:
    """The e-mail, in the language now active; `name` makes a second sending the same e-mail."""
    count = len(notices)
    off = settings.SITE_URL + reverse("reminders_off", args=[off_token(user)])
    subject = ngettext(
        "Face-to-face outreach: %(n)s reminder", "Face-to-face outreach: %(n)s reminders", count
    ) % {"n": count}
    context = {
        "subject": subject,
        "greeting": gettext("%(name)s, this waits for you:") % {"name": user.name},
        "notices": [(str(row), settings.SITE_URL + row.url) for row in notices],
        "why": gettext(
            "You get this e-mail because of your part in the programme, named with each line. "
            "You chose to get reminders: %(choice)s."
        )
        % {"choice": user.get_reminders_display()},
        "settings": (gettext("Choose how often"), settings.SITE_URL + reverse("my_account")),
        "off": (gettext("Turn these e-mails off"), off),
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string("emails/reminders.txt", context),
        None,
        [user.email],
        headers={
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Message-ID": f"<{name}@{settings.SITE_URL.split('//')[-1].split(':')[0]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("emails/reminders.html", context), "text/html")
    return message
