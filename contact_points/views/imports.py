"""Pages of an import: preview with its questions, report, undo, rejects, sign-in slips."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contact_points.columns import REASON
from contact_points.filters import ImportRowFilter, ImportRunFilter
from contact_points.forms import ColumnsForm, CorrectionForm
from contact_points.models import ImportRow, ImportRun
from contact_points.services import answers, imports, slips, undoing
from contact_points.tables import ImportRunTable, row_table
from contact_points.views.previews import preview_context
from contact_points.views.uploads import WORDS, require_import
from outreach.exports import ledger, secret_ledger
from outreach.lists import list_page


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
    require_import(request)
    return list_page(
        request,
        rows=ImportRun.objects.visible_to(request.user).newest_first(),
        table_class=ImportRunTable,
        filter_class=ImportRunFilter,
        title=_("Imports"),
        empty=_("No list was imported yet. Begin with villages and units, then officers."),
        action=("import_create", _("Import a list")),
    )


@require_GET
def import_detail(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A list on its way: being read, the preview with its questions, the report."""
    run = _run(request, pk)
    words = WORDS[ImportRun.Kind(run.kind)]
    return list_page(
        request,
        rows=ImportRow.objects.filter(run=run).select_related("run").order_by("number"),
        table_class=row_table(run.kind),
        filter_class=ImportRowFilter,
        title=words.title,
        empty=_("No row fits this filter."),
        template="contact_points/import_detail.html",
        run=run,
        words=words,
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
    return ledger(_rejects(run), name="rejected-rows", about=_told(run))


def _told(run: ImportRun) -> dict[str, str]:
    """What the trail says of a file about this list; what its file was called, somebody typed."""
    return {"list": run.get_kind_display()}


def _rejects(run: ImportRun) -> Iterator[list[Any]]:
    known = run.layout.by_name
    rows = list(run.rows.unsettled().select_related("run").order_by("number"))
    columns = [column for column in run.understood.get("columns", []) if column["name"] in known]
    headers = [column["header"] or known[column["name"]].header for column in columns]
    names = [column["name"] for column in columns]
    # What a line between the rows, the title or the sheet's name said of them has no column yet.
    more = [n for n in known if n not in names and any(row.values.get(n) for row in rows)]
    yield [*headers, *(known[name].header for name in more), REASON]
    for row in rows:
        yield [*(row.values.get(name, "") for name in (*names, *more)), row.reason]


@require_POST
def import_slips(request: HttpRequest, pk: str) -> HttpResponseBase:
    """New first passwords for the accounts of an import, in a file that exists this once."""
    run, part = _run(request, pk), request.POST.get("part", "")
    try:
        handed = slips.make_slips(
            run=run, part=int(part) if part.isdecimal() else 0, actor=request.user
        )
    except imports.NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
        return redirect(run)
    address = request.build_absolute_uri(reverse("login"))
    rows = [[user.name, str(user.unit), user.username, first, address] for user, first in handed]
    headers = [_("Full name"), _("Unit"), _("User name"), _("First password"), _("Address")]
    return secret_ledger([headers, *rows], name="sign-in-slips", about=_told(run))
