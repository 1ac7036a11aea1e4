"""What a list would do to the registry, decided row by row without a query per row.

An empty cell changes nothing. Nothing is guessed: a row that could mean two things, or something
we do not know, is rejected with the candidates named.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of, text_of
from contact_points.models import ContactPoint, ImportRow, Officer, Unit, Village
from contact_points.reading.lists import ListRow
from contact_points.services.lookup import Problem, Registry
from outreach import clock

Outcome = ImportRow.Outcome
SEVERAL_PEOPLE = re.compile(r"[、,，;；/]")
TELEPHONE = re.compile(r"[0-9+\- ]{5,20}")


def _limit(model: Any, name: str) -> int:
    return model._meta.get_field(name).max_length


LIMITS = {
    "officer": _limit(Officer, "name"),
    "post": _limit(Officer, "post"),
    "note": _limit(ContactPoint, "note"),
}


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
    # The contact point that changes, or with `hands_over` ends the day before `first_day`.
    target: ContactPoint | None = None
    hands_over: bool = False
    first_day: date | None = None
    last_day: date | None = None
    note: str = ""


def digest(planned: Iterable[PlannedRow]) -> str:
    """The hash of exactly what a preview shows."""
    shown = [(p.row.number, p.outcome, p.changes, p.notes) for p in planned]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def overlap(a: tuple[date, date | None], b: tuple[date, date | None]) -> bool:
    """Whether two spans of days, last day included and None for open, share a day."""
    return (b[1] is None or a[0] <= b[1]) and (a[1] is None or b[0] <= a[1])


class Planner:
    """Plans the rows of one list in order, remembering what earlier rows claimed."""

    def __init__(self, registry: Registry, first_day: date):
        self.registry = registry
        self.first_day = first_day
        self._claims: dict[tuple[int, int], list[tuple[date, date | None, int]]] = {}
        self._newcomers: dict[tuple[int, str], Officer] = {}
        # (officer, column) -> (text, row) that an earlier row wrote.
        self._told: dict[tuple[Any, str], tuple[str, int]] = {}

    def plan(self, row: ListRow) -> PlannedRow:
        try:
            planned = self._decide(row, *self._resolve(row))
            self._agree_with_earlier_rows(planned)
        except Problem as problem:
            return PlannedRow(row, Outcome.REJECTED, notes=problem.remarks)
        return planned

    def _resolve(self, row: ListRow) -> tuple[Village, Unit, date | None, date | None]:
        """Village, unit and days of the row; every problem of its cells is told at once."""
        remarks: list[dict[str, Any]] = []

        def ask(step: Callable[..., Any], *args: Any) -> Any:
            try:
                return step(*args)
            except Problem as problem:
                remarks.extend(problem.remarks)
                return None

        village = ask(
            self.registry.village, row.get("village_code"), row.get("village"), row.get("township")
        )
        unit = ask(self.registry.unit, row.get("unit"))
        first, last = ask(_day, row, "first_day"), ask(_day, row, "last_day")
        ask(_check_texts, row)
        if last and (first or self.first_day) > last:
            remarks.append(_remark("last_day", gettext_noop("The last day is before the first.")))
        if remarks:
            raise Problem.of(remarks)
        return village, unit, first, last

    def _decide(
        self, row: ListRow, village: Village, unit: Unit, first: date | None, last: date | None
    ) -> PlannedRow:
        start = first or self.first_day
        points = self.registry.points.get((unit.pk, village.pk), [])
        held = [p for p in points if overlap((start, last), (p.first_day, p.last_day))]
        if not held:
            return self._open(row, village, unit, start, last)
        target = _meant(held, start, given=first is not None)
        officer = self._officer(row, unit, start, target)
        if officer is target.officer or target.first_day == start:
            planned = self._change(row, target, officer, first, last)
        elif start > target.first_day:
            planned = self._hand_over(row, target, officer, start, last)
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
        officer = self._officer(row, unit, start, None)
        return PlannedRow(
            row,
            Outcome.NEW,
            changes=self._told_of_officer(row, officer),
            notes=_newcomer(officer),
            unit=unit,
            village=village,
            officer=officer,
            first_day=start,
            last_day=last,
            note=row.get("note"),
        )

    def _change(
        self,
        row: ListRow,
        target: ContactPoint,
        officer: Officer,
        first: date | None,
        last: date | None,
    ) -> PlannedRow:
        notes = _newcomer(officer)
        if first and first > target.first_day:
            sentence = gettext_noop("Held since %(day)s; the later first day changes nothing.")
            notes.append(_remark("first_day", sentence, day=target.first_day.isoformat()))
        first_day = min(first or target.first_day, target.first_day)
        last_day = last or target.last_day
        changes = [
            _changed("officer", target.officer.name, officer.name, officer is not target.officer),
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
            target=target,
            first_day=first_day,
            last_day=last_day,
            note=row.get("note") or target.note,
        )

    def _hand_over(
        self,
        row: ListRow,
        target: ContactPoint,
        officer: Officer,
        start: date,
        last: date | None,
    ) -> PlannedRow:
        sentence = gettext_noop("%(old)s until %(last)s, %(new)s from %(first)s.")
        days = {"last": (start - clock.ONE_DAY).isoformat(), "first": start.isoformat()}
        note = _remark("officer", sentence, old=target.officer.name, new=officer.name, **days)
        change = ("officer", target.officer.name, officer.name)
        return PlannedRow(
            row,
            Outcome.CHANGED,
            changes=[change, *self._told_of_officer(row, officer)],
            notes=[note, *_newcomer(officer)],
            unit=target.unit,
            village=target.village,
            officer=officer,
            target=target,
            hands_over=True,
            first_day=start,
            last_day=last or target.last_day,
            note=row.get("note") or target.note,
        )

    def _officer(
        self, row: ListRow, unit: Unit, start: date, target: ContactPoint | None
    ) -> Officer:
        """The officer the row names: who holds it, who serves in the unit, or somebody new."""
        name, telephone = row.get("officer"), _bare(row.get("telephone"))
        namesakes = self.registry.officers.get((unit.pk, name), [])
        by_telephone = [o for o in namesakes if telephone and _bare(o.telephone) == telephone]
        if len(by_telephone) == 1:
            return by_telephone[0]
        if target and name_of(target.officer.name) == name:
            return target.officer
        serving = [o for o in namesakes if o.left_on is None or o.left_on >= start]
        if len(serving) > 1:
            raise Problem(
                "officer",
                gettext_noop("%(unit)s has %(count)s people named %(name)s. Add the telephone."),
                unit=unit.name,
                count=len(serving),
                name=name,
            )
        if serving:
            return serving[0]
        if namesakes:
            raise Problem(
                "officer",
                gettext_noop("%(name)s left the unit on %(day)s."),
                name=name,
                day=max(o.left_on for o in namesakes if o.left_on).isoformat(),
            )
        return self._newcomers.get((unit.pk, name)) or Officer(
            county_id=unit.county_id, unit=unit, name=name
        )

    def _told_of_officer(self, row: ListRow, officer: Officer) -> list[tuple[str, str, str]]:
        """Post and telephone that differ from what the registry knows."""
        if officer.pk is None:
            return []
        pairs = [
            _changed("post", text_of(officer.post), row.get("post") or text_of(officer.post)),
            _changed(
                "telephone",
                officer.telephone,
                row.get("telephone") or officer.telephone,
                _bare(row.get("telephone") or officer.telephone) != _bare(officer.telephone),
            ),
        ]
        return [pair for pair in pairs if pair]

    def _agree_with_earlier_rows(self, planned: PlannedRow) -> None:
        """Claim the days and the officer's particulars, or say which row did so before."""
        row, officer = planned.row, planned.officer
        assert planned.unit and planned.village and planned.first_day and officer
        days = self._claims.setdefault((planned.unit.pk, planned.village.pk), [])
        for first, last, number in days:
            if overlap((first, last), (planned.first_day, planned.last_day)):
                sentence = gettext_noop("Row %(row)s names this unit and village already.")
                raise Problem("village", sentence, row=number)
        key = officer.pk or (planned.unit.pk, officer.name)
        told = {name: row.get(name) for name in ("post", "telephone") if row.get(name)}
        for name, text in told.items():
            known, number = self._told.get((key, name), (text, row.number))
            if known != text:
                sentence = gettext_noop("Row %(row)s says “%(other)s” of the same person.")
                raise Problem(name, sentence, row=number, other=known)
        days.append((planned.first_day, planned.last_day, row.number))
        for name, text in told.items():
            self._told.setdefault((key, name), (text, row.number))
        if officer.pk is None:
            self._newcomers[planned.unit.pk, officer.name] = officer
            officer.post = officer.post or row.get("post")
            officer.telephone = officer.telephone or row.get("telephone")


def _remark(column: str, text: str, /, **params: Any) -> dict[str, Any]:
    return {"column": column, "text": text, "params": params}


def _newcomer(officer: Officer) -> list[dict[str, Any]]:
    if officer.pk:
        return []
    return [_remark("officer", gettext_noop("%(name)s is new in the unit."), name=officer.name)]


def _changed(name: str, old: Any, new: Any, differs: bool | None = None) -> Any:
    if old != new if differs is None else differs:
        return (name, str(old), str(new))
    return None


def _bare(telephone: str) -> str:
    return re.sub(r"[\s-]", "", telephone)


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


def _check_texts(row: ListRow) -> None:
    """What the registry's own fields would refuse."""
    name = row.get("officer")
    if not name:
        raise Problem("officer", gettext_noop("The responsible officer is missing."))
    if SEVERAL_PEOPLE.search(name):
        raise Problem("officer", gettext_noop("Write one responsible officer per row."))
    for column, limit in LIMITS.items():
        if len(row.get(column)) > limit:
            raise Problem(column, gettext_noop("Longer than %(limit)s characters."), limit=limit)
    if row.get("telephone") and not TELEPHONE.fullmatch(row.get("telephone")):
        raise Problem("telephone", gettext_noop("A telephone has 5 to 20 digits."))


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
