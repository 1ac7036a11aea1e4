"""The SQL of the rollups: how a row of them is made from the definitions, and how it is read.

Parameters are those of `reports.sql`; of a reading also arrays of slots with their first, last and
January, and `stale` (the month from which on rows are made instead of read).
"""

from reports import sql
from visits.models import Group

GROUPS = tuple(Group.values)
OF_LINES = ("due", "done", "exempt", "planned_lines", "planned_kept")
OF_VISITS = (
    *("visits", "substantive", "feedback_sent", "feedback_on_time", "waiting_review", "returned"),
    *("ate", "lived", "worked", "together_visits"),
)
OF_CONTACTS = ("household_contacts", "household_repeats")
COUNTS = (*OF_LINES, *OF_VISITS, *OF_CONTACTS)
KEY = ("month", "unit_id", "village_id", "contact_point_id", "officer_id")
# What cannot be added up is kept whole: minutes for the median, the days on which feedback is due
# that nobody sent (what is overdue depends on today), the households the unit met there for the
# first time in the year.
LISTS = ("minutes", "unsent_due", "households")
COLUMNS = ("county_id", *KEY, "holds", *COUNTS, *GROUPS, *LISTS)

_VISITS = f"""
WITH {sql.MONTHS_VISITS}
SELECT key, {sql.WORK},
       array_agg(sent_minutes ORDER BY sent_minutes)
           FILTER (WHERE sent_minutes IS NOT NULL) AS minutes,
       array_agg(feedback_due_on ORDER BY feedback_due_on) FILTER (WHERE unsent) AS unsent_due
FROM visits GROUP BY key"""

_HEADS = ", ".join(f"sum(people) FILTER (WHERE \"group\" = '{name}') AS {name}" for name in GROUPS)
_PEOPLE = f"SELECT key, {_HEADS} FROM ({sql.PEOPLE}) heads GROUP BY key"

_CONTACTS = f"""
WITH {sql.YEARS_VISITS}, {sql.CONTACTS},
firsts AS (
    SELECT *, row_number() OVER (
        PARTITION BY unit_id, village_id, household_id, date_trunc('year', month)
        ORDER BY started_at, id) = 1 AS first
    FROM contacts
)
SELECT key, count(*) AS household_contacts, count(*) FILTER (WHERE again) AS household_repeats,
       array_agg(household_id ORDER BY household_id) FILTER (WHERE first) AS households
FROM firsts WHERE month >= %(first)s GROUP BY key"""

_ZEROS = ", ".join(f"coalesce({name}, 0)::int AS {name}" for name in (*COUNTS, *GROUPS))
# The rows of the months from first to last, from the records themselves.
MADE = f"""
SELECT %(county)s AS county_id, date '2000-01-01' + key[1]::int AS month, key[2] AS unit_id,
       key[3] AS village_id, key[4] AS contact_point_id, key[5] AS officer_id,
       of_lines.key IS NOT NULL AS holds, {_ZEROS},
       coalesce(minutes, '{{{{}}}}') AS minutes, coalesce(unsent_due, '{{{{}}}}') AS unsent_due,
       coalesce(households, '{{{{}}}}') AS households
FROM ({sql.OBLIGATIONS}) of_lines
FULL JOIN ({_VISITS}) of_visits USING (key)
FULL JOIN ({_PEOPLE}) of_people USING (key)
FULL JOIN ({_CONTACTS}) of_contacts USING (key)"""

_NAMES = ", ".join(COLUMNS)

# The obligations of each month that need not be counted from the records.
OBLIGATIONS = """
SELECT kept.month AS key, sum(due)::int AS due, sum(done)::int AS done
FROM reports_monthfigures kept
JOIN contact_points_village village ON village.id = kept.village_id
WHERE kept.county_id = %(county)s AND kept.month BETWEEN %(first)s AND %(last)s
  AND coalesce(kept.month < %(stale)s, true)
  AND coalesce(village.township_id = %(township)s, true)
  AND coalesce(kept.unit_id = %(unit)s, true)
  AND coalesce(kept.officer_id = %(officer)s, true)
GROUP BY kept.month"""

# What a reading is grouped by; unit and township are those of today.
KEYS = {
    None: "0",
    "unit": "kept.unit_id",
    "township": "village.township_id",
    "village": "kept.village_id",
    "contact_point": "kept.contact_point_id",
    "officer": "kept.officer_id",
    "kind": "unit.kind",
}

_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in (*COUNTS, *GROUPS))
_FOCUS = " + ".join(f"(sum({name}) > 0)::int" for name in GROUPS)

# {made} takes the rows of stale months (MADE), or nothing. A village that two units visit in a
# year needs its households told apart; of all others the numbers add up.
FIGURES = f"""
WITH span AS (
    SELECT * FROM unnest(%(slots)s::date[], %(firsts)s::date[], %(lasts)s::date[],
                         %(januaries)s::date[]) AS span (slot, first, last, january)
),
kept AS (
    SELECT {_NAMES} FROM reports_monthfigures
    WHERE county_id = %(county)s AND month BETWEEN %(january)s AND %(last)s
      AND (%(stale)s::date IS NULL OR month < %(stale)s)
    {{made}}
),
keyed AS (
    SELECT span.slot, {{key}} AS key, kept.*
    FROM kept JOIN span ON kept.month BETWEEN span.first AND span.last
    JOIN contact_points_village village ON village.id = kept.village_id
    JOIN contact_points_unit unit ON unit.id = kept.unit_id
    WHERE coalesce(village.township_id = %(township)s, true)
      AND coalesce(kept.unit_id = %(unit)s, true)
      AND coalesce(kept.officer_id = %(officer)s, true)
),
sums AS (
    SELECT slot, key, {_SUMS} FROM keyed GROUP BY slot, key
),
burden AS (
    SELECT slot, key, percentile_cont(0.5) WITHIN GROUP (ORDER BY minute) AS burden_minutes,
           sum(minute)::int AS written_minutes
    FROM keyed, unnest(minutes) minute GROUP BY slot, key
),
overdue AS (
    SELECT slot, key, count(*)::int AS overdue_feedback
    FROM keyed, unnest(unsent_due) day WHERE day < %(today)s GROUP BY slot, key
),
pairs AS (
    SELECT DISTINCT slot, key, unit_id, village_id FROM keyed WHERE holds
),
shared AS (
    SELECT village_id, date_trunc('year', month) AS year FROM kept
    GROUP BY 1, 2 HAVING min(unit_id) < max(unit_id)
),
years AS (
    SELECT pairs.slot, pairs.key, pairs.unit_id, pairs.village_id,
           {_FOCUS} AS groups, sum(cardinality(kept.households))::int AS households
    FROM pairs JOIN span USING (slot)
    JOIN kept ON kept.unit_id = pairs.unit_id AND kept.village_id = pairs.village_id
        AND kept.month BETWEEN span.january AND span.last
    GROUP BY 1, 2, 3, 4
),
reach AS (
    SELECT slot, key, sum(groups)::int AS groups_covered, 5 * count(*)::int AS groups_possible,
           sum(households)::int AS households
    FROM years GROUP BY slot, key
),
twice AS (
    SELECT slot, key, (count(*) - count(DISTINCT household))::int AS households
    FROM pairs JOIN span USING (slot)
    JOIN shared ON shared.village_id = pairs.village_id
        AND shared.year = date_trunc('year', span.last)
    JOIN kept ON kept.unit_id = pairs.unit_id AND kept.village_id = pairs.village_id
        AND kept.month BETWEEN span.january AND span.last
    CROSS JOIN unnest(kept.households) household
    GROUP BY slot, key
),
totals AS (
    SELECT held.slot, held.key, sum(coalesce(
               village.households_count,
               (SELECT count(*) FROM contact_points_household household
                WHERE household.village_id = village.id)
           ))::int AS households_total
    FROM (SELECT DISTINCT slot, key, village_id FROM pairs) held
    JOIN contact_points_village village ON village.id = held.village_id
    GROUP BY held.slot, held.key
)
SELECT sums.*, burden_minutes, coalesce(written_minutes, 0) AS written_minutes,
       coalesce(overdue_feedback, 0) AS overdue_feedback,
       coalesce(groups_covered, 0) AS groups_covered,
       coalesce(groups_possible, 0) AS groups_possible,
       coalesce(reach.households, 0) - coalesce(twice.households, 0) AS households_reached,
       coalesce(households_total, 0) AS households_total
FROM sums
LEFT JOIN burden USING (slot, key)
LEFT JOIN overdue USING (slot, key)
LEFT JOIN reach USING (slot, key)
LEFT JOIN twice USING (slot, key)
LEFT JOIN totals USING (slot, key)
ORDER BY slot, key"""


def reading(by: str | None, *, stale: bool) -> str:
    """The statement that reads figures by this key."""
    made = f"UNION ALL SELECT {_NAMES} FROM ({rows_made()}) made" if stale else ""
    return FIGURES.format(key=KEYS[by], made=made)


def rows_made() -> str:
    """The statement that makes rows from the records."""
    return MADE.format(**sql.keys("row"))


def keep() -> str:
    """The statement that keeps rows made from the records."""
    return f"INSERT INTO reports_monthfigures ({_NAMES}) SELECT {_NAMES} FROM ({rows_made()}) made"


KEPT = f"""
SELECT {_NAMES} FROM reports_monthfigures
WHERE county_id = %(county)s AND month BETWEEN %(first)s AND %(last)s"""
