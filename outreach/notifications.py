"""Tell people: in the page always, by e-mail where it is configured."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from outreach import clock, jobs
from outreach.models import Notification, User

# Of notices that may wait for the e-mail with the person's reminders the key begins so.
WAITING = "notice:"
Choice = User.Reminders


def notify(
    users: Iterable[User],
    text: str,
    *,
    params: dict[str, Any] | None = None,
    url: str = "",
    key: str | None = None,
) -> None:
    """One notification per user; with `key`, a user who already has it is not told again."""
    rows = [
        Notification(
            user=user,
            text=text,
            params=params or {},
            url=url,
            dedupe_key=f"{key}:{user.pk}" if key else None,
        )
        for user in users
    ]
    if key:
        rows = [row for row in rows if _keep(row)]
    else:
        Notification.objects.bulk_create(rows)
    _mail(rows)


def notify_as_chosen(
    users: Iterable[User], text: str, *, params: dict[str, Any] | None = None, url: str = ""
) -> None:
    """One notification per user in the page; by e-mail as often as each chose for reminders.

    At once, or with the next e-mail of the day or week while it is unread, or never.
    """
    rows = [
        Notification(
            user=user,
            text=text,
            params=params or {},
            url=url,
            dedupe_key=f"{WAITING}{jobs.new_key()}:{user.pk}",
            mailed_at=clock.now() if user.reminders == Choice.AT_ONCE else None,
        )
        for user in users
    ]
    Notification.objects.bulk_create(rows)
    _mail(row for row in rows if row.user.reminders == Choice.AT_ONCE)


def _mail(rows: Iterable[Notification]) -> None:
    """An e-mail each to those who have an address, where e-mail is configured."""
    if not settings.EMAIL_ENABLED:
        return
    for row in rows:
        if row.user.email:
            jobs.enqueue(
                "outreach.tasks.send_mail_to",
                title=gettext_noop("Send an e-mail"),
                county_id=row.user.county_id,
                actor=None,
                args={"user": row.user_id, "text": row.text, "params": row.params},
                key=f"mail:{jobs.new_key()}",
            )


def _keep(row: Notification) -> bool:
    """Whether the row is new; one with its key may be there already."""
    values = {"user": row.user, "text": row.text, "params": row.params, "url": row.url}
    _row, new = Notification.objects.get_or_create(dedupe_key=row.dedupe_key, defaults=values)
    return new
