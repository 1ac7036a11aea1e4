"""What the villagers of one village are asked in a round, in the words they read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contact_points.models import ContactPoint, Village
from feedback.models import EvaluationRound
from feedback.questions import (
    DO_NOT_KNOW,
    NOTHING_RAISED,
    TOPICS,
    Grade,
    Question,
    Visited,
)
from outreach import clock

Choices = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Asked:
    """A question with its answers, by the name and the numbers they are stored under."""

    name: Question
    text: str
    choices: Choices


def asked_in(round: EvaluationRound, village: Village) -> list[Asked]:
    """The round's questions in their order, with the units that have the village."""
    grades = [(grade.value, str(grade.label)) for grade in Grade]
    return [
        Asked(Question.VISITED, _came(round, village), _labels(Visited.choices)),
        *_topics(round),
        Asked(Question.VISITS, _("Are you satisfied with these visits?"), grades),
        Asked(
            Question.MATTERS,
            _("Are you satisfied with how problems that villagers raise are handled?"),
            [*grades, (NOTHING_RAISED, _("I have raised none"))],
        ),
    ]


def _labels(choices: Sequence[tuple[int, object]]) -> Choices:
    return [(value, str(label)) for value, label in choices]


def _topics(round: EvaluationRound) -> list[Asked]:
    rows = round.topic_questions.order_by("position")
    unknown = (DO_NOT_KNOW, _("I do not know"))
    return [
        Asked(TOPICS[row.position - 1], row.text, [*enumerate(row.options, 1), unknown])
        for row in rows
    ]


def _came(round: EvaluationRound, village: Village) -> str:
    words = {"when": months_of(round), "who": _(", ").join(units_of(round, village))}
    if not words["who"]:
        return _("Did officials come to your village %(when)s to talk with villagers?") % words
    return (
        _("Did somebody of %(who)s come to your village %(when)s to talk with villagers?") % words
    )


def units_of(round: EvaluationRound, village: Village) -> list[str]:
    """The units that had the village during the round's months."""
    months = (round.first_month, clock.add_months(round.last_month, 1))
    rows = ContactPoint.objects.filter(village=village, period__overlap=months)
    return sorted({point.unit.name for point in rows.select_related("unit")})


def months_of(round: EvaluationRound) -> str:
    """The round's months as a villager says them."""
    first = date_format(round.first_month, "YEAR_MONTH_FORMAT")
    last = date_format(round.last_month, "YEAR_MONTH_FORMAT")
    if first == last:
        return _("in %(month)s") % {"month": first}
    return _("from %(first)s to %(last)s") % {"first": first, "last": last}
