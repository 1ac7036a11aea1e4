"""Pages of reviewing feedback."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from feedback.filters import ReviewFilter
from feedback.forms.review import ReviewForm
from feedback.models import Feedback
from feedback.permissions import can_review
from feedback.services import review_feedback
from feedback.tables import ReviewTable
from outreach.lists import list_page
from outreach.roles import Capability
from visits.models import Visit
from visits.services.errors import NotPossible

# What the office returns most; one tap fills the reason, own words may follow. Chinese, as the
# reason itself is.
PHRASES = (
    "请补充写明解决问题的办理结果。",
    "了解到的情况过于笼统，请写具体事例。",
    "请核对座谈对象和人数。",
    "意见建议请写明涉及的部门和地点。",
)


@require_GET
def review_queue(request: HttpRequest) -> HttpResponseBase:
    """What waits for the county office, oldest first."""
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise Http404
    return list_page(
        request,
        rows=Feedback.objects.visible_to(request.user).waiting_for_review().for_review(),
        table_class=ReviewTable,
        filter_class=ReviewFilter,
        title=_("Review"),
        empty=_("Nothing waits for review."),
    )


@require_http_methods(["GET", "POST"])
def feedback_review(request: HttpRequest, pk: int) -> HttpResponse:
    """One record a screen: accept it, or return it with a reason; then the next."""
    feedback = get_object_or_404(
        Feedback.objects.visible_to(request.user).for_review().exclude(state="draft"), pk=pk
    )
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise PermissionDenied
    form = ReviewForm(request.POST or None, initial={"version": feedback.version})
    if request.method == "POST" and form.is_valid():
        try:
            review_feedback(
                feedback=feedback,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                version=form.cleaned_data["version"],
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages), extra_tags="late")
            return redirect("feedback_review", pk=feedback.pk)
        except (NotPossible, PermissionDenied) as error:
            decided = _("This feedback was decided already.")
            messages.error(request, str(error) or decided, extra_tags="late")
            return redirect("feedback_review", pk=feedback.pk)
        following = Feedback.objects.visible_to(request.user).waiting_for_review().first()
        if following is None:
            return redirect("review_queue")
        return redirect("feedback_review", pk=following.pk)
    context = {
        "feedback": feedback,
        "visit": Visit.objects.for_detail().get(pk=feedback.visit_id),
        "form": form,
        "phrases": PHRASES,
        "reviewable": can_review(request.user, feedback),
        "reviews": feedback.reviews.select_related("by"),
        "earlier": Visit.objects.visible_to(request.user)
        .counted()
        .filter(contact_point=feedback.visit.contact_point_id)
        .exclude(pk=feedback.visit_id)
        .for_list()[:3],
        "waiting": Feedback.objects.visible_to(request.user).waiting_for_review().count(),
    }
    return render(request, "feedback/feedback_review.html", context)
