"""The one place that tells the time: days and months are those of Asia/Shanghai (domain: rules)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware."""
    return _set_to.get() or timezone.now()


def today() -> date:
    """The present day in Shanghai, whatever the server's zone."""
    return now().astimezone(SHANGHAI).date()


def month_of(day: date | datetime) -> date:
    """The first day of the Shanghai month that holds this day or moment."""
    if isinstance(day, datetime):
        day = day.astimezone(SHANGHAI).date()
    return day.replace(day=1)


def this_month() -> date:
    """The first day of the present month in Shanghai."""
    return month_of(today())


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months after (before, if negative) `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the program live at `moment`: the demonstration county's past is written this way."""
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
