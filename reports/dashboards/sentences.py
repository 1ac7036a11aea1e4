"""What waits for somebody, each as a sentence with its records."""

from typing import Any

from django.utils.translation import ngettext

from reports.dashboards.board import Board
from reports.dashboards.scope import Scope
from visits.models import ExemptionRequest

Said = tuple[str, str]


def attention(board: Board, scope: Scope) -> list[Said]:
    """(sentence, address of its records) for everything that waits for somebody."""
    return [
        (sentence % len(rows), url)
        for rows, sentence, url in (_help(board, scope) + _desk(board, scope))
        if rows
    ]


def needs(board: Board, scope: Scope) -> list[Said]:
    """Of these what somebody needs a hand with, "0" said as well."""
    return [
        (sentence % len(rows), url if rows else "") for rows, sentence, url in _help(board, scope)
    ]


def _help(board: Board, scope: Scope) -> list[tuple[list[Any], str, str]]:
    waiting = board.attention
    undated, overdue = len(waiting.undated_lines), len(waiting.overdue_feedback)
    returned, matters = len(waiting.returned), len(waiting.overdue_matters)
    found: list[tuple[list[Any], str, str]] = [
        (
            waiting.undated_lines,
            ngettext(
                "%d contact point without a date", "%d contact points without a date", undated
            ),
            scope.list("undated_list", month=f"{scope.month:%Y-%m}"),
        ),
        (
            waiting.overdue_feedback,
            ngettext("%d feedback record overdue", "%d feedback records overdue", overdue),
            scope.visits(feedback="overdue"),
        ),
        (
            waiting.returned,
            ngettext(
                "%d feedback returned, not resent", "%d feedback returned, not resent", returned
            ),
            scope.visits(feedback="returned"),
        ),
    ]
    if scope.officer is not None:
        return [*found, _own_matters(waiting.own_matters, scope)]
    sentence = ngettext("%d matter past its limit", "%d matters past their limit", matters)
    return [*found, (waiting.overdue_matters, sentence, scope.list("matter_list", due="over"))]


def _own_matters(rows: list[int], scope: Scope) -> tuple[list[Any], str, str]:
    """What villagers raised at a cadre's visits, whichever unit is to answer it."""
    sentence = ngettext(
        "%d matter from own visits still open", "%d matters from own visits still open", len(rows)
    )
    return rows, sentence, scope.list("matter_list", unit=None, state="open")


def _desk(board: Board, scope: Scope) -> list[tuple[list[Any], str, str]]:
    """What lies on the county office's desk, or is on its way there."""
    waiting = board.attention
    review, plans = len(waiting.waiting_review), len(waiting.waiting_plans)
    asked = len(waiting.open_requests)
    return [
        (
            waiting.waiting_review,
            ngettext("%d feedback record to review", "%d feedback records to review", review),
            scope.visits(feedback="submitted"),
        ),
        (
            waiting.waiting_plans,
            ngettext("%d plan waiting for approval", "%d plans waiting for approval", plans),
            scope.list("plan_list", state="submitted"),
        ),
        (
            waiting.open_requests,
            ngettext("%d request for an exemption", "%d requests for exemptions", asked),
            scope.list("exemption_request_list", state="asked"),
        ),
    ]


def exemptions(board: Board, scope: Scope) -> list[tuple[str, int, str]]:
    """(kind in words, lines, address of the lines) of what is exempt or substituted."""
    labels = dict(ExemptionRequest.Kind.choices)
    return [
        (str(labels[kind]), count, scope.list("exemption_list", month=scope.month, kind=kind))
        for kind, count in board.exemptions.items()
    ]
