"""Import a list of contact points from the command line, by the same way as the pages."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.formats import Unreadable
from contact_points.models import County, ImportRow
from contact_points.permissions import can_import_lists
from contact_points.resources import read_list_file
from contact_points.services import imports
from contact_points.services.planning import PlannedRow
from outreach import clock
from outreach.models import User
from outreach.sentences import say

DONE, NOT_APPLIED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Import a list of contact points. Exit 0: applied, or a dry run without rejected rows; "
        "1: rows are rejected and nothing was applied; 2: the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--county", required=True, help="6-digit code of the county")
        parser.add_argument(
            "--first-day",
            type=date.fromisoformat,
            help="for rows that name none (default: 1 January of this year)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--allow-partial", action="store_true", help="leave rejected rows out")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--as", dest="username", help="act as this account")

    def handle(self, *, file: Path, county: str, username: str | None, **options: Any) -> None:
        owner = self._county(county)
        actor = self._actor(username, owner)
        first_day = options["first_day"] or clock.today().replace(month=1, day=1)
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file.", returncode=UNREADABLE)
        content = file.read_bytes()
        try:
            rows, understood = read_list_file(file.name, content)
        except Unreadable as error:
            raise CommandError(
                f"{file.name}: {say(error.text, error.params)}", returncode=UNREADABLE
            ) from error
        planned = imports.plan_list(county_id=owner.pk, rows=rows, first_day=first_day)
        rejected = [p for p in planned if p.outcome == ImportRow.Outcome.REJECTED]
        refused = bool(rejected) and not options["allow_partial"]
        applied = False
        if not options["dry_run"] and not refused:
            run = imports.keep_list(
                county=owner, file_name=file.name, content=content, first_day=first_day, actor=actor
            )
            run = imports.preview_list(run=run, rows=rows, understood=understood, actor=actor)
            applied = imports.apply_import(run=run, plan_sha256=run.plan_sha256, actor=actor)
        self._report(planned, understood, as_json=options["json"], applied=applied)
        if rejected and (refused or options["dry_run"]):
            raise SystemExit(NOT_APPLIED)

    def _county(self, code: str) -> County:
        try:
            return County.objects.get(code=code)
        except County.DoesNotExist:
            raise CommandError(f"There is no county with the code {code}.") from None

    def _actor(self, username: str | None, county: County) -> User | None:
        if username is None:
            return None
        actor = User.objects.filter(username=username, county=county).first()
        if actor is None or not can_import_lists(actor, county.pk):
            raise CommandError(f"{username} is no administrator of {county}.")
        return actor

    def _report(
        self, planned: list[PlannedRow], understood: dict, *, as_json: bool, applied: bool
    ) -> None:
        counts = {kind: sum(p.outcome == kind for p in planned) for kind in ImportRow.Outcome}
        errors = [
            {
                "row": p.row.number,
                "column": note["column"],
                "value": p.row.get(note["column"]),
                "message": say(note["text"], note["params"]),
            }
            for p in planned
            if p.outcome == ImportRow.Outcome.REJECTED
            for note in p.notes
        ]
        if as_json:
            report = {
                "sheet": understood["sheet"],
                "header_rows": [understood["header_row"]],
                "rows": len(planned),
                "created": counts["new"],
                "changed": counts["changed"],
                "unchanged": counts["unchanged"],
                "errors": errors,
                "applied": applied,
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for error in errors:
            self.stdout.write("row {row}, {column}: {message}".format(**error))
        said = ", ".join(f"{n} {kind.value}" for kind, n in counts.items())
        self.stdout.write(f"{said}; {'applied' if applied else 'nothing was applied'}")
