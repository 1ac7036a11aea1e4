"""Make a monthly county report in the foreground, or ask for those of all counties."""

import json
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contact_points.models import County
from outreach.management.arguments import county, month
from outreach.models import Job
from reports.models import Report
from reports.services import request_report
from reports.tasks import make_report

PAUSE = 0.5  # seconds


class Command(BaseCommand):
    help = "Make the county's report on a month: prints its figures, files and checksums."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--county", type=county, help="code, such as 130529")
        which.add_argument(
            "--all-counties",
            action="store_true",
            help="ask for a new revision of every county where the year is open; workers make them",
        )
        parser.add_argument("--month", type=month, required=True, help="such as 2026-10")
        parser.add_argument("--output", type=Path, help="folder to put a copy of the document in")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(
        self,
        *,
        county: County | None,
        month: date,
        output: Path | None,
        as_json: bool,
        **options: Any,
    ) -> None:
        if county is None:
            self.fan_out(month, output, as_json=as_json)
            return
        report = self.make(county, month)
        files = []
        for _kind, file, digest in report.files:
            path = Path(file.path)
            if output:
                output.mkdir(parents=True, exist_ok=True)
                path = Path(shutil.copy(path, output))
            files.append({"file": str(path), "sha256": digest})
        self.say(report, files, as_json=as_json)

    def fan_out(self, month: date, output: Path | None, *, as_json: bool) -> None:
        """Ask for all of them; the figures and files are on each county's own page."""
        if output:
            raise CommandError("--output is for one county: workers make the reports of all.")
        asked = []
        opened = County.objects.filter(programmeyear__year=month.year).order_by("code")
        for each in opened.iterator():
            try:
                report = request_report(county=each, month=month, actor=None, queue=Job.Queue.BULK)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            asked.append({"county": each.code, "report": report.pk, "revision": report.revision})
            if not as_json:
                self.stdout.write(f"{each.code} revision {report.revision}")
        if not asked:
            raise CommandError(f"The year {month.year} is open nowhere.")
        if as_json:
            self.stdout.write(json.dumps(asked))

    def make(self, county: County, month: date) -> Report:
        try:
            report = request_report(county=county, month=month, actor=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        # The same task a worker runs; one that was quicker is waited for, or relieved if it died.
        while True:
            make_report(str(report.job_id))
            report.refresh_from_db()
            job = Job.objects.get(pk=report.job_id)
            if report.state != Report.State.WAITING or job.state != Job.State.RUNNING:
                break
            time.sleep(PAUSE)
        if report.state != Report.State.MADE:
            raise CommandError(job.message_text or "The report was not made; try again.")
        return report

    def say(self, report: Report, files: list[dict[str, str]], *, as_json: bool) -> None:
        facts = {
            "county": report.county.code,
            "month": f"{report.month:%Y-%m}",
            "revision": report.revision,
        }
        figures = report.snapshot["figures"]
        if as_json:
            told = facts | {"files": files, "figures": figures}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for each in files:
            self.stdout.write(f"{each['sha256']}  {each['file']}")
        figures["people_by_group"] = dict(figures["people_by_group"])
        for name, value in (facts | figures).items():
            self.stdout.write(f"{name:<20} {value}")
