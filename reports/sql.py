"""The SQL of the indicators. Braces take the key a figure is grouped by, never a value.

Parameters: county, first and last (months asked for), january (of the last month's year), earliest
(1 January of the first month's year), today, until (a feedback received later does not count yet);
township, unit and officer narrow everything to one of them, and None to none.
"""

# What a row of `lines` and of `visits` is grouped by.
KEYS = {
    None: "0",
    "unit": "point.unit_id",
    "township": "village.township_id",
    "village": "point.village_id",
    "contact_point": "point.id",
    "kind": "unit.kind",
    "month": "line.month",
}

# What a question is narrowed to. An officer is asked of the obligation, so not here.
_PLACE = "coalesce(village.township_id = %(township)s, true)"
_PART = f"{_PLACE} AND coalesce(point.unit_id = %(unit)s, true)"


_MATTERS = f"coalesce(matter.leader_id = %(unit)s, true) AND {_PLACE}"

MATTER_KEYS = {
    None: "0",
    "unit": "matter.leader_id",
    "township": "village.township_id",
    "village": "matter.village_id",
    "kind": "unit.kind",
    # Matters of a category with those of its children; NULL: not sorted yet.
    "category": "coalesce(category.parent_id, category.id)",
}


# A visit under the obligation it fulfils, whoever went and whoever holds the village by then.
_OBLIGATION_OF_VISIT = """LEFT JOIN LATERAL (
        SELECT line.officer_id, line.contact_point_id
        FROM visits_planline line
        JOIN contact_points_contactpoint holder ON holder.id = line.contact_point_id
        WHERE holder.unit_id = point.unit_id AND holder.village_id = point.village_id
          AND line.month = visit.month
          AND holder.period && daterange(line.month, (line.month + interval '1 month')::date)
        ORDER BY lower(holder.period) LIMIT 1
    ) line ON true"""


# A row of the rollups (`reports.rolled`): the month, counted in days since 2000, unit, village,
# contact point and officer.
_ROW_OF_LINE = """ARRAY[line.month - date '2000-01-01', point.unit_id, point.village_id,
        line.contact_point_id, line.officer_id]"""
_ROW_OF_VISIT = """ARRAY[visit.month - date '2000-01-01', point.unit_id, point.village_id,
        coalesce(line.contact_point_id, point.id), coalesce(line.officer_id, visit.officer_id)]"""


def keys(by: str | None, *, of_officer: bool = False) -> dict[str, str]:
    """The SQL expressions of the key and of what is asked for, and the join they need of visits."""
    officer = "coalesce(line.officer_id, visit.officer_id)"
    visit_keys = {
        "officer": officer,
        "contact_point": "coalesce(line.contact_point_id, point.id)",
        "month": "visit.month",
        "row": _ROW_OF_VISIT,
    }
    line_keys = {"officer": "line.officer_id", "row": _ROW_OF_LINE}
    joins = of_officer or by in ("officer", "contact_point", "row")
    return {
        "line_key": line_keys.get(by or "") or KEYS.get(by, "0"),
        "visit_key": visit_keys.get(by or "") or KEYS.get(by, "0"),
        "matter_key": MATTER_KEYS.get(by, "0"),
        "obligation": _OBLIGATION_OF_VISIT if joins else "",
        "asked": f"{_PART} AND {officer} = %(officer)s" if of_officer else _PART,
    }


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
    + _PART
    + """
    ORDER BY point.unit_id, point.village_id, line.month, lower(point.period)
),
lines AS (SELECT * FROM owed WHERE coalesce(officer_id = %(officer)s, true))"""
)

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
YEARS_VISITS = _VISITS.format(name="visits", first="%(earliest)s", which=_PLACE)

# Substantive visits of a unit to a village in a month: done = least(due, counted.visits).
COUNTED = """
counted AS (
    SELECT unit_id, village_id, month, count(*)::int AS visits
    FROM visits WHERE substantive GROUP BY unit_id, village_id, month
)"""

# A unit's work in a village: what coverage "this year" looks at, across a change of officer.
PAIRS = """
pairs AS (SELECT DISTINCT key, unit_id, village_id FROM lines)"""

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
WHERE request.county_id = %(county)s AND request.state = 'asked' AND {_PART}
  AND coalesce(line.officer_id = %(officer)s, true)
UNION ALL
SELECT 'overdue_matters', matter.id::text FROM feedback_matter matter
JOIN contact_points_village village ON village.id = matter.village_id
WHERE matter.county_id = %(county)s AND matter.due_on < %(today)s AND {_MATTERS}
  AND matter.state NOT IN ('draft', 'joined', 'waiting', 'answered', 'closed')
  AND %(officer)s::int IS NULL"""

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


# Matters by the unit that leads them now. Due is what fell due in these months and whose day is
# over; a clock that stands still has no day. An answer that was taken back by a reopening is none.
# Of several reports of one problem the first counts, the joined ones do not.
# What part each matter has in the rates of the months: whether it counts, and whether it is met.
_RATED = f"""
WITH matters AS (
    SELECT {{matter_key}} AS key, matter.*,
           (matter.accepted_at AT TIME ZONE 'Asia/Shanghai')::date AS accepted_on,
           (matter.answered_at AT TIME ZONE 'Asia/Shanghai')::date AS answered_on,
           (matter.villager_at AT TIME ZONE 'Asia/Shanghai')::date AS asked_on,
           matter.respond_by >= %(first)s AND matter.respond_by < %(today)s
               AND matter.respond_by < %(last)s + interval '1 month' AS to_accept,
           matter.first_due_on >= %(first)s AND matter.first_due_on < %(today)s
               AND matter.first_due_on < %(last)s + interval '1 month'
               AND matter.state <> 'waiting' AS to_answer,
           matter.state IN ('answered', 'closed')
               AND matter.outcome IN ('not_possible', 'out_of_remit') AS excluded
    FROM feedback_matter matter
    JOIN contact_points_village village ON village.id = matter.village_id
    JOIN contact_points_unit unit ON unit.id = matter.leader_id
    LEFT JOIN feedback_mattercategory category ON category.id = matter.category_id
    WHERE matter.county_id = %(county)s AND matter.state NOT IN ('draft', 'joined')
      AND {_MATTERS}
),
rated AS (
    SELECT id, key, to_accept, to_answer,
           to_accept AND coalesce(accepted_on <= respond_by, false) AS accepted,
           to_answer AND NOT excluded AS to_resolve,
           to_answer AND outcome IN ('solved', 'explained')
               AND coalesce(answered_on <= first_due_on, false) AS resolved,
           to_answer AND excluded AS left_out,
           asked,
           asked AND (villager_word = 'solved' OR coalesce(villager_satisfied, false)) AS content
    FROM matters
    CROSS JOIN LATERAL (
        SELECT coalesce(
            asked_on >= %(first)s AND asked_on < %(last)s + interval '1 month', false
        ) AS asked
    ) villager
)"""

# Rate -> what is counted for it and what of that is met; the figures and the lists behind them.
RATES = {
    "response": ("to_accept", "accepted"),
    "resolution": ("to_resolve", "resolved"),
    "satisfaction": ("asked", "content"),
    "exclusion": ("to_answer", "left_out"),
}

MATTERS = f"""{_RATED}
SELECT key,
       count(*) FILTER (WHERE to_accept)::int AS response_due,
       count(*) FILTER (WHERE accepted)::int AS responded,
       count(*) FILTER (WHERE to_resolve)::int AS resolution_due,
       count(*) FILTER (WHERE resolved)::int AS resolved,
       count(*) FILTER (WHERE left_out)::int AS excluded,
       count(*) FILTER (WHERE asked)::int AS asked,
       count(*) FILTER (WHERE content)::int AS content
FROM rated GROUP BY key ORDER BY key"""


MATTERS_RAISED = """
SELECT date_trunc('month', matter.raised_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
       coalesce(category.parent_id, category.id) AS category, count(*)::int AS matters
FROM feedback_matter matter
JOIN contact_points_village village ON village.id = matter.village_id
LEFT JOIN feedback_mattercategory category ON category.id = matter.category_id
WHERE matter.county_id = %(county)s AND matter.state NOT IN ('draft', 'joined')
  AND matter.raised_at >= %(first)s::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND matter.raised_at
      < (%(last)s::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
  AND coalesce(matter.leader_id = %(unit)s, true)
  AND coalesce(village.township_id = %(township)s, true)
GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"""


def matter_ids(rate: str, part: str) -> str:
    """The statement that names the matters of a rate: the whole of it, what is met or missing."""
    whole, met = RATES[rate]
    conditions = {"whole": whole, "met": met, "missing": f"{whole} AND NOT {met}"}
    return f"{_RATED} SELECT id FROM rated WHERE {conditions[part]} ORDER BY id"
