"""The summary of a programme year: on the page, and as Word, PDF and Excel."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from outreach.roles import Capability
from reports import documents
from reports.documents.yearly import compose, workbook
from reports.views.sheets import as_file, attached
from reports.yearly import summary
from visits.models import ProgrammeYear


@require_GET
def year_summary(request: HttpRequest) -> HttpResponse:
    """The year's months beside each other (`year=2026`); as a file with `kind` docx, pdf, xlsx."""
    user = request.user
    if not user.can(Capability.MAKE_REPORTS):
        raise Http404
    opened = ProgrammeYear.objects.filter(county=user.county).order_by("-year")
    years = list(opened.values_list("year", flat=True))
    asked = request.GET.get("year") or str(next(iter(years), ""))
    year = next((year for year in years if str(year) == asked), None)
    if year is None and years:
        raise Http404
    found = summary(user.county, year) if year else None
    outline = compose(found) if found else None
    kind = request.GET.get("kind")
    if kind and outline and found:
        if kind == "xlsx":
            return attached(workbook(found), outline, kind)
        return as_file(outline, kind)
    context = {"years": years, "year": year, "outline": outline}
    context["hindrance"] = documents.pdf_hindrance()
    return render(request, "reports/year_summary.html", context)
