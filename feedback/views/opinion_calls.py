"""Calls for opinions: the county office asks everybody a question for a while."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.forms.opinions import CallForm
from feedback.models import OpinionCall
from feedback.permissions import can_run_calls
from feedback.services.opinion_calls import close_call
from feedback.tables.opinions import OpinionCallTable
from outreach import clock
from outreach.lists import list_page
from visits.services.errors import NotPossible


def _check_runs(request: HttpRequest) -> None:
    if not can_run_calls(request.user):
        raise Http404


@require_GET
def opinion_call_list(request: HttpRequest) -> HttpResponseBase:
    """Every call, the newest first."""
    _check_runs(request)
    return list_page(
        request,
        rows=OpinionCall.objects.visible_to(request.user).for_list(),
        table_class=OpinionCallTable,
        filter_class=None,
        title=_("Calls for opinions"),
        empty=_("No call yet. One asks all villages the same question for a while."),
        action=("opinion_call_create", _("Open a call")),
    )


@require_http_methods(["GET", "POST"])
def opinion_call_create(request: HttpRequest) -> HttpResponse:
    """Open a call."""
    _check_runs(request)
    form = CallForm(request.POST or None, initial={"opens_on": clock.today()})
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _("It stands on the villages' pages in its period."))
        return redirect("opinion_call_list")
    context = {"form": form, "title": _("Open a call"), "submit": _("Open it")}
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def opinion_call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: its period, and what came of it."""
    _check_runs(request)
    calls = OpinionCall.objects.visible_to(request.user)
    row = get_object_or_404(calls, pk=pk)
    # The form writes what was typed into its instance: a row of its own, the page shows the call.
    form = CallForm(request.POST or None, instance=calls.get(pk=pk))
    if request.method == "POST" and form.is_valid() and _saved(request, form, row):
        messages.success(request, _("The call is changed."))
        return redirect(row)
    context = {"call": row, "answers": row.opinions.count(), "form": None if row.is_over else form}
    return render(request, "feedback/opinion_call.html", context)


def _saved(request: HttpRequest, form: CallForm, call: OpinionCall | None = None) -> bool:
    try:
        form.save_by(request.user, call)
    except NotPossible as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return True
    return False


@require_POST
def opinion_call_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a call before its last day."""
    _check_runs(request)
    call = get_object_or_404(OpinionCall.objects.visible_to(request.user), pk=pk)
    try:
        close_call(call=call, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The call is closed."))
    return redirect(call)
