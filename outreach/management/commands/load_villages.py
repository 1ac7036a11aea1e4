"""Load a division list: how an installation gets its counties, townships and villages."""

import csv
import gzip
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from contact_points.services.registry import VillageRow, load_divisions

COLUMNS = list(VillageRow.__dataclass_fields__)


class Command(BaseCommand):
    help = f"Load villages from a CSV (or .csv.gz) with the columns {', '.join(COLUMNS)}."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--county", help="only this county's six-digit code")

    def handle(self, *, file, county, **options):
        opener = gzip.open if file.suffix == ".gz" else open
        try:
            with opener(file, "rt", encoding="utf-8-sig", newline="") as source:
                reader = csv.DictReader(source)
                missing = set(COLUMNS) - set(reader.fieldnames or ())
                if missing:
                    raise CommandError(f"{file} lacks the columns {', '.join(sorted(missing))}.")
                rows = [VillageRow(**{name: row[name] for name in COLUMNS}) for row in reader]
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        chosen = [row for row in rows if county in (None, row.county_code)]
        if not chosen:
            raise CommandError(f"{file} has no village of county {county}.")
        counties = load_divisions(rows=chosen, actor=None)
        self.stdout.write(f"Villages: {len(chosen)}, counties: {len(counties)}.")
