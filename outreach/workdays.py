"""Working days of China: weekends, public holidays and the days worked instead of them."""

from collections.abc import Iterator
from datetime import date

import chinese_calendar

from outreach import clock

PUBLISHED = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)


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


def holidays(year: int) -> Iterator[tuple[date, str]]:
    """(day, English name) of the year's public holidays that fall into the known calendar."""
    for day, name in sorted(chinese_calendar.holidays.items()):
        if day.year == year:
            yield day, name
