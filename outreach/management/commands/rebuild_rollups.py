"""Make the kept figures of each month anew from the records, or compare them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.models import County
from outreach.management.arguments import county
from reports import rolling


class Command(BaseCommand):
    help = "Make the kept figures of every month anew; --check compares and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", type=county, help="code, such as 130529 (default: all)")
        parser.add_argument("--check", action="store_true", help="say what differs")

    def handle(self, *, county: County | None, check: bool, **options: Any) -> None:
        found = 0
        for each in [county] if county else County.objects.order_by("code").iterator():
            if not check:
                self.stdout.write(f"{each}: {rolling.rebuild(each.pk)} rows")
                continue
            for difference in rolling.differences(each.pk):
                found += 1
                self.stdout.write(f"{each}: {difference}")
        if found:
            raise CommandError(f"{found} rows differ. Without --check they are made anew.")
        if check:
            self.stdout.write("Every kept row is what counting gives.")
