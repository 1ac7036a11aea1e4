"""Pages of what villagers answered in a closed round."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from contact_points.models import Township, Unit, Village
from feedback import result_rows, results
from feedback.crosscheck import Check, check, verified
from feedback.models import EvaluationRound
from outreach import audit
from outreach.models import User
from outreach.roles import Capability

ROUNDS = 12  # to choose from


@require_GET
def evaluation_results(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One closed round, the newest unless named, `by` township, village or unit.

    People of a unit see the villages that it held in the round's months, and nothing of others.
    """
    if not request.user.can(Capability.SEE_EVALUATION):
        raise Http404
    rounds = list(EvaluationRound.objects.visible_to(request.user).closed())
    round = next((row for row in rounds if pk in (None, row.pk)), None)
    if round is None:
        if pk:
            raise Http404
        return render(request, "feedback/evaluation_results.html", {"round": None})
    by = request.GET.get("by", "township") if request.user.unit_id is None else "village"
    if by not in result_rows.BY:
        raise Http404
    context = {"round": round, "rounds": rounds[:ROUNDS], "by": by}
    context |= _told(request.user, round, by)
    return render(request, "feedback/evaluation_results.html", context)


def _told(user: User, round: EvaluationRound, by: str) -> dict[str, Any]:
    of_county = user.unit_id is None
    told = result_rows.seen_by(user, results.read([round])[0])
    rows = result_rows.rows(user, told, by)
    return {
        "told": told,
        "ways": result_rows.BY.items() if of_county else [],
        "rows": rows,
        "total": result_rows.total(told),
        "charted": of_county and 1 < len(rows) <= result_rows.CHARTED,
        "of_county": of_county,
    }


@require_GET
def evaluation_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """What villagers wrote, by township, in a new order each time; for the county office only."""
    round = _closed(request, pk)
    found = results.texts(round)
    townships = Township.objects.filter(pk__in=[key for key in found if key]).order_by("code")
    told = [(row.name, found[row.pk]) for row in townships]
    context = {"round": round, "told": told, "others": found.get(None, [])}
    return audit.opened(render(request, "feedback/evaluation_texts.html", context), round)


@require_GET
def evaluation_crosscheck(request: HttpRequest, pk: int) -> HttpResponse:
    """What was recorded beside what villagers said, village by village."""
    round = _closed(request, pk)
    drawn = set(round.villages.filter(is_drawn=True).values_list("village", flat=True))
    checks = [
        row for row in check([round]) if row.claimed and (row.answers or row.village in drawn)
    ]
    asked = {(row.village_id, row.unit_id): row for row in round.clarifications.all()}
    villages = Village.objects.select_related("township").in_bulk([row.village for row in checks])
    units = Unit.objects.in_bulk({unit for row in checks for unit in row.claimed})
    rows = [
        {
            "check": row,
            "village": villages[row.village],
            "claimed": [
                (units[unit], visits, asked.get((row.village, unit)))
                for unit, visits in row.claimed.items()
            ],
        }
        for row in sorted(checks, key=_needs_a_look)
    ]
    context = {"round": round, "rows": rows, "rate": verified(checks)}
    return render(request, "feedback/evaluation_crosscheck.html", context)


def _needs_a_look(row: Check) -> int:
    """What does not fit first, then what is unclear; what is too little to say stands last."""
    return 3 if row.answers is None else 2 if row.is_verified else 0 if row.is_gap else 1


def _closed(request: HttpRequest, pk: int) -> EvaluationRound:
    """A closed round, for the county office; for everybody else there is none."""
    if not request.user.can(Capability.RUN_EVALUATION):
        raise Http404
    return get_object_or_404(EvaluationRound.objects.visible_to(request.user).closed(), pk=pk)
