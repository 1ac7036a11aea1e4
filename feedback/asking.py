"""What the villagers of one village are asked in a round, in the words they read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contact_points.models import ContactPoint, County, Unit, Village
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
class PosedQuestion:
    """A question as a villager reads it; its answers by the numbers they are stored under."""

    name: Question
    text: str
    choices: Choices


@dataclass(frozen=True)
class Drawn:
    """What a round asks about; since it was drawn this never changes."""

    first_month: date
    last_month: date
    asks_text: bool
    topics: tuple[tuple[Question, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Place:
    """Where it is asked, and the units that had the village during the round's months."""

    county: str
    village: str
    units: tuple[str, ...]


# Written out: every page of a village evening asks it, and to compose it took longer than to
# answer it.
_PLACE = f"""
    SELECT county.name, village.name, ARRAY(
        SELECT DISTINCT unit.name
        FROM {ContactPoint._meta.db_table} point
        JOIN {Unit._meta.db_table} unit ON unit.id = point.unit_id
        WHERE point.village_id = village.id AND point.period && daterange(%s, %s)
    )
    FROM {Village._meta.db_table} village
    JOIN {County._meta.db_table} county ON county.id = village.county_id
    WHERE village.id = %s
"""


@lru_cache(maxsize=64)
def drawn_round(round_id: int, seed: str) -> Drawn:
    """What the round with this seed asks about, read from the database once in each process."""
    if not seed:
        raise ValueError("before it is drawn, a round may change")
    round = EvaluationRound.objects.get(pk=round_id, seed=seed)
    rows = round.topic_questions.order_by("position")
    topics = tuple((TOPICS[row.position - 1], row.text, tuple(row.options)) for row in rows)
    return Drawn(round.first_month, round.last_month, round.asks_text, topics)


def place_of(drawn: Drawn, village_id: int) -> Place:
    """The village as it is called now."""
    until = clock.add_months(drawn.last_month, 1)
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [drawn.first_month, until, village_id])
        county, village, units = cursor.fetchone()
    return Place(county, village, tuple(sorted(units)))


def questions_in(round: EvaluationRound, village: Village) -> list[PosedQuestion]:
    """The round's questions in their order, with the units that have the village."""
    drawn = drawn_round(round.pk, round.seed)
    return questions(drawn, place_of(drawn, village.pk).units)


def questions(drawn: Drawn, units: Iterable[str]) -> list[PosedQuestion]:
    """The questions in their order and in the language of the moment."""
    grades = [(grade.value, str(grade.label)) for grade in Grade]
    unknown = (DO_NOT_KNOW, _("I do not know"))
    return [
        PosedQuestion(Question.VISITED, _came(drawn, units), _labels(Visited.choices)),
        *(
            PosedQuestion(name, text, [*enumerate(said, 1), unknown])
            for name, text, said in drawn.topics
        ),
        PosedQuestion(Question.VISITS, _("Are you satisfied with these visits?"), grades),
        PosedQuestion(
            Question.MATTERS,
            _("Are you satisfied with how problems that villagers raise are handled?"),
            [*grades, (NOTHING_RAISED, _("I have raised none"))],
        ),
    ]


def _labels(choices: Sequence[tuple[int, object]]) -> Choices:
    return [(value, str(label)) for value, label in choices]


def _came(drawn: Drawn, units: Iterable[str]) -> str:
    words = {"when": months_of(drawn), "who": _(", ").join(units)}
    if not words["who"]:
        return _("Did officials come to your village %(when)s to talk with villagers?") % words
    return (
        _("Did somebody of %(who)s come to your village %(when)s to talk with villagers?") % words
    )


def months_of(round: EvaluationRound | Drawn) -> str:
    """The round's months as a villager says them."""
    first = date_format(round.first_month, "YEAR_MONTH_FORMAT")
    last = date_format(round.last_month, "YEAR_MONTH_FORMAT")
    if first == last:
        return _("in %(month)s") % {"month": first}
    return _("from %(first)s to %(last)s") % {"first": first, "last": last}
