"""A visit on paper."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from outreach import audit
from visits.models import Visit
from visits.permissions import can_edit_visit

# What is shared with the villagers, each a box on the sheet.
SHARED = ("ate", "lived", "worked")


@require_GET
def visit_print(request: HttpRequest, pk: str) -> HttpResponse:
    """One visit as the official feedback sheet; the browser prints it."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    feedback = getattr(visit, "feedback", None)
    if feedback and feedback.state == "draft" and not can_edit_visit(request.user, visit):
        feedback = None  # a draft is its writer's
    if feedback and not can_edit_visit(request.user, visit):
        feedback = feedback.as_sent()
    # What waits again has no opinion yet.
    decided = feedback is not None and feedback.state in ("returned", "accepted")
    context = {
        "visit": visit,
        "feedback": feedback,
        "problems": feedback.problems if feedback else [],
        "decision": feedback.decisions[-1] if decided else None,
        "together": [
            (visit._meta.get_field(name).verbose_name, getattr(visit, name)) for name in SHARED
        ],
        "met": [call for call in visit.household_calls.all() if call.outcome == "met"],
    }
    return audit.opened(render(request, "feedback/visit_print.html", context), visit)
