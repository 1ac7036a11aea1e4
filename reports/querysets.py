"""Reads of reports."""

from datetime import date
from typing import Self

from django.db.models import QuerySet

from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability


class ReportQuerySet(ScopedQuerySet):
    scope_unit = None

    def visible_to(self, user) -> Self:
        rows = super().visible_to(user)
        return rows if user.can(Capability.MAKE_REPORTS) else rows.none()

    def made(self) -> Self:
        """Reports whose document exists."""
        return self.filter(state="made")

    def newest_first(self) -> Self:
        return self.select_related("requested_by", "job").order_by("-month", "-revision")


class StaleMonthQuerySet(QuerySet):
    def counties(self) -> list[int]:
        """The counties that have stale months."""
        return list(self.order_by("county_id").values_list("county_id", flat=True).distinct())

    def first_month(self, county_id: int, first: date, last: date) -> date | None:
        """The first month of these whose kept rows may be older than its records."""
        found = self.filter(county_id=county_id, month__range=(first, last))
        return found.order_by("month").values_list("month", flat=True).first()
