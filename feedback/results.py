"""Results of closed rounds, so that nothing below five answers is shown or can be worked out.

Of each question the answers are put into parts that are never divided again: a village, where it
has five; else the township's villages with fewer, together; else such rests of the county. What is
then still below five is left out. Everything that is shown to anybody is a sum of whole parts, so
whatever is added or subtracted, the answers of a part stay together (assurance: P-07).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from contact_points.models import ContactPoint
from feedback.estimates import Estimate, published, together
from feedback.models import EvaluationCount, EvaluationRound, EvaluationText
from feedback.models.rounds import FEWEST
from feedback.pooling import Place, pooled
from feedback.questions import DO_NOT_KNOW, TOPICS, Grade, Question, Visited
from outreach import clock

Holdings = dict[int, set[int]]  # unit -> villages


@dataclass(frozen=True)
class Part:
    """Answers to one question that are never told apart; without a village or township a rest."""

    township: int | None
    village: int | None
    n: int
    good: int

    @property
    def estimate(self) -> Estimate:
        return Estimate.exact(self.good, self.n)


@dataclass(frozen=True)
class CountedQuestion:
    """A question of a round: the choices that are an answer to it, and those that are good."""

    question: str
    label: str
    counted: frozenset[int]
    good: frozenset[int]
    topic: int | None = None
    topic_title: str = ""


def counted_questions(round: EvaluationRound) -> list[CountedQuestion]:
    """The round's questions in their order; a topic question is called by its topic.

    Who does not know whether somebody came says neither yes nor no, and who raised nothing says
    nothing about how it was handled: neither is counted. Not knowing a topic is an answer.
    """
    graded = frozenset(Grade.values), frozenset({Grade.SATISFIED, Grade.VERY_SATISFIED})
    topics = [
        CountedQuestion(
            question=TOPICS[row.position - 1],
            label=_("Know: %(topic)s") % {"topic": row.topic},
            counted=frozenset(range(1, DO_NOT_KNOW + 1)),
            good=frozenset({row.right}),
            topic=row.topic_id,
            topic_title=row.topic.title,
        )
        for row in round.topic_questions.all()
    ]
    came = frozenset({Visited.YES, Visited.NO}), frozenset({Visited.YES})
    return [
        CountedQuestion(Question.VISITED, _("Say somebody came"), *came),
        *topics,
        CountedQuestion(Question.VISITS, _("Satisfied with the visits"), *graded),
        CountedQuestion(Question.MATTERS, _("Satisfied with how problems are handled"), *graded),
    ]


def parts_of(tallies: Iterable[Part]) -> list[Part]:
    """The answers to one question of one round in parts of at least five."""
    counted = [
        (Place(row.township, row.village), Counter(n=row.n, good=row.good)) for row in tallies
    ]
    parts = pooled(counted, lambda tally: tally["n"])
    rows = [Part(*place, tally["n"], tally["good"]) for place, tally in parts.items()]
    return [row for row in sorted(rows, key=_narrowest) if row.n >= FEWEST]


def _narrowest(part: Part) -> tuple[bool, bool]:
    return part.village is None, part.township is None


@dataclass(frozen=True)
class Results:
    """The parts of a closed round's questions, and for its reader the sums of them.

    `veiled`: the reader is of those the villagers were asked about.
    """

    round: EvaluationRound
    asked: list[CountedQuestion]
    parts: dict[str, list[Part]]
    veiled: bool = False

    def total(self, question: str) -> Estimate | None:
        """Of all parts; of a unit's reader there are no other than those of its villages."""
        return self._sum(self.parts[question])

    def published(self, question: str) -> Estimate | None:
        """Of all parts, as a report tells it to everybody."""
        return published(row.estimate for row in self.parts[question])

    def of_township(self, question: str, township: int | None) -> Estimate | None:
        """With its villages; of None the rest of the county that belongs to no one township."""
        return self._sum(row for row in self.parts[question] if row.township == township)

    def of_village(self, question: str, village: int) -> Estimate | None:
        return self.of_villages(question, {village})

    def of_villages(self, question: str, villages: set[int]) -> Estimate | None:
        """Of those among them that can be told apart."""
        return self._sum(row for row in self.parts[question] if row.village in villages)

    def of_rest(self, question: str, township: int) -> Estimate | None:
        """Of the township's villages that cannot be told apart, together."""
        rows = self.parts[question]
        return self._sum(r for r in rows if r.township == township and r.village is None)

    @cached_property
    def places(self) -> set[Place]:
        """Where anything can be shown at all."""
        return {Place(row.township, row.village) for rows in self.parts.values() for row in rows}

    def narrowed(self, villages: set[int]) -> "Results":
        """What the unit that held these villages is shown: nothing of any other, and veiled."""
        parts = {
            question: [row for row in rows if row.village in villages]
            for question, rows in self.parts.items()
        }
        return Results(self.round, self.asked, parts, veiled=True)

    def _sum(self, rows: Iterable[Part]) -> Estimate | None:
        found = (row.estimate for row in rows)
        return together(row.veiled() for row in found) if self.veiled else together(found)


def read(rounds: Iterable[EvaluationRound], *, only: Iterable[str] | None = None) -> list[Results]:
    """The results of those of the rounds that are closed; of `only` these questions.

    One query besides that of the rounds' topic questions, which are best fetched before.
    """
    closed = [row for row in rounds if row.state == EvaluationRound.State.CLOSED]
    counts = EvaluationCount.objects.filter(round__in=closed).exclude(question="")
    if only is not None:
        counts = counts.filter(question__in=list(only))
    told: dict[tuple[int, str], list[tuple[int | None, int | None, int, int]]] = defaultdict(list)
    rows = counts.order_by().values_list(
        "round", "question", "township", "village", "choice", "count"
    )
    for round, question, *of in rows:
        told[round, question].append(tuple(of))
    return [_results(row, told) for row in closed]


def _results(round: EvaluationRound, told: dict[tuple[int, str], Any]) -> Results:
    asked = counted_questions(round)
    parts = {
        each.question: parts_of(
            Part(township, village, count, count if choice in each.good else 0)
            for township, village, choice, count in told.get((round.pk, each.question), [])
            if choice in each.counted
        )
        for each in asked
    }
    return Results(round, asked, parts)


def answers_in(round: EvaluationRound) -> list[Part]:
    """How many answers a closed round has, whatever they left out, in parts as well."""
    if round.state != EvaluationRound.State.CLOSED:
        return []
    counts = EvaluationCount.objects.filter(round=round, question="").order_by()
    rows = counts.values_list("township", "village", "count")
    return parts_of(Part(*place, n=count, good=0) for *place, count in rows)


def holdings(round: EvaluationRound, **of: Any) -> Holdings:
    """The villages whose contact point each unit held on a day of the round's months.

    Of all units, or of the contact points that `of` names (`unit=7`, `officer=12`). One query.
    """
    months = DateRange(round.first_month, clock.add_months(round.last_month, 1))
    points = ContactPoint.objects.filter(county=round.county_id, period__overlap=months, **of)
    found: Holdings = defaultdict(set)
    for unit, village in points.order_by().values_list("unit", "village"):
        found[unit].add(village)
    return dict(found)


def texts(round: EvaluationRound) -> dict[int | None, list[str]]:
    """What villagers wrote, by township and shuffled anew each time; for the county office only.

    Of a township in which fewer than five answered they stand among those of the county; of a
    round in which fewer than five answered there are none.
    """
    if round.state != EvaluationRound.State.CLOSED:
        return {}
    enough = {row.township for row in answers_in(round)}
    if not enough:
        return {}
    found: dict[int | None, list[str]] = defaultdict(list)
    rows = EvaluationText.objects.filter(round=round).order_by("?")
    for township, text in rows.values_list("township", "text"):
        found[township if township in enough else None].append(text)
    return dict(found)
