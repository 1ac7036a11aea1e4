"""Working days are those of the State Council's calendar, and of the week where it is not out."""

from datetime import date

import pytest

from outreach import workdays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 9), True),
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday worked for the holiday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2099, 10, 1), True),  # a Thursday of a year nobody has published
        (date(2099, 10, 3), False),
    ],
)
def test_offices_work(day, works):
    assert workdays.is_workday(day) is works


def test_two_working_days_over_the_national_holiday():
    assert workdays.add_workdays(date(2026, 9, 30), 2) == date(2026, 10, 9)


def test_the_holidays_of_a_year_are_named_and_of_an_unknown_year_there_are_none():
    assert (date(2026, 10, 1), "National Day") in list(workdays.holidays(2026))
    assert list(workdays.holidays(2099)) == []
    assert not workdays.is_published(2099)
