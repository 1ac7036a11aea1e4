"""The month calendar: every day with its planned visits, and what speaks against planning on it."""

import calendar as weeks
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from outreach import clock
from outreach.models import User
from outreach.workdays import holidays, is_workday
from visits.models import AvoidedDays, PlanLine
from visits.permissions import can_write_plan
from visits.services.calendar import why_fixed

CHIPS_A_DAY = 6
CHIPS_UNDATED = 30
REASONS_A_DAY = 2


@dataclass(frozen=True)
class Chip:
    """A plan line on a day of the calendar; `state` is due, done, late, exempt or elsewhere.

    A visit made stands as done on its own day; on the planned one the line tells `visited_on`.
    """

    line: PlanLine
    state: str
    movable: bool = False
    visited_on: tuple[date, ...] = ()
    # What leads to the line in the page: of several chips of one line only one.
    anchor: bool = True


@dataclass(frozen=True)
class Day:
    """One day of the month; `word` says why offices rest, or that they work on a weekend."""

    date: date
    chips: list[Chip]
    more: int
    word: str
    rest: bool
    avoided: list[str]
    avoided_more: int
    open: bool  # a visit may still be planned for it
    today: bool


def chip_of(line: PlanLine, user: User, today: date) -> Chip:
    """The chip of a line that was read with `PlanLineQuerySet.for_calendar`."""
    made: int = line.visits_made  # type: ignore[attr-defined]
    over = line.month < clock.month_of(today)
    if line.exemption:
        state = "exempt"
    elif made and made >= line.required_visits:
        state = "done"
    elif line.due and (over or (line.planned_date or today) < today):
        state = "late"
    else:
        state = "due"
    return Chip(line, state, can_write_plan(user, line.plan) and not why_fixed(line))


def chips_by_day(chips: Iterable[Chip]) -> dict[date, list[Chip]]:
    """Each line on the days of its visits and, where that is another one, on its planned day."""
    of_day: dict[date, list[Chip]] = defaultdict(list)
    for chip in chips:
        line = chip.line
        made: list[date] = line.visit_days  # type: ignore[attr-defined]
        planned = line.planned_date
        if planned and planned not in made:
            state = "elsewhere" if chip.state == "done" else chip.state
            of_day[planned].append(replace(chip, state=state, visited_on=tuple(made)))
        for n, day in enumerate(made):
            anchor = n == 0 and planned in (None, *made)
            of_day[day].append(Chip(line, "done", anchor=anchor))
    for shown in of_day.values():
        shown.sort(key=lambda chip: chip.state not in ("late", "due"))  # what is owed, first
    return of_day


def month_days(
    month: date, chips: Iterable[Chip], avoided: Iterable[AvoidedDays], *, only: date | None = None
) -> list[Day]:
    """The days of the month with their chips, each day limited; or all of the day `only`."""
    of_day = chips_by_day(chips)
    names = dict(holidays(month.year))
    avoided = list(avoided)
    last = weeks.monthrange(month.year, month.month)[1]
    days = [only] if only else [month.replace(day=n) for n in range(1, last + 1)]
    return [_day(day, of_day.get(day, []), names, avoided, limited=not only) for day in days]


def _day(
    day: date,
    chips: list[Chip],
    names: dict[date, str],
    avoided: list[AvoidedDays],
    *,
    limited: bool,
) -> Day:
    shown = chips[:CHIPS_A_DAY] if limited else chips
    reasons = [row.label for row in avoided if row.covers(day)]
    listed = reasons[:REASONS_A_DAY] if limited else reasons
    today = clock.today()
    return Day(
        date=day,
        chips=shown,
        more=len(chips) - len(shown),
        word=_word(day, names),
        rest=not is_workday(day),
        avoided=listed,
        avoided_more=len(reasons) - len(listed),
        open=day >= today,
        today=day == today,
    )


def _word(day: date, names: dict[date, str]) -> str:
    if day in names:
        return _(names[day])
    if day.weekday() < 5:
        return ""
    return _("working day") if is_workday(day) else _("weekend")
