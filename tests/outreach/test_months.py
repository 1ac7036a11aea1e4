"""The month in the address is a month a county can have, or there is no such page."""

from datetime import date

import pytest
from django.http import Http404
from django.test import RequestFactory

from outreach.months import asked_month, neighbours


def test_a_month_is_read_from_the_address():
    assert asked_month(RequestFactory().get("/", {"month": "2026-10"})) == date(2026, 10, 1)


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-13", "x-y", "1999-12", "2101-01", "9" * 20 + "-01", "2026-" + "9" * 20],
)
def test_what_is_no_month_is_no_page(text):
    with pytest.raises(Http404):
        asked_month(RequestFactory().get("/", {"month": text}))


def test_beside_the_first_and_the_last_month_there_is_nothing_to_open():
    assert neighbours(date(2000, 1, 1))["previous"] is None
    assert neighbours(date(2100, 12, 1)) == {"previous": date(2100, 11, 1), "following": None}
