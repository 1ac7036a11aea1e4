"""The page of what repeats over months, for the county office."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contact_points.models import Unit, Village
from feedback import patterns
from feedback.crosscheck import check
from feedback.models import EvaluationRound
from outreach import clock
from outreach.roles import Capability

MONTHS = 12


@require_GET
def evaluation_patterns(request: HttpRequest) -> HttpResponse:
    """Twelve months: villages that did not confirm again, texts alike, round head-counts."""
    user = request.user
    if not user.can(Capability.RUN_EVALUATION):
        raise Http404
    last = clock.this_month()
    span = clock.add_months(last, 1 - MONTHS), last
    checks = check(EvaluationRound.objects.visible_to(user).about(*span))
    texts = patterns.alike(user.county_id, *span)
    alike, alike_usual = patterns.striking(texts)
    counts = patterns.round_counts(user.county_id, *span)
    rounded, round_usual = patterns.striking(counts, usual=1 / patterns.ROUND)
    names = Unit.objects.in_bulk({row.unit for row in [*alike, *rounded]})
    context = {
        "first": span[0],
        "last": last,
        "villages": _villages(patterns.unconfirmed(checks)),
        "alike": [(names[row.unit], row) for row in alike],
        "alike_usual": alike_usual if texts else None,
        "rounded": [(names[row.unit], row) for row in rounded],
        "round_usual": round_usual,
    }
    return render(request, "feedback/evaluation_patterns.html", context)


def _villages(found: dict[int, list[Any]]) -> list[tuple[Village, list[Any]]]:
    rows = Village.objects.filter(pk__in=found).select_related("township")
    return [(row, found[row.pk]) for row in rows.order_by("township__code", "code")]
