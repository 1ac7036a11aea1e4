"""Fill the registry and some months of a whole province in bulk, to measure pages and reports at
the size they must bear.

Rows are made inside the database, one statement per table and month, so that memory stays bounded
whatever the number of villages. There is no audit entry per row, only one per county; households
are counted, not listed.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from contact_points.models import County, Officer, Township, Unit
from contact_points.services.registry import load_divisions
from contact_points.sorting import sort_key
from outreach import audit, clock
from outreach.demo_accounts import SIGN_INS
from outreach.management.demo import texts
from outreach.management.demo.cast import OWN_UNIT
from outreach.management.demo.county import Say
from outreach.management.demo.names import Names, posts_of
from outreach.management.demo.registry import COUNTY_CODE, UnitRow, read_units, read_villages
from outreach.management.demo.story import GROUPS, moment, months_until
from outreach.roles import Role
from outreach.services import create_account

NAMES, TEXTS = 4000, 3000

# pick(key, n) is a number from 0 to n - 1 that depends on nothing but the key and the seed.
HELPERS = """
CREATE OR REPLACE FUNCTION pg_temp.pick(key text, n integer) RETURNS integer LANGUAGE sql IMMUTABLE
    AS $$ SELECT (abs(hashtextextended(key, {seed}) %% n))::integer $$;
CREATE OR REPLACE FUNCTION pg_temp.local(day date, minutes integer) RETURNS timestamptz
    LANGUAGE sql STABLE
    AS $$ SELECT (day + make_interval(mins => minutes)) AT TIME ZONE 'Asia/Shanghai' $$;
CREATE TEMP TABLE demo_names (n integer PRIMARY KEY, name text, sort_key text) ON COMMIT DROP;
CREATE TEMP TABLE demo_posts (unit text, place integer, post text) ON COMMIT DROP;
CREATE TEMP TABLE demo_texts (month integer, n integer, findings text, problems_solved text,
    suggestions text, reflections text, PRIMARY KEY (month, n)) ON COMMIT DROP;
"""

SIZES = """
UPDATE contact_points_village
SET households_count = 150 + pg_temp.pick(code, 250),
    population = (150 + pg_temp.pick(code, 250)) * 3 + pg_temp.pick(code || 'p', 90)
"""

COORDINATORS = """
INSERT INTO outreach_user (password, username, name, email, role, is_active,
    must_change_password, reminders, created_at, county_id, unit_id)
SELECT '!' || md5(c.code || u.order), c.code || '-' || u.order, n.name, '', 'coordinator', true,
    true, 'daily', %(begin)s, u.county_id, u.id
FROM contact_points_unit u
JOIN contact_points_county c ON c.id = u.county_id
JOIN demo_names n ON n.n = pg_temp.pick(c.code || u.name || 4, {names})
UNION ALL
SELECT '!' || md5(c.code), c.code || '-xianban', n.name, '', 'county', true, true,
    'daily', %(begin)s, c.id, NULL
FROM contact_points_county c JOIN demo_names n ON n.n = pg_temp.pick(c.code, {names})
"""

OFFICERS = """
INSERT INTO contact_points_officer (name, sort_key, post, telephone, county_id, unit_id, user_id)
SELECT n.name, n.sort_key, p.post, '', u.county_id, u.id, a.id
FROM contact_points_unit u
JOIN contact_points_county c ON c.id = u.county_id
JOIN demo_posts p ON p.unit = u.name
JOIN demo_names n ON n.n = pg_temp.pick(c.code || u.name || p.place, {names})
LEFT JOIN outreach_user a ON a.unit_id = u.id AND p.place = 4
ORDER BY u.id, p.place
"""

POINTS = """
WITH unit AS (
    SELECT u.id, u.county_id, count(*) OVER (PARTITION BY u.county_id) AS units,
        row_number() OVER (PARTITION BY u.county_id ORDER BY u.order) - 1 AS n,
        (SELECT array_agg(o.id ORDER BY o.id) FROM contact_points_officer o
         WHERE o.unit_id = u.id) AS officers
    FROM contact_points_unit u
), village AS (
    SELECT id, county_id, code,
        row_number() OVER (PARTITION BY county_id ORDER BY code) - 1 AS n
    FROM contact_points_village
)
INSERT INTO contact_points_contactpoint (period, note, county_id, officer_id, unit_id, village_id)
SELECT daterange(%(first)s, NULL), '', v.county_id,
    unit.officers[1 + pg_temp.pick(v.code, 3)], unit.id, v.id
FROM village v JOIN unit ON unit.county_id = v.county_id AND unit.n = v.n %% unit.units
ORDER BY v.code
"""

YEAR = """
INSERT INTO visits_programmeyear (year, opened_at, county_id, opened_by_id)
SELECT %(year)s, %(begin)s, u.county_id, u.id FROM outreach_user u
WHERE u.username LIKE '%%-xianban';
INSERT INTO visits_yearrule (effective_month, visits_per_month, feedback_due_days, report_day,
    programme_year_id)
SELECT make_date(%(year)s, 1, 1), 1, 5, 5, id FROM visits_programmeyear WHERE year = %(year)s;
INSERT INTO visits_annualplan (state, return_reason, submitted_at, decided_at, county_id,
    decided_by_id, unit_id, programme_year_id)
SELECT 'approved', '', %(begin)s, %(begin)s, y.county_id, y.opened_by_id, u.id, y.id
FROM visits_programmeyear y JOIN contact_points_unit u ON u.county_id = y.county_id
WHERE y.year = %(year)s
    AND EXISTS (SELECT FROM contact_points_contactpoint p WHERE p.unit_id = u.id);
"""

TOPIC = """
INSERT INTO visits_topic (title, level, text, first_month, last_month, programme_year_id)
SELECT %s, %s, %s, make_date(year, %s, 1), make_date(year, %s, 1), id
FROM visits_programmeyear WHERE year = %s
"""

# What happens in a month; %(month)s is its first day and %(until)s the day on which it ends.
MONTH = (
    (
        "plan lines",
        """
INSERT INTO visits_planline (month, required_visits, planned_date, "group", exemption,
    exemption_reason, version, contact_point_id, county_id, officer_id, plan_id)
SELECT %(month)s, 1, %(month)s::date + 1 + pg_temp.pick(v.code || %(month)s, 26),
    (%(groups)s)[1 + (p.id + %(index)s) %% 5], '', '', 2, p.id, p.county_id, p.officer_id, a.id
FROM contact_points_contactpoint p
JOIN contact_points_village v ON v.id = p.village_id
JOIN visits_programmeyear y ON y.county_id = p.county_id AND y.year = %(year)s
JOIN visits_annualplan a ON a.programme_year_id = y.id AND a.unit_id = p.unit_id
""",
    ),
    (
        "planned topics",
        """
WITH topic AS (
    SELECT programme_year_id, array_agg(id ORDER BY id) AS ids FROM visits_topic
    WHERE %(month)s BETWEEN first_month AND last_month GROUP BY 1
)
INSERT INTO visits_planline_topics (planline_id, topic_id)
SELECT l.id, t.ids[1 + l.contact_point_id %% cardinality(t.ids)]
FROM visits_planline l JOIN visits_annualplan a ON a.id = l.plan_id
JOIN topic t ON t.programme_year_id = a.programme_year_id
WHERE l.month = %(month)s
""",
    ),
    (
        "visits",
        """
INSERT INTO visits_visit (id, started_at, ended_at, ate, lived, worked, state, void_reason,
    feedback_due_on, written_at, received_at, version, contact_point_id, county_id, officer_id,
    plan_line_id, recorded_by_id, unit_id)
SELECT md5(v.code || %(month)s || %(seed)s)::uuid,
    pg_temp.local(l.planned_date, 510 + chance.a), pg_temp.local(l.planned_date, 660 + chance.a),
    chance.a < 150, chance.a < 30, chance.a BETWEEN 100 AND 200, 'recorded', '',
    l.planned_date + 5, pg_temp.local(l.planned_date, 680 + chance.a),
    pg_temp.local(l.planned_date, 680 + chance.a), 1, p.id, p.county_id, l.officer_id, l.id, u.id,
    p.unit_id
FROM visits_planline l
JOIN contact_points_contactpoint p ON p.id = l.contact_point_id
JOIN contact_points_village v ON v.id = p.village_id
JOIN outreach_user u ON u.unit_id = p.unit_id AND u.username LIKE '%%-%%'
CROSS JOIN LATERAL (SELECT pg_temp.pick(v.code || %(month)s || 'v', 300) AS a) chance
WHERE l.month = %(month)s AND l.planned_date < %(until)s AND chance.a < 273
""",
    ),
    (
        "explained topics",
        """
INSERT INTO visits_visit_topics (visit_id, topic_id)
SELECT v.id, t.topic_id FROM visits_visit v
JOIN visits_planline_topics t ON t.planline_id = v.plan_line_id WHERE v.month = %(month)s
""",
    ),
    (
        "talks",
        """
INSERT INTO visits_talk ("group", form, people, visit_id)
SELECT l.group, talk.form, talk.least + pg_temp.pick(v.id::text || talk.form, talk.more), v.id
FROM visits_visit v JOIN visits_planline l ON l.id = v.plan_line_id
CROSS JOIN (VALUES ('group_talk', 5, 12), ('household_call', 1, 6)) AS talk (form, least, more)
WHERE v.month = %(month)s
""",
    ),
    (
        "feedback",
        """
INSERT INTO feedback_feedback (state, findings, problems_solved, suggestions, reflections,
    return_reason, sent_minutes, received_at, version, county_id, visit_id,
    written_by_id)
SELECT CASE WHEN sent.at < %(accepted)s THEN 'accepted' ELSE 'submitted' END, t.findings,
    t.problems_solved, t.suggestions, t.reflections, '', 6,
    sent.at, 1, v.county_id, v.id, v.recorded_by_id
FROM visits_visit v
CROSS JOIN LATERAL (SELECT v.received_at + make_interval(mins => 8, days =>
    greatest(0, pg_temp.pick(v.id::text || 's', 100) - 91)) AS at) sent
JOIN demo_texts t ON t.month = %(number)s AND t.n = pg_temp.pick(v.id::text, {texts})
WHERE v.month = %(month)s AND pg_temp.pick(v.id::text || 'f', 100) > 2
    AND sent.at < pg_temp.local(%(until)s, 0)
""",
    ),
    (
        "reviews",
        """
INSERT INTO feedback_review (decision, reason, at, by_id, feedback_id)
SELECT 'accepted', '', f.received_at + interval '20 hours', y.opened_by_id, f.id
FROM feedback_feedback f JOIN visits_visit v ON v.id = f.visit_id
JOIN visits_programmeyear y ON y.county_id = f.county_id AND y.year = %(year)s
WHERE v.month = %(month)s AND f.state = 'accepted'
""",
    ),
)


def build(*, villages: Path, months: int, seed: int, until: date, say: Say) -> None:
    """Load the division list and what happens in the months, all of it or nothing."""
    span = months_until(until, months)
    begin = moment(span[0] - timedelta(days=30))
    with transaction.atomic():
        _run(HELPERS.format(seed=int(seed)), {})
        with clock.at(begin):
            counties = load_divisions(rows=read_villages(villages), actor=None)
            say(f"{len(counties)} counties")
            Unit.objects.bulk_create(_units(read_units()), batch_size=5000)
            for county in counties.values():
                audit.record(gettext_noop("Units loaded"), actor=None, obj=county)
        _words(span, seed)
        values = {"begin": begin, "first": span[0]}
        say(f"{_run(SIZES, {})} villages")
        say(f"{_run(COORDINATORS.format(names=NAMES), values)} accounts")
        say(f"{_run(OFFICERS.format(names=NAMES), values)} officers")
        _run("ANALYZE", {})
        say(f"{_run(POINTS, values)} contact points")
        with clock.at(begin):
            _sign_ins(counties.get(COUNTY_CODE) or min(counties.values(), key=lambda c: c.code))
        for year in sorted({month.year for month in span}):
            _run(YEAR, values | {"year": year})
            for level, title, text, first, last, _ in texts.TOPICS:
                _run(TOPIC, [title, level, text, first, last, year])
        _run("ANALYZE", {})
        for month in span:
            _month(month, seed, until, say)
        _run("ANALYZE", {})


def _run(sql: str, values: dict | list) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def _units(rows: list[UnitRow]) -> Iterator[Unit]:
    """The units of each county: the usual ones, and one for each of its townships."""
    common = [row for row in rows if not row.township]
    townships: dict[int, list[Township]] = {}
    for township in Township.objects.order_by("code"):
        townships.setdefault(township.county_id, []).append(township)
    for county in County.objects.all():
        own = townships.get(county.pk, [])
        times = Counter(township.name for township in own)
        for order, row in enumerate(common, start=1):
            yield Unit(county=county, name=row.name, kind=row.kind, order=order)
        for order, township in enumerate(own, start=len(common) + 1):
            name = township.name if times[township.name] == 1 else f"{township}{township.code}"
            yield Unit(
                county=county, name=name, kind=Unit.Kind.TOWNSHIP, township=township, order=order
            )


def _words(span: list[date], seed: int) -> None:
    """Names, posts and a stock of texts for the statements to draw from."""
    names = Names(Random(f"{seed} names"))
    drawn = [names.draw() for _ in range(NAMES)]
    writer = texts.Writer(Random(f"{seed} texts"))
    stock = []
    for month in sorted({month.month for month in span}):
        offered = [title for _, title, _, first, last, _ in texts.TOPICS if first <= month <= last]
        for n in range(TEXTS):
            said = writer.write(f"{n}", month, GROUPS[n % 5], offered[n % len(offered) :][:1], 9)
            stock.append((month, n, *said.values()))
    units = Unit.objects.values_list("name", flat=True).distinct().order_by()
    with connection.cursor() as cursor:
        for table, rows in (
            (
                "demo_names",
                [(n, name, sort_key(name, surname=True)) for n, name in enumerate(drawn)],
            ),
            (
                "demo_posts",
                [(u, n, p) for u in units for n, p in enumerate(posts_of(u), 1) if n < 5],
            ),
            ("demo_texts", stock),
        ):
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _sign_ins(county: County) -> None:
    """The demonstration's accounts, in one county; `ganbu` takes the place of an officer."""
    unit = Unit.objects.get(county=county, name=OWN_UNIT)
    for role, username, password in SIGN_INS:
        user, _ = create_account(
            actor=None,
            username=username,
            name=username,
            role=role,
            county_id=county.pk,
            unit_id=unit.pk if role in (Role.CADRE, Role.COORDINATOR) else None,
            password=password,
        )
        if role == Role.CADRE:
            holder = Officer.objects.filter(unit=unit, contact_points__isnull=False).first()
            Officer.objects.filter(pk=holder.pk if holder else None).update(user=user)


def _month(month: date, seed: int, until: date, say: Say) -> None:
    values = {
        "month": month,
        "year": month.year,
        "number": month.month,
        "index": month.year * 12 + month.month,
        "until": until,
        "accepted": moment(until - timedelta(days=4)),
        "groups": list(GROUPS),
        "seed": str(seed),
    }
    for what, sql in MONTH:
        say(f"{month:%Y-%m}: {_run(sql.format(texts=TEXTS), values)} {what}")
