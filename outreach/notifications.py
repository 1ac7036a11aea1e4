"""Tell people: in the page always, by e-mail where it is configured."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from outreach import jobs
from outreach.models import Notification, User


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
    if settings.EMAIL_ENABLED:
        for row in rows:
            if row.user.email:
                jobs.enqueue(
                    "outreach.tasks.send_mail_to",
                    title=gettext_noop("Send an e-mail"),
                    county_id=row.user.county_id,
                    actor=None,
                    args={"user": row.user_id, "text": text, "params": params or {}},
                    key=f"mail:{jobs.new_key()}",
                )


def _keep(row: Notification) -> bool:
    """Whether the row is new; one with its key may be there already."""
    values = {"user": row.user, "text": row.text, "params": row.params, "url": row.url}
    _row, new = Notification.objects.get_or_create(dedupe_key=row.dedupe_key, defaults=values)
    return new
