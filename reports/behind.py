"""The records behind each figure of a month, so that a report can freeze them beside its figures.

The same parts of `reports.sql` that count the figures name their records.
"""

from collections import defaultdict
from datetime import date
from typing import Any, get_args

from reports import indicators, sql
from reports.asking import run, span

_LINES = f"""{sql.KEPT}
SELECT lines.id,
       lines.due > 0 AS due,
       lines.due > coalesce(counted.visits, 0) AS open,
       lines.exempt,
       lines.exemption,
       lines.substitute_id IS NOT NULL AND NOT lines.exempt AS substituted,
       lines.due > 0 AND lines.planned_date IS NULL AND NOT EXISTS (
           SELECT FROM visits
           WHERE visits.unit_id = lines.unit_id AND visits.village_id = lines.village_id
             AND visits.month = lines.month) AS undated,
       plans.id IS NOT NULL AS planned,
       coalesce(plans.kept AND counted.visits >= lines.due, false) AS kept,
       CASE WHEN lines.due > 0 THEN ARRAY(
           SELECT wanted.topic_id FROM visits_planline_topics wanted
           WHERE wanted.planline_id = lines.id ORDER BY 1) END AS topics
FROM lines
LEFT JOIN counted USING (unit_id, village_id, month)
LEFT JOIN plans ON plans.id = lines.id
ORDER BY lines.id"""

# Of a unit's visits that count in a village the first ones fulfil what it owes, the others are
# beyond it.
_VISITS = f"""
WITH {sql.LINES}, {sql.MONTHS_VISITS}
SELECT visits.id::text AS id,
       visits.substantive,
       visits.substantive AND row_number() OVER (
           PARTITION BY visits.unit_id, visits.village_id, visits.month, visits.substantive
           ORDER BY visits.started_at, visits.id
       ) <= coalesce(lines.due, 0) AS done,
       coalesce(visits.received_on <= visits.feedback_due_on, false) AS on_time,
       visits.overdue, visits.waiting_review, visits.returned,
       visits.ate, visits.lived, visits.worked,
       visits.sent_minutes IS NOT NULL AS timed,
       ARRAY(SELECT DISTINCT talk.group FROM visits_talk talk
             WHERE talk.visit_id = visits.id ORDER BY 1) AS groups,
       ARRAY(SELECT told.topic_id FROM visits_visit_topics told
             WHERE told.visit_id = visits.id ORDER BY 1) AS topics
FROM visits
LEFT JOIN lines USING (unit_id, village_id, month)
ORDER BY visits.started_at, visits.id"""

_CONTACTS = f"""
WITH {sql.YEARS_VISITS}, {sql.CONTACTS}
SELECT id::text AS id, bool_or(again) AS repeated
FROM contacts WHERE month >= %(first)s AND inside GROUP BY id ORDER BY id"""

_REACHED = f"""
WITH {sql.LINES}, {sql.YEARS_VISITS}, {sql.PAIRS}, {sql.CONTACTS}
SELECT DISTINCT contacts.household_id AS id
FROM pairs JOIN contacts USING (unit_id, village_id)
WHERE contacts.month >= %(january)s ORDER BY 1"""

# Contact points that coverage looks at, and those where a group was talked with this year.
_COVERAGE = f"""
WITH {sql.LINES}, {sql.YEARS_VISITS}
SELECT lines.contact_point_id AS id, lines.village_id AS village, EXISTS (
           SELECT FROM visits JOIN visits_talk talk ON talk.visit_id = visits.id
           WHERE visits.unit_id = lines.unit_id AND visits.village_id = lines.village_id
             AND visits.month >= %(january)s) AS covered
FROM lines ORDER BY 1"""

Lists = dict[str, list[Any]]


def lines(county_id: int, month: date) -> Lists:
    """Ids of plan lines by what they count for: `due`, `open`, `exempt` ... `topic_planned:7`."""
    found: Lists = defaultdict(list)
    for row in run(_LINES, span(county_id, month)):
        names = [name for name in ("due", "open", "exempt", "substituted") if row[name]]
        names += [name for name in ("undated", "planned", "kept") if row[name]]
        if row["exempt"]:
            names.append(f"exempt:{row['exemption']}")
        names += [f"topic_planned:{topic}" for topic in row["topics"] or ()]
        for name in names:
            found[name].append(row["id"])
    return found


def visits(county_id: int, month: date) -> Lists:
    """Ids of visits by what they count for: `visits`, `done`, `extra` ... `talks:capable`."""
    found: Lists = defaultdict(list)
    for row in run(_VISITS, span(county_id, month)):
        names = ["visits", *(name for name in _OF_VISIT if row[name])]
        if row["substantive"] and not row["done"]:
            names.append("extra")
        if row["ate"] or row["lived"] or row["worked"]:
            names.append("together")
        if row["groups"]:
            names.append("talks")
        names += [f"talks:{group}" for group in row["groups"]]
        names += [f"topic:{topic}" for topic in row["topics"]]
        for name in names:
            found[name].append(row["id"])
    for row in run(_CONTACTS, span(county_id, month)):
        found["contacts"].append(row["id"])
        if row["repeated"]:
            found["repeats"].append(row["id"])
    return found


_OF_VISIT = (
    *("done", "on_time", "overdue", "waiting_review", "returned"),
    *("ate", "lived", "worked", "timed"),
)


def households(county_id: int, month: date) -> Lists:
    """The households reached since 1 January, under `reached`."""
    return {"reached": [row["id"] for row in run(_REACHED, span(county_id, month))]}


def coverage(county_id: int, month: date) -> tuple[Lists, Lists]:
    """Contact points under `held` and `covered`, and under `villages_held` their villages."""
    rows = run(_COVERAGE, span(county_id, month))
    points = {
        "held": [row["id"] for row in rows],
        "covered": [row["id"] for row in rows if row["covered"]],
    }
    return points, {"villages_held": sorted({row["village"] for row in rows})}


def matters(county_id: int, month: date) -> Lists:
    """The matters of each rate: `response` and `response:met`, and so on."""
    found: Lists = {}
    for rate in get_args(indicators.MatterRate):
        found[rate] = indicators.matter_ids(county_id, month, rate)
        found[f"{rate}:met"] = indicators.matter_ids(county_id, month, rate, "met")
    return found
