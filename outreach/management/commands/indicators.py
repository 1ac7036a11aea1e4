"""Print the indicators of a month or span: the same figures the pages and the report show."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from contact_points.models import ContactPoint, County, Officer, Township, Unit, Village
from outreach.management.arguments import county, month
from reports.asking import By
from reports.figures import Figures, MatterFigures, Rate
from reports.indicators import (
    MatterBy,
    VerifiedBy,
    figures,
    matter_figures,
    topic_reach,
    verified,
)

MODELS: dict[str, type[Model]] = {
    "unit": Unit,
    "township": Township,
    "village": Village,
    "contact_point": ContactPoint,
    "officer": Officer,
}
RATES = ("completion", "on_time", "adherence", "household_coverage", "repeat", "group_coverage")
MATTER_RATES = ("response", "resolution", "satisfaction", "exclusion")


class Command(BaseCommand):
    help = "Print the indicators of a county's month, or of the months up to --to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", type=county, required=True, help="code, such as 130529")
        parser.add_argument("--month", type=month, required=True, help="such as 2026-10")
        parser.add_argument("--to", type=month, help="the last month of a span")
        parser.add_argument("--by", choices=get_args(By), help="one row for each of these")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(
        self,
        *,
        county: County,
        month: date,
        to: date | None,
        by: Any,
        as_json: bool,
        **options: Any,
    ) -> None:
        if to and to < month:
            raise CommandError(f"--to {to:%Y-%m} is before --month {month:%Y-%m}")
        rows = figures(county.pk, month, to, by)
        names = self.names(county, by, rows)
        if not as_json:
            self.say_table(rows, names)
            return
        matters = {}
        if by is None or by in get_args(MatterBy):
            matters = {row.key: row for row in matter_figures(county.pk, month, to, by)}
        facts = [self.facts(row, names[row.key], matters.get(row.key)) for row in rows]
        if by is None or by in get_args(VerifiedBy):
            said = verified(county.pk, month, to, by)
            for fact, row in zip(facts, rows, strict=True):
                fact["rates"]["verified"] = parts(said.get(row.key, Rate(0, 0)))
        if by is None:
            facts[0]["topics"] = [asdict(row) for row in topic_reach(county.pk, month, to)]
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1))

    def names(self, county: County, by: Any, rows: list[Figures]) -> dict[Any, str]:
        if by is None:
            return {None: county.name}
        if by == "kind":
            return {kind: str(label) for kind, label in Unit.Kind.choices}
        found = MODELS[by]._default_manager.in_bulk([row.key for row in rows])
        return {key: str(thing) for key, thing in found.items()}

    def facts(self, row: Figures, name: str, matters: MatterFigures | None) -> dict[str, Any]:
        facts = {"name": name} | asdict(row)
        facts["rates"] = {rate: parts(getattr(row, rate)) for rate in RATES}
        if matters is not None:
            facts["matters"] = {rate: parts(getattr(matters, rate)) for rate in MATTER_RATES}
        return facts

    def say_table(self, rows: list[Figures], names: dict[Any, str]) -> None:
        self.stdout.write(
            f"{'due':>6} {'done':>6} {'extra':>6} {'done %':>7} {'on time %':>10}  name"
        )
        for row in rows:
            shares = f"{percent(row.completion):>7} {percent(row.on_time):>10}"
            self.stdout.write(f"{row.due:6} {row.done:6} {row.extra:6} {shares}  {names[row.key]}")


def parts(rate: Rate) -> dict[str, Any]:
    """Numerator, denominator and value; - when there is nothing to divide by."""
    value = "-" if rate.value is None else rate.value
    return asdict(rate) | {"value": value}


def percent(rate: Rate) -> str:
    """One decimal, or - when there is nothing to divide by."""
    return "-" if rate.value is None else f"{rate.value:.1%}"
