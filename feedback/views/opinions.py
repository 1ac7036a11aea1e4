"""The opinion book as the county office reads it, and as a village's unit sees it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contact_points.models import Village
from feedback.differences import pieces
from feedback.filters import OpinionFilter
from feedback.forms.opinions import OpinionForm, OpinionMatterForm
from feedback.models import Opinion
from feedback.permissions import can_decide_opinion, can_raise_from_opinion
from feedback.services.opinions import hold_back_opinion, publish_opinion, raise_from_opinion
from feedback.tables.opinions import OpinionTable
from outreach import audit
from outreach.lists import list_page
from outreach.roles import Capability
from visits.services.errors import NotPossible

SHOWN = 10  # on a village's page in the registry


def _check_reads(request: HttpRequest) -> None:
    if not request.user.can(Capability.RUN_EVALUATION):
        raise Http404


@require_GET
def opinion_list(request: HttpRequest) -> HttpResponseBase:
    """Everything that was written, the newest first."""
    _check_reads(request)
    rows = Opinion.objects.visible_to(request.user)
    return list_page(
        request,
        rows=rows.for_list(),
        table_class=OpinionTable,
        filter_class=OpinionFilter,
        title=_("Opinion book"),
        empty=_("Nothing here. Villagers write by the QR code on their notice board."),
        template="feedback/opinion_list.html",
        waiting=rows.waiting().count(),
    )


@require_GET
def opinion_next(request: HttpRequest) -> HttpResponse:
    """The oldest that nobody has read; at the end the list."""
    _check_reads(request)
    return redirect(Opinion.objects.visible_to(request.user).waiting().first() or "opinion_list")


def _opinion(request: HttpRequest, pk: int) -> Opinion:
    _check_reads(request)
    return get_object_or_404(Opinion.objects.visible_to(request.user).for_list(), pk=pk)


@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """One opinion a screen: publish it or hold it back; then the next that waits."""
    row = _opinion(request, pk)
    form = OpinionForm(request.POST or None, opinion=row)
    decision = request.POST.get("decision", "")
    if request.method == "POST" and form.is_valid() and _decided(request, row, form, decision):
        waited = row.state == Opinion.State.WAITING
        return redirect("opinion_next") if waited else redirect(row)
    return audit.opened(render(request, "feedback/opinion.html", _shown(request, row, form)), row)


def _shown(request: HttpRequest, row: Opinion, form: OpinionForm) -> dict[str, Any]:
    """What the page shows: the opinion, what is changed of it, where it stands in the queue."""
    rows = Opinion.objects.visible_to(request.user).waiting()
    waiting = list(rows.values_list("pk", flat=True))
    place = waiting.index(row.pk) + 1 if row.pk in waiting else 0
    shown = form["text"].value() if form.is_bound else row.published_text
    return {
        "opinion": row,
        "form": form if can_decide_opinion(request.user, row) else None,
        "raises": can_raise_from_opinion(request.user, row),
        "differences": pieces(row.text, shown) if shown and shown != row.text else [],
        "place": place,
        "waiting": len(waiting),
        "previous": waiting[place - 2] if place > 1 else None,
        "following": waiting[place] if place < len(waiting) else None,
    }


def _decided(request: HttpRequest, row: Opinion, form: OpinionForm, decision: str) -> bool:
    """Decide; what cannot be decided is shown again with its sentence and all that was typed."""
    said, actor = form.cleaned_data, request.user
    try:
        if decision == "publish":
            words = {name: said[name] for name in ("version", "text", "reply")}
            publish_opinion(opinion=row, actor=actor, **words)
            messages.success(request, _("Published, with the reply as it stands."))
        elif decision == "hold_back":
            reason = {name: said[name] for name in ("version", "reason")}
            hold_back_opinion(opinion=row, actor=actor, **reason)
            messages.success(request, _("Not published; the reason is kept."))
        else:
            return False  # only the difference was asked for
    except NotPossible as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return True
    return False


@require_http_methods(["GET", "POST"])
def opinion_matter(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a matter of an opinion."""
    row = _opinion(request, pk)
    form = OpinionMatterForm(request.POST or None, actor=request.user, opinion=row)
    if request.method == "POST" and form.is_valid():
        try:
            matter = raise_from_opinion(opinion=row, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            raised = _("It became matter %(code)s. Now decide whether it is published.")
            messages.success(request, raised % {"code": matter.code})
            return redirect(row)
    context = {"form": form, "title": _("Make a matter of it"), "submit": _("Raise it")}
    lead = _("Opinion from %(village)s") % {"village": row.village}
    context |= {"lead": lead, "back": row.get_absolute_url()}
    return render(request, "components/form_page.html", context)


@require_GET
def village_opinions(request: HttpRequest, pk: int) -> HttpResponse:
    """What is published about a village, for the village's page in the registry."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    if not request.user.can(Capability.SEE_EVALUATION):
        raise Http404
    rows = Opinion.objects.visible_to(request.user).filter(village=village).published()
    context = {
        "village": village,
        "opinions": rows.select_related("call", "matter")[:SHOWN],
        "reads": request.user.can(Capability.RUN_EVALUATION),
    }
    return render(request, "feedback/_village_opinions.html", context)
