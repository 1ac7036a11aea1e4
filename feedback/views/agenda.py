"""From matters to agenda: what recurs, and one action to make it a topic."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.agenda import agenda, next_month
from feedback.forms.agenda import AgendaForm
from feedback.models import MatterCategory
from feedback.services.agenda import put_on_agenda
from outreach.roles import Capability
from outreach.templatetags.outreach import month
from visits.services.errors import NotPossible


def _check_may_direct(request: HttpRequest) -> None:
    if not request.user.can(Capability.DIRECT_MATTERS):
        raise Http404


@require_GET
def matter_agenda(request: HttpRequest) -> HttpResponse:
    """The categories that several villages raised in the last three months."""
    _check_may_direct(request)
    context = {"rows": agenda(request.user), "month": next_month()}
    return render(request, "feedback/matter_agenda.html", context)


@require_http_methods(["GET", "POST"])
def matter_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a category a topic of next month."""
    _check_may_direct(request)
    category = get_object_or_404(MatterCategory.objects.visible_to(request.user), pk=pk)
    form = AgendaForm(request.POST or None, initial=_proposed(category))
    if request.method == "POST" and form.is_valid():
        try:
            topic = put_on_agenda(category=category, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("It is a topic of next month now."))
            return redirect(topic)
    context = {
        "form": form,
        "title": _("Make it a topic of %(month)s") % {"month": month(next_month())},
        "lead": _("Every unit may put it into its plan and explain it at its visits."),
        "submit": _("Make it a topic"),
        "back": reverse("matter_agenda"),
    }
    return render(request, "components/form_page.html", context)


def _proposed(category: MatterCategory) -> dict[str, str]:
    return {
        "title": _("%(category)s: what villagers ask, %(month)s")
        % {"category": category.name, "month": month(next_month())},
        "text": _("Several villages raised this. Explain the rules and what is being done."),
    }
