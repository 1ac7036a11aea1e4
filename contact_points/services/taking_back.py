"""What an applied list wrote is taken back, or what stands in the way is told."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, ImportRun, Officer
from contact_points.services.applying import PARTICULARS, Co, state_of
from contact_points.services.registry import announce_change, facts_of, officer_facts
from outreach import audit, copying
from outreach.models import AuditEntry, User

# More sentences help nobody.
_TOLD = 20


class TakingBack:
    """One attempt; what it wrote is to be rolled back when it met an obstacle."""

    def __init__(self, run: ImportRun, actor: User | None):
        self.county_id, self.actor = run.county_id, actor
        self.bulk_id: UUID = uuid4()
        self.obstacles: list[dict[str, Any]] = []
        self.entries: list[AuditEntry] = []
        self.trail: dict[str, Any] = run.trail.content

    def run(self) -> None:
        """Compare, and put everything back while nothing stands in the way."""
        raise NotImplementedError

    def told(self) -> list[dict[str, Any]]:
        """The obstacles; of very many the first."""
        if len(self.obstacles) <= _TOLD:
            return self.obstacles
        more = gettext_noop("And %(count)s more.")
        rest = {"text": more, "params": {"count": len(self.obstacles) - _TOLD}}
        return [*self.obstacles[:_TOLD], rest]

    def stop(self, text: str, **params: Any) -> None:
        self.obstacles.append({"text": text, "params": params})

    def note(self, action: str, obj: Any, **facts: Any) -> None:
        entry = audit.entry(action, actor=self.actor, obj=obj, bulk_id=self.bulk_id, **facts)
        entry.county_id = self.county_id
        self.entries.append(entry)


class PointsBack(TakingBack):
    """Takes back a list of contact points."""

    def __init__(self, run: ImportRun, actor: User | None):
        super().__init__(run, actor)
        self.opened = by_id(self.trail["opened"])
        self.changed = by_id(self.trail["changed"])
        self.handed = by_id(self.trail["handed"])
        self.officers_added = by_id(self.trail["officers_added"])
        self.officers_changed = by_id(self.trail["officers_changed"])

    def run(self) -> None:
        rows = ContactPoint.objects.filter(county=self.county_id).for_list()
        self.points = rows.in_bulk([*self.opened, *self.changed])
        self.people = Officer.objects.select_related("unit").in_bulk(
            [*self.officers_added, *self.officers_changed]
        )
        self.co: dict[int, list[int]] = {pk: [] for pk in self.points}
        for point, officer in Co.objects.filter(contactpoint__in=self.points).values_list(
            "contactpoint_id", "officer_id"
        ):
            self.co[point].append(officer)
        self._compare()
        if not self.obstacles:
            self._remove_opened()
        if not self.obstacles:
            self._put_back()
            self._put_officers_back()
            copying.insert(self.entries)
            announce_change(self.county_id)

    def _compare(self) -> None:
        """Everything is still as the list left it, and nobody else claims what it gives back."""
        for pk, after in [*self.opened.items(), *((pk, b) for pk, (_a, b) in self.changed.items())]:
            point = self.points.get(pk)
            if point is None or state_of(point, self.co[pk]) != after:
                self.stop(
                    gettext_noop("%(point)s was changed since."), point=str(point) if point else pk
                )
        for pk, (_before, after) in self.officers_changed.items():
            officer = self.people.get(pk)
            if officer is None or audit.facts(officer, *PARTICULARS) != after:
                self.stop(
                    gettext_noop("%(officer)s was corrected since."),
                    officer=str(officer) if officer else pk,
                )
        self._look_for_successors()

    def _look_for_successors(self) -> None:
        mine = {*self.opened, *self.changed}
        held: dict[tuple[int, int], list[ContactPoint]] = {}
        pairs = {self.points[pk].unit_id for pk in self.changed if pk in self.points}
        others = ContactPoint.objects.filter(county=self.county_id, unit__in=pairs)
        for point in others.exclude(pk__in=mine).for_list():
            held.setdefault((point.unit_id, point.village_id), []).append(point)
        for pk, (before, _after) in self.changed.items():
            point = self.points.get(pk)
            for other in held.get((point.unit_id, point.village_id), []) if point else ():
                if _overlaps(_period(before), other.period):
                    self.stop(
                        gettext_noop("%(point)s was opened since, from %(day)s."),
                        point=str(other),
                        day=other.first_day.isoformat(),
                    )

    def _remove_opened(self) -> None:
        opened = {pk: self.handed.get(pk) for pk in self.opened}
        for name in settings.UNDO_RELEASES if opened else ():
            for pk in import_string(name)(opened):
                self.stop(
                    gettext_noop("%(point)s has plans that somebody wrote."),
                    point=str(self.points[pk]),
                )
        if self.obstacles:
            return
        for pk, count in referring(ContactPoint, opened).items():
            self.stop(
                gettext_noop("%(point)s has %(count)s record, a visit for example.")
                if count == 1
                else gettext_noop("%(point)s has %(count)s records, visits for example."),
                point=str(self.points[pk]),
                count=count,
            )
        if self.obstacles:
            return
        removing = gettext_noop("Contact point removed")
        for pk in opened:
            self.note(removing, self.points[pk], before=facts_of(self.points[pk]))
        ContactPoint.objects.filter(pk__in=opened).delete()

    def _put_back(self) -> None:
        shorter: list[tuple[ContactPoint, dict[str, Any]]] = []
        longer: list[tuple[ContactPoint, dict[str, Any]]] = []
        for pk, (before, _after) in self.changed.items():
            point = self.points[pk]
            facts, old = facts_of(point), point.period
            point.officer_id, point.note, point.period = before[0], before[3], _period(before)
            shrinks = old.lower <= point.period.lower and _end(point.period) <= _end(old)
            (shorter if shrinks else longer).append((point, facts))
        officers = Officer.objects.in_bulk({point.officer_id for point, _f in [*shorter, *longer]})
        putting = gettext_noop("Contact point put back")
        for points in (shorter, longer):
            copying.update([point for point, _facts in points], ["officer", "period", "note"])
            for point, facts in points:
                point.officer = officers[point.officer_id]
                self.note(putting, point, before=facts, after=facts_of(point))
        again = [
            Co(contactpoint_id=pk, officer_id=officer)
            for pk, (before, after) in self.changed.items()
            if before[4] != after[4]
            for officer in before[4]
        ]
        differing = [pk for pk, (before, after) in self.changed.items() if before[4] != after[4]]
        Co.objects.filter(contactpoint__in=differing).delete()
        copying.insert(again)

    def _put_officers_back(self) -> None:
        correcting = gettext_noop("Officer put back")
        for pk, (before, after) in self.officers_changed.items():
            for name, value in before.items():
                setattr(self.people[pk], name, value)
            self.note(correcting, self.people[pk], before=after, after=before)
        copying.update([self.people[pk] for pk in self.officers_changed], PARTICULARS)
        # Somebody with an account, another contact point or other particulars stays.
        same = {
            pk
            for pk, after in self.officers_added.items()
            if (officer := self.people.get(pk))
            and officer.user_id is None
            and audit.facts(officer, "name", *PARTICULARS) == after
        }
        unused = same - set(referring(Officer, same))
        for pk in unused:
            officer = self.people[pk]
            self.note(gettext_noop("Officer removed"), officer, before=officer_facts(officer))
        Officer.objects.filter(pk__in=unused).delete()


def referring(model: type[models.Model], ids: Iterable[int]) -> Counter[int]:
    """id -> how many rows of the project refer to it and would not go with it."""
    found: Counter[int] = Counter()
    ids = list(ids)
    relation: Any
    for relation in model._meta.related_objects if ids else ():
        if relation.many_to_many:
            holder, name = relation.through, f"{relation.field.m2m_reverse_field_name()}_id"
        elif relation.on_delete in (models.SET_NULL, models.CASCADE):
            continue
        else:
            holder, name = relation.related_model, relation.field.attname
        rows = holder._base_manager.filter(**{f"{name}__in": ids})
        found.update(rows.values_list(name, flat=True))
    return found


def by_id(kept: dict[str, Any]) -> dict[int, Any]:
    return {int(pk): value for pk, value in kept.items()}


def _period(state: Collection[Any]) -> DateRange:
    _officer, lower, upper, *_rest = state
    return DateRange(date.fromisoformat(lower), upper and date.fromisoformat(upper))


def _end(period: DateRange) -> date:
    return period.upper or date.max


def _overlaps(a: DateRange, b: DateRange) -> bool:
    return a.lower < _end(b) and b.lower < _end(a)
