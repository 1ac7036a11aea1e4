"""Verbs on accounts and notifications."""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from axes.utils import reset as lift_lock
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from outreach import audit, clock
from outreach.models import AuditEntry, Notification, SavedView, User
from outreach.permissions import can_create_account, can_manage_account

# No letters or digits that look alike: the password is read out or written on paper once.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Of one list; more than a row of names is not found again.
VIEWS_AT_MOST = 20
_VIEW = ("list_name", "name", "query", "is_default")


def new_password() -> str:
    """A random first password in three groups, about 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@transaction.atomic
def create_account(
    *,
    actor: User | None,
    username: str,
    name: str,
    role: str,
    county_id: int,
    unit_id: int | None = None,
    email: str = "",
    password: str | None = None,
) -> tuple[User, str]:
    """A new account and its first password, to be changed at the first sign-in.

    `actor` None is the command line of the installation itself. An empty `password` makes an
    account that waits for an administrator to hand one out. Raises PermissionDenied;
    ValidationError for a taken name or a unit that does not fit the role or the county.
    """
    if actor is not None and not can_create_account(actor, county_id):
        raise PermissionDenied
    first = new_password() if password is None else password
    user = User(
        username=username,
        name=name,
        role=role,
        county_id=county_id,
        unit_id=unit_id,
        email=email,
        must_change_password=not password,
    )
    if first:
        user.set_password(first)
    else:
        user.set_unusable_password()
    user.full_clean()
    if user.unit and user.unit.county_id != county_id:
        raise ValidationError({"unit": _("The unit is of another county.")})
    user.save(force_insert=True)
    audit.record(
        gettext_noop("Account created"),
        actor=actor,
        obj=user,
        after=audit.facts(user, "username", "name", "role", "unit", "is_active"),
    )
    return user, first


@transaction.atomic
def reset_password(*, account: User, actor: User) -> str:
    """A new first password; the old one, every open session and a lock-out end."""
    if not can_manage_account(actor, account):
        raise PermissionDenied
    first = new_password()
    account.set_password(first)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    end_sessions(account)
    lift_lock(username=account.username)
    audit.record(gettext_noop("Password reset"), actor=actor, obj=account)
    return first


@transaction.atomic
def hand_out_first_passwords(*, accounts: Iterable[int], actor: User) -> list[tuple[User, str]]:
    """New first passwords for those of the accounts (ids) that are active and never signed in.

    One entry for each, all with one bulk id. Raises PermissionDenied, and then hands out none.
    """
    waiting = User.objects.active().filter(pk__in=accounts, last_login=None)
    rows = list(waiting.select_related("unit").select_for_update(of=["self"]).order_by("pk"))
    bulk_id = uuid4()
    handed: list[tuple[User, str]] = []
    for account in rows:
        if not can_manage_account(actor, account):
            raise PermissionDenied
        first = new_password()
        account.set_password(first)
        account.must_change_password = True
        lift_lock(username=account.username)
        handed.append((account, first))
    User.objects.bulk_update(rows, ["password", "must_change_password"])
    handing = gettext_noop("First password handed out")
    AuditEntry.objects.bulk_create(
        [audit.entry(handing, actor=actor, obj=account, bulk_id=bulk_id) for account in rows]
    )
    return handed


@transaction.atomic
def set_account_active(*, account: User, active: bool, actor: User) -> User:
    """Disable or enable an account; disabling ends its sessions at once."""
    if not can_manage_account(actor, account):
        raise PermissionDenied
    if User.objects.filter(pk=account.pk, is_active=not active).update(is_active=active):
        account.is_active = active
        if not active:
            end_sessions(account)
        audit.record(
            gettext_noop("Account enabled") if active else gettext_noop("Account disabled"),
            actor=actor,
            obj=account,
            before={"is_active": not active},
            after={"is_active": active},
        )
    return account


@transaction.atomic
def change_own_password(*, actor: User, password: str) -> User:
    """Set the person's own, already validated password."""
    actor.set_password(password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])
    audit.record(gettext_noop("Password changed"), actor=actor, obj=actor)
    return actor


@transaction.atomic
def choose_reminders(*, actor: User, reminders: str, email: str | None = None) -> User:
    """How often the person gets reminders by e-mail, and at which address if that is named.

    Raises ValidationError. Choosing what is chosen already leaves no entry.
    """
    fields = ("reminders", "email")
    account = User.objects.select_for_update().get(pk=actor.pk)
    before = audit.facts(account, *fields)
    account.reminders = reminders
    account.email = account.email if email is None else email
    account.clean_fields(exclude={field.name for field in User._meta.fields} - set(fields))
    after = audit.facts(account, *fields)
    if after != before:
        account.save(update_fields=fields)
        audit.record(
            gettext_noop("Reminders chosen"),
            actor=account,
            obj=account,
            before=before,
            after=after,
        )
    return account


def end_sessions(account: User) -> None:
    """End every session of the account."""
    # Session rows carry their user only inside; a county's open sessions are few.
    for session in Session.objects.filter(expire_date__gt=clock.now()):
        if session.get_decoded().get("_auth_user_id") == str(account.pk):
            session.delete()


@transaction.atomic
def save_view(
    *, actor: User, list_name: str, query: str, name: str, is_default: bool = False
) -> SavedView:
    """Keep a list's filter, sort and columns under a name; one of this name is replaced.

    Raises ValidationError when the address is too long or the person has too many views.
    """
    _one_at_a_time(actor)
    mine = SavedView.objects.visible_to(actor).filter(list_name=list_name)
    known = {row.name: row for row in mine}
    if name not in known and len(known) >= VIEWS_AT_MOST:
        raise ValidationError(
            _("You have %(n)s views of this list. Remove one first.") % {"n": VIEWS_AT_MOST}
        )
    view = known.get(name) or SavedView(owner=actor, list_name=list_name, name=name)
    before = audit.facts(view, *_VIEW) if view.pk else None
    view.query, view.is_default = query, is_default
    view.clean_fields()
    _unset_default(view)
    view.save()
    after = audit.facts(view, *_VIEW)
    audit.record(gettext_noop("View saved"), actor=actor, obj=view, before=before, after=after)
    return view


@transaction.atomic
def change_view(*, view: SavedView, actor: User, name: str, is_default: bool) -> SavedView:
    """Another name for one's own view, or whether the list opens with it.

    Raises PermissionDenied; ValidationError when another view has this name.
    """
    _one_at_a_time(actor)
    view = SavedView.objects.get(pk=view.pk)
    if view.owner_id != actor.pk:
        raise PermissionDenied
    before = audit.facts(view, *_VIEW)
    view.name, view.is_default = name, is_default
    _unset_default(view)
    view.full_clean()
    view.save(update_fields=["name", "is_default"])
    after = audit.facts(view, *_VIEW)
    audit.record(gettext_noop("View changed"), actor=actor, obj=view, before=before, after=after)
    return view


def _one_at_a_time(owner: User) -> None:
    """A second click waits for the first: rows that are not there yet cannot be locked."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _unset_default(view: SavedView) -> None:
    """A list opens with one view at most."""
    others = SavedView.objects.filter(owner=view.owner, list_name=view.list_name, is_default=True)
    if view.is_default:
        others.exclude(pk=view.pk).update(is_default=False)


@transaction.atomic
def remove_view(*, view: SavedView, actor: User) -> None:
    """Remove one's own view. Raises PermissionDenied."""
    if view.owner_id != actor.pk:
        raise PermissionDenied
    audit.record(
        gettext_noop("View removed"), actor=actor, obj=view, before=audit.facts(view, *_VIEW)
    )
    view.delete()


def mark_read(*, actor: User, **which: Any) -> int:
    """Mark the person's own notifications as read; returns how many were unread."""
    rows = Notification.objects.visible_to(actor).unread().filter(**which)
    return rows.update(read_at=clock.now())
