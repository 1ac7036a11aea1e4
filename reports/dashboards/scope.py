"""What a dashboard is about, and the addresses of the records behind its figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from outreach import clock
from reports import indicators


@dataclass(frozen=True)
class Scope:
    """A month of the county or of one part of it.

    Where the reader may not see most of the records (`opens` is False) no figure has an address.
    """

    county: int
    month: date
    township: int | None = None
    unit: int | None = None
    officer: int | None = None
    opens: bool = True

    def asked(self, first: date | None = None, **more: Any) -> dict[str, Any]:
        """The parameters of a statement on the month, or on the months from `first` to it."""
        return (
            indicators.span(
                self.county,
                first or self.month,
                self.month,
                township=self.township,
                unit=self.unit,
                officer=self.officer,
            )
            | more
        )

    @property
    def is_evaluated(self) -> bool:
        """Whether the reader is of those whom villagers were asked about."""
        return bool(self.unit or self.officer or not self.opens)

    @property
    def running(self) -> bool:
        return self.month == clock.this_month()

    def visits(self, **more: Any) -> str:
        """The list of the month's visits."""
        last = clock.add_months(self.month, 1) - clock.ONE_DAY
        return self.list("visit_list", since=self.month, until=last, **more)

    def list(self, name: str, **query: Any) -> str:
        """The address of a list, narrowed to this part; empty where the reader may not see it."""
        if not self.opens:
            return ""
        part = {"township": self.township, "unit": self.unit, "officer": self.officer}
        asked = {key: value for key, value in (part | query).items() if value is not None}
        address = reverse(name)
        return f"{address}?{urlencode(asked)}" if asked else address
