"""Pages on which the county office assigns many matters at once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contact_points.models import Unit
from feedback.forms.assigning import AssignManyForm
from feedback.models import Matter
from feedback.services.assigning import assign_many, proposals
from outreach.lists import returning, sent_from
from outreach.roles import Capability


def _picked(request: HttpRequest) -> dict[int, list[int]]:
    """Matter id -> the version seen and, once proposed, the unit; what is no pick is left out."""
    found = {}
    for text in request.POST.getlist("pick"):
        numbers = text.split("@")
        if all(n.isascii() and n.isdecimal() and len(n) < 19 for n in numbers):
            pk, *rest = map(int, numbers)
            found[pk] = rest
    return found


def _chosen(request: HttpRequest, parts: int) -> tuple[list[Matter], dict[int, list[int]]]:
    """The matters that were chosen and what their picks say, of picks with so many parts."""
    if not request.user.can(Capability.DIRECT_MATTERS):
        raise Http404
    picked = {pk: rest for pk, rest in _picked(request).items() if len(rest) == parts}
    rows = Matter.objects.visible_to(request.user).for_page().filter(pk__in=picked)
    return list(rows), picked


@require_POST
def matter_assign_preview(request: HttpRequest) -> HttpResponse:
    """What would happen to each of the chosen matters; nothing is written yet."""
    rows, picked = _chosen(request, 1)
    if not rows:
        messages.error(request, _("Choose at least one matter."), extra_tags="late")
        return returning(request, "matter_list")
    form = AssignManyForm(request.POST, actor=request.user)
    if not form.is_valid():
        for error in form.errors.get("unit", []):
            messages.error(request, error, extra_tags="late")
        return returning(request, "matter_list")
    seen = {pk: version for pk, (version,) in picked.items()}
    found = proposals(rows, request.user, seen, form.cleaned_data["unit"])
    context = {
        "possible": [row for row in found if not row.why_not],
        "left": [row for row in found if row.why_not],
        "next": sent_from(request),
    }
    return render(request, "feedback/matter_assign.html", context)


@require_POST
def matter_assign_many(request: HttpRequest) -> HttpResponse:
    """Do what the preview said; what moved on in between is told by its name."""
    rows, picked = _chosen(request, 2)
    units = {unit.pk: unit for unit in Unit.objects.visible_to(request.user)}
    told = assign_many(
        matters=rows,
        units={pk: units[unit] for pk, (_seen, unit) in picked.items() if unit in units},
        actor=request.user,
        seen={pk: version for pk, (version, _unit) in picked.items()},
        text=request.POST.get("text", "").replace("\0", "")[:1000],
    )
    if told.done:
        done = ngettext("%d matter is assigned.", "%d matters are assigned.", len(told.done))
        messages.success(request, done % len(told.done))
    for row, why in told.refused:
        messages.error(request, f"{row.village}（{row}）：{why}", extra_tags="late")
    return returning(request, "matter_list")
