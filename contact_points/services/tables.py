"""The tables that a list of records writes: which fields, and what the trail calls it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_noop

from contact_points.models import Household, Officer, Township, Unit, Village
from contact_points.sorting import sort_key
from outreach import audit
from outreach.models import User


def _nothing(record: Any) -> None:
    pass


def _sort_village(village: Any) -> None:
    village.sort_key = sort_key(village.name)


def _sort_officer(officer: Any) -> None:
    officer.sort_key = sort_key(officer.name, surname=True)


def _without_password(user: Any) -> None:
    """The account waits until a password is handed out."""
    user.set_unusable_password()
    user.must_change_password = True


@dataclass(frozen=True)
class Table:
    """`fields` are all that a list can say; `follow` sets of a record what follows from them."""

    fields: tuple[str, ...]
    added: str
    removed: str
    # Empty where a list only adds.
    corrected: str = ""
    put_back: str = ""
    follow: Callable[[Any], None] = _nothing
    following: tuple[str, ...] = ()


# In the order of writing: what others refer to goes first.
TABLES: dict[type[Model], Table] = {
    Township: Table(
        ("code", "name"),
        gettext_noop("Township added"),
        gettext_noop("Township removed"),
    ),
    Village: Table(
        ("code", "name", "township", "households_count", "population"),
        gettext_noop("Village added"),
        gettext_noop("Village removed"),
        gettext_noop("Village corrected"),
        gettext_noop("Village put back"),
        follow=_sort_village,
        following=("sort_key",),
    ),
    Unit: Table(
        ("name", "kind", "township", "order"),
        gettext_noop("Unit added"),
        gettext_noop("Unit removed"),
        gettext_noop("Unit corrected"),
        gettext_noop("Unit put back"),
    ),
    User: Table(
        ("username", "name", "role", "unit", "is_active"),
        gettext_noop("Account created"),
        gettext_noop("Account removed"),
        follow=_without_password,
    ),
    Officer: Table(
        ("name", "unit", "post", "telephone", "user", "left_on"),
        gettext_noop("Officer added"),
        gettext_noop("Officer removed"),
        gettext_noop("Officer corrected"),
        gettext_noop("Officer put back"),
        follow=_sort_officer,
        following=("sort_key",),
    ),
    Household: Table(
        ("village", "number"),
        gettext_noop("Household added"),
        gettext_noop("Household removed"),
    ),
}
LABELS = {model._meta.label_lower: model for model in TABLES}


def state_of(record: Model) -> dict[str, Any]:
    """Everything of a record that a list can say, to compare and to put back."""
    state = audit.facts(record, *TABLES[type(record)].fields)
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in state.items()}


def words_of(record: Model, names: Iterable[str] = ()) -> dict[str, Any]:
    """These or all fields of it as a person reads them: rows of other tables by their names."""
    values = {name: getattr(record, name) for name in names or TABLES[type(record)].fields}
    return {name: _word(value) for name, value in values.items()}


def _word(value: Any) -> Any:
    if isinstance(value, User):
        return value.username
    return str(value) if isinstance(value, Model) else value


def label_of(record: Model) -> str:
    """The record as the trail and people call it."""
    if isinstance(record, Household):
        return f"{record.village} {record.number}"
    return str(record)
