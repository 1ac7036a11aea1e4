"""What a list would do to the registry, decided row by row without a query per row.

An empty cell changes nothing. Nothing is guessed: what could mean two things, or something we do
not know, is a question to a person; what nobody can answer is rejected.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import text_of
from contact_points.models import ContactPoint, ImportRow, Officer, Unit, Village
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import Registry, bare
from contact_points.services.people import People, check_persons, limit, newcomers, persons, spelled
from contact_points.services.questions import SKIP, Asks, Problem, Question, remark
from outreach import clock

Outcome = ImportRow.Outcome
# Names longer than this are no names; an alias must hold them.
LONGEST = 100


@dataclass
class PlannedRow:
    """What happens with a row, in words for the preview and in objects for the writing."""

    row: ListRow
    outcome: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    unit: Unit | None = None
    village: Village | None = None
    # Not saved yet when the row names somebody new.
    officer: Officer | None = None
    co_officers: list[Officer] = field(default_factory=list)
    # The contact point that changes, or with `hands_over` ends the day before `first_day`.
    target: ContactPoint | None = None
    hands_over: bool = False
    first_day: date | None = None
    last_day: date | None = None
    note: str = ""


def digest(planned: Iterable[PlannedRow], left: Iterable[int] = ()) -> str:
    """The hash of exactly what a preview shows."""
    shown = [(p.row.number, p.outcome, p.changes, p.notes) for p in planned]
    return hashlib.sha256(json.dumps([shown, [*left]], ensure_ascii=False).encode()).hexdigest()


def overlap(a: tuple[date, date | None], b: tuple[date, date | None]) -> bool:
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
        self._claims: dict[tuple[int, int], list[tuple[date, date | None, int]]] = {}
        # (officer, column) -> (text, row) that an earlier row wrote.
        self._told: dict[tuple[Any, str], tuple[str, int]] = {}

    def plan(self, row: ListRow) -> PlannedRow:
        """What happens with the row."""
        planned = PlannedRow(row, Outcome.REJECTED)
        stops = [remark(*problem[:2], **problem[2]) for problem in row.problems]
        asked: list[Question] = []

        def take(step: Callable[..., Any], *args: Any) -> Any:
            try:
                return step(*args)
            except Problem as problem:
                stops.extend(problem.remarks)
            except Asks as asks:
                asked.append(asks.question)
            return None

        first, last = self._resolve(planned, take, {problem[0] for problem in row.problems})
        if not stops and not asked:
            decided = take(self._decide, row, planned.village, planned.unit, first, last)
            if decided and take(self._agree_with_earlier_rows, decided):
                return decided
        return self._stopped(planned, stops, asked)

    def _resolve(
        self, planned: PlannedRow, take: Callable[..., Any], broken: set[str]
    ) -> tuple[date | None, date | None]:
        """Find village, unit and days; every problem of the cells is told at once."""
        row = planned.row
        if not broken & {"village", "village_code", "township"} and take(
            _check_lengths, row, ("village", "township")
        ):
            planned.village = take(self.registry.village, row.number, row.values, self.answers)
        if "unit" not in broken and take(_check_lengths, row, ("unit",)):
            planned.unit = take(self.registry.unit, row.get("unit"))
        first = None if "first_day" in broken else take(_day, row, "first_day")
        last = None if "last_day" in broken else take(_day, row, "last_day")
        if not broken & {"officer", "telephone", "post"}:
            take(check_persons, row)
        take(_check_note, row)
        if last and (first or self.first_day) > last:
            take(_refuse_order)
        return first, last

    def _stopped(
        self, planned: PlannedRow, stops: list[dict[str, Any]], asked: list[Question]
    ) -> PlannedRow:
        planned.outcome = Outcome.REJECTED if stops else Outcome.ASKS
        planned.notes = [*stops, *(question.remark for question in asked)]
        for question in asked:
            if self.answers.get(question.key) == SKIP:
                planned.outcome = Outcome.REJECTED
                sentence = gettext_noop("Left out, as it was answered.")
                planned.notes.append(remark(question.column, sentence))
            else:
                self.questions.setdefault(question.key, question).rows.append(planned.row.number)
        return planned

    def _decide(
        self, row: ListRow, village: Village, unit: Unit, first: date | None, last: date | None
    ) -> PlannedRow:
        start = first or self.first_day
        points = self.registry.points.get((unit.pk, village.pk), [])
        held = [p for p in points if overlap((start, last), (p.first_day, p.last_day))]
        if not held:
            return self._open(row, village, unit, start, last)
        target = _meant(held, start, given=first is not None)
        people = self.people.of(row, unit, start, target)
        if people[0] is target.officer or target.first_day == start:
            planned = self._change(row, target, people, first, last)
        elif start > target.first_day:
            planned = self._hand_over(row, target, people, start, last)
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
        span = (planned.first_day or start, planned.last_day)
        for point in points:
            if point is not target and overlap(span, (point.first_day, point.last_day)):
                raise _held_already(point)
        return planned

    def _open(
        self, row: ListRow, village: Village, unit: Unit, start: date, last: date | None
    ) -> PlannedRow:
        if village.merged_into:
            raise Problem(
                "village",
                gettext_noop("%(village)s was merged into %(other)s."),
                village=village.name,
                other=village.merged_into.name,
            )
        people = self.people.of(row, unit, start, None)
        return PlannedRow(
            row,
            Outcome.NEW,
            changes=self._told_of_officer(row, people[0]),
            notes=newcomers(people),
            unit=unit,
            village=village,
            officer=people[0],
            co_officers=people[1:],
            first_day=start,
            last_day=last,
            note=row.get("note"),
        )

    def _change(
        self,
        row: ListRow,
        target: ContactPoint,
        people: list[Officer],
        first: date | None,
        last: date | None,
    ) -> PlannedRow:
        officer, notes = people[0], newcomers(people)
        if first and first > target.first_day:
            sentence = gettext_noop("Held since %(day)s; the later first day changes nothing.")
            notes.append(remark("first_day", sentence, day=target.first_day.isoformat()))
        first_day = min(first or target.first_day, target.first_day)
        last_day = last or target.last_day
        changes = [
            self._people_changed(target, people),
            _changed("first_day", target.first_day, first_day),
            _changed("last_day", target.last_day or "", last_day or ""),
            _changed("note", text_of(target.note), row.get("note") or text_of(target.note)),
        ]
        changes = [*filter(None, changes), *self._told_of_officer(row, officer)]
        return PlannedRow(
            row,
            Outcome.CHANGED if changes else Outcome.UNCHANGED,
            changes=changes,
            notes=notes,
            unit=target.unit,
            village=target.village,
            officer=officer,
            co_officers=people[1:],
            target=target,
            first_day=first_day,
            last_day=last_day,
            note=row.get("note") or target.note,
        )

    def _hand_over(
        self,
        row: ListRow,
        target: ContactPoint,
        people: list[Officer],
        start: date,
        last: date | None,
    ) -> PlannedRow:
        officer = people[0]
        sentence = gettext_noop("%(old)s until %(last)s, %(new)s from %(first)s.")
        days = {"last": (start - clock.ONE_DAY).isoformat(), "first": start.isoformat()}
        note = remark("officer", sentence, old=target.officer.name, new=officer.name, **days)
        change = ("officer", spelled(self._holders(target)), spelled(people))
        return PlannedRow(
            row,
            Outcome.CHANGED,
            changes=[change, *self._told_of_officer(row, officer)],
            notes=[note, *newcomers(people)],
            unit=target.unit,
            village=target.village,
            officer=officer,
            co_officers=people[1:],
            target=target,
            hands_over=True,
            first_day=start,
            last_day=last or target.last_day,
            note=row.get("note") or target.note,
        )

    def _holders(self, target: ContactPoint) -> list[Officer]:
        return [target.officer, *self.registry.co_officers.get(target.pk, [])]

    def _people_changed(self, target: ContactPoint, people: list[Officer]) -> Any:
        old = self._holders(target)
        same = old[0] is people[0] and {o.pk for o in old} == {o.pk for o in people}
        return _changed("officer", spelled(old), spelled(people), not same)

    def _told_of_officer(self, row: ListRow, officer: Officer) -> list[tuple[str, str, str]]:
        """Post and telephone that differ from what the registry knows."""
        if officer.pk is None:
            return []
        _name, post, telephone = persons(row)[0]
        old, new = officer.telephone, telephone or officer.telephone
        pairs = [
            _changed("post", text_of(officer.post), post or text_of(officer.post)),
            _changed("telephone", old, new, bare(old) != bare(new)),
        ]
        return [pair for pair in pairs if pair]

    def _agree_with_earlier_rows(self, planned: PlannedRow) -> bool:
        """Claim the days and the officer's particulars, or say which row did so before."""
        row, officer = planned.row, planned.officer
        assert planned.unit and planned.village and planned.first_day and officer
        days = self._claims.setdefault((planned.unit.pk, planned.village.pk), [])
        for first, last, number in days:
            if overlap((first, last), (planned.first_day, planned.last_day)):
                sentence = gettext_noop("Row %(row)s names this unit and village already.")
                raise Problem("village", sentence, row=number)
        key = officer.pk or (planned.unit.pk, officer.name)
        _name, post, telephone = persons(row)[0]
        told = {name: text for name, text in (("post", post), ("telephone", telephone)) if text}
        for name, text in told.items():
            known, number = self._told.get((key, name), (text, row.number))
            if known != text:
                sentence = gettext_noop("Row %(row)s says “%(other)s” of the same person.")
                raise Problem(name, sentence, row=number, other=known)
        days.append((planned.first_day, planned.last_day, row.number))
        for name, text in told.items():
            self._told.setdefault((key, name), (text, row.number))
        if officer.pk is None:
            officer.post = officer.post or post
            officer.telephone = officer.telephone or telephone
        return True


def left_out(
    registry: Registry, planned: Iterable[PlannedRow], first_day: date
) -> list[ContactPoint]:
    """The contact points that hold on the day and that no row names or might name.

    Those of the units that the list speaks of come first. A row whose village is not known yet
    may mean any of its unit's.
    """
    named: set[tuple[int, int]] = set()
    units: set[int] = set()
    open_units: set[int] = set()
    open_villages: set[int] = set()
    for p in planned:
        if p.unit:
            units.add(p.unit.pk)
        if p.unit and p.village:
            named.add((p.unit.pk, p.village.pk))
        elif p.unit:
            open_units.add(p.unit.pk)
        elif p.village:
            open_villages.add(p.village.pk)
    found = [
        point
        for (unit, village), points in registry.points.items()
        if (unit, village) not in named and unit not in open_units and village not in open_villages
        for point in points
        if overlap((first_day, first_day), (point.first_day, point.last_day))
    ]
    return sorted(found, key=lambda p: (p.unit_id not in units, p.unit_id, p.village.code, p.pk))


def _changed(name: str, old: Any, new: Any, differs: bool | None = None) -> Any:
    if old != new if differs is None else differs:
        return (name, str(old), str(new))
    return None


def _day(row: ListRow, name: str) -> date | None:
    text = row.get(name)
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


def _check_lengths(row: ListRow, columns: Iterable[str]) -> bool:
    for column in columns:
        if len(row.get(column)) > LONGEST:
            sentence = gettext_noop("Longer than %(limit)s characters.")
            raise Problem(column, sentence, limit=LONGEST)
    return True


def _check_note(row: ListRow) -> None:
    most = limit(ContactPoint, "note")
    if len(row.get("note")) > most:
        raise Problem("note", gettext_noop("Longer than %(limit)s characters."), limit=most)


def _refuse_order() -> None:
    raise Problem("last_day", gettext_noop("The last day is before the first."))


def _meant(held: list[ContactPoint], start: date, *, given: bool) -> ContactPoint:
    """Which of the contact points that overlap the row's days it speaks of."""
    for point in held:
        if point.first_day == start:
            return point
    if len(held) == 1 or not given:
        return max(held, key=lambda point: point.first_day)
    raise _held_already(held[0])


def _held_already(point: ContactPoint) -> Problem:
    return Problem(
        "first_day",
        gettext_noop("The unit holds this village with %(officer)s from %(first)s to %(last)s."),
        officer=point.officer.name,
        first=point.first_day.isoformat(),
        last=point.last_day.isoformat() if point.last_day else "…",
    )
