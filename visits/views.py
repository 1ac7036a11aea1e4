"""Pages of the programme year, the plans, my month and the visits."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contact_points.models import ContactPoint
from outreach import audit, clock
from outreach.lists import list_page
from outreach.roles import Capability, Role
from visits.cards import cards_of
from visits.filters import PlanFilter, VisitFilter
from visits.forms import (
    ExemptionForm,
    PlanLineForm,
    ReasonForm,
    TopicForm,
    VisitForm,
    YearForm,
)
from visits.models import AnnualPlan, PlanLine, ProgrammeYear, Visit
from visits.permissions import (
    can_decide_plan,
    can_edit_visit,
    can_exempt,
    can_record_visit,
    can_run_year,
    can_submit_plan,
    can_void_visit,
    can_write_plan,
)
from visits.querysets import households_to_call
from visits.services import plans, programme, recording
from visits.services.errors import NotPossible, StaleVersion
from visits.tables import PlanTable, VisitTable

PROPOSED_HOUSEHOLDS = 12


def asked_month(request: HttpRequest) -> date:
    """The month in the address (`month=2026-10`), else the present one; 404 for nonsense."""
    text = request.GET.get("month", "")
    if not text:
        return clock.this_month()
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError as error:
        raise Http404 from error


@require_GET
def my_month(request: HttpRequest) -> HttpResponse:
    """What is due this month at the own (coordinator: the unit's) contact points."""
    if not request.user.can(Capability.RECORD_VISITS):
        raise Http404
    month = asked_month(request)
    lines = PlanLine.objects.visible_to(request.user).of_month(month)
    earlier = Visit.objects.visible_to(request.user).to_write().filter(month__lt=month)
    if request.user.role == Role.CADRE:
        lines = lines.filter(officer__user=request.user)
        earlier = earlier.filter(officer__user=request.user)
    cards = cards_of(lines.for_cards(), request.user)
    context = {
        "month": month,
        "previous": clock.add_months(month, -1),
        "following": clock.add_months(month, 1),
        "cards": cards,
        "earlier": earlier.for_list().order_by("feedback_due_on"),
        "due": sum(card.state in ("due", "late") for card in cards),
        "to_write": sum(card.state in ("to_write", "returned") for card in cards),
        "done": sum(card.state == "done" for card in cards),
        "plan": AnnualPlan.objects.visible_to(request.user)
        .filter(programme_year__year=month.year)
        .first(),
    }
    return render(request, "visits/my_month.html", context)


# The programme year ----------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def programme_year(request: HttpRequest) -> HttpResponse:
    """The county's opened years with rules and topics; opens the next one."""
    if not request.user.can(Capability.RUN_YEAR):
        raise Http404
    years = ProgrammeYear.objects.visible_to(request.user).prefetch_related("rules", "topics")
    following = max((row.year for row in years), default=clock.today().year - 1) + 1
    form = YearForm(request.POST or None, initial={"year": following})
    if request.method == "POST" and form.is_valid():
        try:
            year = programme.open_year(
                county=request.user.county, actor=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The year %(year)s is open.") % {"year": year})
            return redirect("programme_year")
    return render(request, "visits/programme_year.html", {"years": years, "form": form})


@require_http_methods(["GET", "POST"])
def topic_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a topic to the year."""
    year = get_object_or_404(ProgrammeYear.objects.visible_to(request.user), pk=pk)
    if not can_run_year(request.user, year):
        raise PermissionDenied
    form = TopicForm(request.POST or None, year=year)
    if request.method == "POST" and form.is_valid():
        programme.add_topic(year=year, actor=request.user, **form.cleaned_data)
        return redirect("programme_year")
    title = _("New topic for %(year)s") % {"year": year}
    context = {"form": form, "title": title, "submit": _("Add the topic")}
    return render(request, "components/form_page.html", context)


# Plans -----------------------------------------------------------------------------------------


@require_GET
def plan_list(request: HttpRequest) -> HttpResponseBase:
    """The units' annual plans; people of a unit see their own."""
    return list_page(
        request,
        rows=AnnualPlan.objects.visible_to(request.user).for_list(),
        table_class=PlanTable,
        filter_class=PlanFilter,
        title=_("Annual plans"),
        empty=_("No plan here yet. Plans appear when the county office opens the year."),
    )


@require_GET
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as a grid: contact points down, months across."""
    plan = get_object_or_404(
        AnnualPlan.objects.visible_to(request.user).select_related("unit", "programme_year"), pk=pk
    )
    lines = list(plan.lines.for_grid())
    rows: dict[ContactPoint, dict[int, PlanLine]] = {}
    for line in lines:
        rows.setdefault(line.contact_point, {})[line.month.month] = line
    context = {
        "plan": plan,
        "months": range(1, 13),
        "rows": [(point, [cells.get(n) for n in range(1, 13)]) for point, cells in rows.items()],
        "this_month": clock.this_month(),
        "without_date": sum(line.planned_date is None and not line.exemption for line in lines),
        "writable": can_write_plan(request.user, plan),
        "submittable": can_submit_plan(request.user, plan),
        "decidable": can_decide_plan(request.user, plan),
        "exempting": request.user.can(Capability.APPROVE_PLANS),
        "reason_form": ReasonForm(),
        "history": audit.history(plan)[:20],
    }
    return render(request, "visits/plan_detail.html", context)


@require_http_methods(["GET", "POST"])
def plan_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Write one line of the plan."""
    line = _line(request, pk)
    if not can_write_plan(request.user, line.plan):
        raise PermissionDenied
    form = PlanLineForm(request.POST or None, instance=line)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            plans.write_line(
                line=line,
                actor=request.user,
                version=data["version"],
                planned_date=data["planned_date"],
                group=data["group"],
                officer_id=data["officer"].pk,
                topics=data["topics"],
                reason=data.get("reason", ""),
            )
        except StaleVersion:
            # What was typed stays in the form; the colleague's values stand above it.
            line = _line(request, pk)
            form.data = form.data.copy()
            form.data["version"] = line.version
            form.add_error(
                None, _("A colleague saved this line first; their values stand above. Save again to replace them.")
            )
        else:
            return redirect("plan_detail", pk=line.plan_id)
    context = {"form": form, "line": line, "history": audit.history(line)[:20]}
    return render(request, "visits/plan_line.html", context)


def _line(request: HttpRequest, pk: int) -> PlanLine:
    rows = PlanLine.objects.visible_to(request.user).for_grid().select_related(
        "plan__programme_year", "contact_point__village__township", "contact_point__unit", "officer"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def plan_line_exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Exempt a line from what is due, or take that back."""
    line = _line(request, pk)
    if not can_exempt(request.user, line):
        raise PermissionDenied
    initial = {"exemption": line.exemption, "reason": line.exemption_reason}
    form = ExemptionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        plans.exempt_line(line=line, actor=request.user, **form.cleaned_data)
        return redirect("plan_detail", pk=line.plan_id)
    context = {
        "form": form,
        "title": _("Exemption"),
        "lead": str(line),
        "submit": _("Save the decision"),
        "back": line.plan.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)


def _plan(request: HttpRequest, pk: int) -> AnnualPlan:
    return get_object_or_404(
        AnnualPlan.objects.visible_to(request.user).select_related("unit", "programme_year"), pk=pk
    )


@require_POST
def plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the plan to the county office."""
    plan = _plan(request, pk)
    try:
        plans.submit_plan(plan=plan, actor=request.user)
        messages.success(request, _("The plan is with the county office."))
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect(plan)


@require_POST
def plan_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve (`decision=approve`), or return with a reason."""
    plan = _plan(request, pk)
    approve = request.POST.get("decision") == "approve"
    form = ReasonForm(request.POST)
    if not approve and not form.is_valid():
        messages.error(request, _("A return needs a reason."), extra_tags="late")
        return redirect(plan)
    try:
        reason = "" if approve else form.cleaned_data["reason"]
        plans.decide_plan(plan=plan, actor=request.user, reason=reason)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect(plan)


# Visits ----------------------------------------------------------------------------------------


@require_GET
def visit_list(request: HttpRequest) -> HttpResponseBase:
    """The ledger of visits."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=Visit.objects.visible_to(request.user).for_list(),
        table_class=VisitTable,
        filter_class=VisitFilter,
        title=_("Visits"),
        empty=_("No visit fits this filter."),
    )


@require_http_methods(["GET", "POST"])
def visit_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a visit to a contact point; sending the form twice makes one record."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user).for_list(), pk=pk)
    if not can_record_visit(request.user, point):
        raise PermissionDenied
    line = PlanLine.objects.filter(contact_point=point, month=clock.this_month()).first()
    form = _visit_form(request, point, line=line)
    if request.method == "POST" and form.is_valid():
        try:
            visit, _new = recording.record_visit(
                id=form.cleaned_data["id"],
                contact_point=point,
                content=form.content(),
                actor=request.user,
            )
        except StaleVersion as error:
            return _conflict(request, form, error.current)
        except (NotPossible, ValidationError) as error:
            _show(form, error)
        else:
            return redirect("feedback_write", pk=visit.pk)
    context = {"form": form, "point": point, "line": line}
    return render(request, "visits/visit_form.html", context)


@require_http_methods(["GET", "POST"])
def visit_edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Correct a recorded visit."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    if not can_edit_visit(request.user, visit):
        raise PermissionDenied
    form = _visit_form(request, visit.contact_point, visit=visit)
    if request.method == "POST" and form.is_valid():
        try:
            recording.correct_visit(
                visit=visit,
                content=form.content(),
                actor=request.user,
                version=form.cleaned_data["version"] or 0,
            )
        except StaleVersion as error:
            return _conflict(request, form, error.current)
        except (NotPossible, ValidationError) as error:
            _show(form, error)
        else:
            messages.success(request, _("The visit is corrected."))
            return redirect(visit)
    context = {"form": form, "point": visit.contact_point, "visit": visit}
    return render(request, "visits/visit_form.html", context)


def _visit_form(
    request: HttpRequest,
    point: ContactPoint,
    *,
    line: PlanLine | None = None,
    visit: Visit | None = None,
) -> VisitForm:
    year = (visit.day if visit else clock.today()).year
    proposed = list(households_to_call(point.village_id, year, PROPOSED_HOUSEHOLDS))
    noted = [call.household for call in visit.household_calls.all()] if visit else []
    # A household that was offered when the form was opened is still known when it comes back.
    sent = {
        int(pk)
        for name in request.POST
        if name.startswith("household_") and (pk := name.removeprefix("household_")).isdecimal()
    }
    missing = sent - {row.pk for row in [*noted, *proposed]}
    sent_rows = list(point.village.households.filter(pk__in=missing)) if missing else []
    households = list({row.pk: row for row in [*noted, *proposed, *sent_rows]}.values())
    return VisitForm(
        request.POST or None,
        contact_point=point,
        actor=request.user,
        households=households,
        line=line,
        visit=visit,
    )


def _show(form: VisitForm, error: NotPossible | ValidationError) -> None:
    """Put a service's refusal where its reader looks: beside the field, else on top."""
    if isinstance(error, ValidationError) and hasattr(error, "message_dict"):
        for name, texts in error.message_dict.items():
            form.add_error(name if name in form.fields else None, texts)
    else:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))


def _conflict(request: HttpRequest, form: VisitForm, current: Visit) -> HttpResponse:
    """Somebody saved first: show both, lose nothing, let the person choose."""
    form.data = form.data.copy()
    form.data["version"] = current.version
    context: dict[str, Any] = {
        "form": form,
        "point": current.contact_point,
        "visit": current,
        "conflict": current,
    }
    return render(request, "visits/visit_form.html", context, status=409)


@require_GET
def visit_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One visit with its talks, households and feedback."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    context = {
        "visit": visit,
        "feedback": getattr(visit, "feedback", None),
        "editable": can_edit_visit(request.user, visit),
        "voidable": can_void_visit(request.user, visit),
        "history": audit.history(visit)[:20],
    }
    return render(request, "visits/visit_detail.html", context)


@require_http_methods(["GET", "POST"])
def visit_void(request: HttpRequest, pk: str) -> HttpResponse:
    """Void a visit with a reason."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    if not can_void_visit(request.user, visit):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recording.void_visit(
                visit=visit, actor=request.user, reason=form.cleaned_data["reason"]
            )
        except NotPossible as error:
            messages.error(request, str(error), extra_tags="late")
        return redirect(visit)
    context = {
        "form": form,
        "title": _("Void this visit"),
        "lead": _("It leaves every count and report from now on; the record and its reason stay."),
        "submit": _("Void the visit"),
        "back": visit.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)


@require_GET
def contact_point_visits(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: the newest visits of a contact point."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk)
    visits = Visit.objects.visible_to(request.user).filter(contact_point=point).for_list()[:12]
    context = {
        "point": point,
        "visits": visits,
        "recordable": can_record_visit(request.user, point),
        "seeing": request.user.can(Capability.SEE_RECORDS),
    }
    return render(request, "visits/_contact_point_visits.html", context)
