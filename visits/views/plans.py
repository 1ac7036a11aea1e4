"""Pages of the annual plans."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach.lists import list_page
from outreach.roles import Capability
from visits.filters import PlanFilter
from visits.forms.plans import ExemptionForm, ReasonForm
from visits.models import AnnualPlan, PlanLine
from visits.permissions import can_exempt
from visits.services import plans
from visits.services.errors import NotPossible
from visits.tables import PlanTable

# Said to those who may decide or submit, when this plan does not wait for it any more.
DECIDED = gettext_lazy("Somebody decided this plan in the meantime. Load the page again.")


@require_GET
def plan_list(request: HttpRequest) -> HttpResponseBase:
    """The units' annual plans; people of a unit see their own."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=AnnualPlan.objects.visible_to(request.user).for_list().newest_first(),
        table_class=PlanTable,
        filter_class=PlanFilter,
        title=_("Annual plans"),
        empty=_("No plan here yet. Plans appear when the county office opens the year."),
    )


def _line(request: HttpRequest, pk: int) -> PlanLine:
    rows = (
        PlanLine.objects.visible_to(request.user)
        .for_grid()
        .select_related(
            "plan__programme_year",
            "contact_point__village__township",
            "contact_point__unit",
            "officer",
        )
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
        try:
            plans.exempt_line(line=line, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
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
    if not request.user.can(Capability.WRITE_PLANS):
        raise PermissionDenied
    try:
        plans.submit_plan(plan=plan, actor=request.user)
        messages.success(request, _("The plan is with the county office."))
    except (NotPossible, PermissionDenied) as error:
        messages.error(request, str(error) or DECIDED, extra_tags="late")
    return redirect(plan)


def _seen(request: HttpRequest) -> datetime:
    """When the plan was submitted that the reader had before them; ages ago if not said."""
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return seen if seen.tzinfo else seen.replace(tzinfo=UTC)


@require_POST
def plan_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve (`decision=approve`), or return with a reason."""
    plan = _plan(request, pk)
    if not request.user.can(Capability.APPROVE_PLANS):
        raise PermissionDenied
    approve = request.POST.get("decision") == "approve"
    form = ReasonForm(request.POST)
    if not approve and not form.is_valid():
        messages.error(request, _("A return needs a reason."), extra_tags="late")
        return redirect(plan)
    try:
        reason = "" if approve else form.cleaned_data["reason"]
        plans.decide_plan(plan=plan, actor=request.user, reason=reason, seen=_seen(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), extra_tags="late")
    except (NotPossible, PermissionDenied) as error:
        messages.error(request, str(error) or DECIDED, extra_tags="late")
    return redirect(plan)
