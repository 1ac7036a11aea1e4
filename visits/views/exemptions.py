"""Pages of exemptions: what units ask for, what the county answers, and all that is lifted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach import audit
from outreach.lists import list_page, returning
from outreach.roles import Capability
from visits.filters import ExemptionFilter, ExemptionRequestFilter
from visits.forms.exemptions import AnswerForm, AskForm, ExemptionForm
from visits.models import ExemptionRequest, PlanLine
from visits.permissions import can_ask_exemption, can_decide_exemption, can_exempt
from visits.services import exemptions
from visits.services.errors import NotPossible
from visits.services.many import Done
from visits.tables import ExemptionRequestTable, ExemptionTable


def _line(request: HttpRequest, pk: int) -> PlanLine:
    rows = PlanLine.objects.visible_to(request.user).for_list().select_related("plan__unit")
    return get_object_or_404(rows.select_related("plan__programme_year"), pk=pk)


def _line_page(
    request: HttpRequest, line: PlanLine, form: ExemptionForm | AskForm, submit: str
) -> HttpResponse:
    requests = list(line.exemption_requests.for_list())
    context = {
        "line": line,
        "form": form,
        "submit": submit,
        "requests": requests,
        "open": any(row.is_open for row in requests),
        "asking": isinstance(form, AskForm),
        "history": audit.history(line)[:20],
    }
    return render(request, "visits/line_exemption.html", context)


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
            exemptions.exempt_line(line=line, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("plan_detail", pk=line.plan_id)
    return _line_page(request, line, form, _("Save the decision"))


@require_http_methods(["GET", "POST"])
def exemption_request_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the county to lift a line's obligation, or to let a colleague go."""
    line = _line(request, pk)
    if not can_ask_exemption(request.user, line):
        raise PermissionDenied
    form = AskForm(request.POST or None, line=line)
    if request.method == "POST" and form.is_valid():
        try:
            asked = exemptions.ask_exemption(line=line, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The county office has your request."))
            return redirect(asked)
    return _line_page(request, line, form, _("Ask the county office"))


@require_GET
def exemption_request_list(request: HttpRequest) -> HttpResponseBase:
    """What units ask for, open requests first."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=ExemptionRequest.objects.visible_to(request.user).for_list(),
        table_class=ExemptionRequestTable,
        filter_class=ExemptionRequestFilter,
        title=_("Requests for exemptions"),
        empty=_("Nobody asks for an exemption. A unit asks from its month or its plan."),
        template="visits/exemption_request_list.html",
        picks=request.user.can(Capability.DECIDE_EXEMPTIONS),
        answer_form=AnswerForm(),
    )


def _request(request: HttpRequest, pk: int) -> ExemptionRequest:
    rows = ExemptionRequest.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("line__plan", "line__substitute"), pk=pk)


@require_GET
def exemption_request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request with its answer."""
    row = _request(request, pk)
    context = {
        "row": row,
        "line": row.line,
        "decidable": can_decide_exemption(request.user, row),
        "withdrawable": row.is_open and can_ask_exemption(request.user, row.line),
        "form": AnswerForm(),
        "history": audit.history(row)[:20],
    }
    return render(request, "visits/exemption_request_detail.html", context)


@require_POST
def exemption_request_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant (`decision=grant`) or refuse one request."""
    row = _request(request, pk)
    if not request.user.can(Capability.DECIDE_EXEMPTIONS):
        raise PermissionDenied
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["answer"]), extra_tags="late")
        return redirect(row)
    grant = request.POST.get("decision") == "grant"
    try:
        exemptions.decide_exemption_request(
            request=row, actor=request.user, grant=grant, answer=form.cleaned_data["answer"]
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), extra_tags="late")
    except (NotPossible, PermissionDenied) as error:
        decided = _("Somebody answered this request in the meantime.")
        messages.error(request, str(error) or decided, extra_tags="late")
    else:
        done = _("The request is granted.") if grant else _("The request is refused.")
        messages.success(request, done)
    return redirect(row)


@require_POST
def exemption_request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an open request back."""
    row = _request(request, pk)
    if not can_ask_exemption(request.user, row.line):
        raise PermissionDenied
    try:
        exemptions.withdraw_exemption_request(request=row, actor=request.user)
        messages.success(request, _("The request is withdrawn."))
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect(row)


@require_POST
def exemption_request_decide_many(request: HttpRequest) -> HttpResponse:
    """Answer the chosen requests alike."""
    if not request.user.can(Capability.DECIDE_EXEMPTIONS):
        raise Http404
    picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 10]
    chosen = ExemptionRequest.objects.visible_to(request.user).for_list().filter(pk__in=picked)
    form = AnswerForm(request.POST)
    if not picked or not form.is_valid():
        messages.error(request, _("Choose at least one request."), extra_tags="late")
        return returning(request, "exemption_request_list")
    grant = request.POST.get("decision") == "grant"
    try:
        told = exemptions.decide_exemption_requests(
            requests=chosen, actor=request.user, grant=grant, answer=form.cleaned_data["answer"]
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), extra_tags="late")
    else:
        _tell(request, told, grant)
    return returning(request, "exemption_request_list")


def _tell(request: HttpRequest, told: Done[ExemptionRequest], grant: bool) -> None:
    count = len(told.done)
    granted = ngettext("%d request is granted.", "%d requests are granted.", count)
    refused = ngettext("%d request is refused.", "%d requests are refused.", count)
    if count:
        messages.success(request, (granted if grant else refused) % count)
    for row, why in told.refused:
        messages.error(request, f"{row.line}：{why}", extra_tags="late")


@require_GET
def exemption_list(request: HttpRequest) -> HttpResponseBase:
    """Every line that is exempt or in which a substitute goes, with who decided it and why."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=PlanLine.objects.visible_to(request.user).lifted().for_list().order_by("-month", "id"),
        table_class=ExemptionTable,
        filter_class=ExemptionFilter,
        title=_("Exemptions and substitutes"),
        empty=_("No visit is lifted here."),
        action=("exemption_postpone", _("Postpone a month"))
        if request.user.can(Capability.DECIDE_EXEMPTIONS)
        else None,
    )
