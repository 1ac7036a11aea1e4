"""The project's own background work."""

from smtplib import SMTPConnectError, SMTPServerDisconnected

from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext

from outreach import jobs
from outreach.models import Job, User
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
