"""Pages of a sheet on its way into a plan: upload, preview, report, rejects, the way back."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_points.columns import REASON
from outreach.exports import ledger
from outreach.sentences import say
from visits.forms.plan_imports import PlanImportForm
from visits.loading import HEAD, MONTHS, Cell, Decided, Outcome
from visits.models import AnnualPlan, PlanImport
from visits.permissions import is_plan_writer
from visits.services import plan_imports
from visits.services.errors import NotPossible, StaleVersion

# So many cells of one outcome are shown; rejected ones are all in their file.
SHOWN = 600


@require_http_methods(["GET", "POST"])
def plan_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload a sheet of the plan; it is read in the background."""
    plans = AnnualPlan.objects.visible_to(request.user).select_related("unit", "programme_year")
    plan = get_object_or_404(plans, pk=pk)
    if not is_plan_writer(request.user, plan):
        raise PermissionDenied
    form = PlanImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        sheet: dict[str, Any] = {"file_name": file.name, "content": file.read()}
        try:
            run = plan_imports.start_plan_import(plan=plan, actor=request.user, **sheet)
            return redirect(run)
        except NotPossible:
            pass  # the page says why
    context = {
        "plan": plan,
        "form": form,
        "shut": plan_imports.why_not_loaded(plan),
        "earlier": plan.imports.for_list()[:5],
    }
    return render(request, "visits/plan_import.html", context)


def _run(request: HttpRequest, pk: str) -> PlanImport:
    run = get_object_or_404(PlanImport.objects.visible_to(request.user).for_page(), pk=pk)
    if not is_plan_writer(request.user, run.plan):
        raise PermissionDenied
    return run


@require_GET
def plan_import_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """What every cell of the sheet would do, or did."""
    run = _run(request, pk)
    return _page(request, run, plan_imports.decided(run))


def _page(
    request: HttpRequest, run: PlanImport, decided: Decided, *, stale: bool = False
) -> HttpResponse:
    told = run.understood
    context = {
        "run": run,
        "plan": run.plan,
        "counts": [(o.value, o.label, decided.counts[o]) for o in Outcome],
        "writing": len(decided.writing),
        "seen": decided.digest,
        "parts": _parts(decided),
        "shut": plan_imports.why_not_loaded(run.plan),
        "stale": stale,
        "takes_back": plan_imports.can_be_taken_back(run),
        # Progress is shown to whoever asked for the job; others see the state.
        "job": run.job if run.job and run.job.created_by_id == request.user.pk else None,
        "dropped": [row | {"why": say(row["why"])} for row in told.get("dropped", [])],
        "told": [say(sentence["text"], sentence["params"]) for sentence in told.get("hidden", [])],
        "sheets": [(sheet["sheet"], say(sheet["why"])) for sheet in told.get("other_sheets", [])],
    }
    return render(request, "visits/plan_import_detail.html", context, status=409 if stale else 200)


def _parts(decided: Decided) -> list[tuple[str, str, list[Cell], int]]:
    """(outcome, its label, cells shown, how many more): what needs a person first."""
    parts = []
    for outcome in (Outcome.REJECTED, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED):
        cells = [cell for cell in decided.cells if cell.outcome == outcome]
        if cells:
            label = str(outcome.label)
            parts.append((outcome.value, label, cells[:SHOWN], max(0, len(cells) - SHOWN)))
    return parts


@require_POST
def plan_import_apply(request: HttpRequest, pk: str) -> HttpResponse:
    """Write exactly the cells of exactly the file that the person looked at."""
    run = _run(request, pk)
    named = {name: request.POST.get(name, "") for name in ("sha256", "seen")}
    try:
        plan_imports.apply_sheet(run=run, actor=request.user, **named)
    except StaleVersion as stale:
        return _page(request, run, stale.current, stale=True)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect(run)


@require_POST
def plan_import_undo(request: HttpRequest, pk: str) -> HttpResponse:
    """Take back everything that the sheet wrote."""
    run = _run(request, pk)
    try:
        lines = plan_imports.take_back_sheet(run=run, actor=request.user)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        text = ngettext(
            "%(n)s line is what it was before the sheet.",
            "%(n)s lines are what they were before the sheet.",
            lines,
        )
        messages.success(request, text % {"n": lines})
    return redirect(run)


@require_GET
def plan_import_rejects(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The cells that stay out, in the shape of the sheet, to correct and load again."""
    run = _run(request, pk)
    return ledger(_rejects(run), name=_("rejected-cells"), wrap=True, of=run.plan)


def _rejects(run: PlanImport) -> Iterator[list[str]]:
    yield [*HEAD, *(f"{n}月" for n in MONTHS), REASON]
    rejected: dict[int, list[Cell]] = {}
    for cell in plan_imports.decided(run).cells:
        if cell.outcome == Outcome.REJECTED:
            rejected.setdefault(cell.row, []).append(cell)
    for row in run.rows:
        if cells := rejected.get(row["number"]):
            months = {cell.month for cell in cells}
            own = [row["values"].get(name, "") for name in HEAD.values()]
            texts = [
                row["values"].get(name, "") if n in months or 0 in months else ""
                for n, name in MONTHS.items()
            ]
            why = [
                f"{cell.month}月：{cell.reason}" if cell.month else cell.reason for cell in cells
            ]
            yield [*own, *texts, "；".join(why)]
