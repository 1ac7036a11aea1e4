"""Write a planned list into the registry in sets, audited as if written by hand.

Not through the ORM's bulk methods: the same ten thousand rows, their audit entries and the trail
that takes them back are a few COPY statements (see `outreach.copying`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_noop

from contact_points import models
from contact_points.models import ContactPoint, ImportRow
from contact_points.services.decisions import PARTICULARS
from contact_points.services.known import Officer, Point
from contact_points.services.people import spelled
from contact_points.services.planning import PlannedRow
from contact_points.services.registry import facts_of, officer_facts
from contact_points.sorting import sort_key
from outreach import audit, clock, copying
from outreach.models import User

Co = ContactPoint.co_officers.through


@dataclass
class Written:
    """What was written, and how to take it back."""

    # officer id -> particulars; of a changed one before and after
    officers_added: dict[int, dict[str, Any]] = field(default_factory=dict)
    officers_changed: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    # contact point id -> state; of a changed one before and after
    opened: dict[int, list[Any]] = field(default_factory=dict)
    changed: dict[int, list[list[Any]]] = field(default_factory=dict)
    # opened -> the one whose months it took over
    handed: dict[int, int] = field(default_factory=dict)


def state_of(point: ContactPoint | Point, co_officers: Iterable[int]) -> list[Any]:
    """Everything of a contact point that a list can change, to compare and to put back."""
    upper = point.period.upper and point.period.upper.isoformat()
    days = [point.period.lower.isoformat(), upper]
    return [point.officer_id, *days, point.note, sorted(co_officers)]


class Writer:
    """Writes one planned list inside the caller's transaction."""

    def __init__(
        self,
        *,
        county_id: int,
        bulk_id: UUID,
        actor: User | None,
        co_officers: dict[int, list[Officer]],
        reason: str = "",
    ):
        self.county_id = county_id
        self.who: dict[str, Any] = {"actor": actor, "bulk_id": bulk_id, "county_id": county_id}
        self.co_officers = co_officers
        # Why, where a person and not a list says it: every entry of the trail repeats it.
        self.said = {"reason": reason} if reason else {}
        self.noted: list[audit.Noted] = []
        self.written = Written()

    def write(
        self, planned: Iterable[PlannedRow], closing: Iterable[Point], first_day: date
    ) -> Written:
        """Write what is new or changed; `closing` ends on the day before `first_day`."""
        writing = [p for p in planned if p.outcome in ImportRow.WRITING]
        handed = [p for p in writing if p.hands_over]
        changing = [p for p in writing if p.target and not p.hands_over]
        opening = [p for p in writing if p.target is None or p.hands_over]
        self._write_officers(writing)
        # What ends goes first: the days it frees may be claimed by a row that begins.
        ending = [(p.target, p.first_day) for p in handed if p.target and p.first_day]
        self._end([*ending, *((point, first_day) for point in closing)])
        self._change(changing)
        self._open(opening)
        audit.record_all(self.noted, **self.who)
        return self.written

    def _note(self, action: str, obj: Officer | Point, before: Any, after: dict[str, Any]) -> None:
        model = models.Officer if isinstance(obj, Officer) else ContactPoint
        told = after | self.said
        self.noted.append(audit.Noted(action, model, obj.pk, str(obj), before, told))

    def _write_officers(self, writing: list[PlannedRow]) -> None:
        newcomers: dict[int, Officer] = {}
        known: dict[int, Officer] = {}
        for p in writing:
            assert p.officer
            for officer in (p.officer, *p.co_officers):
                if officer.pk is None:
                    newcomers[id(officer)] = officer
            for column, _old, new in p.changes:
                if column in PARTICULARS:
                    officer = known.setdefault(p.officer.pk, p.officer)
                    self.written.officers_changed.setdefault(officer.pk, [_particulars(officer)])
                    setattr(officer, column, new)
        self._add_officers(list(newcomers.values()))
        if known:
            rows = ((officer.pk, officer.post, officer.telephone) for officer in known.values())
            copying.update_values(models.Officer, PARTICULARS, rows)
        for officer in known.values():
            states = self.written.officers_changed[officer.pk]
            states.append(_particulars(officer))
            self._note(gettext_noop("Officer corrected"), officer, *states)

    def _add_officers(self, newcomers: list[Officer]) -> None:
        if not newcomers:
            return
        numbers = copying.numbers(models.Officer, len(newcomers))
        for officer, number in zip(newcomers, numbers, strict=True):
            officer.pk = number
            facts = officer_facts(officer)
            self.written.officers_added[officer.pk] = {"name": officer.name} | _particulars(officer)
            self._note(gettext_noop("Officer added"), officer, None, facts)
        copying.insert_values(
            models.Officer,
            ("id", "unit", "name", "sort_key", *PARTICULARS),
            (
                (o.pk, o.unit.pk, o.name, sort_key(o.name, surname=True), o.post, o.telephone)
                for o in newcomers
            ),
            county=self.county_id,
        )

    def _end(self, ending: list[tuple[Point, date]]) -> None:
        for point, day in ending:
            before, state = facts_of(point), self._state(point)
            point.period = DateRange(point.first_day, day)
            self.written.changed[point.pk] = [state, self._state(point)]
            self._note(gettext_noop("Contact point closed"), point, before, facts_of(point))
        if ending:
            rows = ((point.pk, point.period) for point, _day in ending)
            copying.update_values(ContactPoint, ["period"], rows)

    def _change(self, changing: list[PlannedRow]) -> None:
        shorter: list[Point] = []
        others: list[Point] = []
        pairs: list[tuple[int, Sequence[Officer]]] = []
        for p in changing:
            point = p.target
            assert point and p.officer and p.first_day
            before, state, old = facts_of(point), self._state(point), point.period
            point.officer, point.note = p.officer, p.note
            point.period = _period(p.first_day, p.last_day)
            old_people, people = self.co_officers.get(point.pk, []), p.co_officers
            if {o.pk for o in old_people} != {o.pk for o in people}:
                pairs.append((point.pk, people))
                self.co_officers[point.pk] = [*people]
                before["co_officers"] = spelled(old_people)
            after = facts_of(point)
            if "co_officers" in before:
                after["co_officers"] = spelled(people)
            if after != before:
                self.written.changed[point.pk] = [state, self._state(point)]
                self._note(gettext_noop("Contact point corrected"), point, before, after)
                within = old.lower <= point.period.lower and _ends(point) <= _end_of(old)
                (shorter if within else others).append(point)
        # Those that get shorter go first, for the same reason.
        for points in filter(None, (shorter, others)):
            rows = ((point.pk, point.officer.pk, point.period, point.note) for point in points)
            copying.update_values(ContactPoint, ["officer", "period", "note"], rows)
        Co.objects.filter(contactpoint__in=[pk for pk, _people in pairs]).delete()
        self._name_co_officers(pairs)

    def _open(self, opening: list[PlannedRow]) -> None:
        numbers = copying.numbers(ContactPoint, len(opening))
        copying.insert_values(
            ContactPoint,
            ("id", "unit", "village", "officer", "period", "note"),
            map(self._opened, opening, numbers),
            county=self.county_id,
        )
        self._name_co_officers(
            [(pk, p.co_officers) for p, pk in zip(opening, numbers, strict=True) if p.co_officers]
        )

    def _opened(self, p: PlannedRow, pk: int) -> tuple[Any, ...]:
        """A new row; what audit and trail tell of it is made while the server takes rows in."""
        assert p.unit and p.village and p.officer and p.first_day
        point = Point(pk, p.unit, p.village, p.officer, _period(p.first_day, p.last_day), p.note)
        after = facts_of(point)
        if p.co_officers:
            after["co_officers"] = spelled(p.co_officers)
        if p.hands_over and p.target:
            self.written.handed[pk] = p.target.pk
        self.written.opened[pk] = state_of(point, (officer.pk for officer in p.co_officers))
        self._note(gettext_noop("Contact point opened"), point, None, after)
        return pk, p.unit.pk, p.village.pk, p.officer.pk, point.period, p.note

    def _name_co_officers(self, pairs: list[tuple[int, Sequence[Officer]]]) -> None:
        rows = [(point, officer.pk) for point, people in pairs for officer in people]
        if rows:
            copying.insert_values(Co, ("contactpoint", "officer"), rows)

    def _state(self, point: Point) -> list[Any]:
        return state_of(point, [officer.pk for officer in self.co_officers.get(point.pk, ())])


def _particulars(officer: Officer) -> dict[str, str]:
    return {"post": officer.post, "telephone": officer.telephone}


@lru_cache(1000)
def _period(first: date, last: date | None) -> DateRange:
    return DateRange(first, last and last + clock.ONE_DAY)


def _end_of(period: DateRange) -> date:
    return period.upper or date.max


def _ends(point: Point) -> date:
    return _end_of(point.period)
