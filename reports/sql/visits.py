"""Visits that count, and the people talked with."""

from reports.sql.keys import PLACE

# Visits that count. `substantive` is what fulfils an obligation (domain: rules): the record was
# sent, carries a text of what was learnt, topics, and a talk or a household that was met.
_VISITS = """
{name} AS (
    SELECT visit.id, {{visit_key}} AS key, visit.month, visit.officer_id,
           visit.started_at, point.unit_id, point.village_id, visit.ate, visit.lived, visit.worked,
           visit.feedback_due_on, feedback.received_on, feedback.sent_minutes,
           coalesce(feedback.state, 'draft') = 'submitted' AS waiting_review,
           coalesce(feedback.state, 'draft') = 'returned' AS returned,
           coalesce(feedback.state, 'draft') = 'draft' AS unsent,
           coalesce(feedback.state, 'draft') = 'draft'
               AND visit.feedback_due_on < %(today)s AS overdue,
           coalesce(feedback.state IN ('submitted', 'accepted') AND feedback.findings <> ''
               AND (%(until)s::date IS NULL OR feedback.received_on <= %(until)s)
               AND EXISTS (SELECT FROM visits_visit_topics told WHERE told.visit_id = visit.id)
               AND (EXISTS (SELECT FROM visits_talk talk WHERE talk.visit_id = visit.id)
                    OR EXISTS (SELECT FROM visits_visithousehold contact
                               WHERE contact.visit_id = visit.id AND contact.outcome = 'met')),
               false) AS substantive,
           {{asked}} AS inside
    FROM visits_visit visit
    JOIN contact_points_contactpoint point ON point.id = visit.contact_point_id
    JOIN contact_points_village village ON village.id = point.village_id
    JOIN contact_points_unit unit ON unit.id = point.unit_id
    {{obligation}}
    LEFT JOIN feedback_feedback feedback ON feedback.visit_id = visit.id
    WHERE visit.county_id = %(county)s AND point.county_id = %(county)s
      AND visit.state = 'recorded'
      AND visit.month BETWEEN {first} AND %(last)s AND {which}
)"""
MONTHS_VISITS = _VISITS.format(name="visits", first="%(first)s", which="{asked}")
# Of all units: what others reached in the village this year is a repeat.
YEARS_VISITS = _VISITS.format(name="visits", first="%(earliest)s", which=PLACE)

# Substantive visits of a unit to a village in a month: done = least(due, counted.visits).
COUNTED = """
counted AS (
    SELECT unit_id, village_id, month, count(*)::int AS visits
    FROM visits WHERE substantive GROUP BY unit_id, village_id, month
)"""

WORK = """count(*) AS visits,
       count(*) FILTER (WHERE substantive) AS substantive,
       count(received_on) AS feedback_sent,
       count(*) FILTER (WHERE received_on <= feedback_due_on) AS feedback_on_time,
       count(*) FILTER (WHERE waiting_review) AS waiting_review,
       count(*) FILTER (WHERE returned) AS returned,
       count(*) FILTER (WHERE ate) AS ate,
       count(*) FILTER (WHERE lived) AS lived,
       count(*) FILTER (WHERE worked) AS worked,
       count(*) FILTER (WHERE ate OR lived OR worked) AS together_visits"""

VISITS = f"""
WITH {MONTHS_VISITS}
SELECT key, {WORK},
       count(*) FILTER (WHERE overdue) AS overdue_feedback,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY sent_minutes) AS burden_minutes,
       coalesce(sum(sent_minutes), 0)::int AS written_minutes
FROM visits GROUP BY key"""

PEOPLE = f"""
WITH {MONTHS_VISITS}
SELECT visits.key, talk.group, sum(talk.people)::int AS people
FROM visits JOIN visits_talk talk ON talk.visit_id = visits.id
GROUP BY visits.key, talk.group"""
