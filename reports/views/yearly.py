"""The summary of a programme year: on the page, and as Word, PDF and Excel."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from outreach import audit
from outreach.roles import Capability
from reports import documents
from reports.documents.yearly import compose, workbook
from reports.views.sheets import as_file, attached
from reports.yearly import summary
from visits.models import ProgrammeYear

SUMMARY = gettext_noop("summary of the year")


@require_GET
def year_summary(request: HttpRequest) -> HttpResponse:
    """The year's months beside each other (`year=2026`); as a file with `kind` docx, pdf, xlsx."""
    user = request.user
    if not user.can(Capability.MAKE_REPORTS):
        raise Http404
    opened = {
        row.year: row for row in ProgrammeYear.objects.filter(county=user.county).order_by("-year")
    }
    asked = request.GET.get("year") or str(next(iter(opened), ""))
    year = next((year for year in opened if str(year) == asked), None)
    if year is None and opened:
        raise Http404
    found = summary(user.county, year) if year else None
    outline = compose(found) if found else None
    kind = request.GET.get("kind")
    if kind and outline and found:
        book = workbook(found) if kind == "xlsx" else None
        file = attached(book, outline, kind) if book else as_file(outline, kind)
        return audit.fetched(file, SUMMARY, opened[year], kind)
    context = {"years": list(opened), "year": year, "outline": outline}
    context["hindrance"] = documents.pdf_hindrance()
    return render(request, "reports/year_summary.html", context)
