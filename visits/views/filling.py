"""Pages of "fill in for me"."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contact_points.models import ContactPoint
from outreach import workdays
from visits.forms.filling import FillForm
from visits.models import AnnualPlan, Group, PlanLine, ProgrammeYear
from visits.permissions import can_run_year, can_submit_plan
from visits.planning import Household, Proposal, Sentence
from visits.proposals import digest, households_for, propose
from visits.services import filling
from visits.services.errors import NotPossible, StaleVersion


def _plan(request: HttpRequest, pk: int) -> AnnualPlan:
    plans = AnnualPlan.objects.visible_to(request.user).select_related("unit", "programme_year")
    plan = get_object_or_404(plans, pk=pk)
    if not can_submit_plan(request.user, plan):
        raise PermissionDenied
    return plan


@require_http_methods(["GET", "POST"])
def plan_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """What the planner proposes for the empty cells of the plan; a POST writes it."""
    plan, stale = _plan(request, pk), False
    form = FillForm(request.POST or request.GET or None, plan=plan)
    if form.is_valid() and request.method == "POST":
        try:
            count = filling.fill_plan(
                plan=plan, actor=request.user, seen=form.cleaned_data["seen"], **form.chosen()
            )
        except StaleVersion:
            stale = True
        except NotPossible as error:
            messages.error(request, str(error), extra_tags="late")
            return redirect(plan)
        else:
            _say(request, count["lines"])
            return redirect(plan)
    context = {"plan": plan, "form": form, "stale": stale} | _preview(plan, **form.chosen())
    return render(request, "visits/plan_fill.html", context, status=409 if stale else 200)


def _say(request: HttpRequest, lines: int) -> None:
    text = ngettext("%(n)s line was filled in.", "%(n)s lines were filled in.", lines)
    more = _("Look them over and change what does not fit; you can still take all of it back.")
    said = f"{text % {'n': lines}} {more}" if lines else _("The number is kept.")
    messages.success(request, said)


@dataclass
class Row:
    """A line as the preview shows it: what stands there, what is proposed, and why."""

    line: PlanLine
    proposal: Proposal
    group: str
    topics: list[str]
    households: tuple[Household, ...]


@dataclass
class Part:
    """A contact point of the preview."""

    point: ContactPoint
    reach: tuple[Sentence, ...]
    rows: list[Row] = field(default_factory=list)


def _preview(plan: AnnualPlan, *, per_visit: int, seed: int) -> dict[str, Any]:
    lines = list(
        PlanLine.objects.filter(plan=plan)
        .for_planner()
        .prefetch_related("contact_point__village__township", "officer", "topics")
    )
    proposals = propose(plan.programme_year, lines, seed=seed)
    return {
        "parts": _parts(plan, lines, proposals, per_visit),
        "count": filling.tally(lines, proposals),
        "per_visit": per_visit,
        "kept": plan.households_per_visit,
        "seed": seed,
        "seen": digest(proposals),
        "holidays_known": workdays.is_published(plan.programme_year.year),
    }


def _parts(
    plan: AnnualPlan, lines: list[PlanLine], proposals: list[Proposal], per_visit: int
) -> list[Part]:
    """The contact points in the order of the grid, each with its months that have a proposal."""
    year = plan.programme_year
    titles = dict(year.topics.values_list("pk", "title"))
    villages = {
        line.contact_point.village_id: line.contact_point.village.households_count for line in lines
    }
    calls = households_for(plan.county_id, villages, year.year, plan=plan, most=per_visit)
    of_line = {each.line: each for each in proposals}
    parts: dict[int, Part] = {}
    for line in sorted(
        lines,
        key=lambda x: (x.contact_point.village.code, x.contact_point_id, x.month),
    ):
        point = line.contact_point
        part = parts.setdefault(point.pk, Part(point, calls.reach[point.village_id]))
        if proposal := of_line.get(line.pk):
            told = [titles[pk] for pk in proposal.topics] or [str(t) for t in line.topics.all()]
            group = proposal.group or line.group
            part.rows.append(
                Row(
                    line,
                    proposal,
                    Group(group).label if group else "",
                    told,
                    calls.of_line.get(line.pk, ()),
                )
            )
    return list(parts.values())


@require_POST
def plan_fill_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last filling in back."""
    plan = _plan(request, pk)
    try:
        lines = filling.take_back_fill(plan=plan, actor=request.user)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        text = ngettext("%(n)s line is empty again.", "%(n)s lines are empty again.", lines)
        messages.success(request, text % {"n": lines})
    return redirect(plan)


@require_http_methods(["GET", "POST"])
def plans_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose for all draft plans of the year at once."""
    year = get_object_or_404(ProgrammeYear.objects.visible_to(request.user), pk=pk)
    if not can_run_year(request.user, year):
        raise PermissionDenied
    if request.method == "POST":
        return redirect(filling.start_filling(year=year, actor=request.user))
    drafts = year.plans.filter(state=AnnualPlan.State.DRAFT).count()
    return render(request, "visits/plans_fill.html", {"year": year, "drafts": drafts})
