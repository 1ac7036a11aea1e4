"""Pages of the annual plans."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from outreach.lists import list_page, returning
from outreach.roles import Capability
from visits.filters import PlanFilter
from visits.forms.plans import ReasonForm
from visits.models import AnnualPlan
from visits.services import plans
from visits.services.errors import NotPossible
from visits.tables import PlanTable

# The plans of a county stand on one page, so that all that wait are decided in one action.
WHOLE_COUNTY = 200
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
        template="visits/plan_list.html",
        per_page=WHOLE_COUNTY,
        picks=request.user.can(Capability.APPROVE_PLANS),
        reason_form=ReasonForm(),
    )


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


@require_POST
def plan_decide_many(request: HttpRequest) -> HttpResponse:
    """Approve the chosen plans (`decision=approve`), or return them with one reason."""
    if not request.user.can(Capability.APPROVE_PLANS):
        raise Http404
    seen = dict(filter(None, map(_picked, request.POST.getlist("pick"))))
    chosen = AnnualPlan.objects.visible_to(request.user).filter(pk__in=seen)
    approve = request.POST.get("decision") == "approve"
    form = ReasonForm(request.POST)
    if not seen:
        messages.error(request, _("Choose at least one plan."), extra_tags="late")
    elif not approve and not form.is_valid():
        messages.error(request, _("A return needs a reason."), extra_tags="late")
    else:
        reason = "" if approve else form.cleaned_data["reason"]
        _decide_many(request, chosen.select_related("unit", "programme_year"), seen, reason)
    return returning(request, "plan_list")


def _picked(text: str) -> tuple[int, datetime] | None:
    """Plan id and when it was submitted that its reader saw, of a box as `AnnualPlan.pick`."""
    pk, _at, moment = text.partition("@")
    try:
        seen = datetime.fromisoformat(moment)
        return (int(pk), seen) if seen.tzinfo and int(pk) < 2**31 else None
    except ValueError:
        return None


def _decide_many(
    request: HttpRequest, chosen: QuerySet[AnnualPlan], seen: dict[int, datetime], reason: str
) -> None:
    try:
        told = plans.decide_plans(plans=chosen, actor=request.user, seen=seen, reason=reason)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), extra_tags="late")
        return
    done = (
        ngettext("%d plan is returned.", "%d plans are returned.", len(told.done))
        if reason
        else ngettext("%d plan is approved.", "%d plans are approved.", len(told.done))
    )
    if told.done:
        messages.success(request, done % len(told.done))
    for plan, why in told.refused:
        messages.error(request, f"{plan.unit}：{why}", extra_tags="late")
