"""The county's month and its monthly reports."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contact_points.models import Unit
from feedback.models import Matter
from outreach import clock
from outreach.exports import workbook
from outreach.lists import list_page
from outreach.months import asked_month
from outreach.roles import Capability
from reports import dashboard, indicators, rates
from reports.filters import RateFilter
from reports.ledgers import write_month
from reports.models import Report
from reports.permissions import can_make_report
from reports.services import request_report
from reports.snapshots import figures_in
from reports.tables import RatedMatterTable, ReportTable

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
def county_month(request: HttpRequest) -> HttpResponse:
    """One month of the county: how it goes, who needs a hand, where, and each unit's figures."""
    if not request.user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    county, month = request.user.county_id, asked_month(request)
    units = dashboard.unit_rows(Unit.objects.visible_to(request.user), county, month)
    needing = dashboard.needing(units)
    context = {
        "month": month,
        "previous": clock.add_months(month, -1),
        "following": clock.add_months(month, 1),
        "running": month == clock.this_month(),
        "total": indicators.figures(county, month)[0],
        "matters": indicators.matter_figures(county, month)[0],
        "compared": indicators.compared(county, month),
        "attention": dashboard.attention(county, month),
        "exemptions": dashboard.exemptions(county, month),
        "wall": dashboard.wall(county, month),
        "units": units,
        "needing": needing[: dashboard.NEEDING],
        "needing_more": max(0, len(needing) - dashboard.NEEDING),
        "reach": indicators.topic_reach(county, month),
        "reportable": can_make_report(request.user, county) and month <= clock.this_month(),
    }
    return render(request, "reports/county_month.html", context)


@require_GET
def month_ledger(request: HttpRequest) -> HttpResponseBase:
    """Everything of a month that the person may see, as one workbook (`month=2026-10`)."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    month = asked_month(request)
    return workbook(
        lambda book: write_month(book, user=request.user, month=month),
        name=f"ledger-{month:%Y-%m}",
        wrap=True,
    )


@require_GET
def matter_rates(request: HttpRequest) -> HttpResponse:
    """The rates of matters by unit, township or category; each figure opens its matters."""
    if not request.user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    month, by = asked_month(request), request.GET.get("by", "unit")
    if by not in rates.BY:
        raise Http404
    context = {
        "month": month,
        "previous": clock.add_months(month, -1),
        "following": clock.add_months(month, 1),
        "running": month >= clock.this_month(),
        "by": by,
        "ways": rates.BY.items(),
        "total": rates.total(request.user.county_id, month),
        "rows": rates.rows(request.user, month, by),
    }
    return render(request, "reports/matter_rates.html", context)


@require_GET
def matter_rate_list(request: HttpRequest) -> HttpResponseBase:
    """The matters behind one rate: all that count, those that meet it or those missing."""
    if not request.user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    month = asked_month(request)
    return list_page(
        request,
        rows=Matter.objects.visible_to(request.user).for_list(),
        table_class=RatedMatterTable,
        filter_class=RateFilter,
        title=_("Matters behind the rates"),
        empty=_("No matter here: nothing counts for this rate, or nothing is missing to it."),
        action=("matter_rates", _("The rates"), f"?month={month:%Y-%m}"),
    )


@require_GET
def report_list(request: HttpRequest) -> HttpResponseBase:
    """Every revision of every month, newest first."""
    if not request.user.can(Capability.MAKE_REPORTS):
        raise Http404
    last_month = clock.add_months(clock.this_month(), -1)
    return list_page(
        request,
        rows=Report.objects.visible_to(request.user).newest_first(),
        table_class=ReportTable,
        filter_class=None,
        title=_("Monthly reports"),
        empty=_("No report yet. Choose the month above and make the first."),
        template="reports/report_list.html",
        months=[clock.add_months(last_month, -n) for n in range(12)],
    )


@require_POST
def report_create(request: HttpRequest) -> HttpResponse:
    """Ask for the report of a month (`month=2026-10`); a worker makes it."""
    if not request.user.can(Capability.MAKE_REPORTS):
        raise Http404
    if not can_make_report(request.user, request.user.county_id):
        raise PermissionDenied
    try:
        report = request_report(
            county=request.user.county,
            month=asked_month(request, request.POST),
            actor=request.user,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), extra_tags="late")
        return redirect("report_list")
    return redirect(report)


@require_GET
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: its progress while it is made, then its figures and its file."""
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("job", "requested_by", "county"),
        pk=pk,
    )
    context = {"report": report, "job": report.job}
    if report.snapshot:
        context |= {
            "total": figures_in(report.snapshot["figures"]),
            "units": [
                dashboard.UnitRow(row["name"], "", figures_in(row["figures"]))
                for row in report.snapshot["units"]
            ],
        }
    return render(request, "reports/report_detail.html", context)


@require_GET
def report_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored Word document, exactly as it was made."""
    report = get_object_or_404(Report.objects.visible_to(request.user).made(), pk=pk)
    name = f"{report.county}面对面活动{report.month:%Y年%m月}月报-第{report.revision}版.docx"
    return FileResponse(
        report.document.open(), as_attachment=True, filename=name, content_type=DOCX_TYPE
    )
