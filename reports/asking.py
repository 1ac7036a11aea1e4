"""How a statement of `reports.sql` is asked: of which county, months and part, one or several."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db import connection

from outreach import clock
from reports import sql

By = Literal["unit", "township", "village", "contact_point", "officer", "kind"]
Rows = list[dict[str, Any]]


def span(
    county_id: int,
    first: date,
    last: date | None = None,
    *,
    township: int | None = None,
    unit: int | None = None,
    officer: int | None = None,
) -> dict[str, Any]:
    """The parameters of a statement of `reports.sql` on these months of the county or a part."""
    last = last or first
    return {
        "county": county_id,
        "first": first,
        "last": last,
        "january": last.replace(month=1),
        "earliest": min(first, last).replace(month=1),
        "today": clock.today(),
        "until": None,
        "township": township,
        "unit": unit,
        "officer": officer,
    }


def run(statement: str, asked: dict[str, Any], by: By | Literal["category"] | None = None) -> Rows:
    """The rows of a statement of `reports.sql`, grouped by `by`."""
    with connection.cursor() as cursor:
        cursor.execute(_text(statement, asked, by), asked)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Part:
    """A statement of `reports.sql`, what it is asked, and what its rows are grouped by."""

    statement: str
    asked: dict[str, Any]
    by: By | Literal["month"] | None = None
    whole: bool = False  # its key stands in it already

    @property
    def text(self) -> str:
        return self.statement if self.whole else _text(self.statement, self.asked, self.by)


def run_together(parts: dict[str, Part]) -> dict[str, Rows]:
    """The rows of several statements in one query; dates and ids come as text."""
    texts, values = [], {}
    for n, (name, part) in enumerate(parts.items()):
        text = part.text.replace("%(", f"%(p{n}_")
        texts.append(f"SELECT '{name}', coalesce(jsonb_agg(part), '[]') FROM ({text}) part")
        values |= {f"p{n}_{key}": value for key, value in part.asked.items()}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), values)
        return {name: json.loads(rows) for name, rows in cursor.fetchall()}


def _text(statement: str, asked: dict[str, Any], by: str | None) -> str:
    return statement.format(**sql.keys(by, of_officer=asked["officer"] is not None))
