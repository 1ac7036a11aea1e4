"""The rates of matters, and the matters behind each."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback.models import Matter
from outreach import clock
from outreach.lists import list_page
from outreach.months import asked_month, neighbours
from outreach.roles import Capability
from reports import rates
from reports.filters import RateFilter
from reports.tables import RatedMatterTable


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
