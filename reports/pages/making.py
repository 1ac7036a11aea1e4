"""A report while it is made: how far it is, and stopping it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reports.models import Report
from reports.permissions import can_make_report
from reports.services import cancel_report


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
