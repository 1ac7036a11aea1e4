"""Build and change the registry: villages, units, officers and who holds which village."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ContactPoint, County, Officer, Township, Unit, Village
from contact_points.permissions import can_change_registry
from contact_points.sorting import sort_key
from outreach import audit, clock, jobs
from outreach.models import User


@dataclass(frozen=True)
class VillageRow:
    """One row of a division list (see the data's README for the codes)."""

    village_code: str
    village_name: str
    township_code: str
    township_name: str
    county_code: str
    county_name: str


def _allowed(actor: User | None, county_id: int) -> None:
    # actor None is the command line of the installation itself.
    if actor is not None and not can_change_registry(actor, county_id):
        raise PermissionDenied


@transaction.atomic
def load_divisions(*, rows: Iterable[VillageRow], actor: User | None) -> dict[str, County]:
    """Create the counties, townships and villages that are missing; returns counties by code.

    Set-based: a province's 54,145 rows are one pass. One audit entry per county.
    """
    rows = list(rows)
    County.objects.bulk_create(
        {r.county_code: County(code=r.county_code, name=r.county_name) for r in rows}.values(),
        ignore_conflicts=True,
    )
    counties = County.objects.in_bulk({r.county_code for r in rows}, field_name="code")
    Township.objects.bulk_create(
        {
            r.township_code: Township(
                county=counties[r.county_code], code=r.township_code, name=r.township_name
            )
            for r in rows
        }.values(),
        ignore_conflicts=True,
        batch_size=5000,
    )
    townships = dict(
        Township.objects.filter(county__in=counties.values()).values_list("code", "pk")
    )
    Village.objects.bulk_create(
        [
            Village(
                county=counties[r.county_code],
                township_id=townships[r.township_code],
                code=r.village_code,
                name=r.village_name,
                sort_key=sort_key(r.village_name),
            )
            for r in rows
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )
    for county in counties.values():
        audit.record(
            gettext_noop("Villages loaded"),
            actor=actor,
            obj=county,
            after={"villages": sum(r.county_code == county.code for r in rows)}
            if len(counties) == 1
            else None,
        )
    return counties


@transaction.atomic
def add_unit(
    *,
    county: County,
    name: str,
    kind: str,
    actor: User | None,
    township: Township | None = None,
    order: int = 0,
) -> Unit:
    """A new unit of the county. Raises ValidationError for a taken name."""
    _allowed(actor, county.pk)
    unit = Unit(county=county, name=name, kind=kind, township=township, order=order)
    unit.full_clean()
    unit.save(force_insert=True)
    audit.record(
        gettext_noop("Unit added"), actor=actor, obj=unit, after=audit.facts(unit, "name", "kind")
    )
    return unit


@transaction.atomic
def add_officer(
    *,
    unit: Unit,
    name: str,
    actor: User | None,
    post: str = "",
    telephone: str = "",
    user: User | None = None,
    bulk_id: UUID | None = None,
) -> Officer:
    """A new officer of the unit. Raises ValidationError."""
    _allowed(actor, unit.county_id)
    officer = Officer(
        county_id=unit.county_id,
        unit=unit,
        name=name,
        sort_key=sort_key(name, surname=True),
        post=post,
        telephone=telephone,
        user=user,
    )
    officer.full_clean()
    officer.save(force_insert=True)
    audit.record(
        gettext_noop("Officer added"),
        actor=actor,
        obj=officer,
        after=officer_facts(officer),
        bulk_id=bulk_id,
    )
    return officer


@transaction.atomic
def open_contact_point(
    *,
    unit: Unit,
    village: Village,
    officer: Officer,
    first_day: date,
    actor: User | None,
    last_day: date | None = None,
    note: str = "",
    bulk_id: UUID | None = None,
) -> ContactPoint:
    """Assign a village to a unit and its responsible officer from a day on.

    Raises ValidationError when the unit holds the village at that time already, or the officer
    or village is of another unit or county.
    """
    _allowed(actor, unit.county_id)
    if officer.unit_id != unit.pk or village.county_id != unit.county_id:
        raise ValidationError(_("Officer, unit and village do not belong together."))
    point = ContactPoint(
        county_id=unit.county_id,
        unit=unit,
        village=village,
        officer=officer,
        period=DateRange(first_day, last_day and last_day + clock.ONE_DAY),
        note=note,
    )
    point.full_clean()
    point.save(force_insert=True)
    audit.record(
        gettext_noop("Contact point opened"),
        actor=actor,
        obj=point,
        after=facts_of(point),
        bulk_id=bulk_id,
    )
    announce_change(point.county_id)
    return point


@transaction.atomic
def close_contact_point(
    *, contact_point: ContactPoint, last_day: date, actor: User | None, bulk_id: UUID | None = None
) -> ContactPoint:
    """End a contact point after `last_day`; what happened until then stays with it.

    Raises ValidationError for a day before its first one.
    """
    _allowed(actor, contact_point.county_id)
    if last_day < contact_point.first_day:
        raise ValidationError(_("A contact point cannot end before its first day."))
    before = facts_of(contact_point)
    contact_point.period = DateRange(contact_point.period.lower, last_day + clock.ONE_DAY)
    contact_point.full_clean()
    contact_point.save(update_fields=["period"])
    audit.record(
        gettext_noop("Contact point closed"),
        actor=actor,
        obj=contact_point,
        before=before,
        after=facts_of(contact_point),
        bulk_id=bulk_id,
    )
    announce_change(contact_point.county_id)
    return contact_point


def officer_facts(officer: Any) -> dict[str, str]:
    """An officer in words, as the audit keeps it; as `facts_of` takes it."""
    facts = {name: getattr(officer, name) for name in ("name", "post", "telephone")}
    return facts | {"unit": str(officer.unit)}


def facts_of(point: Any) -> dict[str, str | None]:
    """A contact point, or what is held in memory of one, in words as the audit keeps it."""
    return {
        "unit": str(point.unit),
        "village": str(point.village),
        "officer": str(point.officer),
        "first_day": point.first_day.isoformat(),
        "last_day": point.last_day.isoformat() if point.last_day else None,
        "note": point.note,
    }


def announce_change(county_id: int, act: dict[str, Any] | None = None) -> None:
    """Let the work that follows a changed registry run, once for all changes of a transaction.

    An `act` of a person goes with it: `id` for its part of the trail, the account of the `actor`,
    and contact point -> officer `before` where only the officer changed.

    Never once for two transactions: the job of the first may have read the registry before the
    second one is visible to it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (change,) = cursor.fetchone()
    for task in settings.AFTER_REGISTRY_CHANGE:
        jobs.enqueue(
            task,
            title=gettext_noop("Bring the plan lines in step with the registry"),
            county_id=county_id,
            actor=None,
            args={"act": act} if act else {},
            key=f"{task}:{county_id}:{change}",
        )
