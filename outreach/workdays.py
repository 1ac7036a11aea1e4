"""Working days of China: weekends, public holidays and the days worked instead of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar
from django.utils.translation import gettext, gettext_noop

from outreach import clock

PUBLISHED = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)

# As the calendar's package calls them.
NAMES = (
    gettext_noop("New Year's Day"),
    gettext_noop("Spring Festival"),
    gettext_noop("Tomb-sweeping Day"),
    gettext_noop("Labour Day"),
    gettext_noop("Dragon Boat Festival"),
    gettext_noop("Mid-autumn Festival"),
    gettext_noop("National Day"),
    gettext_noop("Anti-Fascist 70th Day"),
)


@dataclass
class Break:
    """Days off in one piece, of one holiday or two, and the weekend days worked for them."""

    names: list[str]
    first: date
    last: date
    worked: list[date] = field(default_factory=list)

    @property
    def label(self) -> str:
        return "、".join(gettext(name) for name in self.names)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def is_published(year: int) -> bool:
    """Whether the State Council's calendar of the year is known; until then weekends are all."""
    return year in PUBLISHED


def is_workday(day: date) -> bool:
    """Whether offices work on this day."""
    if not is_published(day.year):
        return day.weekday() < 5
    return chinese_calendar.is_workday(day)


def add_workdays(day: date, count: int) -> date:
    """The working day that is `count` (at least 1) working days after `day`."""
    while count:
        day += clock.ONE_DAY
        count -= is_workday(day)
    return day


def workdays_between(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`."""
    return sum(is_workday(first + n * clock.ONE_DAY) for n in range(1, (last - first).days + 1))


def holidays(year: int) -> Iterator[tuple[date, str]]:
    """(day, English name) of the year's public holidays that fall into the known calendar."""
    for day, name in sorted(chinese_calendar.holidays.items()):
        if day.year == year:
            yield day, name


def breaks(year: int) -> list[Break]:
    """The year's holidays in order; none where its calendar is not known."""
    found: list[Break] = []
    for day, name in holidays(year):
        if not found or found[-1].last + clock.ONE_DAY < day:
            found.append(Break([], day, day))
        found[-1].last = day
        if name not in found[-1].names:
            found[-1].names.append(name)
    for day, name in sorted(chinese_calendar.workdays.items()):
        named = [row for row in found if name in row.names]
        if day.year == year and named:
            min(named, key=lambda row: abs((row.first - day).days)).worked.append(day)
    return found
