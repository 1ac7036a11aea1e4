"""Matters: their rates, the lists behind these, and what was raised."""

from reports.sql.keys import LED

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
      AND {LED}
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
