"""Write the list of contact points that imports back as unchanged in every row."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.models import ContactPoint, County
from contact_points.resources import ContactPointResource
from outreach.exports import csv_lines, write_xlsx


class Command(BaseCommand):
    help = "Export the contact points of a county."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", required=True, help="6-digit code of the county")
        parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
        parser.add_argument("--output", type=Path, required=True)

    def handle(self, *, county: str, output: Path, **options: Any) -> None:
        owner = County.objects.filter(code=county).first()
        if owner is None:
            raise CommandError(f"There is no county with the code {county}.")
        points = ContactPoint.objects.filter(county=owner).for_list()
        rows = ContactPointResource().rows(points)
        if options["format"] == "csv":
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(rows))
        else:
            with output.open("wb") as file:
                write_xlsx(file, owner.name, rows)
        self.stdout.write(f"{points.count()} contact points: {output}")
