"""Pages of the evaluation rounds: the list, a draft's form, and what to do next."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.draws import recomputed
from feedback.filters import RoundFilter, RoundVillageFilter
from feedback.forms.rounds import CancelForm, OpenForm, RoundSheet
from feedback.models import EvaluationRound, RoundVillage
from feedback.permissions import can_run_round
from feedback.services.drawing import check_draw, draw_round, frame_villages
from feedback.services.rounds import cancel_round, open_round, round_facts, write_round
from feedback.tables.evaluation import DrawnVillageTable, RoundTable, RoundVillageTable
from outreach import audit
from outreach.lists import list_page
from outreach.roles import Capability
from visits.services.errors import NotPossible, StaleVersion

State = EvaluationRound.State


def round_of(request: HttpRequest, pk: int) -> EvaluationRound:
    """The round, if it exists for the person."""
    rows = EvaluationRound.objects.visible_to(request.user).select_related("county")
    return get_object_or_404(rows, pk=pk)


def run_round(request: HttpRequest, pk: int) -> EvaluationRound:
    """The round, for those who run it."""
    round = round_of(request, pk)
    if not can_run_round(request.user, round):
        raise PermissionDenied
    return round


@require_GET
def evaluation_list(request: HttpRequest) -> HttpResponseBase:
    """The rounds: for units those that are closed."""
    if not request.user.can(Capability.SEE_EVALUATION):
        raise Http404
    runs = request.user.can(Capability.RUN_EVALUATION)
    empty = (
        _("No round yet. Begin one: the villages, households and topics are proposed.")
        if runs
        else _("No round is closed yet.")
    )
    return list_page(
        request,
        rows=EvaluationRound.objects.visible_to(request.user).for_list(),
        table_class=RoundTable,
        filter_class=RoundFilter,
        title=_("Evaluation"),
        empty=empty,
        lead=_("Villagers are asked, without a name, whether somebody came and what they know."),
        action=("evaluation_create", _("New round")) if runs else None,
    )


@require_http_methods(["GET", "POST"])
def evaluation_create(request: HttpRequest) -> HttpResponse:
    """A new round, with last month, all villages and that month's topics proposed."""
    if not request.user.can(Capability.RUN_EVALUATION):
        raise Http404
    return _written(request, None)


@require_http_methods(["GET", "POST"])
def evaluation_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another word, number or month, while it is a draft."""
    round = run_round(request, pk)
    if round.state != State.DRAFT:
        messages.warning(request, _("It is no draft any more: nothing of it changes."))
        return redirect(round)
    return _written(request, round)


def _written(request: HttpRequest, round: EvaluationRound | None) -> HttpResponse:
    looking = bool(request.htmx) or "look" in request.POST  # type: ignore[attr-defined]
    sheet = RoundSheet(
        request.POST or None,
        county_id=request.user.county_id,
        round=round,
        seen=audit.digest(round_facts(round)) if round else "",
        looking=looking,
    )
    stale = None
    if request.POST and not looking and sheet.is_valid():
        try:
            seen = sheet.form.cleaned_data["seen"]
            written = write_round(actor=request.user, round=round, seen=seen, **sheet.content())
        except StaleVersion as error:
            stale = error.current
            sheet.show_seen(audit.digest(round_facts(stale)))
        except NotPossible as error:
            sheet.form.add_error(None, str(error))
        except ValidationError as error:
            sheet.form.add_error(None, error.messages)
        else:
            return redirect(written)
    return _sheet_page(request, sheet, round, stale)


def _sheet_page(
    request: HttpRequest,
    sheet: RoundSheet,
    round: EvaluationRound | None,
    stale: EvaluationRound | None,
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "round": round,
        "stale": stale,
        "villages": frame_villages(request.user.county_id, *sheet.months).count(),
        "title": _("Change the round") if round else _("New round"),
        "back": round.get_absolute_url() if round else reverse("evaluation_list"),
    }
    live = request.htmx and request.method == "POST"  # type: ignore[attr-defined]
    template = "feedback/_evaluation_questions.html" if live else "feedback/evaluation_form.html"
    return render(request, template, context, status=409 if stale else 200)


@require_GET
def evaluation_round(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A round: how it stands, what to do next, its villages."""
    round = round_of(request, pk)
    runs = can_run_round(request.user, round)
    rows = RoundVillage.objects.visible_to(request.user).filter(round=round)
    return list_page(
        request,
        rows=rows.for_list(),
        table_class=RoundVillageTable if runs else DrawnVillageTable,
        filter_class=RoundVillageFilter,
        title=_("Evaluation: %(months)s") % {"months": round.months_text},
        empty=_("No village here."),
        template="feedback/evaluation_round.html",
        round=round,
        runs=runs,
        **(_of_office(round) if runs else {}),
    )


def _of_office(round: EvaluationRound) -> dict[str, object]:
    """What the page shows the county office; a callable is asked only where it is shown."""
    rows = round.villages
    before = EvaluationRound.objects.filter(
        county=round.county_id,
        state=State.CANCELLED,
        drawn_at__isnull=False,
        first_month__lte=round.last_month,
        last_month__gte=round.first_month,
    ).exclude(pk=round.pk)
    return {
        "questions": round.topic_questions.select_related("topic"),
        "open_form": OpenForm(initial={"closes_on": round.closes_on}),
        "left_out": partial(list, rows.filter(households=[]).select_related("village")),
        "recomputed": partial(recomputed, round),
        "drawn_before": before.order_by("pk"),
        "frame": partial(
            frame_villages(round.county_id, round.first_month, round.last_month).count
        ),
    }


@require_POST
def evaluation_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the sample, once."""
    round = run_round(request, pk)
    try:
        draw_round(round=round, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The sample is drawn. Print the draw and the cards."))
    return redirect(round)


@require_POST
def evaluation_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute the draw again."""
    round = run_round(request, pk)
    try:
        found = check_draw(round=round, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
    else:
        if found.is_same:
            messages.success(request, _("The draw was computed again: the same sample."))
    return redirect(round)


@require_POST
def evaluation_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Let answers come in."""
    round = run_round(request, pk)
    form = OpenForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Say until when answers come in."))
        open_round(round=round, actor=request.user, **form.cleaned_data)
    except NotPossible as error:
        messages.warning(request, str(error))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, _("The round is open: the cards are valid from now on."))
    return redirect(round)


@require_http_methods(["GET", "POST"])
def evaluation_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End a round without a result."""
    round = run_round(request, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cancel_round(round=round, actor=request.user, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect(round)
    context = {
        "form": form,
        "title": _("Cancel the round about %(months)s") % {"months": round.months_text},
        "lead": _("No result is shown of it. The round, its reason and its draw stay in the list."),
        "submit": _("Cancel the round"),
        "back": round.get_absolute_url(),
    }
    return render(request, "components/form_page.html", context)
