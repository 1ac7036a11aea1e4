"""What waits for somebody, and the villages of the wall of tiles."""

from reports.sql.keys import LED, PART
from reports.sql.lines import LINES
from reports.sql.visits import MONTHS_VISITS

VILLAGES = """
SELECT village.id AS village, village.code, village.name, township.name AS township,
       township.id AS township_id, village.merged_into_id IS NOT NULL AS merged
FROM contact_points_village village
JOIN contact_points_township township ON township.id = village.township_id
WHERE village.county_id = %(county)s AND coalesce(township.id = %(township)s, true)
ORDER BY township.code, village.code"""

ATTENTION = f"""
WITH {LINES}, {MONTHS_VISITS}
SELECT 'undated_lines' AS concern, lines.id::text AS id FROM lines
WHERE lines.due > 0 AND lines.planned_date IS NULL AND NOT EXISTS (
    SELECT FROM visits
    WHERE visits.unit_id = lines.unit_id AND visits.village_id = lines.village_id
      AND visits.month = lines.month)
UNION ALL SELECT 'overdue_feedback', id::text FROM visits WHERE overdue
UNION ALL SELECT 'returned', id::text FROM visits WHERE returned
UNION ALL SELECT 'waiting_review', id::text FROM visits WHERE waiting_review
UNION ALL
SELECT 'waiting_plans', plan.id::text FROM visits_annualplan plan
JOIN visits_programmeyear year ON year.id = plan.programme_year_id
WHERE plan.county_id = %(county)s AND plan.state = 'submitted'
  AND year.year = extract(year FROM %(first)s::date)
  AND coalesce(plan.unit_id = %(unit)s, true)
  AND coalesce(%(township)s, %(officer)s) IS NULL
UNION ALL
SELECT 'open_requests', request.id::text FROM visits_exemptionrequest request
JOIN visits_planline line ON line.id = request.line_id
JOIN contact_points_contactpoint point ON point.id = line.contact_point_id
JOIN contact_points_village village ON village.id = point.village_id
WHERE request.county_id = %(county)s AND request.state = 'asked' AND {PART}
  AND coalesce(line.officer_id = %(officer)s, true)
UNION ALL
SELECT 'overdue_matters', matter.id::text FROM feedback_matter matter
JOIN contact_points_village village ON village.id = matter.village_id
WHERE matter.county_id = %(county)s AND matter.due_on < %(today)s AND {LED}
  AND matter.state NOT IN ('draft', 'joined', 'waiting', 'answered', 'closed')
  AND %(officer)s::int IS NULL
UNION ALL
SELECT 'own_matters', matter.id::text FROM feedback_matter matter
JOIN visits_visit visit ON visit.id = matter.visit_id
WHERE matter.county_id = %(county)s AND visit.officer_id = %(officer)s
  AND %(unit)s IN (matter.origin_id, matter.leader_id)
  AND matter.state NOT IN ('draft', 'joined', 'answered', 'closed')"""
