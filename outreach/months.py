"""The month in the address."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest

from outreach import clock


def asked_month(request: HttpRequest, data: Mapping[str, Any] | None = None) -> date:
    """The month named in the address or the form (`month=2026-10`), else the present one.

    404 for what is no month.
    """
    return month_in((request.GET if data is None else data).get("month", ""))


def month_in(text: str) -> date:
    """The month that the text names as 2026-10; the present one without a text.

    404 for what is no month.
    """
    if not text:
        return clock.this_month()
    try:
        year, month = text.split("-")
        asked = date(int(year), int(month), 1)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    if not _has_page(asked):
        raise Http404
    return asked


def neighbours(month: date) -> dict[str, date | None]:
    """The `previous` and the `following` month, None where that is no month of a page."""
    beside = {"previous": clock.add_months(month, -1), "following": clock.add_months(month, 1)}
    return {name: each if _has_page(each) else None for name, each in beside.items()}


def _has_page(month: date) -> bool:
    return 2000 <= month.year <= 2100  # the years a county can open
