"""The monthly reports: asking for one, its progress, its page and its files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from outreach import audit, clock
from outreach.lists import list_page
from outreach.months import asked_month
from outreach.roles import Capability
from reports import documents
from reports.models import Report
from reports.permissions import can_make_report
from reports.services import cancel_report, request_report
from reports.tables import ReportTable
from reports.views.sending import deliveries
from reports.views.sheets import stored_file
from reports.views.text import text_of

MONTHLY_REPORT = gettext_noop("monthly report")


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
def report_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the report is; the fragment asks again by itself until it is over.

    A page of a job is for who asked; this one is for the whole office, whoever asked.
    """
    reports = Report.objects.visible_to(request.user).select_related("job")
    report = get_object_or_404(reports, pk=pk)
    if not request.htmx:
        return redirect(report)
    return render(request, "reports/_making.html", {"report": report, "job": report.job})


@require_POST
def report_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop making the report."""
    report = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    if not can_make_report(request.user, report.county_id):
        raise PermissionDenied
    report = cancel_report(report=report, actor=request.user)
    if report.state != Report.State.CANCELLED:
        messages.info(request, _("It was over already; nothing was stopped."))
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
            made = stored_file(file, report.file_name(kind), kind)
            return audit.fetched(made, MONTHLY_REPORT, report, kind)
    raise Http404
