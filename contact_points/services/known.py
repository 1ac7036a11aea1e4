"""The rows of a county's registry as a list needs them: a county may have 100,000 of them.

Model instances take ten times as long to load and five times the memory.
"""

from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from contact_points import models


class _Named:
    __slots__ = ()
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(slots=True, eq=False)
class Township(_Named):
    pk: int
    name: str


@dataclass(slots=True, eq=False)
class Village(_Named):
    pk: int
    code: str
    name: str
    township: Township
    # Name of the village that it became part of.
    merged_into: str | None


@dataclass(slots=True, eq=False)
class Unit(_Named):
    pk: int
    name: str


@dataclass(slots=True, eq=False)
class Officer(_Named):
    """`pk` is None until somebody new is written."""

    pk: int | None
    unit: Unit
    name: str
    post: str = ""
    telephone: str = ""
    left_on: date | None = None


@dataclass(slots=True, eq=False)
class Point:
    """A contact point."""

    pk: int
    unit: Unit
    village: Village
    officer: Officer
    period: DateRange
    note: str

    first_day, last_day = models.ContactPoint.first_day, models.ContactPoint.last_day
    __str__ = models.ContactPoint.__str__

    @property
    def officer_id(self) -> int | None:
        return self.officer.pk
