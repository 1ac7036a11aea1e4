"""The monthly sheets of units and townships: on the page, as Word and as PDF."""

from typing import Any

from django.core.files import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from contact_points.models import Township, Unit
from outreach import audit
from outreach.months import asked_month
from reports import documents
from reports.documents.outline import Outline
from reports.documents.sheets import compose
from reports.permissions import can_read_sheet, can_read_sheets
from reports.sheets import months, part_of, sheet

SHEET = gettext_noop("sheet of the month")


@require_GET
def sheet_list(request: HttpRequest) -> HttpResponse:
    """The sheets of a month that the reader may open."""
    user = request.user
    if not can_read_sheets(user):
        raise Http404
    offered = months(user.county)
    # The month that is over is what one writes about; the running one is a click away.
    usual = next(iter(offered[1:] or offered), None)
    month = asked_month(request) if "month" in request.GET else usual
    units = [user.unit] if user.unit else Unit.objects.visible_to(user)
    townships = Township.objects.visible_to(user).order_by("code")
    if user.unit:
        townships = townships.filter(pk=user.unit.township_id)
    context = {"month": month, "offered": offered, "units": units, "townships": townships}
    return render(request, "reports/sheet_list.html", context)


@require_GET
def unit_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's month (`month=2026-10`); as a file with `kind` docx or pdf."""
    return _sheet(request, get_object_or_404(Unit.objects.visible_to(request.user), pk=pk))


@require_GET
def township_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The month of all contact points of a township, whoever visits them."""
    return _sheet(request, get_object_or_404(Township.objects.visible_to(request.user), pk=pk))


def _sheet(request: HttpRequest, row: Unit | Township) -> HttpResponse:
    if not can_read_sheet(request.user, row):
        raise Http404
    month = asked_month(request)
    if month not in months(row.county):
        raise Http404
    found = sheet(part_of(row), month)
    outline = compose(found)
    if kind := request.GET.get("kind"):
        return audit.fetched(as_file(outline, kind), SHEET, row, kind, month=f"{month:%Y-%m}")
    context = {"row": row, "month": month, "sheet": found, "outline": outline}
    return render(request, "reports/sheet_detail.html", context | _files())


def _files() -> dict[str, Any]:
    hindrance = documents.pdf_hindrance()
    return {"hindrance": hindrance, "kinds": ["docx"] if hindrance else ["docx", "pdf"]}


def as_file(outline: Outline, kind: str) -> HttpResponse:
    """Made when it is asked for: a few pages are ready sooner than a job would be."""
    made = documents.file_of(outline, kind)
    if made is None:
        raise Http404
    return attached(made, outline, kind)


def attached(content: bytes, outline: Outline, kind: str) -> HttpResponse:
    """The file under the document's title."""
    headers = {"Content-Disposition": content_disposition_header(True, f"{outline.title}.{kind}")}
    return HttpResponse(content, content_type=documents.FILE_TYPES[kind], headers=headers)


def stored_file(file: File, name: str, kind: str) -> FileResponse:
    """A document as it was made, under this name."""
    content_type = documents.FILE_TYPES[kind]
    return FileResponse(file.open(), as_attachment=True, filename=name, content_type=content_type)
