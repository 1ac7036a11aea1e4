"""The figures of many months: month by month those of the definitions."""

from datetime import date
from typing import get_args

import pytest

from feedback.models import MatterCategory
from outreach import clock
from reports import indicators, rolling, rollups
from reports.figures import nothing
from reports.models import StaleMonth
from tests import factories as make
from tests.conftest import MONTH
from tests.reports import small_county

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2025, 11, 1), date(2026, 6, 1)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def today():
    with clock.at(make.moment(small_county.TODAY, 12)):
        yield


class Definitions:
    """What the definitions say of a county: every key, months and spans."""

    BYS = (None, *get_args(indicators.By))

    def __init__(self, county, first=FIRST, last=LAST):
        self.county, self.months = county.pk, rollups.months(first, last)
        self.spans = [(MONTH, MONTH), (first, last)]
        self.figures = {
            (by, span): indicators.figures(county.pk, *span, by)
            for by in self.BYS
            for span in self.spans
        }
        self.by_officer = {
            month: {row.key: row for row in indicators.figures(county.pk, month, by="officer")}
            for month in self.months
        }

    def hold(self):
        """Assert that what is read by way of the rows is the same."""
        for (by, span), rows in self.figures.items():
            assert rollups.figures(self.county, *span, by) == rows
        found = rollups.trends(self.county, self.months[0], self.months[-1], "officer")
        for month, rows in self.by_officer.items():
            read = {key: of_months[month] for key, of_months in found.items()}
            assert read == {key: rows.get(key, nothing(key)) for key in found}
            assert set(rows) <= set(found)


def test_what_is_read_from_rows_is_what_the_definitions_say(today):
    county = small_county.build(1)
    small_county.build(100, units=1, villages=3, visits=5)  # another county
    definitions = Definitions(county)
    definitions.hold()  # all made from the records
    assert rolling.roll_up(county.pk)
    assert county.pk not in StaleMonth.objects.counties()
    definitions.hold()  # all kept
    assert not list(rolling.differences(county.pk))
    StaleMonth.objects.create(county_id=county.pk, month=date(2026, 2, 1), transaction=0)
    definitions.hold()  # some of both


def test_one_part_of_a_county_by_month(today):
    county = small_county.build(3)
    rolling.roll_up(county.pk)
    for by in ("unit", "township", "officer"):
        for key, expected in rollups.trends(county.pk, FIRST, LAST, by).items():
            assert rollups.by_month(county.pk, FIRST, LAST, **{by: key}) == expected
    whole = rollups.by_month(county.pk, FIRST, LAST)
    assert list(whole) == rollups.months(FIRST, LAST)
    assert [whole[MONTH]] == indicators.figures(county.pk, MONTH)
    assert sum(row.due for row in whole.values())
    with pytest.raises(ValueError, match="one of"):
        rollups.by_month(county.pk, FIRST, LAST, unit=1, officer=1)


def test_matters_raised_in_each_month_by_upper_category(world):
    county = world.home.county
    upper = MatterCategory.objects.create(county=county, name="道路")
    lower = MatterCategory.objects.create(county=county, name="路灯", parent=upper)
    with clock.at(make.moment(date(2026, 5, 31), 23, 59)):
        make.matter(world.own, category=lower)
        make.matter(world.own, category=upper)
        make.matter(world.other)
    with clock.at(make.moment(date(2026, 6, 1), 0, 1)):
        make.matter(world.other, category=lower)
        make.matter(world.foreign)
    found = rollups.matters_by_month(county.pk, MONTH, JULY)
    assert found == {MONTH: {upper.pk: 2, None: 1}, JUNE: {upper.pk: 1}, JULY: {}}
    in_unit = rollups.matters_by_month(county.pk, MONTH, JUNE, unit=world.own.unit.pk)
    assert in_unit == {MONTH: {upper.pk: 2}, JUNE: {}}
    elsewhere = make.township(county).pk
    assert rollups.matters_by_month(county.pk, MONTH, MONTH, township=elsewhere) == {MONTH: {}}
