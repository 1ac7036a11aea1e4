"""The months of county, township, unit and cadre, and what is behind them."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contact_points.models import Township
from outreach import clock
from outreach.exports import workbook
from outreach.lists import list_page
from outreach.months import asked_month, neighbours
from outreach.roles import Capability, Role
from reports.dashboards.page import context as page_of
from reports.dashboards.page import months_offered
from reports.dashboards.scope import Scope
from reports.filters import UndatedFilter
from reports.ledgers import write_month
from reports.permissions import can_make_report
from reports.tables import UndatedTable
from visits.models import PlanLine


@require_GET
def county_month(request: HttpRequest) -> HttpResponse:
    """One month of the county, or of one of its townships (`township=12`)."""
    user = request.user
    if not user.can(Capability.SEE_COUNTY_MONTH):
        raise Http404
    township = _asked_township(request)
    scope = Scope(user.county_id, asked_month(request), township=township and township.pk)
    reportable = can_make_report(user, scope.county) and scope.month <= clock.this_month()
    return _dashboard(
        request,
        scope,
        "reports/county_month.html",
        reportable=reportable,
        filters=True,
        about=township,
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


def _asked_township(request: HttpRequest) -> Township | None:
    """The township named in the address; 404 for one that does not exist for the reader."""
    text = request.GET.get("township", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Http404
    return get_object_or_404(Township.objects.visible_to(request.user), pk=int(text))


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
