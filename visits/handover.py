"""What a handover would move and what stays open, before anybody confirms it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contact_points.models import ContactPoint, Officer
from outreach import clock
from visits.models import PlanLine, Visit
from visits.services.obligations import chosen_officers


@dataclass(frozen=True)
class Preview:
    """The contact points, the lines that get the new officer, and the records not sent yet."""

    points: list[ContactPoint]
    officer: Officer
    first_day: date
    lines: list[PlanLine]
    # Lines of the month of the handover that stay with whoever was responsible then.
    staying: list[PlanLine]
    drafts: list[Visit]

    @property
    def digest(self) -> str:
        """The hash of exactly what the preview shows."""
        rows = (self.points, self.lines, self.staying, self.drafts)
        shown = [self.officer.pk, self.first_day, *([row.pk for row in part] for part in rows)]
        return hashlib.sha256(repr(shown).encode()).hexdigest()


def preview(points: Iterable[ContactPoint], officer: Officer, first_day: date) -> Preview:
    """What handing the points over to the officer from that day on would do now."""
    points = list(points)
    lines = list(
        PlanLine.objects.filter(contact_point__in=points, month__gte=clock.month_of(first_day))
        .with_visits_made()
        .select_related("contact_point__village__township")
        .order_by("contact_point", "month")
    )
    chosen = chosen_officers(lines)
    moving: list[PlanLine] = []
    staying: list[PlanLine] = []
    for line in lines:
        if line.visits_made or not line.moves_on(first_day):
            staying.append(line)
        elif line.pk not in chosen:
            moving.append(line)
    drafts = Visit.objects.to_write().filter(contact_point__in=points)
    return Preview(
        points, officer, first_day, moving, staying, list(drafts.for_list().order_by("started_at"))
    )
