"""The page that hands an officer's contact points over to a colleague."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from contact_points.models import ContactPoint, Officer
from contact_points.services.handover import check_handover, hand_over
from contact_points.services.imports import NotPossible
from outreach import clock
from outreach.roles import Capability
from visits.forms.handover import HandoverForm
from visits.handover import Preview, preview


@require_http_methods(["GET", "POST"])
def officer_handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose, see what moves, then hand over exactly that."""
    officer = get_object_or_404(
        Officer.objects.visible_to(request.user).select_related("unit"), pk=pk
    )
    if not request.user.can(Capability.HAND_OVER):
        raise PermissionDenied
    form = _form(request, officer)
    shown = None
    if request.method == "POST" and form.is_valid():
        try:
            shown = _preview_or_do(request, form)
        except (NotPossible, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            if shown is None:
                return redirect(officer)
    context = {
        "form": form,
        "officer": officer,
        "shown": shown,
        "sees_records": request.user.can(Capability.SEE_RECORDS),
    }
    return render(request, "visits/handover.html", context)


def _form(request: HttpRequest, officer: Officer) -> HandoverForm:
    points = (
        ContactPoint.objects.visible_to(request.user)
        .filter(officer=officer)
        .open_on(clock.today())
        .for_list()
        .with_last_visit()
    )
    asked = request.GET.get("point", "")
    left = officer.left_on and max(officer.left_on + clock.ONE_DAY, clock.this_month())
    initial = {
        "points": [int(asked)] if asked.isdecimal() else list(points),
        "first_day": left or clock.today(),
    }
    return HandoverForm(request.POST or None, officer=officer, points=points, initial=initial)


def _preview_or_do(request: HttpRequest, form: HandoverForm) -> Preview | None:
    """None once it is done; before that the preview, which the form then carries."""
    data = form.cleaned_data
    what = (list(data["points"]), data["officer"], data["first_day"])
    check_handover(*what)
    shown = preview(*what)
    if data["seen"] != shown.digest:
        form.data = form.data.copy()
        form.data["seen"] = shown.digest
        return shown
    hand_over(
        contact_points=data["points"],
        officer=data["officer"],
        first_day=data["first_day"],
        actor=request.user,
        reason=data["reason"],
    )
    done = ngettext(
        "%(count)d contact point is handed over to %(officer)s.",
        "%(count)d contact points are handed over to %(officer)s.",
        len(shown.points),
    )
    messages.success(request, done % {"count": len(shown.points), "officer": data["officer"]})
    return None
