"""What several commands take as arguments."""

from argparse import ArgumentTypeError
from datetime import date

from contact_points.models import County


def month(text: str) -> date:
    """2026-10 as the first day of that month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a month such as 2026-10") from None


def county(code: str) -> County:
    """The county of this code."""
    try:
        return County.objects.get(code=code)
    except County.DoesNotExist:
        raise ArgumentTypeError(f"there is no county {code!r}") from None
