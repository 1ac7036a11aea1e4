"""What was owed and what was done for it."""

from reports.sql.lines import LINES
from reports.sql.visits import COUNTED, MONTHS_VISITS

# Planned: owed, with topics, of an approved plan. Kept: done, and the planned officer or the
# substitute of a leave explained every planned topic; an amendment is already in the line
# (domain: plan adherence).
KEPT = f"""
WITH {LINES}, {MONTHS_VISITS}, {COUNTED},
told AS (
    SELECT DISTINCT visits.unit_id, visits.village_id, visits.month, visits.officer_id,
           told.topic_id
    FROM visits JOIN visits_visit_topics told ON told.visit_id = visits.id
    WHERE visits.substantive
),
plans AS (
    SELECT lines.id, bool_and(told.topic_id IS NOT NULL) AS kept
    FROM lines
    JOIN visits_annualplan plan ON plan.id = lines.plan_id AND plan.state = 'approved'
    JOIN visits_planline_topics wanted ON wanted.planline_id = lines.id
    LEFT JOIN told ON told.unit_id = lines.unit_id AND told.village_id = lines.village_id
        AND told.month = lines.month
        AND told.officer_id IN (lines.officer_id, lines.substitute_id)
        AND told.topic_id = wanted.topic_id
    WHERE lines.due > 0
    GROUP BY lines.id
)"""
OBLIGATIONS = f"""{KEPT}
SELECT lines.key,
       sum(lines.due)::int AS due,
       sum(least(lines.due, coalesce(counted.visits, 0)))::int AS done,
       count(*) FILTER (WHERE lines.exempt) AS exempt,
       count(plans.id) AS planned_lines,
       count(*) FILTER (WHERE plans.kept AND counted.visits >= lines.due) AS planned_kept
FROM lines
LEFT JOIN counted USING (unit_id, village_id, month)
LEFT JOIN plans ON plans.id = lines.id
GROUP BY lines.key"""

# Why lines are not owed as planned; a leave lifts nothing, its substitute goes (domain: rules).
EXEMPTIONS = f"""
WITH {LINES}
SELECT coalesce(nullif(exemption, ''), 'leave') AS kind, count(*)::int AS lines
FROM lines WHERE exempt OR substitute_id IS NOT NULL
GROUP BY kind ORDER BY kind"""

UNMET = f"""
WITH {LINES}, {MONTHS_VISITS}, {COUNTED}
SELECT lines.id AS line, unit.name AS unit, village.name AS village, township.name AS township,
       officer.name AS officer, lines.due, coalesce(counted.visits, 0) AS done
FROM lines
LEFT JOIN counted USING (unit_id, village_id, month)
JOIN contact_points_unit unit ON unit.id = lines.unit_id
JOIN contact_points_village village ON village.id = lines.village_id
JOIN contact_points_township township ON township.id = village.township_id
JOIN contact_points_officer officer ON officer.id = lines.officer_id
WHERE coalesce(counted.visits, 0) < lines.due
ORDER BY unit.order, unit.id, village.code, lines.month, lines.id"""
