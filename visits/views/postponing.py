"""The county's page for a month that many villages do not owe."""

import hashlib
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from outreach.roles import Capability
from visits.forms.exemptions import PostponeForm
from visits.services import postponing
from visits.services.errors import NotPossible


def _digest(form: PostponeForm, effect: postponing.Effect) -> str:
    """The hash of exactly what the preview shows."""
    data = form.cleaned_data
    shown = [data["month"], data["reason"], *(line.pk for line in effect.lines)]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


@require_http_methods(["GET", "POST"])
def exemption_postpone(request: HttpRequest) -> HttpResponse:
    """See how many visits it lifts, then lift exactly those; take it back below."""
    if not request.user.can(Capability.DECIDE_EXEMPTIONS):
        raise Http404
    county, effect = request.user.county, None
    form = PostponeForm(request.POST or None, county=county)
    if request.method == "POST" and form.is_valid():
        month = form.cleaned_data["month"]
        effect = postponing.effect_of(county=county, month=month, scope=form.scope)
        if form.cleaned_data["seen"] == _digest(form, effect):
            try:
                return _postpone(request, form)
            except (NotPossible, ValidationError) as error:
                form.add_error(None, getattr(error, "messages", None) or str(error))
                effect = None
        else:
            form.data = form.data.copy()
            form.data["seen"] = _digest(form, effect)
    standing = postponing.standing(county=county)
    return render(
        request, "visits/postpone.html", {"form": form, "effect": effect, "standing": standing}
    )


def _postpone(request: HttpRequest, form: PostponeForm) -> HttpResponse:
    data = form.cleaned_data
    _bulk_id, lines = postponing.postpone_visits(
        county=request.user.county,
        month=data["month"],
        scope=form.scope,
        reason=data["reason"],
        actor=request.user,
    )
    done = ngettext("%d village is postponed.", "%d villages are postponed.", len(lines))
    messages.success(request, done % len(lines))
    return redirect("exemption_postpone")


@require_POST
def exemption_postpone_undo(request: HttpRequest) -> HttpResponse:
    """Take a postponement back where nothing else changed since (`bulk`)."""
    if not request.user.can(Capability.DECIDE_EXEMPTIONS):
        raise Http404
    try:
        lines = postponing.take_back_postponement(
            county=request.user.county, bulk_id=_bulk(request), actor=request.user
        )
    except NotPossible as error:
        messages.error(request, str(error), extra_tags="late")
    else:
        done = ngettext("%d village owes its visit again.", "%d villages owe it again.", len(lines))
        messages.success(request, done % len(lines))
    return redirect("exemption_postpone")


def _bulk(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("bulk", ""))
    except ValueError:
        return UUID(int=0)  # no bulk action has it
