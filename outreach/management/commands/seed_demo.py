"""Load a demonstration: a county with a year of work, its registry only, or a whole province."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.models import County
from outreach import clock
from outreach.management.demo import county, province
from outreach.management.demo.registry import COUNTY_CODE, DATA


class Command(BaseCommand):
    help = "Load invented demonstration data into an installation that does not have it yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", choices=["county", "registry", "province"], default="county")
        parser.add_argument("--months", type=int, default=12, help="months, the present included")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="the day it ends (default today)"
        )
        parser.add_argument("--villages", type=Path, help="division list for --scale province")

    def handle(self, *, scale: str, months: int, seed: int, **options: Any) -> None:
        until = options["until"] or clock.today()
        if not 1 <= months <= 36:
            raise CommandError("--months is a number from 1 to 36.")
        if until > clock.today():
            raise CommandError(f"--until {until} has not come yet.")
        say = county.timed(self.stdout.write)
        if scale == "province":
            self.load_province(options["villages"], months, seed, until, say)
            return
        if county.exists(COUNTY_CODE):
            raise CommandError(
                f"The county {COUNTY_CODE} exists already; the demonstration is loaded once only."
            )
        county.build(
            months=months, seed=seed, until=until, registry_only=scale == "registry", say=say
        )
        say("done")

    def load_province(
        self, villages: Path | None, months: int, seed: int, until: date, say: county.Say
    ) -> None:
        villages = villages or DATA / "hebei_villages.csv.gz"
        if not villages.is_file():
            raise CommandError(f"There is no list {villages.name}; give one with --villages FILE.")
        if County.objects.exists():
            raise CommandError(
                "A province is loaded into an empty database; this one has a county."
            )
        province.build(villages=villages, months=months, seed=seed, until=until, say=say)
        say("done")
