"""The figures of many months: month by month those of the definitions."""

from datetime import date

import pytest

from feedback.models import MatterCategory
from outreach import clock
from reports import indicators, rollups
from tests import factories as make
from tests.conftest import MONTH
from tests.reports import small_county

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2025, 11, 1), date(2026, 6, 1)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def test_each_month_is_that_of_the_definitions():
    with clock.at(make.moment(small_county.TODAY, 12)):
        county = small_county.build(1)
        units = county.unit_set.all()
        for part in ({}, *({"unit": unit.pk} for unit in units)):
            found = rollups.by_month(county.pk, FIRST, LAST, **part)
            assert list(found) == rollups.months(FIRST, LAST)
            for month, row in found.items():
                by = next(iter(part), None)
                rows = {r.key: r for r in indicators.figures(county.pk, month, by=by)}
                key = part.get("unit")
                assert row == rows.get(key, indicators.nothing(key))


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
