"""The dashboards and the monthly reports."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contact_points.models import Township
from feedback.models import Matter
from outreach import clock
from outreach.exports import workbook
from outreach.lists import list_page
from outreach.months import asked_month, neighbours
from outreach.roles import Capability, Role
from reports import documents, rates
from reports.dashboards.page import context as page_of
from reports.dashboards.page import months_offered
from reports.dashboards.scope import Scope
from reports.filters import RateFilter, UndatedFilter
from reports.ledgers import write_month
from reports.models import Report
from reports.pages.sending import deliveries
from reports.pages.text import text_of
from reports.permissions import can_make_report
from reports.services import request_report
from reports.tables import RatedMatterTable, ReportTable, UndatedTable
from visits.models import PlanLine


@require_GET
def county_month(request: HttpRequest) -> HttpResponse:
    """One month of the county, or of one of its townships (`township=12`)."""
    user = request.user
    if not user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    scope = Scope(user.county_id, asked_month(request), township=_asked_township(request))
    reportable = can_make_report(user, scope.county) and scope.month <= clock.this_month()
    return _dashboard(
        request, scope, "reports/county_month.html", reportable=reportable, filters=True
    )


@require_GET
def township_month(request: HttpRequest) -> HttpResponse:
    """One month of all villages of the reader's township, whoever visits them."""
    unit = request.user.unit
    if unit is None or unit.township_id is None:
        raise Http404
    month = asked_month(request)
    scope = Scope(unit.county_id, month, township=unit.township_id, opens=False)
    return _dashboard(request, scope, "reports/part_month.html", about=unit.township)


@require_GET
def unit_month(request: HttpRequest) -> HttpResponse:
    """One month of the coordinator's unit."""
    user = request.user
    if not user.can(Capability.WRITE_PLANS):
        raise Http404
    scope = Scope(user.county_id, asked_month(request), unit=user.unit_id)
    return _dashboard(request, scope, "reports/part_month.html", about=user.unit)


@require_GET
def officer_month(request: HttpRequest) -> HttpResponse:
    """One month of what a cadre owes: the own figures, whoever stood in."""
    user = request.user
    officer = getattr(user, "officer", None)
    if user.role != Role.CADRE or officer is None:
        raise Http404
    month = asked_month(request)
    scope = Scope(user.county_id, month, unit=user.unit_id, officer=officer.pk)
    return _dashboard(request, scope, "reports/part_month.html", about=officer)


def _dashboard(request: HttpRequest, scope: Scope, page: str, **more: Any) -> HttpResponse:
    """`print=1` is the page for paper: tables instead of charts."""
    context = page_of(request.user, scope, sort=request.GET.get("sort", ""))
    context |= {
        **neighbours(scope.month),
        "offered": months_offered(scope.month),
        "kept": urlencode(
            {"township": scope.township} if more.get("filters") and scope.township else {}
        ),
        "printing": request.GET.get("print") == "1",
        "reportable": False,
        "filters": False,
        "about": None,
    }
    return render(request, page, context | more)


def _asked_township(request: HttpRequest) -> int | None:
    """The township named in the address; 404 for one that does not exist for the reader."""
    text = request.GET.get("township", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Http404
    return get_object_or_404(Township.objects.visible_to(request.user), pk=int(text)).pk


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
        **neighbours(month),
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
def undated_list(request: HttpRequest) -> HttpResponseBase:
    """What a month still owes and nobody has set a date for, one row a visit."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=PlanLine.objects.visible_to(request.user)
        .for_list()
        .select_related("plan")
        .order_by("id"),
        table_class=UndatedTable,
        filter_class=UndatedFilter,
        title=_("Contact points without a date"),
        empty=_("Every visit of this month has a date or was made."),
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
    """One report: its progress while it is made, then its text, figures and file."""
    report = get_object_or_404(
        Report.objects.visible_to(request.user).newest_first().select_related("county"), pk=pk
    )
    context = {"report": report, "job": report.job}
    if report.is_made:
        context |= text_of(report, request.user) | {"hindrance": documents.pdf_hindrance()}
    if report.state == Report.State.ISSUED:
        context |= deliveries(report) | {"send": reverse("report_send", args=[report.pk])}
        context["is_sent"] = report.standing == "in_force"
    return render(request, "reports/report_detail.html", context)


@require_GET
def report_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stored file of the report, as it was made: `kind` docx (unless named), pdf, xlsx."""
    report = get_object_or_404(Report.objects.visible_to(request.user).made(), pk=pk)
    asked = request.GET.get("kind", "docx")
    for kind, file, _digest in report.files:
        if kind == asked:
            return FileResponse(
                file.open(),
                as_attachment=True,
                filename=report.file_name(kind),
                content_type=documents.FILE_TYPES[kind],
            )
    raise Http404
