"""Pages of what visitors suggest to the county."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.filters import SuggestionFilter
from feedback.forms.suggestions import SuggestionForm
from feedback.models import Feedback
from feedback.permissions import can_answer_suggestion, can_correct_reply
from feedback.services.suggestions import answer_suggestion, correct_reply
from feedback.tables.records import SuggestionTable
from outreach import audit
from outreach.lists import list_page
from outreach.models import User
from outreach.roles import Capability
from visits.services.errors import NotPossible


def _check_may_see(request: HttpRequest) -> None:
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise Http404


@require_GET
def suggestion_list(request: HttpRequest) -> HttpResponseBase:
    """What visitors suggest, the open ones first."""
    _check_may_see(request)
    return list_page(
        request,
        rows=Feedback.objects.visible_to(request.user).suggesting().for_suggestions(),
        table_class=SuggestionTable,
        filter_class=SuggestionFilter,
        title=_("Suggestions"),
        empty=_("No suggestion here. They come from the records of visits."),
    )


@require_http_methods(["GET", "POST"])
def suggestion_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion with its reply, and the form to write or correct it."""
    _check_may_see(request)
    rows = Feedback.objects.visible_to(request.user).suggesting().for_suggestions()
    feedback = get_object_or_404(rows, pk=pk)
    form = SuggestionForm(request.POST or None, reply=feedback.reply)
    if request.method == "POST" and form.is_valid():
        try:
            _reply(request.user, feedback, form)
        except NotPossible as error:
            form.add_error(None, str(error))
            feedback = rows.get(pk=pk)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The reply stands; the author is told."))
            return redirect("suggestion_list")
    may = can_answer_suggestion(request.user, feedback) or can_correct_reply(request.user, feedback)
    context = {"feedback": feedback, "form": form if may or form.is_bound else None}
    page = render(request, "feedback/suggestion_detail.html", context)
    return audit.opened(page, feedback.visit)


def _reply(user: User, feedback: Feedback, form: SuggestionForm) -> None:
    said = dict(form.cleaned_data)
    if (number := said.pop("number")) is None:
        answer_suggestion(feedback=feedback, actor=user, **said)
    else:
        correct_reply(feedback=feedback, actor=user, number=number, **said)
