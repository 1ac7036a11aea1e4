"""Reads of the programme year: its topics and the days to avoid."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
)

from contact_points.models import Unit
from outreach import clock
from outreach.querysets import ScopedQuerySet

if TYPE_CHECKING:
    from outreach.models import User
    from visits.models import PlanLine, Visit


class ProgrammeYearQuerySet(ScopedQuerySet):
    scope_unit = None

    def with_counts(self) -> Self:
        """The newest first, with how many rules and topics they have, and topics of this month."""
        month = clock.this_month()
        of_month = Q(topics__first_month__lte=month, topics__last_month__gte=month)
        return self.annotate(
            rules_count=Count("rules", distinct=True),
            topics_count=Count("topics", distinct=True),
            topics_now=Count("topics", filter=of_month, distinct=True),
        ).order_by("-year")


class AvoidedDaysQuerySet(ScopedQuerySet):
    scope_county = "programme_year__county"
    scope_unit = None

    def of_month(self, month: date, townships: set[int]) -> Self:
        """What touches the month in the whole county or in one of these townships."""
        return self.filter(
            Q(township=None) | Q(township__in=townships),
            first_day__lt=clock.add_months(month, 1),
            last_day__gte=month,
        ).select_related("township")

    def for_line(self, line: "PlanLine") -> Self:
        """What concerns the line's village in its month."""
        return self.of_month(line.month, {line.contact_point.village.township_id})


class TopicQuerySet(ScopedQuerySet):
    """Topics; people of a unit see those meant for it and those its own records name."""

    scope_county = "programme_year__county"
    scope_unit = None

    def visible_to(self, user: "User") -> Self:
        rows = super().visible_to(user)
        if not user.unit_id:
            return rows
        named = Q()
        for name, unit in (("planline", "contact_point__unit"), ("visits", "unit")):
            records = self.model._meta.get_field(name).related_model.objects
            named |= Q(Exists(records.filter(topics=OuterRef("pk"), **{unit: user.unit_id})))
        return rows.filter(self._meant_for(user.unit_id) | named)

    def offered_in(self, month: date) -> Self:
        """Topics meant for this month."""
        return self.offered_between(month, month)

    def offered_between(self, first: date, last: date) -> Self:
        """Topics meant for at least one of these months."""
        return self.filter(first_month__lte=last, last_month__gte=first)

    def meant_for(self, unit_id: int) -> Self:
        """Topics of every unit, and those that name this unit."""
        # A topic names a unit once, so that none comes twice.
        return self.filter(Q(units=None) | Q(units=unit_id))

    def offered_to(
        self,
        unit: Unit,
        first: date,
        last: date | None = None,
        or_named_by: "PlanLine | Visit | None" = None,
    ) -> Self:
        """What a form offers a unit for these months, and what its record names already."""
        rows = self.filter(programme_year__county=unit.county_id)
        offered = rows.offered_between(first, last or first).meant_for(unit.pk)
        if or_named_by is None:
            return offered
        named = Q(pk__in=or_named_by.topics.values("pk"))
        return rows.filter(Q(pk__in=offered.values("pk")) | named)

    def _meant_for(self, unit_id: int) -> Q:
        named = self.model.units.through.objects.filter(topic=OuterRef("pk"))
        return Q(~Exists(named)) | Q(Exists(named.filter(unit=unit_id)))
