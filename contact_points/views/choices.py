"""What fits a part of a name, for the boxes in which a village or a unit is chosen."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contact_points.models import Unit, Village
from outreach.choosing import MOST

SHOWN = 20


def _options(request: HttpRequest, rows: QuerySet) -> HttpResponse:
    # htmx names the box that asks; its own name is what the text stands under.
    box = request.headers.get("HX-Trigger-Name", "q")
    text = request.GET.get(box, "").strip()[:MOST]
    context = {"rows": (rows.named(text) if text else rows)[:SHOWN]}  # type: ignore[attr-defined]
    return render(request, "contact_points/_options.html", context)


@require_GET
def village_options(request: HttpRequest) -> HttpResponse:
    """Villages the person sees whose name or township holds the text."""
    rows = Village.objects.visible_to(request.user).select_related("township")
    return _options(request, rows.filter(merged_into=None))


@require_GET
def unit_options(request: HttpRequest) -> HttpResponse:
    """Units the person sees whose name holds the text."""
    return _options(request, Unit.objects.visible_to(request.user))
