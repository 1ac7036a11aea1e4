"""The text of a report as a page: each figure with the address of its frozen list of records."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from outreach.models import User
from reports.dashboards.rows import UnitRow
from reports.documents.outline import Paragraph
from reports.documents.wording import compose, generated
from reports.figures import MatterFigures
from reports.models import FindingChoice, Report, ReportEdit
from reports.snapshots import figures_in
from reports.snapshots.records import frozen_list


@dataclass(frozen=True)
class Line:
    """A paragraph on the page."""

    style: str
    pieces: list[tuple[str, str]]  # (text, address of the records behind it)
    key: str  # empty: it cannot be edited here
    edited: str
    beneath: str  # the generated text that an edit replaces
    changed: bool  # the generated text is another one than the edit was written over


@dataclass(frozen=True)
class FrozenUnit(UnitRow):
    """A unit of the frozen table; its figures open their lists."""

    urls: dict[str, str] | None = None


def text_of(report: Report, user: User) -> dict[str, Any]:
    """All that the page of a report shows of its snapshot."""
    snapshot = report.snapshot
    texts = generated(snapshot)
    frozen = {row["key"]: row for row in snapshot.get("edits", [])}
    open_to_edits = report.state == Report.State.MADE
    lines = [
        _line(report, paragraph, texts, frozen, editable=open_to_edits)
        for paragraph in compose(snapshot).paragraphs
    ]
    return {
        "lines": lines,
        "total": figures_in(snapshot["figures"]),
        "total_urls": _unit_urls(report, None),
        "units": [
            FrozenUnit(
                row["name"], "", figures_in(row["figures"]), urls=_unit_urls(report, row["key"])
            )
            for row in snapshot["units"]
        ],
        "matters": _matters(report),
        "homeless": [row for key, row in frozen.items() if key not in texts],
        "not_in_it": _not_in_it(report, user) if open_to_edits else 0,
    }


def records_url(report: Report, name: str, **more: Any) -> str:
    """The address of a frozen list; `due@township` is that of one kind of unit."""
    name, _at, kind = name.partition("@")
    if not name or frozen_list(report.snapshot, name) is None:
        return ""
    asked = urlencode(({"kind": kind} if kind else {}) | more)
    return reverse("report_records", args=[report.pk, name]) + (f"?{asked}" if asked else "")


def _line(
    report: Report,
    paragraph: Paragraph,
    texts: dict[str, str],
    frozen: dict[str, dict[str, str]],
    *,
    editable: bool,
) -> Line:
    key = paragraph.key
    pieces = paragraph.spans or ((paragraph.text, ""),)
    replaced = paragraph.edited == ReportEdit.Mode.REPLACE
    return Line(
        style=paragraph.style,
        pieces=[(text, records_url(report, name)) for text, name in pieces],
        key=key if editable else "",
        edited=paragraph.edited,
        beneath=texts[key] if replaced else "",
        changed=bool(paragraph.edited) and frozen[key]["over"] != texts[key],
    )


def _not_in_it(report: Report, user: User) -> int:
    """How many edits and choices were made that this draft does not hold yet."""
    months = {"county": report.county, "month": report.month}
    rows = ReportEdit.objects.visible_to(user).of(**months)
    now = {(row.key, row.mode, row.text) for row in rows}
    then = {(row["key"], row["mode"], row["text"]) for row in report.snapshot.get("edits", [])}
    choice = FindingChoice.objects.visible_to(user).of(**months).first()
    chosen = bool(choice) and choice.version != report.snapshot.get("findings_choice")
    return len({row[0] for row in now ^ then}) + chosen


def _unit_urls(report: Report, unit: int | None) -> dict[str, str]:
    of = {"unit": unit} if unit else {}
    names = ("due", "done", "extra", "on_time", "visits")
    return {name: records_url(report, name, **of) for name in names}


def _matters(report: Report) -> list[tuple[str, MatterFigures, dict[str, str]]]:
    """Each unit that has matters in the month, and the county as the last row."""
    told = report.snapshot.get("matters")
    if not told or not told["units"]:
        return []
    names = ("response", "resolution", "satisfaction")
    rows = [*told["units"], {"key": None, "name": "", "figures": told["figures"]}]
    return [
        (
            row["name"],
            MatterFigures(key=None, **row["figures"]),
            {
                name: records_url(report, name, **({"unit": row["key"]} if row["key"] else {}))
                for name in names
            },
        )
        for row in rows
    ]
