"""Write a planned list into the registry in sets, audited as if written by hand."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, ImportRow, Officer
from contact_points.services.planning import PlannedRow
from contact_points.services.registry import facts_of, officer_facts
from contact_points.sorting import sort_key
from outreach import audit, clock
from outreach.models import AuditEntry, User

BATCH = 1000
PARTICULARS = ("post", "telephone")


def write(
    planned: Iterable[PlannedRow], *, county_id: int, bulk_id: UUID, actor: User | None
) -> dict[int, int]:
    """Write inside the caller's transaction; returns row number -> contact point id."""
    writing = [p for p in planned if p.outcome in ImportRow.WRITING]
    who: dict[str, Any] = {"actor": actor, "bulk_id": bulk_id}
    entries = _write_officers(writing, who)
    # What ends goes first: the days it frees may be claimed by a row that begins.
    entries += _end_handed_over([p for p in writing if p.hands_over], who)
    changing = [p for p in writing if p.target and not p.hands_over]
    opening = [p for p in writing if p.target is None or p.hands_over]
    entries += _write_changes(changing, who)
    opened = ContactPoint.objects.bulk_create(
        [_point(p, county_id) for p in opening], batch_size=BATCH
    )
    opening_text = gettext_noop("Contact point opened")
    entries += [audit.entry(opening_text, obj=o, after=facts_of(o), **who) for o in opened]
    AuditEntry.objects.bulk_create(entries, batch_size=BATCH)
    points = {p.row.number: o.pk for p, o in zip(opening, opened, strict=True)}
    return points | {p.row.number: p.target.pk for p in changing if p.target}


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


def _write_officers(writing: list[PlannedRow], who: dict[str, Any]) -> list[AuditEntry]:
    newcomers: dict[int, Officer] = {}
    known: dict[int, Officer] = {}
    before: dict[int, dict[str, Any]] = {}
    for p in writing:
        officer = p.officer
        assert officer
        if officer.pk is None:
            officer.sort_key = sort_key(officer.name, surname=True)
            newcomers[id(officer)] = officer
        for column, _old, new in p.changes:
            if column in PARTICULARS:
                before.setdefault(officer.pk, audit.facts(officer, *PARTICULARS))
                setattr(officer, column, new)
                known[officer.pk] = officer
    Officer.objects.bulk_update(known.values(), PARTICULARS, batch_size=BATCH)
    added = Officer.objects.bulk_create(newcomers.values(), batch_size=BATCH)
    adding, correcting = gettext_noop("Officer added"), gettext_noop("Officer corrected")
    return [audit.entry(adding, obj=o, after=officer_facts(o), **who) for o in added] + [
        audit.entry(
            correcting, obj=o, before=before[o.pk], after=audit.facts(o, *PARTICULARS), **who
        )
        for o in known.values()
    ]


def _end_handed_over(handed: list[PlannedRow], who: dict[str, Any]) -> list[AuditEntry]:
    closing = gettext_noop("Contact point closed")
    entries = []
    for p in handed:
        point = p.target
        assert point and p.first_day
        before = facts_of(point)
        point.period = DateRange(point.first_day, p.first_day)
        entries.append(audit.entry(closing, obj=point, before=before, after=facts_of(point), **who))
    ContactPoint.objects.bulk_update(
        [p.target for p in handed if p.target], ["period"], batch_size=BATCH
    )
    return entries


def _write_changes(changing: list[PlannedRow], who: dict[str, Any]) -> list[AuditEntry]:
    correcting = gettext_noop("Contact point corrected")
    entries = []
    for p in changing:
        point = p.target
        assert point and p.officer and p.first_day
        before = facts_of(point)
        point.officer, point.note = p.officer, p.note
        point.period = _period(p.first_day, p.last_day)
        after = facts_of(point)
        if after != before:
            entries.append(audit.entry(correcting, obj=point, before=before, after=after, **who))
    # Those that get shorter go first, for the same reason.
    points = sorted([p.target for p in changing if p.target], key=lambda o: o.last_day or date.max)
    ContactPoint.objects.bulk_update(points, ["officer", "period", "note"], batch_size=BATCH)
    return entries
