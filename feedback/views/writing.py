"""The page on which feedback is written."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback.forms import FeedbackForm
from feedback.services import save_feedback
from visits.models import Visit
from visits.permissions import can_edit_visit, can_record_visit
from visits.services.errors import StaleVersion


@require_http_methods(["GET", "POST"])
def feedback_write(request: HttpRequest, pk: str) -> HttpResponse:
    """Write the feedback of a visit: keep a draft or send it."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    # On POST the service decides: the same save sent twice is answered like the first.
    if not can_record_visit(request.user, visit.contact_point):
        raise PermissionDenied
    if request.method == "GET" and not can_edit_visit(request.user, visit):
        raise PermissionDenied
    current = getattr(visit, "feedback", None)
    form = FeedbackForm(request.POST or None, instance=current)
    stale = None
    if request.method == "POST" and form.is_valid():
        send = "send" in request.POST
        try:
            save_feedback(
                visit=visit,
                actor=request.user,
                texts=form.texts,
                version=form.cleaned_data["version"],
                opened_at=form.cleaned_data["opened"],
                send=send,
            )
        except StaleVersion as error:
            stale = error.current
            form.data = form.data.copy()
            form.data["version"] = stale.version
        except ValidationError as error:
            form.add_error(None, error)
        else:
            done = _("The feedback is with the county office.") if send else _("The draft is kept.")
            messages.success(request, done)
            return redirect("my_month") if send else redirect(visit)
    context = {"form": form, "visit": visit, "feedback": current, "stale": stale}
    return render(request, "feedback/feedback_form.html", context, status=409 if stale else 200)
