"""Households and groups: whom the visits of a year reached."""

from reports.sql.lines import LINES, PAIRS
from reports.sql.visits import YEARS_VISITS

# A contact is a household met. It is a repeat when an earlier visit of that year met it too.
CONTACTS = """
contacts AS (
    SELECT visits.key, visits.month, visits.unit_id, visits.village_id, visits.inside,
           contact.household_id,
           visits.started_at, visits.id,
           row_number() OVER (
               PARTITION BY contact.household_id, date_trunc('year', visits.month)
               ORDER BY visits.started_at, visits.id
           ) > 1 AS again
    FROM visits
    JOIN visits_visithousehold contact ON contact.visit_id = visits.id AND contact.outcome = 'met'
)"""

HOUSEHOLDS = f"""
WITH {LINES}, {YEARS_VISITS}, {PAIRS}, {CONTACTS},
of_months AS (
    SELECT key, count(*) AS household_contacts, count(*) FILTER (WHERE again) AS household_repeats
    FROM contacts WHERE month >= %(first)s AND inside GROUP BY key
),
of_year AS (
    SELECT pairs.key, count(DISTINCT contacts.household_id) AS households_reached
    FROM pairs JOIN contacts USING (unit_id, village_id)
    WHERE contacts.month >= %(january)s GROUP BY pairs.key
),
totals AS (
    SELECT villages.key, sum(coalesce(
               village.households_count,
               (SELECT count(*) FROM contact_points_household household
                WHERE household.village_id = village.id)
           ))::int AS households_total
    FROM (SELECT DISTINCT key, village_id FROM pairs) villages
    JOIN contact_points_village village ON village.id = villages.village_id
    GROUP BY villages.key
)
SELECT key,
       coalesce(households_reached, 0) AS households_reached,
       coalesce(households_total, 0) AS households_total,
       coalesce(household_contacts, 0) AS household_contacts,
       coalesce(household_repeats, 0) AS household_repeats
FROM totals FULL JOIN of_year USING (key) FULL JOIN of_months USING (key)"""

GROUPS = f"""
WITH {LINES}, {YEARS_VISITS}, {PAIRS},
talks AS (
    SELECT DISTINCT visits.unit_id, visits.village_id, talk.group
    FROM visits JOIN visits_talk talk ON talk.visit_id = visits.id
    WHERE visits.month >= %(january)s
),
covered AS MATERIALIZED (  -- counted once, whatever the planner expects
    SELECT unit_id, village_id, count(*) AS groups FROM talks GROUP BY unit_id, village_id
)
SELECT pairs.key, coalesce(sum(covered.groups), 0)::int AS groups_covered,
       5 * count(*) AS groups_possible
FROM pairs LEFT JOIN covered USING (unit_id, village_id)
GROUP BY pairs.key"""
