"""Pages of matters: the list, the board, one matter with its story, raising one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.filters import MatterFilter
from feedback.forms.assigning import AssignManyForm
from feedback.forms.deed_form import DeedForm
from feedback.forms.deeds import BY_NAME, deeds_of, may_ever
from feedback.forms.evidence import EvidenceForm
from feedback.forms.matters import RaiseForm
from feedback.matter_states import Action, State
from feedback.models import CallBack, Matter, Opinion
from feedback.permissions import (
    actions_of,
    can_add_evidence,
    can_issue_receipt,
    can_see_call_back,
)
from feedback.services.call_backs import show_call_back
from feedback.services.matters import raise_matter
from feedback.similar import similar_matters
from feedback.story import story_of
from feedback.tables.matters import MatterTable
from outreach import audit
from outreach.lists import list_page
from outreach.roles import Capability
from visits.models import Visit
from visits.services.errors import NotPossible

# What a column of the board shows before it refers to the list.
CARDS = 20
OFF_BOARD = (State.DRAFT, State.CLOSED, State.JOINED)
COLUMNS = [state for state in State if state not in OFF_BOARD]


def _check_may_see(request: HttpRequest) -> None:
    if not request.user.can(Capability.SEE_MATTERS):
        raise Http404


def _go_on(request: HttpRequest, to: Matter | str) -> HttpResponse:
    """To the next page; a page that sent its form itself is told where that is."""
    if request.accepts("application/json") and not request.accepts("text/html"):
        return JsonResponse({"at": resolve_url(to)})
    return redirect(to)


@require_GET
def matter_list(request: HttpRequest) -> HttpResponseBase:
    """Every matter the person's office has to do with, the next due first."""
    _check_may_see(request)
    directs = request.user.can(Capability.DIRECT_MATTERS)
    return list_page(
        request,
        rows=Matter.objects.visible_to(request.user).for_list().with_co_handlers(),
        table_class=MatterTable,
        filter_class=MatterFilter,
        title=_("Matters"),
        empty=_(
            "No matter here. Problems noted in a visit's record become matters when it is sent."
        ),
        template="feedback/matter_list.html",
        directs=directs,
        picks=directs,
        assign=directs and AssignManyForm(actor=request.user, auto_id="assign_%s"),
    )


@require_GET
def matter_board(request: HttpRequest) -> HttpResponse:
    """The same, filtered alike, one column for each state."""
    _check_may_see(request)
    rows = Matter.objects.visible_to(request.user).exclude(state__in=OFF_BOARD).for_list()
    filters = MatterFilter(request.GET, queryset=rows, user=request.user)
    of_state: dict[str, list[Matter]] = {state: [] for state in COLUMNS}
    for matter in filters.qs:
        of_state[matter.state].append(matter)
    query = request.GET.copy()
    query.pop("state", None)
    context = {
        "filter": filters,
        "filtered": filters.form.has_changed(),
        "columns": [
            (state, state.label, of_state[state][:CARDS], len(of_state[state])) for state in COLUMNS
        ],
        "kept_query": query.urlencode(),
    }
    return render(request, "feedback/matter_board.html", context)


def _matter(request: HttpRequest, pk: int) -> Matter:
    return get_object_or_404(Matter.objects.visible_to(request.user).for_page(), pk=pk)


def _page(
    request: HttpRequest, matter: Matter, tried: DeedForm | None = None, call_back: str = ""
) -> HttpResponse:
    """The page; the form that was tried stands first, with what was typed and what was wrong."""
    deeds = deeds_of(request.user, matter)
    if tried:
        others = [form for form in deeds if form.deed is not tried.deed]
        tried.seen_anew(matter, possible=len(others) < len(deeds))
        deeds = [tried, *others]
    seen = Matter.objects.visible_to(request.user)
    visit = Visit.objects.visible_to(request.user).filter(pk=matter.visit_id).first()
    context = {
        "matter": matter,
        "opinion": _opinion_of(request, matter),
        "similar": similar_matters(matter, request.user),
        "joins": Action.JOIN in actions_of(request.user, matter),
        "joined": seen.filter(main=matter).select_related("village").order_by("raised_at", "pk"),
        "see_main": seen.filter(pk=matter.main_id).exists(),
        "events": story_of(matter, request.user),
        "evidence": can_add_evidence(request.user, matter) and EvidenceForm(),
        "deeds": deeds,
        "may_issue": can_issue_receipt(request.user, matter),
        "may_call": can_see_call_back(request.user, matter)
        and CallBack.objects.filter(matter=matter).exists(),
        "call_back": call_back,
        "see_visit": visit is not None,
        "visit_photos": visit.photos.count() if visit else 0,
    }
    return render(request, "feedback/matter_detail.html", context)


def _opinion_of(request: HttpRequest, matter: Matter) -> Opinion | None:
    """The opinion it was made of, for those who read opinions."""
    reads = request.user.can(Capability.RUN_EVALUATION)
    if matter.source != Matter.Source.OPINION or not reads:
        return None
    return Opinion.objects.visible_to(request.user).filter(matter=matter).first()


@require_GET
def matter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter: its story first, and what the person may do now."""
    matter = _matter(request, pk)
    return audit.opened(_page(request, matter), matter)


@require_POST
def matter_act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Do one thing with a matter."""
    matter = _matter(request, pk)
    if deed not in BY_NAME:
        raise Http404
    if not may_ever(request.user, matter, BY_NAME[deed]):
        raise PermissionDenied
    form = BY_NAME[deed].form(request.POST, request.FILES, matter=matter, actor=request.user)
    if not form.is_valid():
        return _page(request, matter, form)
    try:
        done = form.do()
    except NotPossible as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error.messages)
    else:
        messages.success(request, _("Done: %(happened)s.") % {"happened": done.last_words})
        seen = Matter.objects.visible_to(request.user).filter(pk=pk).exists()
        return _go_on(request, done if seen else "matter_list")
    return _page(request, _matter(request, pk), form)


@require_POST
@cache_control(private=True, no_store=True)
def call_back_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The matter with its call-back number, shown this once and noted in the trail."""
    matter = _matter(request, pk)
    try:
        number = show_call_back(matter=matter, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
        return redirect(matter)
    return _page(request, matter, call_back=number)


@require_http_methods(["GET", "POST"])
def matter_create(request: HttpRequest) -> HttpResponse:
    """Raise a matter at a desk, or type one in for a villager."""
    _check_may_see(request)
    form = RaiseForm(request.POST or None, request.FILES or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            matter = raise_matter(actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(
                request,
                _("Noted as %(code)s. Hand out the receipt now.") % {"code": matter.code},
            )
            return _go_on(request, matter)
    context = {"form": form, "title": _("Raise a matter"), "submit": _("Raise it")}
    lead = _("Whoever receives it leads until another unit has accepted it.")
    return render(request, "feedback/matter_create.html", context | {"lead": lead})
