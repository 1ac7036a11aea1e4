"""The frozen list of records behind one figure of a report."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from contact_points.models import ContactPoint, Household, Unit, Village
from feedback.models import Matter, SuggestionAnswer
from outreach.lists import list_page
from outreach.models import User
from outreach.tables import Table
from reports.models import Report
from reports.rates import RATES
from reports.snapshots.records import frozen_list
from reports.tables import (
    FrozenHouseholdTable,
    FrozenLineTable,
    FrozenPointTable,
    FrozenUnitTable,
    FrozenVillageTable,
    FrozenVisitTable,
    RatedMatterTable,
)
from visits.models import ExemptionRequest, Group, PlanLine, Visit

LABELS = {
    "due": gettext_lazy("Obligations of the month"),
    "open": gettext_lazy("Obligations not met"),
    "exempt": gettext_lazy("Exempt contact points"),
    "substituted": gettext_lazy("Contact points with a substitute"),
    "planned": gettext_lazy("Obligations with a plan"),
    "kept": gettext_lazy("Obligations met as planned"),
    "undated": gettext_lazy("Obligations without a date"),
    "next_due": gettext_lazy("Obligations of the month after"),
    "next_undated": gettext_lazy("Obligations of the month after without a date"),
    "topic_planned": gettext_lazy("Contact points that planned the topic"),
    "visits": gettext_lazy("Visits of the month"),
    "done": gettext_lazy("Visits that fulfil an obligation"),
    "extra": gettext_lazy("Visits beyond the obligations"),
    "on_time": gettext_lazy("Visits with feedback in time"),
    "overdue": gettext_lazy("Visits with overdue feedback"),
    "waiting_review": gettext_lazy("Visits whose feedback waits for review"),
    "returned": gettext_lazy("Visits whose feedback was returned"),
    "ate": gettext_lazy("Visits with a shared meal"),
    "lived": gettext_lazy("Visits with a night in the village"),
    "worked": gettext_lazy("Visits with shared work"),
    "together": gettext_lazy("Visits with a meal, a night or work together"),
    "timed": gettext_lazy("Visits whose record took a known time to write"),
    "talks": gettext_lazy("Visits with talks"),
    "contacts": gettext_lazy("Visits that met households"),
    "repeats": gettext_lazy("Visits that met a household again"),
    "topic": gettext_lazy("Visits that explained the topic"),
    "findings": gettext_lazy("Visits whose findings are quoted"),
    "suggestions": gettext_lazy("Visits with suggestions"),
    "units_visited": gettext_lazy("Units that made visits"),
    "villages_visited": gettext_lazy("Villages that were visited"),
    "villages_held": gettext_lazy("Villages whose households are counted"),
    "held": gettext_lazy("Contact points of the month"),
    "covered": gettext_lazy("Contact points where a group was talked with this year"),
    "reached": gettext_lazy("Households reached this year"),
    "raised": gettext_lazy("Matters raised in the month"),
    "overdue_matters": gettext_lazy("Matters past their limit"),
    "open_matters": gettext_lazy("Matters to which an answer is owed"),
    "solved": gettext_lazy("Matters that villagers say are solved"),
}
# Where the unit of a record stands.
UNIT = {"line": "contact_point__unit", "visit": "contact_point__unit"}


@require_GET
def report_records(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """What stands behind a figure, of one unit (`unit=7`) or kind of unit (`kind=township`)."""
    reports = Report.objects.visible_to(request.user).made()
    report = get_object_or_404(reports.select_related("county"), pk=pk)
    found = frozen_list(report.snapshot, name)
    if found is None:
        raise Http404
    kind, ids = found
    rows = _rows(request.user, kind).filter(pk__in=ids)
    gone = len(ids) - rows.count()
    rows, part = _narrowed(report, rows, kind, request)
    return list_page(
        request,
        rows=rows,
        table_class=TABLES[kind],
        filter_class=None,
        title=" · ".join(filter(None, [label(report, name), part])),
        empty=_("None of these records can be shown any more."),
        template="reports/report_records.html",
        report=report,
        gone=_gone(gone),
    )


TABLES: dict[str, type[Table]] = {
    "line": FrozenLineTable,
    "visit": FrozenVisitTable,
    "matter": RatedMatterTable,
    "household": FrozenHouseholdTable,
    "unit": FrozenUnitTable,
    "village": FrozenVillageTable,
    "contact_point": FrozenPointTable,
}


def _rows(user: User, kind: str) -> QuerySet[Any]:
    if kind == "line":
        return PlanLine.objects.visible_to(user).for_list()
    if kind == "visit":
        return Visit.objects.visible_to(user).for_list()
    if kind == "matter":
        return Matter.objects.visible_to(user).for_list()
    if kind == "unit":
        return Unit.objects.visible_to(user).order_by("order", "id")
    if kind == "contact_point":
        points = ContactPoint.objects.visible_to(user)
        return points.select_related("village__township", "unit", "officer").order_by("id")
    villages = Village.objects.visible_to(user)
    if kind == "village":
        return villages.select_related("township").order_by("code")
    return Household.objects.filter(village__in=villages).select_related("village__township")


def _gone(count: int) -> str:
    if not count:
        return ""
    said = ngettext(
        "%(n)s record that was counted then is not there any more.",
        "%(n)s records that were counted then are not there any more.",
        count,
    )
    return said % {"n": count}


def _narrowed(
    report: Report, rows: QuerySet, kind: str, request: HttpRequest
) -> tuple[QuerySet, str]:
    """Those of the unit or the kind of unit that the address names, and its name."""
    units = report.snapshot["units"]
    if kind == "matter":
        units = report.snapshot["matters"]["units"]
    if unit := request.GET.get("unit"):
        units = [row for row in units if str(row["key"]) == unit]
        part = units[0]["name"] if units else ""
    elif unit_kind := request.GET.get("kind"):
        units = [row for row in units if row["kind"] == unit_kind]
        part = ""
    else:
        return rows, ""
    if kind == "matter":
        # Who led them then; by now another unit may.
        lists = (frozen_list(report.snapshot, f"leader:{row['key']}") for row in units)
        ids = [pk for found in lists if found for pk in found[1]]
        return rows.filter(pk__in=ids), part
    if kind not in UNIT or not units:
        raise Http404
    return rows.filter(**{f"{UNIT[kind]}__in": [row["key"] for row in units]}), part


def label(report: Report, name: str) -> str:
    """What the list is called."""
    whole, _colon, part = name.partition(":")
    if whole in RATES:
        words = RATES[whole]
        return (
            f"{words[:1].upper()}{words[1:]}" if part else str(_("Matters that count: %s") % words)
        )
    details = {
        "exempt": dict(ExemptionRequest.Kind.choices),
        "talks": dict(Group.choices),
        "suggestions": {**dict(SuggestionAnswer.Decision.choices), "open": _("open")},
        "topic": {str(row["topic"]): row["title"] for row in report.snapshot["topics"]},
        "raised": {
            str(row["key"] or ""): row["name"] or _("not sorted yet")
            for row in report.snapshot["matters"].get("raised", [])
        },
    }
    details["topic_planned"] = details["topic"]
    if whole not in LABELS:
        raise Http404
    detail = details.get(whole, {}).get(part, "") if _colon else ""
    return " · ".join(str(word) for word in (LABELS[whole], detail) if word)
