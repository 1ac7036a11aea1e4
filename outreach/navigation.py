"""Where each role starts and what stands in its side bar: URL names, no imports to the right."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outreach.roles import Role


@dataclass(frozen=True)
class Entry:
    """One link of the side bar; `bar` puts it into the phone's bottom bar too."""

    url_name: str
    label: Promise | str
    bar: Promise | str = ""
    group: Promise | str = ""


LEDGERS = _("Ledgers")
OUTPUT = _("Output")

HOME = {
    Role.CADRE: "my_month",
    Role.COORDINATOR: "my_month",
    Role.COUNTY: "county_month",
    Role.ADMIN: "administration",
}

_UNIT = [
    Entry("my_month", _("My month"), _("This month")),
    Entry("plan_list", _("Plans"), _("Plans")),
    Entry("plan_calendar", _("Calendar")),
    Entry("exemption_request_list", _("Exemptions asked for")),
    Entry("visit_list", _("Visits"), _("Visits")),
    Entry("contact_point_list", _("Contact points"), group=LEDGERS),
    Entry("village_list", _("Villages"), group=LEDGERS),
    Entry("officer_list", _("Officers"), group=LEDGERS),
]

ENTRIES = {
    Role.CADRE: _UNIT,
    Role.COORDINATOR: _UNIT,
    Role.COUNTY: [
        Entry("county_month", _("This month"), _("This month")),
        Entry("review_queue", _("Review"), _("Review")),
        Entry("plan_list", _("Plans"), _("Plans")),
        Entry("plan_calendar", _("Calendar")),
        Entry("exemption_request_list", _("Exemptions asked for")),
        Entry("exemption_list", _("Exemptions decided")),
        Entry("programme_year", _("Programme year")),
        Entry("visit_list", _("Visits"), group=LEDGERS),
        Entry("contact_point_list", _("Contact points"), group=LEDGERS),
        Entry("village_list", _("Villages"), group=LEDGERS),
        Entry("unit_list", _("Units"), group=LEDGERS),
        Entry("officer_list", _("Officers"), group=LEDGERS),
        Entry("report_list", _("Monthly reports"), _("Reports"), group=OUTPUT),
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
