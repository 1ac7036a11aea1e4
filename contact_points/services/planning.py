"""What a list would do to the registry, decided row by row without a query per row.

An empty cell changes nothing. Nothing is guessed: what could mean two things, or something we do
not know, is a question to a person; what nobody can answer is rejected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.models import ContactPoint, ImportRow
from contact_points.reading.lists import ListRow
from contact_points.services.known import Officer, Point, Unit, Village
from contact_points.services.lookup import Registry, bare
from contact_points.services.people import People, Person, limit, newcomers, persons, spelled
from contact_points.services.questions import ABOVE, SKIP, Asks, Problem, Question, remark
from outreach import clock

NEW, CHANGED, UNCHANGED, ASKS, REJECTED = ImportRow.Outcome.values
# Who holds a village, in columns that a list leaves empty below the first of their rows.
_WHO = ("unit", "officer", "post", "telephone")
LONGEST_NOTE = limit(ContactPoint, "note")
# First and last day, None while it is open; column, old, new.
Span = tuple[date, date | None]
Change = tuple[str, str, str]


@dataclass(slots=True)
class PlannedRow:
    """What happens with a row, in words for the preview and in objects for the writing."""

    row: ListRow
    outcome: str
    # column, old, new
    changes: Sequence[Change] = ()
    notes: Sequence[dict[str, Any]] = ()
    unit: Unit | None = None
    village: Village | None = None
    # Not saved yet when the row names somebody new.
    officer: Officer | None = None
    co_officers: Sequence[Officer] = ()
    # The contact point that changes, or with `hands_over` ends the day before `first_day`.
    target: Point | None = None
    hands_over: bool = False
    first_day: date | None = None
    last_day: date | None = None
    note: str = ""


class Meant(NamedTuple):
    """What the texts of a row mean; of a row that is stopped, what was found of it."""

    row: ListRow
    village: Village = None  # type: ignore[assignment]
    unit: Unit = None  # type: ignore[assignment]
    first: date | None = None
    last: date | None = None
    people: Sequence[Person] = ()
    note: str = ""


def overlap(a: Span, b: Span) -> bool:
    """Whether two spans of days, last day included and None for open, share a day."""
    return (b[1] is None or a[0] <= b[1]) and (a[1] is None or b[0] <= a[1])


class Planner:
    """Plans the rows of one list in order, remembering what earlier rows claimed.

    `answers` is what a person told: question key -> id of what is meant, `new` or `skip`.
    """

    def __init__(
        self, registry: Registry, first_day: date, answers: Mapping[str, str] | None = None
    ):
        self.registry = registry
        self.first_day = first_day
        self.answers = answers or {}
        self.people = People(registry, self.answers)
        self.questions: dict[str, Question] = {}
        # What finds a part of Meant, and the columns that it reads.
        self._steps: tuple[tuple[Callable[[ListRow], Any], set[str]], ...] = (
            (self._village, {"village", "village_code", "township"}),
            (self._unit, {"unit"}),
            (_first_day, {"first_day"}),
            (_last_day, {"last_day"}),
            (persons, {"officer", "telephone", "post"}),
            (_note, set()),
        )
        # The last row that says who holds its village.
        self._above: ListRow | None = None
        # (unit id, village id) -> (days, place of the row) that earlier rows claimed.
        self._claims: dict[tuple[int, int], list[tuple[Span, str]]] = {}
        # (officer, column) -> (text, place of the row) that an earlier row wrote.
        self._told: dict[tuple[Any, str], tuple[str, str]] = {}
        # (officer, post, telephone) that agreed.
        self._agreed: set[tuple[Any, str, str]] = set()

    def plan(self, row: ListRow) -> PlannedRow:
        """What happens with the row."""
        planned = self._plan(row)
        planned.row = row  # as it was read, without what the row above says
        return planned

    def _plan(self, row: ListRow) -> PlannedRow:
        refusals: list[Problem | Asks] = []
        try:
            meant = self._meant(self._with_above(row), refusals)
        except Asks as asks:
            return self._stopped(Meant(row), [asks])
        if not refusals and not row.problems:
            try:
                planned = self._decide(meant)
                self._claim(planned, meant.people[0])
                return planned
            except (Problem, Asks) as refusal:
                refusals.append(refusal)
        return self._stopped(meant, refusals)

    def _meant(self, row: ListRow, refusals: list[Problem | Asks]) -> Meant:
        """Every problem of the cells is told at once; what is not found is None."""
        broken = {problem[0] for problem in row.problems}
        found: list[Any] = []
        for find, columns in self._steps:
            try:
                found.append(None if broken and not broken.isdisjoint(columns) else find(row))
            except (Problem, Asks) as refusal:
                refusals.append(refusal)
                found.append(None)
        meant = Meant(row, *found)
        if meant.last and (meant.first or self.first_day) > meant.last:
            refusals.append(Problem("last_day", gettext_noop("The last day is before the first.")))
        return meant

    def _with_above(self, row: ListRow) -> ListRow:
        """The row, with who holds its village from the row above where a person said so.

        Raises Asks.
        """
        if any(row.get(name) for name in _WHO) or any(p[0] in _WHO for p in row.problems):
            self._above = row if row.get("officer") else None
            return row
        above = self._above
        if above is None or above.sheet != row.sheet or not row.get("village"):
            return row
        question = _same_as_above()
        if self.answers.get(question.key) != ABOVE:
            raise Asks(question)
        return row._replace(values=row.values | {name: above.get(name) for name in _WHO})

    def _village(self, row: ListRow) -> Village:
        return self.registry.village(row.number, row.values, self.answers)

    def _unit(self, row: ListRow) -> Unit:
        unit, post = row.get("unit"), row.get("post")
        if post and not unit:
            return self.registry.unit_of_post(post)
        return self.registry.unit(unit)

    def _stopped(self, meant: Meant, refusals: list[Problem | Asks]) -> PlannedRow:
        row = meant.row
        notes = [remark(*problem[:2], **problem[2]) for problem in row.problems]
        asked = [refusal.question for refusal in refusals if isinstance(refusal, Asks)]
        for refusal in refusals:
            if isinstance(refusal, Problem):
                notes += refusal.remarks
        outcome = REJECTED if notes else ASKS
        notes += [question.remark for question in asked]
        for question in asked:
            if self.answers.get(question.key) == SKIP:
                outcome = REJECTED
                sentence = gettext_noop("Left out, as it was answered.")
                notes.append(remark(question.column, sentence))
            else:
                self.questions.setdefault(question.key, question).rows.append(row.number)
        return PlannedRow(row, outcome, notes=notes, unit=meant.unit, village=meant.village)

    def _decide(self, meant: Meant) -> PlannedRow:
        unit, last = meant.unit, meant.last
        start = meant.first or self.first_day
        points = self.registry.points.get((unit.pk, meant.village.pk), ())
        held = [p for p in points if overlap((start, last), (p.first_day, p.last_day))]
        if not held:
            return self._open(meant, start)
        target = _spoken_of(held, start, given=meant.first is not None)
        people = self.people.of(meant.people, unit, start, target)
        if people[0] is target.officer or target.first_day == start:
            planned = self._change(meant, target, people)
        elif start > target.first_day:
            planned = self._hand_over(meant, target, people, start)
        else:
            raise Problem(
                "first_day",
                gettext_noop(
                    "%(officer)s holds this village from %(day)s. "
                    "Write the day on which the officer changes."
                ),
                officer=target.officer.name,
                day=target.first_day.isoformat(),
            )
        if len(points) > 1:
            span = (planned.first_day or start, planned.last_day)
            for point in points:
                if point is not target and overlap(span, (point.first_day, point.last_day)):
                    raise _held_already(point)
        return planned

    def _open(self, meant: Meant, start: date) -> PlannedRow:
        village = meant.village
        if village.merged_into:
            raise Problem(
                "village",
                gettext_noop("%(village)s was merged into %(other)s."),
                village=village.name,
                other=village.merged_into,
            )
        people = self.people.of(meant.people, meant.unit, start, None)
        return PlannedRow(
            meant.row,
            NEW,
            changes=_told_of_officer(meant.people[0], people[0]),
            notes=newcomers(people),
            unit=meant.unit,
            village=village,
            officer=people[0],
            co_officers=people[1:],
            first_day=start,
            last_day=meant.last,
            note=meant.note,
        )

    def _change(self, meant: Meant, target: Point, people: list[Officer]) -> PlannedRow:
        first, officer, notes = meant.first, people[0], newcomers(people)
        if first and first > target.first_day:
            sentence = gettext_noop("Held since %(day)s; the later first day changes nothing.")
            notes.append(remark("first_day", sentence, day=target.first_day.isoformat()))
        first_day = min(first or target.first_day, target.first_day)
        last_day = meant.last or target.last_day
        changes = [
            self._people_changed(target, people),
            _changed("first_day", target.first_day, first_day),
            _changed("last_day", target.last_day or "", last_day or ""),
            _changed("note", text_of(target.note), meant.note or text_of(target.note)),
        ]
        changes = [*filter(None, changes), *_told_of_officer(meant.people[0], officer)]
        return PlannedRow(
            meant.row,
            CHANGED if changes else UNCHANGED,
            changes=changes,
            notes=notes,
            unit=target.unit,
            village=target.village,
            officer=officer,
            co_officers=people[1:],
            target=target,
            first_day=first_day,
            last_day=last_day,
            note=meant.note or target.note,
        )

    def _hand_over(
        self, meant: Meant, target: Point, people: list[Officer], start: date
    ) -> PlannedRow:
        officer = people[0]
        sentence = gettext_noop("%(old)s until %(last)s, %(new)s from %(first)s.")
        days = {"last": (start - clock.ONE_DAY).isoformat(), "first": start.isoformat()}
        note = remark("officer", sentence, old=target.officer.name, new=officer.name, **days)
        change = ("officer", spelled(self._holders(target)), spelled(people))
        return PlannedRow(
            meant.row,
            CHANGED,
            changes=[change, *_told_of_officer(meant.people[0], officer)],
            notes=[note, *newcomers(people)],
            unit=target.unit,
            village=target.village,
            officer=officer,
            co_officers=people[1:],
            target=target,
            hands_over=True,
            first_day=start,
            last_day=meant.last or target.last_day,
            note=meant.note or target.note,
        )

    def _holders(self, target: Point) -> list[Officer]:
        return [target.officer, *self.registry.co_officers.get(target.pk, ())]

    def _people_changed(self, target: Point, people: list[Officer]) -> Any:
        old = self._holders(target)
        if old == people:
            return None
        same = old[0] is people[0] and {o.pk for o in old} == {o.pk for o in people}
        return _changed("officer", spelled(old), spelled(people), not same)

    def _claim(self, planned: PlannedRow, person: Person) -> None:
        """Claim the days and the officer's particulars, or say which row did so before."""
        place, officer = planned.row.place, planned.officer
        assert planned.unit and planned.village and planned.first_day and officer
        span = planned.first_day, planned.last_day
        days = self._claims.setdefault((planned.unit.pk, planned.village.pk), [])
        for claimed, earlier in days:
            if overlap(claimed, span):
                sentence = gettext_noop("Row %(row)s names this unit and village already.")
                raise Problem("village", sentence, row=earlier)
        told = officer.pk or (planned.unit.pk, officer.name), person.post, person.telephone
        if told not in self._agreed:
            self._agree(place, *told)
            self._agreed.add(told)
            if officer.pk is None:
                officer.post = officer.post or person.post
                officer.telephone = officer.telephone or person.telephone
        days.append((span, place))

    def _agree(self, place: str, officer: Any, post: str, telephone: str) -> None:
        told = {name: text for name, text in (("post", post), ("telephone", telephone)) if text}
        for name, text in told.items():
            known, earlier = self._told.get((officer, name), (text, place))
            if known != text:
                sentence = gettext_noop("Row %(row)s says “%(other)s” of the same person.")
                raise Problem(name, sentence, row=earlier, other=known)
        for name, text in told.items():
            self._told.setdefault((officer, name), (text, place))


def _same_as_above() -> Question:
    sentence = gettext_noop(
        "Unit and responsible officer are empty: are they those of the row above?"
    )
    return Question(
        kind="above",
        column="unit",
        value="",
        context="",
        text=sentence,
        params={},
        candidates=[(ABOVE, gettext_noop("yes, as in the row above"))],
        others=False,
    )


def _told_of_officer(person: Person, officer: Officer) -> Sequence[Change]:
    """Post and telephone that differ from what the registry knows."""
    old, new = officer.telephone, person.telephone or officer.telephone
    if officer.pk is None or (officer.post == (person.post or officer.post) and old == new):
        return ()
    pairs = [
        _changed("post", text_of(officer.post), person.post or text_of(officer.post)),
        _changed("telephone", old, new, bare(old) != bare(new)),
    ]
    return [pair for pair in pairs if pair]


def _changed(name: str, old: Any, new: Any, differs: bool | None = None) -> Any:
    if old != new if differs is None else differs:
        return (name, str(old), str(new))
    return None


def _first_day(row: ListRow) -> date | None:
    return _day("first_day", row.get("first_day"))


def _last_day(row: ListRow) -> date | None:
    return _day("last_day", row.get("last_day"))


@lru_cache(1000)
def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Problem(
            name, gettext_noop("“%(text)s” is not a date. Write it like 2026-03-05."), text=text
        ) from None
    if not 1990 <= day.year <= 2100:
        raise Problem(name, gettext_noop("The year of “%(text)s” cannot be right."), text=text)
    return day


def _note(row: ListRow) -> str:
    note = row.get("note")
    if len(note) > LONGEST_NOTE:
        sentence = gettext_noop("Longer than %(limit)s characters.")
        raise Problem("note", sentence, limit=LONGEST_NOTE)
    return note


def _spoken_of(held: list[Point], start: date, *, given: bool) -> Point:
    """Which of the contact points that overlap the row's days it speaks of."""
    for point in held:
        if point.first_day == start:
            return point
    if len(held) == 1 or not given:
        return max(held, key=lambda point: point.first_day)
    raise _held_already(held[0])


def _held_already(point: Point) -> Problem:
    return Problem(
        "first_day",
        gettext_noop("The unit holds this village with %(officer)s from %(first)s to %(last)s."),
        officer=point.officer.name,
        first=point.first_day.isoformat(),
        last=point.last_day.isoformat() if point.last_day else "…",
    )
