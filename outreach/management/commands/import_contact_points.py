"""Import a list of contact points from the command line, by the same way as the pages."""

from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from contact_points.models import ImportRun
from outreach import clock
from outreach.management.lists import ListCommand


class Command(ListCommand):
    help = f"Import a list of contact points. {ListCommand.help_of_ends}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--year", type=int, help="rows that name no first day hold from its 1 January"
        )
        parser.add_argument(
            "--first-day",
            type=date.fromisoformat,
            help="for rows that name none (default: 1 January of this year)",
        )
        parser.add_argument(
            "--close-missing",
            action="store_true",
            help="end the contact points that the list does not name, the day before it begins",
        )

    def handle(self, *, year: int | None, first_day: date | None, **options: Any) -> None:
        day = self._first_day(year, first_day)
        self.load(kind=ImportRun.Kind.CONTACT_POINTS, first_day=day, **options)

    def _first_day(self, year: int | None, first_day: date | None) -> date:
        if first_day:
            return first_day
        if year is not None and not 1990 <= year <= 2100:
            raise CommandError(f"The year {year} cannot be right.")
        return clock.today().replace(year=year or clock.today().year, month=1, day=1)
