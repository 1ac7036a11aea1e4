"""Import a list of any kind from the command line, by the same way as the pages."""

from typing import Any

from django.core.management.base import CommandParser

from contact_points.models import ImportRun
from outreach import clock
from outreach.management.lists import ListCommand


class Command(ListCommand):
    help = f"Import a list of the registry. {ListCommand.help_of_ends}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        kinds = [kind for kind in ImportRun.Kind.values if kind != ImportRun.Kind.CONTACT_POINTS]
        parser.add_argument("--kind", required=True, choices=kinds)

    def handle(self, **options: Any) -> None:
        self.load(first_day=clock.today(), **options)
