"""The obligations as they are owed."""

from reports.sql.keys import PART

# The obligations: lines of contact points that hold in the month (domain: rules, denominator).
# A village that changes hands within a month is owed once, by whoever held it first.
LINES = (
    """
owed AS (
    SELECT DISTINCT ON (point.unit_id, point.village_id, line.month)
           line.id, {line_key} AS key, line.contact_point_id, line.month, line.officer_id,
           line.substitute_id, line.exemption, line.plan_id, line.planned_date,
           point.unit_id, point.village_id,
           line.exemption <> '' AS exempt,
           CASE WHEN line.exemption = '' THEN line.required_visits ELSE 0 END AS due
    FROM visits_planline line
    JOIN contact_points_contactpoint point ON point.id = line.contact_point_id
    JOIN contact_points_village village ON village.id = point.village_id
    JOIN contact_points_unit unit ON unit.id = point.unit_id
    WHERE line.county_id = %(county)s AND point.county_id = %(county)s
      AND line.month BETWEEN %(first)s AND %(last)s
      AND point.period && daterange(line.month, (line.month + interval '1 month')::date)
      AND """
    + PART
    + """
    ORDER BY point.unit_id, point.village_id, line.month, lower(point.period)
),
lines AS (SELECT * FROM owed WHERE coalesce(officer_id = %(officer)s, true))"""
)

# A unit's work in a village: what coverage "this year" looks at, across a change of officer.
PAIRS = """
pairs AS (SELECT DISTINCT key, unit_id, village_id FROM lines)"""
