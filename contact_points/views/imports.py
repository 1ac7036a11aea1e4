"""Pages of the import: upload, preview with its questions, report, undo, rejects, template."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_points.columns import REASON
from contact_points.filters import ImportRowFilter, ImportRunFilter
from contact_points.forms import ColumnsForm, CorrectionForm, ImportForm
from contact_points.layouts import CONTACT_POINTS
from contact_points.models import ImportRow, ImportRun
from contact_points.permissions import can_import_lists
from contact_points.services import answers, imports, undoing
from contact_points.tables import ImportRowTable, ImportRunTable
from contact_points.views.previews import preview_context
from outreach.exports import ledger
from outreach.lists import list_page


def _require(request: HttpRequest) -> None:
    """Imports do not exist for those who may not import."""
    if not can_import_lists(request.user, request.user.county_id):
        raise Http404


def _run(request: HttpRequest, pk: str) -> ImportRun:
    runs = ImportRun.objects.visible_to(request.user).select_related("created_by", "job")
    return get_object_or_404(runs, pk=pk)


def _try(request: HttpRequest, step: Callable[..., Any], **what: Any) -> None:
    """Take the step, or tell the person why it is not possible."""
    try:
        step(actor=request.user, **what)
    except imports.NotPossible as error:
        messages.error(request, str(error), extra_tags="late")


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
    context = {"form": form, "headers": CONTACT_POINTS.headers}
    return render(request, "contact_points/import_create.html", context)


@require_GET
def import_detail(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A list on its way: being read, the preview with its questions, the report."""
    run = _run(request, pk)
    return list_page(
        request,
        rows=ImportRow.objects.filter(run=run).select_related("run").order_by("number"),
        table_class=ImportRowTable,
        filter_class=ImportRowFilter,
        title=_("Import a list of contact points"),
        empty=_("No row fits this filter."),
        template="contact_points/import_detail.html",
        run=run,
        # Progress is shown to whoever asked for the job; others see the state.
        job=run.job if run.job and run.job.created_by_id == request.user.pk else None,
        **preview_context(run),
    )


@require_POST
def import_confirm(request: HttpRequest, pk: str) -> HttpResponse:
    """Apply exactly the file and the preview that the person looked at."""
    run = _run(request, pk)
    close = request.POST.getlist("close")
    _try(
        request,
        imports.confirm_import,
        run=run,
        sha256=request.POST.get("sha256", ""),
        plan_sha256=request.POST.get("plan_sha256", ""),
        close="all" in close or {int(pk) for pk in close if pk.isdecimal()},
    )
    return redirect(run)


@require_POST
def import_answer(request: HttpRequest, pk: str) -> HttpResponse:
    """Tell what a text of the list means; an empty answer asks again."""
    run = _run(request, pk)
    key, answer = request.POST.get("key", ""), request.POST.get("answer", "")
    _try(request, answers.answer_question, run=run, key=key, answer=answer)
    return redirect(f"{run.get_absolute_url()}#questions")


@require_POST
def import_correct(request: HttpRequest, pk: str) -> HttpResponse:
    """Correct a cell of the list; its row is checked again."""
    run = _run(request, pk)
    form = CorrectionForm(request.POST, run=run)
    if form.is_valid():
        _try(request, answers.correct_cell, run=run, **form.cleaned_data)
    else:
        messages.error(request, _("The list has no such cell."), extra_tags="late")
    return redirect(f"{run.get_absolute_url()}?outcome=rejected#list")


@require_POST
def import_columns(request: HttpRequest, pk: str) -> HttpResponse:
    """Tell what the columns mean; the list is read again, and the headers are remembered."""
    run = _run(request, pk)
    form = ColumnsForm(request.POST, run=run)
    if form.is_valid():
        _try(request, answers.name_columns, run=run, names=form.names())
    else:
        messages.error(request, _("Two columns cannot mean the same."), extra_tags="late")
    return redirect(run)


@require_POST
def import_undo(request: HttpRequest, pk: str) -> HttpResponse:
    """Take back everything that the list wrote."""
    run = _run(request, pk)
    _try(request, undoing.start_undo, run=run)
    return redirect(run)


@require_GET
def import_rejects(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The rows that stay out, in the list's own columns with their reasons, to correct and load."""
    run = _run(request, pk)
    return ledger(_rejects(run), name="rejected-rows", kind="xlsx")


def _rejects(run: ImportRun) -> Iterator[list[Any]]:
    known = run.layout.by_name
    columns = [column for column in run.understood.get("columns", []) if column["name"] in known]
    headers = [column["header"] or known[column["name"]].header for column in columns]
    headers, names = headers or run.layout.headers, [c["name"] for c in columns] or [*known]
    yield [*headers, REASON]
    for row in run.rows.unsettled().order_by("number"):
        yield [*(row.values.get(name, "") for name in names), row.reason]


@require_GET
def import_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with the headers we read."""
    _require(request)
    return ledger([CONTACT_POINTS.headers], name="contact-points-template", kind="xlsx")
