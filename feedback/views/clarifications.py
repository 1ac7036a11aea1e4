"""Pages of clarifications: the unit explains, the county decides."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.filters import ClarificationFilter
from feedback.forms.clarifications import WordForm
from feedback.models import Clarification
from feedback.permissions import can_decide_gap, can_explain_gap
from feedback.services.clarifications import decide_gap, explain_gap
from feedback.tables.evaluation import ClarificationTable
from outreach.lists import list_page
from outreach.roles import Capability
from visits.services.errors import NotPossible


@require_GET
def clarification_list(request: HttpRequest) -> HttpResponseBase:
    """The county's clarifications, or the own unit's; what waits first."""
    if not request.user.can(Capability.SEE_EVALUATION):
        raise Http404
    return list_page(
        request,
        rows=Clarification.objects.visible_to(request.user).for_list(),
        table_class=ClarificationTable,
        filter_class=ClarificationFilter,
        title=_("Clarifications"),
        empty=_("Nothing to clarify: what villagers said fits what was recorded."),
    )


@require_http_methods(["GET", "POST"])
def clarification(request: HttpRequest, pk: int) -> HttpResponse:
    """What the county sees, the unit's explanation, what the county decides."""
    user = request.user
    row = get_object_or_404(Clarification.objects.visible_to(user).for_page(), pk=pk)
    explains, decides = can_explain_gap(user, row), can_decide_gap(user, row)
    if request.method == "POST" and not (explains or decides):
        raise PermissionDenied
    form = WordForm(request.POST or None, field="explanation" if explains else "decision")
    if request.method == "POST" and form.is_valid():
        say = explain_gap if explains else decide_gap
        try:
            say(clarification=row, actor=user, text=form.cleaned_data["text"])
        except (NotPossible, ValidationError) as error:
            form.add_error(None, getattr(error, "messages", str(error)))
        else:
            messages.success(request, _("Said. The other side can read it now."))
            return redirect(row)
    context = {
        "row": row,
        "answers": row.answers.veiled() if user.unit_id else row.answers,
        "form": form if explains or decides else None,
        "explains": explains,
    }
    return render(request, "feedback/clarification.html", context)
