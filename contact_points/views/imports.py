"""Pages of the import: upload, preview, confirmation, report, rejected rows, template."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_points.columns import COLUMNS, HEADERS, REASON
from contact_points.filters import ImportRowFilter, ImportRunFilter
from contact_points.forms import ImportForm
from contact_points.models import ImportRow, ImportRun
from contact_points.permissions import can_import_lists
from contact_points.services import imports
from contact_points.tables import ImportRowTable, ImportRunTable
from outreach.exports import ledger
from outreach.lists import list_page


def _require(request: HttpRequest) -> None:
    """Imports do not exist for those who may not import."""
    if not can_import_lists(request.user, request.user.county_id):
        raise Http404


def _run(request: HttpRequest, pk: str) -> ImportRun:
    runs = ImportRun.objects.visible_to(request.user).select_related("created_by", "job")
    return get_object_or_404(runs, pk=pk)


@require_GET
def import_list(request: HttpRequest) -> HttpResponseBase:
    """Every list that was ever uploaded, newest first."""
    _require(request)
    return list_page(
        request,
        rows=ImportRun.objects.visible_to(request.user).newest_first(),
        table_class=ImportRunTable,
        filter_class=ImportRunFilter,
        title=_("Imports"),
        empty=_("No list was imported yet. Import the list of contact points to begin."),
        action=("import_create", _("Import a list")),
    )


@require_http_methods(["GET", "POST"])
def import_create(request: HttpRequest) -> HttpResponse:
    """Upload a list; it is read in the background."""
    _require(request)
    form = ImportForm(request.POST or None, request.FILES or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        run = imports.start_import(
            county=request.user.county,
            file_name=file.name,
            content=file.read(),
            first_day=form.cleaned_data["first_day"],
            actor=request.user,
        )
        return redirect(run)
    context = {"form": form, "headers": HEADERS}
    return render(request, "contact_points/import_create.html", context)


@require_GET
def import_detail(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A list on its way: being read, the preview, the report."""
    run = _run(request, pk)
    return list_page(
        request,
        rows=ImportRow.objects.filter(run=run).order_by("number"),
        table_class=ImportRowTable,
        filter_class=ImportRowFilter,
        title=_("Import a list of contact points"),
        empty=_("No row fits this filter."),
        template="contact_points/import_detail.html",
        run=run,
        counts=[(kind, kind.label, run.counts.get(kind, 0)) for kind in ImportRow.Outcome],
        rows_read=sum(run.counts.values()),
        # Progress is shown to whoever asked for the job; others see the state.
        job=run.job if run.job and run.job.created_by_id == request.user.pk else None,
    )


@require_POST
def import_confirm(request: HttpRequest, pk: str) -> HttpResponse:
    """Apply exactly the file and the preview that the person looked at."""
    run = _run(request, pk)
    try:
        imports.confirm_import(
            run=run,
            sha256=request.POST.get("sha256", ""),
            plan_sha256=request.POST.get("plan_sha256", ""),
            actor=request.user,
        )
    except imports.NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect(run)


@require_GET
def import_rejects(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The rejected rows with their reasons, to correct and load again."""
    run = _run(request, pk)
    return ledger(_rejects(run), name="rejected-rows", kind="xlsx")


def _rejects(run: ImportRun) -> Iterator[list[Any]]:
    yield [*HEADERS, REASON]
    for row in run.rows.rejected().order_by("number"):
        yield [*(row.values.get(column.name, "") for column in COLUMNS), row.reason]


@require_GET
def import_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with the headers we read."""
    _require(request)
    return ledger([HEADERS], name="contact-points-template", kind="xlsx")
