"""Fill in the draft plans of a county, or of every county, as the county office's page does."""

import json
import time
from collections import Counter
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.models import County
from outreach.management.arguments import county
from visits.models import ProgrammeYear
from visits.services.filling import fill_drafts


class Command(BaseCommand):
    help = "Fill the empty cells of the draft plans of a year; what a person wrote stays."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--county", type=county, help="code, such as 130529")
        which.add_argument("--all-counties", action="store_true", help="one after the other")
        parser.add_argument("--year", type=int, required=True, help="such as 2027")
        parser.add_argument("--dry-run", action="store_true", help="count, write nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *, county: County | None, year: int, as_json: bool, **options: Any) -> None:
        years = ProgrammeYear.objects.filter(year=year).select_related("county")
        if county:
            years = years.filter(county=county)
        counts = []
        for each in years.order_by("county__code").iterator():
            begun = time.monotonic()
            count = fill_drafts(
                year=each,
                actor=None,
                bulk_id=uuid4(),
                progress=lambda *stage: None,
                dry_run=options["dry_run"],
            )
            counts.append(self.facts(each, count, time.monotonic() - begun))
            if not as_json:
                self.stdout.write(" ".join(f"{k} {v}" for k, v in counts[-1].items()))
        if not counts:
            raise CommandError(f"The year {year} is not open there.")
        if as_json:
            self.stdout.write(json.dumps(counts, ensure_ascii=False, indent=1))

    def facts(self, year: ProgrammeYear, count: Counter[str], seconds: float) -> dict[str, Any]:
        names = ("plans", "lines", "dates", "groups", "topics", "undated")
        figures = {name: count[name] for name in names}
        return (
            {"county": year.county.code, "year": year.year}
            | figures
            | {"seconds": round(seconds, 2)}
        )
