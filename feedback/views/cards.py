"""The office's cards: how many there are, and new ones, printed from the answer itself."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from contact_points.models import Village
from feedback.asking import months_of, questions_in
from feedback.forms.evaluation import CardsForm
from feedback.models import EvaluationRound
from feedback.services.cards import cards_needed, cards_of, make_cards, sampled_of
from outreach.roles import Capability
from visits.services.errors import NotPossible

CARDS_A_PAGE = 8


def round_to_run(request: HttpRequest, pk: int) -> EvaluationRound:
    """The round, for whoever runs it; for units there is no such page."""
    if not request.user.can(Capability.RUN_EVALUATION):
        raise Http404
    return get_object_or_404(EvaluationRound.objects.visible_to(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
@cache_control(private=True, no_store=True)
def evaluation_cards(request: HttpRequest, pk: int) -> HttpResponse:
    """The villages with their cards; a POST makes new ones and shows them this once."""
    round = round_to_run(request, pk)
    sampled, made = sampled_of(round), cards_of(round)
    rows = Village.objects.filter(pk__in=sampled).select_related("township").order_by("code")
    form = CardsForm(request.POST or None, villages=list(rows))
    if request.method == "POST" and form.is_valid():
        try:
            codes = make_cards(round=round, villages=form.chosen, actor=request.user)
        except NotPossible as error:
            messages.warning(request, str(error))
        else:
            return _printed(request, round, codes, form.cleaned_data["on_paper"])
    table = [
        (row, sampled[row.pk], cards_needed(sampled[row.pk]), *made.get(row.pk, (0, 0)))
        for row in form.villages
    ]
    context = {
        "round": round,
        "form": form,
        "table": table,
        "can_make": round.state in (EvaluationRound.State.DRAWN, EvaluationRound.State.OPEN),
        "totals": [sum(row[n] for row in table) for n in range(1, 5)],
    }
    return render(request, "feedback/evaluation_cards.html", context)


def _printed(
    request: HttpRequest, round: EvaluationRound, codes: dict[Village, list[str]], on_paper: int
) -> HttpResponse:
    villages = []
    for village, own in codes.items():
        forms, cards = own[:on_paper], own[on_paper:]
        pages = [
            [_card(code) for code in cards[n : n + CARDS_A_PAGE]]
            for n in range(0, len(cards), CARDS_A_PAGE)
        ]
        asked = questions_in(round, village) if forms else []
        villages.append((village, pages, [in_fours(code) for code in forms], asked))
    context = {"round": round, "villages": villages, "months": months_of(round)}
    context["site"] = settings.SITE_URL + reverse("answer_code")
    return render(request, "feedback/evaluation_card_sheets.html", context)


def _card(code: str) -> dict[str, Any]:
    address = settings.SITE_URL + reverse("answer", args=[code])
    # One mask is as good as another here, and to try all of them takes eight times as long.
    picture = segno.make(address, error="m", micro=False, mask=0)
    return {"code": in_fours(code), "qr": picture.png_data_uri(scale=4, border=2)}


def in_fours(code: str) -> str:
    """The code as it is read and typed."""
    return " ".join(code[n : n + 4] for n in range(0, len(code), 4))
