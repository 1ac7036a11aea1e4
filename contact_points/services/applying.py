"""Write a planned list into the registry in sets, audited as if written by hand.

Not through the ORM's bulk methods: the same ten thousand rows, their audit entries and the trail
that takes them back are a few COPY statements (see `outreach.copying`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, ImportRow, Officer
from contact_points.services.planning import PlannedRow
from contact_points.services.registry import facts_of, officer_facts
from contact_points.sorting import sort_key
from outreach import audit, clock, copying
from outreach.models import AuditEntry, User

PARTICULARS = ("post", "telephone")
Co = ContactPoint.co_officers.through


@dataclass
class Written:
    """What was written: row number -> contact point, and how to take it back."""

    points: dict[int, int] = field(default_factory=dict)
    # officer id -> particulars; of a changed one before and after
    officers_added: dict[int, dict[str, Any]] = field(default_factory=dict)
    officers_changed: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    # contact point id -> state; of a changed one before and after
    opened: dict[int, list[Any]] = field(default_factory=dict)
    changed: dict[int, list[list[Any]]] = field(default_factory=dict)
    # opened -> the one whose months it took over
    handed: dict[int, int] = field(default_factory=dict)

    def trail(self) -> dict[str, Any]:
        """As `ImportTrail` keeps it."""
        names = ("officers_added", "officers_changed", "opened", "changed", "handed")
        return {name: getattr(self, name) for name in names}


def state_of(point: ContactPoint, co_officers: Iterable[int]) -> list[Any]:
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
        self.who: dict[str, Any] = {"actor": actor, "bulk_id": bulk_id}
        self.co_officers = co_officers
        # Why, where a person and not a list says it: every entry of the trail repeats it.
        self.said = {"reason": reason} if reason else {}
        self.entries: list[AuditEntry] = []
        self.written = Written()

    def write(
        self, planned: Iterable[PlannedRow], closing: Iterable[ContactPoint], first_day: date
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
        copying.insert(self.entries)
        return self.written

    def _note(self, action: str, obj: Any, *, after: dict[str, Any], **facts: Any) -> None:
        told = after | self.said
        self.entries.append(audit.entry(action, obj=obj, after=told, **facts, **self.who))

    def _write_officers(self, writing: list[PlannedRow]) -> None:
        newcomers: dict[int, Officer] = {}
        known: dict[int, Officer] = {}
        for p in writing:
            assert p.officer
            for officer in (p.officer, *p.co_officers):
                if officer.pk is None and id(officer) not in newcomers:
                    officer.sort_key = sort_key(officer.name, surname=True)
                    newcomers[id(officer)] = officer
            for column, _old, new in p.changes:
                if column in PARTICULARS:
                    before = audit.facts(p.officer, *PARTICULARS)
                    self.written.officers_changed.setdefault(p.officer.pk, [before])
                    setattr(p.officer, column, new)
                    known[p.officer.pk] = p.officer
        copying.insert(list(newcomers.values()))
        copying.update(list(known.values()), PARTICULARS)
        for officer in newcomers.values():
            self.written.officers_added[officer.pk] = audit.facts(officer, "name", *PARTICULARS)
            self._note(gettext_noop("Officer added"), officer, after=officer_facts(officer))
        for officer in known.values():
            states = self.written.officers_changed[officer.pk]
            states.append(audit.facts(officer, *PARTICULARS))
            correcting = gettext_noop("Officer corrected")
            self._note(correcting, officer, before=states[0], after=states[1])

    def _end(self, ending: list[tuple[ContactPoint, date]]) -> None:
        for point, day in ending:
            before, state = facts_of(point), self._state(point)
            point.period = DateRange(point.first_day, day)
            self.written.changed[point.pk] = [state, self._state(point)]
            closing = gettext_noop("Contact point closed")
            self._note(closing, point, before=before, after=facts_of(point))
        copying.update([point for point, _day in ending], ["period"])

    def _change(self, changing: list[PlannedRow]) -> None:
        shorter: list[ContactPoint] = []
        others: list[ContactPoint] = []
        pairs: list[tuple[ContactPoint, list[Officer]]] = []
        for p in changing:
            point = p.target
            assert point and p.officer and p.first_day
            before, state, old = facts_of(point), self._state(point), point.period
            point.officer, point.note = p.officer, p.note
            point.period = _period(p.first_day, p.last_day)
            old_people, people = self.co_officers.get(point.pk, []), p.co_officers
            if {o.pk for o in old_people} != {o.pk for o in people}:
                pairs.append((point, people))
                self.co_officers[point.pk] = people
                before["co_officers"] = "、".join(o.name for o in old_people)
            after = facts_of(point)
            if "co_officers" in before:
                after["co_officers"] = "、".join(o.name for o in people)
            if after != before:
                self.written.changed[point.pk] = [state, self._state(point)]
                correcting = gettext_noop("Contact point corrected")
                self._note(correcting, point, before=before, after=after)
                within = old.lower <= point.period.lower and _ends(point) <= _end_of(old)
                (shorter if within else others).append(point)
            self.written.points[p.row.number] = point.pk
        # Those that get shorter go first, for the same reason.
        for points in (shorter, others):
            copying.update(points, ["officer", "period", "note"])
        Co.objects.filter(contactpoint__in=[point for point, _people in pairs]).delete()
        self._name_co_officers(pairs)

    def _open(self, opening: list[PlannedRow]) -> None:
        points = [_point(p, self.county_id) for p in opening]
        copying.insert(points)
        self._name_co_officers(
            [(point, p.co_officers) for p, point in zip(opening, points, strict=True)]
        )
        for p, point in zip(opening, points, strict=True):
            self.co_officers[point.pk] = p.co_officers
            self.written.opened[point.pk] = self._state(point)
            self.written.points[p.row.number] = point.pk
            if p.hands_over and p.target:
                self.written.handed[point.pk] = p.target.pk
            after = facts_of(point)
            if p.co_officers:
                after["co_officers"] = "、".join(officer.name for officer in p.co_officers)
            self._note(gettext_noop("Contact point opened"), point, after=after)

    def _name_co_officers(self, pairs: list[tuple[ContactPoint, list[Officer]]]) -> None:
        copying.insert(
            [Co(contactpoint=point, officer=o) for point, people in pairs for o in people]
        )

    def _state(self, point: ContactPoint) -> list[Any]:
        return state_of(point, [officer.pk for officer in self.co_officers.get(point.pk, [])])


def _point(p: PlannedRow, county_id: int) -> ContactPoint:
    assert p.first_day
    return ContactPoint(
        county_id=county_id,
        unit=p.unit,
        village=p.village,
        officer=p.officer,
        period=_period(p.first_day, p.last_day),
        note=p.note,
    )


def _period(first: date, last: date | None) -> DateRange:
    return DateRange(first, last and last + clock.ONE_DAY)


def _end_of(period: DateRange) -> date:
    return period.upper or date.max


def _ends(point: ContactPoint) -> date:
    return _end_of(point.period)
