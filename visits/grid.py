"""The plan as a grid: contact points down, months across, and what its editor offers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contact_points.models import ContactPoint
from outreach import clock
from outreach.models import AuditEntry, User
from outreach.roles import Capability
from visits.models import AnnualPlan, AvoidedDays, PlanLine
from visits.permissions import can_write_plan
from visits.services.plans import why_shut

# How many entries of the trail more than lines changed are read: two colleagues' entries may have
# become visible in another order than they were written.
SLACK = 20


@dataclass(frozen=True)
class Cell:
    """One month of one contact point: its line, the page it opens, why it cannot be written."""

    line: PlanLine
    page: str
    shut: str = ""
    changed_by: str = ""
    # What the county marked for the village in the month.
    avoided: tuple[AvoidedDays, ...] = ()

    @property
    def is_now(self) -> bool:
        return self.line.month == clock.this_month()

    @property
    def topic_ids(self) -> str:
        return " ".join(str(topic.pk) for topic in self.line.topics.all())

    @property
    def avoid(self) -> str:
        """The days to avoid in the month, in words."""
        return "；".join(f"{row.when} {row.label}" for row in self.avoided)

    @property
    def against(self) -> str:
        """What speaks against the planned day, while the visit is still to come."""
        line = self.line
        if line.exemption or not line.planned_date or line.planned_date < clock.today():
            return ""
        return "；".join(row.reason for row in self.avoided if row.covers(line.planned_date))


def line_page(user: User, plan: AnnualPlan) -> str:
    """The page a cell opens: writing for the unit, exempting for the county office."""
    if can_write_plan(user, plan):
        return "plan_line"
    return "plan_line_exempt" if user.can(Capability.APPROVE_PLANS) else ""


def rows_of(lines: Iterable[PlanLine]) -> list[tuple[ContactPoint, list[PlanLine | None]]]:
    """(contact point, its twelve lines); None where the unit does not hold the village."""
    rows: dict[ContactPoint, dict[int, PlanLine]] = {}
    for line in lines:
        if line.contact_point.holds_in(line.month):
            rows.setdefault(line.contact_point, {})[line.month.month] = line
    return [(point, [months.get(n) for n in range(1, 13)]) for point, months in rows.items()]


def span_in(point: ContactPoint, year: int) -> str:
    """From when to when the contact point holds, where that is not the whole year."""
    first, last = point.first_day, point.last_day
    begins = first > date(year, 1, 1) and date_format(first, "MONTH_DAY_FORMAT")
    ends = last and last < date(year, 12, 31) and date_format(last, "MONTH_DAY_FORMAT")
    if begins and ends:
        return f"{begins} – {ends}"
    if begins:
        return _("from %(day)s") % {"day": begins}
    return _("until %(day)s") % {"day": ends} if ends else ""


class Grid:
    """The cells of a plan as a person sees them."""

    def __init__(self, user: User, plan: AnnualPlan):
        self._user, self._plan = user, plan
        self._page = line_page(user, plan)
        self._avoided = list(plan.programme_year.avoided_days.select_related("township"))

    def cell(self, line: PlanLine, changed_by: str = "") -> Cell:
        """The cell of a line that was read `for_grid`."""
        shut = why_shut(line) if self._page == "plan_line" else ""
        township, ends = line.contact_point.village.township_id, clock.add_months(line.month, 1)
        avoided = [
            row
            for row in self._avoided
            if row.concerns(township) and row.first_day < ends and row.last_day >= line.month
        ]
        return Cell(line, self._page, shut, changed_by, tuple(avoided))

    def cells(self, lines: Iterable[PlanLine], by: Mapping[int, str] | None = None) -> list[Cell]:
        """Cells of those lines that stand in the grid, with who changed them (line -> name)."""
        return [
            self.cell(line, (by or {}).get(line.pk, ""))
            for line in lines
            if line.contact_point.holds_in(line.month)
        ]

    def changed_since(self, missed: int) -> list[Cell]:
        """Cells written by the last `missed` writes, and by which colleague.

        Every write raises a version by one and leaves one entry, so that the trail's newest entries
        tell which lines they were; a few too many do no harm.
        """
        lines = {str(pk): pk for pk in self._plan.lines.values_list("pk", flat=True)}
        entries = AuditEntry.objects.filter(
            object_type=PlanLine._meta.label_lower, object_id__in=lines
        ).newest_first()[: max(0, missed) + SLACK]
        by: dict[int, str] = {}
        for entry in entries:
            own = entry.actor_id == self._user.pk
            by.setdefault(lines[entry.object_id], "" if own else str(entry.actor or ""))
        return self.cells(self._plan.lines.for_grid().filter(pk__in=by), by)


def choices(plan: AnnualPlan) -> dict[str, list]:
    """What the editor offers: (officer or topic, the months it is for, like "1 2 12")."""
    months = [date(plan.programme_year.year, n, 1) for n in range(1, 13)]
    officers = [
        (officer, " ".join(str(m.month) for m in months if officer.serves_on(m)))
        for officer in plan.unit.officers.all()
    ]
    topics = [
        (topic, " ".join(str(m.month) for m in months if topic.is_offered_in(m)))
        for topic in plan.programme_year.topics.meant_for(plan.unit_id)
    ]
    return {"officers": officers, "topics": topics}
