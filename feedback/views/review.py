"""Pages on which the county office reviews feedback."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.differences import Difference, differences
from feedback.filters import ReviewFilter
from feedback.forms.review import PhraseForm, ReviewForm
from feedback.models import Feedback, RecordVersion
from feedback.permissions import can_review
from feedback.phrases import phrases_for
from feedback.queue import Queue
from feedback.records import described
from feedback.services import review_feedback
from feedback.services.reviewing import accept_many, add_phrase, remove_phrase
from feedback.tables.records import ReviewTable
from outreach import audit
from outreach.lists import list_page, returning
from outreach.roles import Capability
from visits.models import Visit
from visits.services.errors import NotPossible


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
        template="feedback/review_queue.html",
        picks=True,
    )


@require_POST
def review_accept_many(request: HttpRequest) -> HttpResponse:
    """Accept the chosen records; those with marks are read one by one instead."""
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise Http404
    seen = dict(filter(None, map(_picked, request.POST.getlist("pick"))))
    if not seen:
        messages.error(request, _("Choose at least one record."), extra_tags="late")
        return returning(request, "review_queue")
    chosen = Feedback.objects.visible_to(request.user).sent().filter(pk__in=seen)
    told = accept_many(
        feedback=chosen.for_review().order_by("received_at", "pk"), actor=request.user, seen=seen
    )
    if told.done:
        done = ngettext("%d record is accepted.", "%d records are accepted.", len(told.done))
        messages.success(request, done % len(told.done))
    for row, why in told.refused:
        where = f"{row.visit.contact_point.village}（{row.visit.unit}）"
        messages.error(request, f"{where}：{why}", extra_tags="late")
    return returning(request, "review_queue")


def _picked(text: str) -> tuple[int, int] | None:
    """Feedback id and the version its reader saw, of a box as `Feedback.pick`."""
    pk, _at, version = text.partition("@")
    try:
        return (int(pk), int(version)) if int(pk) < 2**63 else None
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
def feedback_review(request: HttpRequest, pk: int) -> HttpResponse:
    """One record a screen: accept it, or return it with a reason; then the next of the queue."""
    feedback = get_object_or_404(
        Feedback.objects.visible_to(request.user).for_review().sent(), pk=pk
    )
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise PermissionDenied
    queue = Queue.of(request.GET, request.user)
    form = ReviewForm(request.POST or None, initial={"version": feedback.version})
    if request.method == "POST" and form.is_valid() and _decided(request, feedback, form):
        # At the end the list shows what was passed over, if anything.
        back = reverse("review_queue") + (f"?{queue.query}" if queue.query else "")
        return redirect(queue.after(feedback) or back)
    visit = Visit.objects.for_detail().get(pk=feedback.visit_id)
    context = {
        "feedback": feedback.as_sent(),
        "visit": visit,
        "form": form,
        "phrases": phrases_for(request.user),
        "reviewable": can_review(request.user, feedback),
        "corrections": _corrections(feedback),
        "earlier": Visit.objects.visible_to(request.user)
        .counted()
        .filter(contact_point__village=visit.contact_point.village_id)
        .exclude(pk=visit.pk)
        .for_list()[:3],
        "queue": queue,
        "place": queue.place(feedback),
        "following": queue.after(feedback),
        "previous": queue.before(feedback),
    }
    return audit.opened(render(request, "feedback/feedback_review.html", context), feedback.visit)


def _decided(request: HttpRequest, feedback: Feedback, form: ReviewForm) -> bool:
    """Decide; what cannot be decided is shown again with its sentence, the reason still in it."""
    try:
        review_feedback(
            feedback=feedback,
            actor=request.user,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
    except ValidationError as error:
        form.add_error("reason", error.messages)
    except (NotPossible, PermissionDenied) as error:
        decided = _("This feedback was decided already.")
        messages.error(request, str(error) or decided, extra_tags="late")
        # The page shows this version now; the next decision is about it.
        form.data = form.data.copy()
        form.data["version"] = feedback.version
    else:
        return True
    return False


def _corrections(feedback: Feedback) -> list[Difference]:
    """What the author changed from what was sent and returned to what was sent again."""
    sent = RecordVersion.objects.filter(visit=feedback.visit_id, sent=True).order_by("-number")[:2]
    contents = described([version.content for version in sent])
    return differences(contents[1], contents[0]) if len(contents) == 2 else []


@require_http_methods(["GET", "POST"])
def review_phrases(request: HttpRequest) -> HttpResponse:
    """The county office's saved phrases: add one."""
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise Http404
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_phrase(text=form.cleaned_data["text"], actor=request.user)
        except ValidationError as error:
            form.add_error("text", error.messages)
        else:
            return redirect("review_phrases")
    context = {"form": form, "phrases": phrases_for(request.user)}
    return render(request, "feedback/review_phrases.html", context)


@require_POST
def review_phrase_remove(request: HttpRequest) -> HttpResponse:
    """Take a phrase away, named by its text."""
    if not request.user.can(Capability.REVIEW_FEEDBACK):
        raise Http404
    try:
        remove_phrase(text=request.POST.get("text", ""), actor=request.user)
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    return redirect("review_phrases")
