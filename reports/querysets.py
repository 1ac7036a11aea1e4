"""Reads of reports."""

from typing import Self

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
