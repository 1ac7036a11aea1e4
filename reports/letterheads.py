"""Who issues the county's documents, under which header and number."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock
from outreach.models import User
from reports.models import Letterhead, Report
from reports.permissions import can_make_report
from visits.services.errors import NotPossible

FIELDS = ("issuer", "office", "code", "last_number", "bulletin_name", "copies")


def letterhead_of(county: County) -> Letterhead:
    """The county's letterhead; until it sets one a plain one, without header and number."""
    known = Letterhead.objects.filter(county=county).first()
    return known or Letterhead(
        county=county,
        issuer=f"{county.name}“面对面”活动办公室",
        bulletin_name="“面对面”活动简报",
        number_year=clock.today().year,
        version=0,
    )


@transaction.atomic
def set_letterhead(*, county: County, actor: User, version: int, **values: Any) -> Letterhead:
    """Head all later documents so; what is issued stays as it is.

    `last_number` is the last one given this year, by hand elsewhere or here. Raises
    PermissionDenied, ValidationError, NotPossible: somebody set it in the meantime.
    """
    if not can_make_report(actor, county.pk):
        raise PermissionDenied
    County.objects.select_for_update(no_key=True).get(pk=county.pk)
    row = letterhead_of(county)
    if row.version != version:
        raise NotPossible(
            _("%(name)s set it in the meantime. Look at it again.") % {"name": row.by}
        )
    before = audit.facts(row, *FIELDS) if version else None
    for name in FIELDS:
        setattr(row, name, values[name])
    row.number_year, row.by, row.at = clock.today().year, actor, clock.now()
    row.version += 1
    row.full_clean(exclude=["county", "by"])
    row.save()
    audit.record(
        gettext_noop("Letterhead set"),
        actor=actor,
        obj=row,
        before=before,
        after=audit.facts(row, *FIELDS),
    )
    return row


def heading(county: County) -> dict[str, Any]:
    """What a document without a number of its own freezes of the letterhead."""
    row = letterhead_of(county)
    return {
        "issuer": row.issuer,
        "office": row.office,
        "number": "",
        "bulletin_name": row.bulletin_name or "“面对面”活动简报",
        "copies": [line.strip() for line in row.copies.splitlines() if line.strip()],
    }


def heading_of_report(report: Report) -> dict[str, Any]:
    """The heading with the report's number: that of its month's issued revision, else the next."""
    row, year = letterhead_of(report.county), clock.today().year
    found = heading(report.county)
    if not row.code:
        return found
    given = _given(report)
    year, serial = given or (year, row.next_number(year))
    number = f"{row.code}〔{year}〕{serial}号"
    return found | {"number": number, "year": year, "serial": serial}


def _given(report: Report) -> tuple[int, int] | None:
    """(year, number) under which an earlier revision of the month was issued."""
    issued = Report.objects.of(report.county, report.month).issued().exclude(pk=report.pk)
    for row in issued.order_by("-revision"):
        head = (row.snapshot or {}).get("letterhead", {})
        if "serial" in head:
            return head["year"], head["serial"]
    return None


def take_number(report: Report) -> None:
    """Give the report the number that stands on it; the caller holds the county's lock.

    Raises NotPossible: another document has it by now.
    """
    head = (report.snapshot or {}).get("letterhead", {})
    if "serial" not in head or _given(report) == (head["year"], head["serial"]):
        return
    free = Letterhead.objects.filter(county=report.county).exclude(
        number_year=head["year"], last_number__gte=head["serial"]
    )
    if not free.exclude(number_year__gt=head["year"]).update(
        number_year=head["year"], last_number=head["serial"]
    ):
        raise NotPossible(
            _("Another document has the number %(number)s by now. Make a new draft.")
            % {"number": head["number"]}
        )
