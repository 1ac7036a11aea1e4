"""Pages of my month and of visits."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contact_points.models import ContactPoint
from outreach import audit
from outreach.lists import list_page
from outreach.months import asked_month, neighbours
from outreach.roles import Capability, Role
from visits.cards import cards_of
from visits.filters import VisitFilter
from visits.forms.plans import ReasonForm
from visits.models import AnnualPlan, PlanLine, Visit, VisitDraft
from visits.permissions import can_edit_visit, can_record_visit, can_void_visit
from visits.services import recording
from visits.services.errors import NotPossible
from visits.tables import VisitTable


@require_GET
def my_month(request: HttpRequest) -> HttpResponse:
    """What is due this month at the own (coordinator: the unit's) contact points."""
    if not request.user.can(Capability.RECORD_VISITS):
        raise Http404
    month = asked_month(request)
    lines = PlanLine.objects.to_visit_by(request.user).of_month(month)
    to_write = Visit.objects.visible_to(request.user).to_write()
    earlier, taken_over = to_write.filter(month__lt=month), to_write.none()
    if request.user.role == Role.CADRE:
        earlier = earlier.filter(officer__user=request.user)
        taken_over = to_write.filter(month__lte=month).taken_over_by(request.user)
    drafts = list(VisitDraft.objects.of(request.user).for_list())
    cards = cards_of(lines.for_cards(), request.user, drafts)
    on_cards = {card.draft for card in cards}
    context = {
        "month": month,
        **neighbours(month),
        "cards": cards,
        "drafts": [draft for draft in drafts if draft not in on_cards],
        "earlier": earlier.for_list().order_by("feedback_due_on"),
        "taken_over": taken_over.for_list().order_by("feedback_due_on"),
        "due": sum(card.state in ("due", "late") for card in cards),
        "to_write": sum(card.state in ("to_write", "returned") for card in cards),
        "done": sum(card.state == "done" for card in cards),
        "plan": AnnualPlan.objects.visible_to(request.user)
        .filter(programme_year__year=month.year)
        .first(),
    }
    return render(request, "visits/my_month.html", context)


@require_GET
def visit_list(request: HttpRequest) -> HttpResponseBase:
    """The ledger of visits."""
    if not request.user.can(Capability.SEE_RECORDS):
        raise Http404
    return list_page(
        request,
        rows=Visit.objects.visible_to(request.user).for_list(),
        table_class=VisitTable,
        filter_class=VisitFilter,
        title=_("Visits"),
        empty=_("No visit fits this filter."),
        none_yet=_("No visit yet. Cadres and coordinators record them from their month."),
    )


@require_GET
def visit_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One visit with its talks, households and feedback."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    editable = can_edit_visit(request.user, visit)
    feedback = getattr(visit, "feedback", None)
    if feedback is not None and feedback.state == "draft" and not editable:
        # A draft is its writer's, and after a handover also the successor's to see.
        mine = Visit.objects.visible_to(request.user).taken_over_by(request.user)
        feedback = feedback if mine.filter(pk=visit.pk).exists() else None
    if feedback is not None and not editable:
        feedback = feedback.as_sent()
    context = {
        "visit": visit,
        "feedback": feedback,
        "editable": editable,
        "voidable": can_void_visit(request.user, visit),
        "history": audit.history(visit)[:20],
    }
    return audit.opened(render(request, "visits/visit_detail.html", context), visit)


@require_http_methods(["GET", "POST"])
def visit_void(request: HttpRequest, pk: str) -> HttpResponse:
    """Void a visit with a reason."""
    visit = get_object_or_404(Visit.objects.visible_to(request.user).for_detail(), pk=pk)
    if not can_void_visit(request.user, visit):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recording.void_visit(
                visit=visit, actor=request.user, reason=form.cleaned_data["reason"]
            )
        except ValidationError as error:
            form.add_error("reason", error.message_dict["reason"])
        except NotPossible as error:
            messages.error(request, str(error), extra_tags="late")
            return redirect(visit)
        else:
            return redirect(visit)
    context = {
        "form": form,
        "title": _("Void this visit"),
        "lead": _("It leaves every count and report from now on; the record and its reason stay."),
        "submit": _("Void the visit"),
        "back": visit.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)


@require_GET
def contact_point_visits(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: the newest visits of a contact point."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk)
    visits = Visit.objects.visible_to(request.user).filter(contact_point=point).for_list()[:12]
    context = {
        "point": point,
        "visits": visits,
        "recordable": can_record_visit(request.user, point),
        "seeing": request.user.can(Capability.SEE_RECORDS),
    }
    return render(request, "visits/_contact_point_visits.html", context)
