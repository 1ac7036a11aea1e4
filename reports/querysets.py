"""Reads of reports."""

from datetime import date
from typing import Self

from django.db.models import Exists, OuterRef, QuerySet

from contact_points.models import County
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability


class PreparedQuerySet(ScopedQuerySet):
    """What the county office alone keeps for its documents."""

    scope_unit = None

    def visible_to(self, user) -> Self:
        rows = super().visible_to(user)
        return rows if user.can(Capability.MAKE_REPORTS) else rows.none()


class ReportQuerySet(PreparedQuerySet):
    def made(self) -> Self:
        """Reports whose document exists, issued or not."""
        return self.filter(state__in=["made", "issued"])

    def issued(self) -> Self:
        return self.filter(state="issued")

    def in_force(self) -> Self:
        """Of each month the newest issued revision."""
        return self.with_standing().issued().filter(is_superseded=False)

    def of(self, county: County, month: date) -> Self:
        """Every revision of the county's report on the month."""
        return self.filter(county=county, month=month)

    def with_standing(self) -> Self:
        """With `is_superseded`: whether a newer revision of the month was issued."""
        newer = self.model.objects.issued().filter(
            county=OuterRef("county"), month=OuterRef("month"), revision__gt=OuterRef("revision")
        )
        return self.annotate(is_superseded=Exists(newer))

    def newest_first(self) -> Self:
        rows = self.with_standing().select_related("requested_by", "issued_by", "job")
        return rows.order_by("-month", "-revision")


class MonthOfCountyQuerySet(PreparedQuerySet):
    """What the county office prepares for the report on a month."""

    def of(self, county: County, month: date) -> Self:
        return self.filter(county=county, month=month).select_related("by")


class BulletinQuerySet(PreparedQuerySet):
    def issued(self) -> Self:
        return self.filter(state="issued")


class RecipientQuerySet(PreparedQuerySet):
    def of(self, county: County) -> Self:
        return self.filter(county=county).select_related("user", "added_by")

    def getting(self, what: str) -> Self:
        """Those who get this kind of document (`Recipient.Gets`)."""
        return self.filter(gets__in=[what, "both"])


class DeliveryQuerySet(QuerySet):
    def with_document(self) -> Self:
        return self.select_related("report__county", "bulletin__county")

    def due(self) -> Self:
        """Those that wait without a job: the mail server was away."""
        rows = self.filter(state="waiting").with_document()
        return rows.exclude(job__state__in=["waiting", "sent", "running"])


class StaleMonthQuerySet(QuerySet):
    def counties(self) -> list[int]:
        """The counties that have stale months."""
        return list(self.order_by("county_id").values_list("county_id", flat=True).distinct())

    def first_month(self, county_id: int, first: date, last: date) -> date | None:
        """The first month of these whose kept rows may be older than its records."""
        found = self.filter(county_id=county_id, month__range=(first, last))
        return found.order_by("month").values_list("month", flat=True).first()
