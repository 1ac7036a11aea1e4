"""Where each role starts and what stands in its side bar: URL names, no imports to the right."""

from dataclasses import dataclass, replace
from functools import partial
from operator import getitem
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from outreach.models import User
from outreach.roles import Role


@dataclass(frozen=True)
class Entry:
    """One link of the side bar; `bar` puts it into the phone's bottom bar too.

    `waiting` is, for an account, what waits behind it; in `links_of` it is how many.
    `only` says for which accounts of the role there is such a page.
    """

    url_name: str
    label: Promise | str
    bar: Promise | str = ""
    group: Promise | str = ""
    waiting: Any = None
    only: Any = None


def _open_requests(user: Any) -> QuerySet:
    # A reverse relation, for what the county holds is not imported here.
    return user.county.exemptionrequest_set.open()


def _of_township(user: Any) -> bool:
    return user.unit.township_id is not None


def _is_officer(user: Any) -> bool:
    return hasattr(user, "officer")


def _matters(user: Any) -> QuerySet:
    return user.county.matter_set.waiting_for(user)


def _opinions(user: Any) -> QuerySet:
    return user.county.opinion_set.waiting()


def _clarifications(user: Any) -> QuerySet:
    return user.county.clarification_set.waiting_for(user)


LEDGERS = _("Ledgers")
OUTPUT = _("Output")

HOME = {
    Role.CADRE: "my_month",
    Role.COORDINATOR: "my_month",
    Role.COUNTY: "county_month",
    Role.ADMIN: "administration",
}

_MINE = Entry("my_month", _("My month"), _("This month"))
_TOWNSHIP = Entry("township_month", _("The township's month"), only=_of_township)
_RESULTS = Entry("evaluation_newest", _("What villagers say"))
_CLARIFICATIONS = Entry("clarification_list", _("Clarifications"), waiting=_clarifications)
_UNIT = [
    Entry("plan_list", _("Plans"), _("Plans")),
    Entry("plan_calendar", _("Calendar")),
    Entry("exemption_request_list", _("Exemptions asked for")),
    Entry("visit_list", _("Visits"), _("Visits")),
    Entry("matter_list", _("Matters"), _("Matters"), waiting=_matters),
    _RESULTS,
    _CLARIFICATIONS,
    Entry("contact_point_list", _("Contact points"), group=LEDGERS),
    Entry("village_list", _("Villages"), group=LEDGERS),
    Entry("officer_list", _("Officers"), group=LEDGERS),
]

ENTRIES: dict[str, list[Entry]] = {
    Role.CADRE: [
        _MINE,
        Entry("officer_month", _("My figures"), only=_is_officer),
        _TOWNSHIP,
        *_UNIT,
    ],
    Role.COORDINATOR: [
        _MINE,
        Entry("unit_month", _("The unit's month")),
        _TOWNSHIP,
        *_UNIT,
        Entry("sheet_list", _("Monthly sheets"), group=OUTPUT),
    ],
    Role.COUNTY: [
        Entry("county_month", _("This month"), _("This month")),
        Entry("review_queue", _("Review"), _("Review")),
        Entry("matter_list", _("Matters"), _("Matters"), waiting=_matters),
        Entry("suggestion_list", _("Suggestions")),
        Entry("opinion_list", _("Opinion book"), waiting=_opinions),
        Entry("evaluation_list", _("Evaluation")),
        _RESULTS,
        _CLARIFICATIONS,
        Entry("plan_list", _("Plans"), _("Plans")),
        Entry("plan_calendar", _("Calendar")),
        Entry("exemption_request_list", _("Exemptions asked for"), waiting=_open_requests),
        Entry("exemption_list", _("Exemptions decided")),
        Entry("programme_year", _("Programme year")),
        Entry("visit_list", _("Visits"), group=LEDGERS),
        Entry("contact_point_list", _("Contact points"), group=LEDGERS),
        Entry("village_list", _("Villages"), group=LEDGERS),
        Entry("unit_list", _("Units"), group=LEDGERS),
        Entry("officer_list", _("Officers"), group=LEDGERS),
        Entry("report_list", _("Monthly reports"), _("Reports"), group=OUTPUT),
        Entry("sheet_list", _("Monthly sheets"), group=OUTPUT),
        Entry("bulletin_list", _("Bulletins"), group=OUTPUT),
        Entry("year_summary", _("The year's summary"), group=OUTPUT),
    ],
    Role.ADMIN: [
        Entry("administration", _("Administration"), _("Start")),
        Entry("import_list", _("Imports"), _("Imports")),
        Entry("account_list", _("Accounts"), _("Accounts")),
        Entry("audit_list", _("Audit trail")),
        Entry("policy", _("Who may do what")),
        Entry("contact_point_list", _("Contact points"), group=LEDGERS),
        Entry("village_list", _("Villages"), group=LEDGERS),
        Entry("unit_list", _("Units"), group=LEDGERS),
        Entry("officer_list", _("Officers"), group=LEDGERS),
    ],
}


def links_of(user: User) -> list[Entry]:
    """The side bar of the account; what waits is counted when a page shows it, all in one query."""
    mine = [entry for entry in ENTRIES[user.role] if entry.only is None or entry.only(user)]
    counts = SimpleLazyObject(partial(_waiting, user, mine))
    return [
        replace(entry, waiting=SimpleLazyObject(partial(getitem, counts, entry.url_name)))
        if entry.waiting
        else entry
        for entry in mine
    ]


class _CountOf(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) AS rows)"
    output_field = IntegerField()


def _waiting(user: User, entries: list[Entry]) -> dict[str, int]:
    counts = {
        entry.url_name: _CountOf(entry.waiting(user).order_by().values("pk"))
        for entry in entries
        if entry.waiting
    }
    return User.objects.filter(pk=user.pk).values(**counts).get() if counts else {}
