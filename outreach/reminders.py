"""Reminders: a notice once for each thing, and the e-mails that take the unread ones along.

What is due is worked out by the apps; here it is told. A reminder that no longer holds asks nobody
any more: it is marked as read, and no e-mail carries it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Max, Q
from django.utils.translation import gettext_noop

from outreach import clock, jobs
from outreach.models import Notification, User
from outreach.notifications import WAITING
from outreach.workdays import is_workday

PREFIX = "reminder:"
# What an e-mail with reminders takes along.
_MAILED = Q(dedupe_key__startswith=PREFIX) | Q(dedupe_key__startswith=WAITING)
FROM_HOUR = 8  # nobody's telephone rings for a digest before the office opens
_SIGNER = signing.Signer(salt="outreach.reminders.off")
Choice = User.Reminders


@dataclass(frozen=True)
class Reminder:
    """One thing that `user` should know; `about` names it, and it is told once."""

    user: User
    about: str
    text: str
    url: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{PREFIX}{self.about}:{self.user.pk}"


def tell(*, county_id: int, reminders: Iterable[Reminder]) -> int:
    """Everything that holds in the county now, told to those who do not know; how many were new.

    In the caller's transaction, which lets only one run of a county go on at a time.
    """
    holding = {reminder.key: reminder for reminder in reminders}
    known = set(
        Notification.objects.filter(dedupe_key__in=holding).values_list("dedupe_key", flat=True)
    )
    new = [reminder for key, reminder in holding.items() if key not in known]
    Notification.objects.bulk_create(
        [
            Notification(
                user=reminder.user,
                text=reminder.text,
                params=reminder.params,
                url=reminder.url,
                dedupe_key=reminder.key,
            )
            for reminder in new
        ],
        ignore_conflicts=True,
    )
    unread = Notification.objects.unread().filter(user__county=county_id)
    told = unread.filter(dedupe_key__startswith=PREFIX)
    told.exclude(dedupe_key__in=holding).update(read_at=clock.now())
    if settings.EMAIL_ENABLED:
        _queue_mails(unread.filter(_MAILED))
    return len(new)


def _queue_mails(unread: Any) -> None:
    """One e-mail for each person whose time has come; marked in the transaction that queues it."""
    rows = (
        unread.filter(mailed_at=None, user__is_active=True)
        .exclude(user__email="")
        .exclude(user__reminders=Choice.NONE)
        .select_related("user")
        .order_by("user", "id")
    )
    of_user = {user: list(group) for user, group in groupby(rows, lambda row: row.user)}
    last_mail = dict(
        Notification.objects.filter(_MAILED, user__in=of_user)
        .values("user")
        .annotate(last=Max("mailed_at"))
        .values_list("user", "last")
    )
    mailed: list[int] = []
    for user, waiting in of_user.items():
        if not mail_is_due(user.reminders, waiting[0].created_at, last_mail[user.pk]):
            continue
        notices = [row.pk for row in waiting]
        args = {"user": user.pk, "notices": notices, "mail": jobs.new_key()}
        job = jobs.enqueue(
            "outreach.tasks.send_reminders",
            title=gettext_noop("Send an e-mail"),
            county_id=user.county_id,
            actor=None,
            args=args,
            key=f"reminders:{user.pk}",
        )
        if job.args == args:  # else an earlier one has not left yet, and these wait for the next
            mailed += notices
    Notification.objects.filter(pk__in=mailed).update(mailed_at=clock.now())


def mail_is_due(choice: str, oldest: datetime, last: datetime | None) -> bool:
    """Whether a person of this choice gets an e-mail now.

    `oldest`: when the oldest waiting reminder arose; `last`: when the last e-mail was queued.
    """
    now = clock.now().astimezone(clock.SHANGHAI)
    day = now.date()
    if choice == Choice.AT_ONCE:
        return True
    if choice == Choice.NONE or now.hour < FROM_HOUR or not is_workday(day):
        return False
    if choice == Choice.DAILY:
        return last is None or last.astimezone(clock.SHANGHAI).date() < day
    turn = _weekly_turn(day)
    if last is not None and last >= turn:
        return False
    # After the week's turn only what it should have carried: the beat may have been down then.
    return now.date() == turn.date() or oldest < turn <= now


def _weekly_turn(day: date) -> datetime:
    """When the weekly e-mail of this working day's week goes: Monday, or the holiday's end."""
    turn = day - timedelta(days=day.weekday())
    while not is_workday(turn):
        turn += clock.ONE_DAY
    return datetime.combine(turn, time(FROM_HOUR), clock.SHANGHAI)


def off_token(user: User) -> str:
    """What stands in the address that turns this person's e-mails off without a sign-in."""
    return _SIGNER.sign(str(user.pk))


def user_of(token: str) -> User | None:
    """Whose e-mails the token turns off; None for a token nobody signed."""
    try:
        pk = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()
