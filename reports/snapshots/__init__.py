"""The frozen figures of a month: all that a report's document is made from.

A snapshot is JSON; PostgreSQL does not keep the order of keys, so whatever has an order is a list.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from contact_points.models import County, Township, Unit
from outreach import clock
from reports import behind, indicators
from reports.figures import Figures
from reports.models import Report, ReportEdit
from reports.snapshots import heard
from reports.snapshots.code import code_version
from reports.snapshots.evaluation import evaluation
from reports.snapshots.matters import matters
from reports.snapshots.records import Records
from visits.models import ExemptionRequest, ProgrammeYear

# 2 added the rates of matters; 3 the records behind each figure, what was raised, overdue and
# solved, the county's replies, the year before, burden, edits and what an earlier revision said.
# 4 added villagers' evaluation; 5 gives ranges where its shares would tell of one village. What
# reads a snapshot takes those of earlier versions, too.
VERSION = 5

Snapshot = dict[str, Any]


def take(report: Report) -> Snapshot:
    """Everything the report on the month says, as it is now."""
    county, month = report.county, report.month
    suggested = heard.suggestions(county.pk, month)
    found = heard.findings(report)
    counted, records = _counted(county, month)
    records.keep("visit", suggested.pop("lists"))
    records.keep("visit", {"findings": [row["visit"] for row in found["findings"]]})
    villages = _villages_visited(county.pk, month)
    records.keep("village", {"villages_visited": villages})
    return {
        **counted,
        "revision": report.revision,
        "villages_visited": len(villages),
        **_lifted(county.pk, month),
        "topics": [asdict(row) for row in indicators.topic_reach(county.pk, month, public=True)],
        **found,
        **suggested,
        "replaces": _replaced(report),
        "edits": _edits(report),
        **records.frozen(),
    }


def live(county: County, month: date) -> Snapshot:
    """What a unit's sheet needs of the month as it is now; no report holds it (`revision` None)."""
    counted, records = _counted(county, month)
    return {**counted, "revision": None, **records.frozen()}


def _counted(county: County, month: date) -> tuple[Snapshot, Records]:
    """What units and townships are told of, too, and the records behind it."""
    by_unit = indicators.figures(county.pk, month, by="unit")
    of_matters = matters(county.pk, month)
    records = _records(county.pk, month)
    records.keep("matter", of_matters.pop("lists"))
    records.keep("unit", {"units_visited": [row.key for row in by_unit if row.visits]})
    return {
        "version": VERSION,
        "code": code_version(),
        "county": {"code": county.code, "name": county.name},
        "month": month.isoformat(),
        "counted_on": clock.today().isoformat(),
        "rules": _rules(county.pk, month),
        **_figures(county.pk, month),
        "units": named_figures(by_unit),
        "unmet": [asdict(row) for row in indicators.unmet(county.pk, month)],
        "matters": of_matters,
        "evaluation": evaluation(county.pk, month),
        "next_month": _next_month(county.pk, clock.add_months(month, 1)),
    }, records


def _figures(county_id: int, month: date) -> dict[str, Any]:
    """The figures of the county, of months to compare with, and of its parts."""
    months = {
        "figures": (month,),
        "previous_month": (clock.add_months(month, -1),),
        "year_before": (clock.add_months(month, -12),),
        "year": (month.replace(month=1), month),
    }
    total = {name: plain(indicators.figures(county_id, *each)[0]) for name, each in months.items()}
    kinds = {kind: {} for kind in Unit.Kind.values}
    return total | {
        "kinds": _named(indicators.figures(county_id, month, by="kind"), kinds),
        "townships": _named(
            indicators.figures(county_id, month, by="township"), _townships(county_id)
        ),
    }


def _lifted(county_id: int, month: date) -> dict[str, Any]:
    """Lines exempt by kind, and lines of which a substitute goes."""
    found = indicators.exemptions(county_id, month)
    substituted = found.pop(ExemptionRequest.Kind.LEAVE, 0)
    return {
        "exemptions": [[kind, lines] for kind, lines in found.items()],
        "substituted": substituted,
    }


def _records(county_id: int, month: date) -> Records:
    """The plan lines, visits and households behind the figures."""
    records = Records()
    records.keep("line", behind.lines(county_id, month))
    records.keep("visit", behind.visits(county_id, month))
    records.keep("household", behind.households(county_id, month))
    points, villages = behind.coverage(county_id, month)
    records.keep("contact_point", points)
    records.keep("village", villages)
    following = behind.lines(county_id, clock.add_months(month, 1))
    records.keep("line", {f"next_{name}": following[name] for name in ("due", "undated")})
    return records


def plain(row: Figures) -> dict[str, Any]:
    """The figures as JSON keeps them."""
    counts = asdict(row)
    del counts["key"]
    groups = row.people_by_group or {}
    return counts | {"people_by_group": [[group, heads] for group, heads in groups.items()]}


def figures_in(row: dict[str, Any], key: int | str | None = None) -> Figures:
    """The frozen figures as they were, for a page that shows them."""
    return Figures(key=key, **row | {"people_by_group": dict(row["people_by_group"])})


def _named(rows: Iterable[Figures], names: dict[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows in the order of `names`, each with its key and what `names` says of it."""
    by_key = {row.key: row for row in rows}
    return [
        {"key": key, **facts, "figures": plain(by_key[key])}
        for key, facts in names.items()
        if key in by_key
    ]


def named_figures(rows: list[Figures]) -> list[dict[str, Any]]:
    """The figures of units with their names, in the order of the registry."""
    return _named(rows, _units(row.key for row in rows))


def _units(ids: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    units = Unit.objects.filter(pk__in=list(ids)).order_by("order", "id")
    return {unit.pk: {"name": unit.name, "kind": unit.kind} for unit in units}


def _townships(county_id: int) -> dict[Any, dict[str, Any]]:
    rows = Township.objects.filter(county_id=county_id).order_by("code")
    return {row.pk: {"name": row.name} for row in rows}


def _rules(county_id: int, month: date) -> dict[str, Any]:
    year = ProgrammeYear.objects.prefetch_related("rules").get(county_id=county_id, year=month.year)
    rule = year.rule_for(month)
    return {
        "programme_year": year.year,
        "effective_month": rule.effective_month.isoformat(),
        "visits_per_month": rule.visits_per_month,
        "feedback_due_days": rule.feedback_due_days,
        "report_day": rule.report_day,
    }


def _villages_visited(county_id: int, month: date) -> list[Any]:
    return [row.key for row in indicators.figures(county_id, month, by="village") if row.visits]


def _next_month(county_id: int, month: date) -> dict[str, Any]:
    """What is planned for the month after: visits owed, undated lines, topics by villages."""
    topics = sorted(
        indicators.topic_reach(county_id, month), key=lambda row: (-row.villages_planned, row.topic)
    )
    return {
        "month": month.isoformat(),
        "due": indicators.figures(county_id, month)[0].due,
        "undated_lines": len(indicators.attention(county_id, month).undated_lines),
        "topics": [[row.title, row.villages_planned] for row in topics if row.villages_planned],
    }


# What a later revision compares itself with.
COMPARED = ("revision", "counted_on", "figures", "unmet", "exemptions", "substituted", "matters")


def _replaced(report: Report) -> dict[str, Any] | None:
    """What the newest revision issued before this one said, to say what changed since."""
    issued = Report.objects.of(report.county, report.month).issued()
    before = issued.filter(revision__lt=report.revision).order_by("-revision").first()
    if before is None:
        return None
    said = {name: before.snapshot[name] for name in COMPARED if name in before.snapshot}
    if "matters" in said:
        said["matters"] = {"figures": said["matters"]["figures"]}
    return said


def _edits(report: Report) -> list[dict[str, str]]:
    """What the office wrote instead of generated paragraphs, or after them."""
    rows = ReportEdit.objects.of(report.county, report.month).order_by("key")
    return list(rows.values("key", "mode", "text", "over"))
