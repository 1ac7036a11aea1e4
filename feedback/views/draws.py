"""A draw: a village's sample, the sheet of all of it, and the page that computes it again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.draws import samples_of, stored_frame, text_of_frame
from feedback.forms.draws import EXAMPLE, DrawForm, lines_of
from feedback.models import EvaluationRound, RoundVillage, SampledHousehold
from feedback.permissions import can_note_outcome, can_run_round
from feedback.sampling import draw_households
from feedback.services.drawing import note_outcome, take_back_outcome
from feedback.views.rounds import round_of, run_round
from outreach import audit
from visits.services.errors import NotPossible

Outcome = SampledHousehold.Outcome
FRAME = gettext_noop("frame of a draw")
_CANNOT = [Outcome.REFUSED, Outcome.ABSENT, Outcome.GONE]


def _drawn(round: EvaluationRound) -> EvaluationRound:
    if not round.is_drawn:
        raise Http404
    return round


@require_GET
def evaluation_village(request: HttpRequest, pk: int, village: int) -> HttpResponse:
    """A village's sample; for its unit once the round is closed, and without what became of it."""
    round = _drawn(round_of(request, pk))
    rows = RoundVillage.objects.visible_to(request.user).select_related("village__township")
    row = get_object_or_404(rows, round=round, village=village)
    runs = can_run_round(request.user, round)
    sample = row.sample.select_related("replaces", "replacement")
    context = {
        "round": round,
        "row": row,
        "runs": runs,
        "sample": sample if runs else sample.filter(replaces=None),
        "notes": can_note_outcome(request.user, round),
        "cannot": [(value, value.label) for value in _CANNOT],
        "lines": lines_of(row.place),
        "count": round.households_per_village,
    }
    return audit.opened(render(request, "feedback/evaluation_village.html", context), row)


@require_POST
def evaluation_outcome(request: HttpRequest, pk: int, household: int) -> HttpResponse:
    """Note what became of a household, or take it back (an empty `outcome`)."""
    round = run_round(request, pk)
    rows = SampledHousehold.objects.filter(round_village__round=round)
    row = get_object_or_404(rows.select_related("round_village"), pk=household)
    if not can_note_outcome(request.user, round):
        raise PermissionDenied
    outcome = request.POST.get("outcome", "")
    try:
        if outcome:
            came = note_outcome(household=row, actor=request.user, outcome=outcome)
            messages.success(request, _came(came))
        else:
            take_back_outcome(household=row, actor=request.user)
    except NotPossible as error:
        messages.warning(request, str(error))
    return redirect(row.round_village)


def _came(household: SampledHousehold | None) -> str:
    if household is None:
        return _("Noted. No other household of the village is left.")
    return _("Noted. Its card goes to %(number)s.") % {"number": household.number}


@require_GET
def draw_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole draw on paper; for a unit its own villages, once the round is closed."""
    round = _drawn(round_of(request, pk))
    samples = samples_of(round)
    seen = RoundVillage.objects.visible_to(request.user).filter(round=round)
    seen = seen.select_related("village__township").order_by("village__code")
    context = {
        "round": round,
        "runs": can_run_round(request.user, round),
        "rows": [(row, samples.get(row.pk, [])) for row in seen],
    }
    return audit.opened(render(request, "feedback/draw_sheet.html", context), round)


@require_GET
def evaluation_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The frame as the text whose SHA-256 is the published checksum."""
    round = _drawn(run_round(request, pk))
    villages = stored_frame(round)
    name = f"frame-{round.first_month:%Y-%m}-{round.pk}.txt"
    response = HttpResponse(
        text_of_frame(round, villages),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    return audit.fetched(response, FRAME, round, "txt", rows=len(villages))


@csrf_exempt  # it keeps nothing and knows nobody: whoever sends the form only gets the answer
@require_http_methods(["GET", "POST"])
@login_not_required
@cache_control(private=True, no_store=True)
def draw_check(request: HttpRequest) -> HttpResponse:
    """Anybody computes the draw of a village from the published seed; nothing is kept."""
    given = EXAMPLE if "example" in request.GET else None
    form = DrawForm(request.POST or given)
    drawn = None
    if form.is_bound and form.is_valid():
        place, seed, count = form.content()
        drawn = draw_households(seed, place, count)
    response = render(request, "feedback/draw_check.html", {"form": form, "drawn": drawn})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
