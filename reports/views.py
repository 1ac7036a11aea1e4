"""The county's month and its monthly reports."""

from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from contact_points.models import Unit
from outreach import clock
from outreach.lists import list_page
from outreach.months import asked_month
from outreach.roles import Capability
from reports import indicators
from reports.models import Report
from reports.permissions import can_make_report
from reports.services import request_report
from reports.tables import ReportTable

NEEDING = 8
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
def county_month(request: HttpRequest) -> HttpResponse:
    """One month of the county: how it goes, who needs a hand, where, and each unit's figures."""
    if not request.user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    county, month = request.user.county_id, asked_month(request)
    tiles = indicators.status_tiles(county, month)
    by_unit = {row.key: row for row in indicators.figures(county, month, by="unit")}
    units = [(u, by_unit[u.pk]) for u in Unit.objects.visible_to(request.user) if u.pk in by_unit]
    needing = _needing(units)
    context = {
        "month": month,
        "last_day": clock.add_months(month, 1) - clock.ONE_DAY,
        "previous": clock.add_months(month, -1),
        "following": clock.add_months(month, 1),
        "running": month == clock.this_month(),
        "total": indicators.figures(county, month)[0],
        "compared": indicators.compared(county, month),
        "attention": _attention(county, month),
        "wall": _wall(tiles),
        "units": units,
        "needing": needing[:NEEDING],
        "needing_more": max(0, len(needing) - NEEDING),
        "reach": indicators.topic_reach(county, month),
        "reportable": can_make_report(request.user, county) and month <= clock.this_month(),
    }
    return render(request, "reports/county_month.html", context)


def _wall(tiles: list[indicators.Tile]) -> list[dict[str, Any]]:
    """Townships with their tiles, how many are done and how many owe a visit."""
    wall = []
    for name, group in groupby(tiles, key=lambda tile: tile.township):
        cells = list(group)
        rate = indicators.Rate(sum(c.done for c in cells), sum(c.due for c in cells))
        wall.append({"name": name, "cells": cells, "rate": rate})
    return wall


def _needing(
    units: list[tuple[Unit, indicators.Figures]],
) -> list[tuple[Unit, dict[str, Any]]]:
    """Units with something open, most first; an order of help, not of merit."""
    rows = []
    for unit, row in units:
        undone = row.due - row.done
        weight = undone + row.overdue_feedback + row.returned
        if weight:
            rows.append((weight, unit, {"open": undone, "figures": row}))
    rows.sort(key=lambda row: -row[0])
    return [(unit, row) for _weight, unit, row in rows]


def _attention(county: int, month: date) -> list[tuple[str, str]]:
    """(sentence, address of its records) for everything that waits for somebody."""
    waiting = indicators.attention(county, month)
    last = clock.add_months(month, 1) - clock.ONE_DAY
    span = f"since={month:%Y-%m-%d}&until={last:%Y-%m-%d}"
    plans, visits = reverse("plan_list"), reverse("visit_list")
    found = [
        (
            waiting.undated_lines,
            ngettext(
                "%d contact point without a date",
                "%d contact points without a date",
                len(waiting.undated_lines),
            ),
            f"{plans}?undated={month:%Y-%m-%d}",
        ),
        (
            waiting.overdue_feedback,
            ngettext("%d feedback overdue", "%d feedbacks overdue", len(waiting.overdue_feedback)),
            f"{visits}?feedback=overdue&{span}",
        ),
        (
            waiting.returned,
            ngettext(
                "%d returned and not sent again",
                "%d returned and not sent again",
                len(waiting.returned),
            ),
            f"{visits}?feedback=returned&{span}",
        ),
        (
            waiting.waiting_review,
            ngettext(
                "%d waiting for your review",
                "%d waiting for your review",
                len(waiting.waiting_review),
            ),
            reverse("review_queue"),
        ),
        (
            waiting.waiting_plans,
            ngettext(
                "%d plan waiting for approval",
                "%d plans waiting for approval",
                len(waiting.waiting_plans),
            ),
            f"{plans}?state=submitted",
        ),
    ]
    return [(sentence % len(rows), url) for rows, sentence, url in found if rows]


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
    return render(request, "reports/report_detail.html", {"report": report, "job": report.job})


@require_GET
def report_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored Word document, exactly as it was made."""
    report = get_object_or_404(Report.objects.visible_to(request.user).made(), pk=pk)
    name = f"{report.county}面对面活动{report.month:%Y年%m月}月报-第{report.revision}版.docx"
    return FileResponse(
        report.document.open(), as_attachment=True, filename=name, content_type=DOCX_TYPE
    )
