"""The plan as a grid: the page, its cells one by one, copying, and the sheet in its shape."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit, exports
from outreach.models import User
from visits.forms.plans import PlanCopyForm, PlanLineForm, ReasonForm
from visits.grid import Grid, choices, rows_of, span_in
from visits.models import AnnualPlan, AvoidedDays, Group, PlanLine
from visits.permissions import (
    can_ask_exemption,
    can_decide_plan,
    can_submit_plan,
    can_write_plan,
)
from visits.proposals import households_of
from visits.services import plans
from visits.services.errors import NotPossible, StaleVersion
from visits.services.filling import fill_to_take_back
from visits.services.plan_copies import Copied, copy_lines
from visits.sheets import plan_sheet


def _plan(request: HttpRequest, pk: int) -> AnnualPlan:
    plans_seen = AnnualPlan.objects.visible_to(request.user)
    return get_object_or_404(plans_seen.select_related("unit", "programme_year"), pk=pk)


def _line(request: HttpRequest, pk: int) -> PlanLine:
    return get_object_or_404(PlanLine.objects.visible_to(request.user).for_page(), pk=pk)


@require_GET
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as a grid; for a grid that is open already what changed `since`."""
    plan = _plan(request, pk)
    if request.htmx and "since" in request.GET:  # type: ignore[attr-defined]
        return _changes(request, plan)
    lines, grid = list(plan.lines.for_grid()), Grid(request.user, plan)
    rows = [
        (
            point,
            span_in(point, plan.programme_year.year),
            [line and grid.cell(line) for line in months],
        )
        for point, months in rows_of(lines)
    ]
    owed = [cell.line for *_row, cells in rows for cell in cells if cell]
    context = {
        "plan": plan,
        "months": range(1, 13),
        "rows": rows,
        "since": sum(line.version for line in lines),
        "without_date": sum(line.planned_date is None and not line.exemption for line in owed),
        "editable": can_write_plan(request.user, plan),
        "submittable": can_submit_plan(request.user, plan),
        "last_fill": fill_to_take_back(plan) if can_submit_plan(request.user, plan) else None,
        "decidable": can_decide_plan(request.user, plan),
        "reason_form": ReasonForm(),
        "history": audit.history(plan)[:20],
    }
    if context["editable"]:
        context |= choices(plan) | {
            "talked_with": Group.choices,
            "copy_form": PlanCopyForm(plan=plan),
        }
    return render(request, "visits/plan_detail.html", context)


def _changes(request: HttpRequest, plan: AnnualPlan) -> HttpResponse:
    """Cells written since the asking grid was last in step; 204 when there is nothing."""
    asked, now = request.GET["since"][:9], plan.lines.version_sum()
    since = int(asked) if asked.isdecimal() else 0
    if now == since and request.GET.get("state") == plan.state:
        return HttpResponse(status=204)
    cells = Grid(request.user, plan).changed_since(missed=now - since)
    return render(
        request, "visits/_plan_changes.html", {"plan": plan, "cells": cells, "since": now}
    )


@require_http_methods(["GET", "POST"])
def plan_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Write one line of the plan: on its own page, or for the grid, which gets its cell."""
    line = _line(request, pk)
    if not can_write_plan(request.user, line.plan):
        raise PermissionDenied
    form = PlanLineForm(request.POST if request.method == "POST" else None, instance=line)
    status = _write(request, form) if request.method == "POST" else 200
    # Read again: the form has written into what it was given.
    line = _line(request, pk)
    if request.htmx:  # type: ignore[attr-defined]
        return _cell(request, line, form, status)
    if request.method == "POST" and status == 200:
        return redirect("plan_detail", pk=line.plan_id)
    context = {
        "form": form,
        "line": line,
        "shut": plans.why_shut(line),
        "stale": status == 409,
        "avoided": AvoidedDays.objects.visible_to(request.user).for_line(line),
        "households": households_of([line]).get(line.pk, ()),
        "copy_form": PlanCopyForm(plan=line.plan, initial={"source": line.pk}),
        "history": audit.history(line)[:20],
    } | _asking(line, request.user)
    return render(request, "visits/plan_line.html", context, status=409 if status == 409 else 200)


def _asking(line: PlanLine, user: User) -> dict[str, Any]:
    """What was asked of the county for the line, and whether more may be asked."""
    open_to_ask = line.is_liftable and not line.exemption
    return {
        "requests": line.exemption_requests.for_list(),
        "askable": open_to_ask and can_ask_exemption(user, line),
    }


def _write(request: HttpRequest, form: PlanLineForm) -> int:
    """Write what the form says; 200 written, 409 a colleague was first, 422 not as it is."""
    # What a browser kept for somebody who has signed out since is not this person's to send.
    if request.POST.get("writer", str(request.user.pk)) != str(request.user.pk):
        raise PermissionDenied
    if not form.is_valid():
        return 422
    data = form.cleaned_data
    try:
        plans.write_line(
            line=form.instance,
            actor=request.user,
            version=data["version"],
            planned_date=data["planned_date"],
            group=data["group"],
            officer_id=data["officer"].pk,
            topics=data["topics"],
            reason=data.get("reason", ""),
        )
    except StaleVersion as stale:
        # What was typed stays in the form; the colleague's values stand above it.
        form.data = form.data.copy()
        form.data["version"] = stale.current.version
        form.add_error(None, _("A colleague saved this line first. Save again to replace it."))
        return 409
    except (NotPossible, ValidationError) as error:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        return 422
    return 200


def _cell(request: HttpRequest, line: PlanLine, form: PlanLineForm, status: int) -> HttpResponse:
    if status == 422:
        return render(request, "visits/_plan_refusal.html", {"form": form}, status=422)
    context: dict = {"cell": Grid(request.user, line.plan).cell(line)}
    if status == 409:
        mine = form.cleaned_data
        context |= {
            "mine": mine | {"group": dict(Group.choices).get(mine["group"])},
            "first": audit.history(line).first(),
        }
    return render(request, "visits/_plan_cell.html", context, status=status)


@require_POST
def plan_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy a line, a row or a month of the plan outwards."""
    plan = _plan(request, pk)
    if not can_write_plan(request.user, plan):
        raise PermissionDenied
    form, copied = PlanCopyForm(request.POST, plan=plan), None
    if form.is_valid():
        try:
            copied = copy_lines(plan=plan, actor=request.user, **form.cleaned_data)
        except (NotPossible, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
    if request.htmx:  # type: ignore[attr-defined]
        return _copied_cells(request, plan, form, copied)
    if copied:
        messages.success(request, _told(copied))
    else:
        messages.error(request, _("Nothing was copied: say what and why."), extra_tags="late")
    return redirect(plan)


def _copied_cells(
    request: HttpRequest, plan: AnnualPlan, form: PlanCopyForm, copied: Copied | None
) -> HttpResponse:
    if copied is None:
        return render(request, "visits/_plan_refusal.html", {"form": form}, status=422)
    lines = plan.lines.for_grid().filter(pk__in=[line.pk for line in copied.lines])
    context = {
        "plan": plan,
        "cells": Grid(request.user, plan).cells(lines),
        "since": plan.lines.version_sum(),
        "said": _told(copied),
    }
    return render(request, "visits/_plan_changes.html", context)


def _told(copied: Copied) -> str:
    """What a copy did, in sentences."""
    count = len(copied.lines)
    told = [ngettext("Copied into %(n)s month.", "Copied into %(n)s months.", count) % {"n": count}]
    if copied.kept:
        kept = ngettext("%(n)s was written already.", "%(n)s were written already.", copied.kept)
        told.append(kept % {"n": copied.kept})
    if copied.overtaken:
        overtaken = ngettext(
            "%(n)s was changed by a colleague meanwhile and stays.",
            "%(n)s were changed by a colleague meanwhile and stay.",
            copied.overtaken,
        )
        told.append(overtaken % {"n": copied.overtaken})
    return " ".join(told)


@require_GET
def plan_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The plan as an Excel sheet in the shape of the grid, in the county's language."""
    plan = _plan(request, pk)
    with translation.override(settings.LANGUAGE_CODE):
        name = _("%(unit)s plan %(year)s") % {"unit": plan.unit, "year": plan.programme_year}
        return exports.ledger(plan_sheet(plan), name=name, wrap=True, of=plan)
