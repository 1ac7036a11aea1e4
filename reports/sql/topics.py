"""What was explained, topic by topic, and which words rise in what was heard."""

from reports.sql.lines import LINES
from reports.sql.visits import MONTHS_VISITS

# Heads are those present at the visits that explained the topic.
TOPICS = f"""
WITH {LINES}, {MONTHS_VISITS},
heads AS (
    SELECT talk.visit_id, sum(talk.people) AS people
    FROM visits JOIN visits_talk talk ON talk.visit_id = visits.id GROUP BY talk.visit_id
),
planned AS (
    SELECT wanted.topic_id, count(DISTINCT lines.village_id) AS villages
    FROM lines JOIN visits_planline_topics wanted ON wanted.planline_id = lines.id
    WHERE lines.due > 0 GROUP BY wanted.topic_id
),
delivered AS (
    SELECT told.topic_id, count(DISTINCT visits.village_id) AS villages,
           coalesce(sum(heads.people), 0)::int AS people
    FROM visits
    JOIN visits_visit_topics told ON told.visit_id = visits.id
    LEFT JOIN heads ON heads.visit_id = visits.id
    GROUP BY told.topic_id
)
SELECT topic.id AS topic, topic.title,
       coalesce(planned.villages, 0) AS villages_planned,
       coalesce(delivered.villages, 0) AS villages_delivered,
       coalesce(delivered.people, 0) AS people
FROM planned FULL JOIN delivered USING (topic_id)
JOIN visits_topic topic ON topic.id = topic_id
ORDER BY villages_delivered DESC, villages_planned DESC, topic.id"""

# The most surprising first (`reports.heard`).
WORDS = """
SELECT said.word, said.visits, said.matters, said.before, heard.records, heard.records_before
FROM reports_heardword said JOIN reports_heardmonth heard ON heard.id = said.heard_id
WHERE heard.county_id = %(county)s AND heard.month = %(last)s
ORDER BY said.order"""
