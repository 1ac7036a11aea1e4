"""Print the indicators of a month: the same figures the pages and the report show."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Model

from contact_points.models import County, Officer, Township, Unit, Village
from outreach.management.arguments import county, month
from reports.indicators import Figures, Rate, figures

MODELS: dict[str, type[Model]] = {
    "unit": Unit,
    "township": Township,
    "village": Village,
    "officer": Officer,
}
RATES = ("completion", "on_time", "adherence", "household_coverage", "repeat", "group_coverage")


class Command(BaseCommand):
    help = "Print the indicators of a county's month."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", type=county, required=True, help="code, such as 130529")
        parser.add_argument("--month", type=month, required=True, help="such as 2026-10")
        parser.add_argument("--by", choices=list(MODELS), help="one row for each of these")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(
        self, *, county: County, month: date, by: Any, as_json: bool, **options: Any
    ) -> None:
        rows = figures(county.pk, month, by=by)
        names = {None: county.name}
        if by:
            found = MODELS[by]._default_manager.in_bulk([row.key for row in rows])
            names = {key: str(thing) for key, thing in found.items()}
        if as_json:
            self.say_json([self.facts(row, names[row.key]) for row in rows])
        else:
            self.say_table(rows, names)

    def facts(self, row: Figures, name: str) -> dict[str, Any]:
        rates = {rate: getattr(row, rate).value for rate in RATES}
        return {"name": name} | asdict(row) | {"rates": rates}

    def say_json(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))

    def say_table(self, rows: list[Figures], names: dict[Any, str]) -> None:
        self.stdout.write(
            f"{'due':>6} {'done':>6} {'extra':>6} {'done %':>7} {'on time %':>10}  name"
        )
        for row in rows:
            shares = f"{percent(row.completion):>7} {percent(row.on_time):>10}"
            self.stdout.write(f"{row.due:6} {row.done:6} {row.extra:6} {shares}  {names[row.key]}")


def percent(rate: Rate) -> str:
    """One decimal, or - when there is nothing to divide by."""
    return "-" if rate.value is None else f"{rate.value:.1%}"
