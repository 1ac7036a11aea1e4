"""Lists from the command line, by the same way as the pages: what each such command shares."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext

from contact_points.formats import Unreadable
from contact_points.layouts import LAYOUTS
from contact_points.models import Alias, County, ImportRow, ImportRun
from contact_points.permissions import can_import_lists
from contact_points.reading import ListRow
from contact_points.resources import read_list_file
from contact_points.services import imports
from contact_points.services.kinds import KINDS, plan_run
from contact_points.services.previews import closable
from outreach.models import User
from outreach.sentences import say

DONE, NOT_APPLIED, UNREADABLE = 0, 1, 2
Outcome = ImportRow.Outcome


class ListCommand(BaseCommand):
    """Reads a list, says what it would do, and applies it; a command says which kind."""

    help_of_ends = (
        "Exit 0: applied, or a dry run in which every row is clear; 1: rows are rejected or ask, "
        "and nothing was applied; 2: the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--county", required=True, help="6-digit code of the county")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--allow-partial", action="store_true", help="leave rows out that are not clear"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--as", dest="username", help="act as this account")

    def load(
        self,
        *,
        kind: str,
        file: Path,
        county: str,
        username: str | None,
        first_day: date,
        close_missing: bool = False,
        **options: Any,
    ) -> None:
        """Do what was asked; ends the program with the code that `help_of_ends` tells."""
        owner = self._county(county)
        actor = self._actor(username, owner)
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file.", returncode=UNREADABLE)
        content = file.read_bytes()
        rows, understood = self._read(kind, owner, file.name, content, first_day)
        unsaved = ImportRun(county=owner, kind=kind, first_day=first_day)
        plan = plan_run(unsaved, KINDS[kind].kept(rows))
        unclear = any(plan.counts[kind] for kind in (Outcome.ASKS, Outcome.REJECTED))
        refused = unclear and not options["allow_partial"]
        closed, applied = 0, False
        if not options["dry_run"] and not refused:
            run = imports.keep_list(
                county=owner,
                file_name=file.name,
                content=content,
                first_day=first_day,
                actor=actor,
                kind=kind,
            )
            run = imports.preview_list(run=run, rows=rows, understood=understood, actor=actor)
            applied, closed = self._apply(run, actor, close_missing)
        elif close_missing:
            closed = len(closable(plan.left, first_day))
        report = self._facts(plan, understood, closed)
        self._tell(plan, report, applied=applied, as_json=options["json"])
        if unclear and (refused or options["dry_run"]):
            raise SystemExit(NOT_APPLIED)

    def _apply(self, run: ImportRun, actor: User | None, close: bool) -> tuple[bool, int]:
        """Whether it was written, and how many contact points it ended."""
        applied = imports.apply_import(
            run=run, plan_sha256=run.plan_sha256, actor=actor, close=close
        )
        run.refresh_from_db()
        return applied, run.counts.get("closed", 0)

    def _read(
        self, kind: str, owner: County, name: str, content: bytes, first_day: date
    ) -> tuple[list[ListRow], dict[str, Any]]:
        headers = Alias.objects.filter(county=owner, kind=Alias.Kind.HEADER)
        try:
            return read_list_file(
                name,
                content,
                layout=LAYOUTS[kind],
                synonyms=dict(headers.values_list("text", "column")),
                year=first_day.year,
            )
        except Unreadable as error:
            raise CommandError(
                f"{name}: {say(error.text, error.params)}", returncode=UNREADABLE
            ) from error

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

    def _facts(self, plan: Any, understood: dict[str, Any], closed: int) -> dict[str, Any]:
        """What `--json` prints; rows are those of the sheet."""
        candidates = {
            question["key"]: [
                label if pk.isdecimal() else gettext(label) for pk, label in question["candidates"]
            ]
            for question in plan.questions
        }
        return {
            "sheet": understood["sheet"],
            "header_rows": understood.get("header_rows") or [understood["header_row"]],
            "rows": len(plan.rows),
            "created": plan.counts[Outcome.NEW],
            "changed": plan.counts[Outcome.CHANGED],
            "unchanged": plan.counts[Outcome.UNCHANGED],
            "closed": closed,
            "dropped": [
                {"row": dropped["row"], "why": say(dropped["why"])}
                for dropped in understood.get("dropped", [])
            ],
            "asks": [
                {
                    "row": _row(p),
                    "column": note["column"],
                    "value": p.row.get(note["column"]),
                    "candidates": candidates.get(note["key"], []),
                }
                for p in plan.rows
                if p.outcome == Outcome.ASKS
                for note in p.notes
                if "key" in note
            ],
            "errors": [
                {
                    "row": _row(p),
                    "column": note["column"],
                    "value": p.row.get(note["column"]),
                    "message": say(note["text"], note["params"]),
                }
                for p in plan.rows
                if p.outcome == Outcome.REJECTED
                for note in p.notes
            ],
        }

    def _tell(self, plan: Any, report: dict[str, Any], *, applied: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for asked in report["asks"]:
            choice = " / ".join(asked["candidates"]) or "nothing like it is in the registry"
            self.stdout.write("row {row}, {column}: “{value}”? ".format(**asked) + choice)
        for error in report["errors"]:
            self.stdout.write("row {row}, {column}: {message}".format(**error))
        said = ", ".join(f"{plan.counts[kind]} {kind.value}" for kind in Outcome)
        said += f", {report['closed']} closed"
        self.stdout.write(f"{said}; {'applied' if applied else 'nothing was applied'}")


def _row(p: Any) -> int:
    return p.row.sheet_row or p.row.number
