"""The county's categories of matters and the units it proposes for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Township, Unit, Village
from feedback.models import Matter, MatterCategory, MatterRoute
from feedback.permissions import can_direct_matters
from outreach import audit
from outreach.models import User

_FACTS = ("name", "parent", "limit_days", "is_active")


@transaction.atomic
def write_category(
    *,
    actor: User,
    category: MatterCategory | None = None,
    parent: MatterCategory | None = None,
    name: str,
    limit_days: int,
    is_active: bool = True,
) -> MatterCategory:
    """Add a category or change one; matters that run keep the limit they have.

    Raises PermissionDenied, ValidationError (a third level, a name twice, a limit out of range).
    """
    own = category is None or category.county_id == actor.county_id
    if not (can_direct_matters(actor) and own):
        raise PermissionDenied
    if parent and parent.county_id != actor.county_id:
        raise PermissionDenied
    row = category or MatterCategory(county_id=actor.county_id)
    below = category is not None and category.children.exists()
    if parent and (parent.parent_id or below or parent == category):
        raise ValidationError({"parent": _("Categories have two levels.")})
    before = audit.facts(row, *_FACTS) if category else None
    row.parent, row.name, row.limit_days, row.is_active = parent, name, limit_days, is_active
    row.full_clean()
    row.save()
    audit.record(
        gettext_noop("Category of matters changed")
        if category
        else gettext_noop("Category of matters added"),
        actor=actor,
        obj=row,
        before=before,
        after=audit.facts(row, *_FACTS),
    )
    return row


@transaction.atomic
def route_category(
    *, actor: User, category: MatterCategory, township: Township | None, unit: Unit | None
) -> MatterRoute:
    """Propose this unit for the category, everywhere or in one township, from now on.

    Without a unit the township's own is proposed. Raises PermissionDenied.
    """
    rows: list[Any] = [row for row in (category, township, unit) if row]
    if not can_direct_matters(actor) or any(row.county_id != actor.county_id for row in rows):
        raise PermissionDenied
    route, _new = MatterRoute.objects.update_or_create(
        county_id=actor.county_id, category=category, township=township, defaults={"unit": unit}
    )
    audit.record(
        gettext_noop("Unit proposed for a category"),
        actor=actor,
        obj=route,
        after=audit.facts(route, "township", "unit"),
    )
    return route


@transaction.atomic
def remove_route(*, actor: User, route: MatterRoute) -> None:
    """Propose it no longer. Raises PermissionDenied."""
    if not can_direct_matters(actor) or route.county_id != actor.county_id:
        raise PermissionDenied
    audit.record(
        gettext_noop("Proposal of a unit removed"),
        actor=actor,
        obj=route,
        before=audit.facts(route, "township", "unit"),
    )
    route.delete()


_Routes = Mapping[tuple[int, int | None], MatterRoute]


def _nearest(routes: _Routes, category: MatterCategory, township_id: int) -> MatterRoute | None:
    """The rule for the township, then for everywhere; of the category, then of its parent."""
    for above in (category.pk, category.parent_id):
        for township in (township_id, None):
            if above and (route := routes.get((above, township))):
                return route
    return None


def proposed_units(matters: Iterable[Matter]) -> dict[int, Unit | None]:
    """Matter id -> whom the county's table proposes for it. Two queries."""
    rows = list(matters)
    counties = {row.county_id for row in rows}
    routes = {
        (route.category_id, route.township_id): route
        for route in MatterRoute.objects.for_list().filter(county__in=counties)
    }
    of_township = Unit.objects.filter(county__in=counties, township__isnull=False).order_by(
        "-order", "-pk"
    )
    own = {unit.township_id: unit for unit in of_township}
    found: dict[int, Unit | None] = {}
    for row in rows:
        township = row.village.township_id
        route = row.category and _nearest(routes, row.category, township)
        found[row.pk] = (route.unit or own.get(township)) if route else None
    return found


def proposed_unit(category: MatterCategory | None, village: Village) -> Unit | None:
    """Whom the county's table proposes: the nearest rule for the category, then for its parent."""
    if category is None:
        return None
    one = Matter(pk=0, county_id=village.county_id, village=village, category=category)
    return proposed_units([one])[0]
