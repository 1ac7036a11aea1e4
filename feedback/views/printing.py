"""A visit on paper."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from visits.models import Visit
from visits.permissions import can_edit_visit


@require_GET
def visit_print(request: HttpRequest, pk: str) -> HttpResponse:
    """One visit as the official feedback sheet; the browser prints it."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    feedback = getattr(visit, "feedback", None)
    if feedback and feedback.state == "draft" and not can_edit_visit(request.user, visit):
        feedback = None  # a draft is its writer's
    reviews = list(feedback.reviews.select_related("by")) if feedback else []
    context = {"visit": visit, "feedback": feedback, "decision": reviews[-1] if reviews else None}
    return render(request, "feedback/visit_print.html", context)
