"""Visibility: what a person may see, asked of every list, detail, choice, import and export."""

import json
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from outreach.roles import Role

if TYPE_CHECKING:
    from outreach.models import User


class ScopedQuerySet(models.QuerySet):
    """Rows of a county, narrowed to the unit for people of a unit (domain: the people).

    A subclass names the path to the county, the path to the unit (None: the whole county may see
    the row) and whether administrators see it.
    """

    scope_county = "county"
    scope_unit: str | None = "unit"
    scope_admin = False

    def visible_to(self, user: "User") -> Self:
        """Only the rows that exist for this user."""
        if user.role == Role.ADMIN and not self.scope_admin:
            return self.none()
        scope: dict[str, Any] = {self.scope_county: user.county_id}
        if user.unit_id and self.scope_unit:
            scope[self.scope_unit] = user.unit_id
        return self.filter(**scope)


def estimated(rows: models.QuerySet) -> int:
    """How many rows the database expects, without reading any."""
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])
