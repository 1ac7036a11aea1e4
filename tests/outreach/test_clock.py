"""Days and months are Shanghai's, wherever the server stands and whatever its zone."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from outreach import clock
from outreach.expressions import ShanghaiDay, ShanghaiMonth
from outreach.models import User
from tests import factories as make


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def server_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    with timezone.override(request.param):
        yield request.param
    monkeypatch.undo()
    time.tzset()


# (UTC moment, day in Shanghai)
MOMENTS = [
    (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), date(2026, 10, 31)),
    (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), date(2026, 11, 1)),
    (datetime(2026, 10, 31, 16, 10, tzinfo=UTC), date(2026, 11, 1)),
    (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), date(2026, 12, 31)),
    (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), date(2028, 2, 29)),
    (datetime(2028, 2, 29, 16, 0, tzinfo=UTC), date(2028, 3, 1)),
    (datetime(2026, 1, 30, 16, 0, tzinfo=UTC), date(2026, 1, 31)),
    (datetime(2026, 1, 31, 16, 0, tzinfo=UTC), date(2026, 2, 1)),
]


@pytest.mark.parametrize(("moment", "day"), MOMENTS)
def test_today_and_this_month_are_shanghais(server_zone, monkeypatch, moment, day):
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert clock.today() == day
    assert clock.this_month() == day.replace(day=1)
    assert clock.month_of(moment) == clock.month_of(day) == day.replace(day=1)


def test_the_month_before_the_first_of_november_is_october(server_zone, monkeypatch):
    moment = datetime(2026, 10, 31, 16, 10, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert clock.add_months(clock.this_month(), -1) == date(2026, 10, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("moment", "day"), MOMENTS)
def test_the_database_agrees_about_days_and_months(server_zone, moment, day):
    make.user("county", county=make.county(), created_at=moment)
    row = User.objects.annotate(
        day=ShanghaiDay(F("created_at")), month=ShanghaiMonth(F("created_at"))
    ).get()
    assert (row.day, row.month) == (day, day.replace(day=1))


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
        (date(2026, 5, 1), -29, date(2023, 12, 1)),
        (date(2026, 5, 1), 24, date(2028, 5, 1)),
    ],
)
def test_months_are_added_across_years(month, count, expected):
    assert clock.add_months(month, count) == expected


def test_a_demonstration_lives_at_its_own_moment_and_returns():
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with clock.at(past):
        assert clock.now() == past
        with clock.at(past + timedelta(days=1)):
            assert clock.today() == date(2020, 1, 2)
        assert clock.today() == date(2020, 1, 1)
    assert clock.today().year > 2020
