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


def test_breaks_are_told_in_one_piece_with_the_days_worked_for_them():
    spring, *_others = [row for row in workdays.breaks(2026) if "Spring Festival" in row.names]
    assert (spring.first, spring.last, spring.days) == (date(2026, 2, 15), date(2026, 2, 23), 9)
    assert spring.worked == [date(2026, 2, 14), date(2026, 2, 28)]
    assert spring.label == "春节"
    autumn = workdays.breaks(2025)[-1]
    assert (autumn.label, autumn.days) == ("国庆节、中秋节", 8)
    assert autumn.worked == [date(2025, 9, 28), date(2025, 10, 11)]
    assert workdays.breaks(2099) == []


def test_every_name_of_the_calendar_is_translated():
    named = {name for year in workdays.PUBLISHED for _day, name in workdays.holidays(year)}
    assert named == set(workdays.NAMES)
