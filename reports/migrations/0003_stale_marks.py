from django.db import migrations

_OF_VISIT = """
        SELECT visit.county_id, visit.month FROM changed
        JOIN visits_visit visit ON visit.id = changed.visit_id"""

# Every table that an indicator reads, and the county-months that its changed rows touch; with a
# month the rest of its year is counted again. Townships, kinds and household counts of the
# registry are not kept in rows but read live.
WATCHED = {
    "visits_planline": "SELECT county_id, month FROM changed",
    "visits_planline_topics": """
        SELECT line.county_id, line.month FROM changed
        JOIN visits_planline line ON line.id = changed.planline_id""",
    # The year and not the months of its lines: another transaction may be adding one.
    "visits_annualplan": """
        SELECT changed.county_id, make_date(year.year, 1, 1) AS month FROM changed
        JOIN visits_programmeyear year ON year.id = changed.programme_year_id""",
    "visits_visit": "SELECT county_id, month FROM changed",
    "visits_visit_topics": _OF_VISIT,
    "visits_talk": _OF_VISIT,
    "visits_visithousehold": _OF_VISIT,
    "feedback_feedback": _OF_VISIT,
}
# Name, event, and the transition tables; `changed` is what the function reads.
EVENTS = (
    ("inserted", "INSERT", "NEW TABLE AS changed"),
    ("updated", "UPDATE", "NEW TABLE AS changed"),
    ("was", "UPDATE", "OLD TABLE AS changed"),
    ("deleted", "DELETE", "OLD TABLE AS changed"),
)

# A contact point: the days that it newly holds or no longer holds. Not the months of its lines,
# because another transaction may be adding one. A first day that moves decides who held a shared
# month first, so everything from there on counts anew.
HELD = """
        SELECT county_id, date_trunc('month', since)::date AS month FROM ({days}) days
        UNION
        SELECT county_id, generate_series(date_trunc('year', since) + interval '1 year',
            coalesce(until, current_date + interval '3 years'), interval '1 year')::date
        FROM ({days}) days"""
WHOLE = "SELECT county_id, lower(period) AS since, upper(period) AS until FROM changed"
DIFFERENT = """
            SELECT changed.county_id,
                   CASE WHEN lower(was.period) = lower(changed.period)
                             AND (was.unit_id, was.village_id)
                                 = (changed.unit_id, changed.village_id)
                        THEN least(upper(was.period), upper(changed.period))
                        ELSE least(lower(was.period), lower(changed.period)) END AS since,
                   CASE WHEN upper_inf(was.period) OR upper_inf(changed.period) THEN NULL
                        ELSE greatest(upper(was.period), upper(changed.period)) END AS until
            FROM was JOIN changed USING (id)
            WHERE (was.period, was.unit_id, was.village_id)
                  <> (changed.period, changed.unit_id, changed.village_id)"""
POINT = "contact_points_contactpoint"


def function(name, months):
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO reports_stalemonth (county_id, month, transaction)
            SELECT DISTINCT touched.county_id, touched.month,
                   pg_current_xact_id()::text::bigint
            FROM ({months}) touched
            WHERE NOT EXISTS (
                SELECT FROM reports_stalemonth mark
                WHERE mark.county_id = touched.county_id AND mark.month = touched.month
                  AND mark.transaction = pg_current_xact_id()::text::bigint);
            RETURN NULL;
        END $$"""


def trigger(name, event, tables, table, called):
    return f"""
        CREATE TRIGGER stale_{name} AFTER {event} ON {table} REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION {called}()"""


def watch():
    for table, months in WATCHED.items():
        yield function(f"reports_stale_{table}", months)
        for event in EVENTS:
            yield trigger(*event, table, f"reports_stale_{table}")
    yield function("reports_stale_held", HELD.format(days=WHOLE))
    yield function("reports_stale_held_otherwise", HELD.format(days=DIFFERENT))
    for name, event, tables in (EVENTS[0], EVENTS[-1]):
        yield trigger(name, event, tables, POINT, "reports_stale_held")
    both = "OLD TABLE AS was NEW TABLE AS changed"
    yield trigger("updated", "UPDATE", both, POINT, "reports_stale_held_otherwise")


def forget():
    for table in WATCHED:
        yield f"DROP FUNCTION reports_stale_{table}() CASCADE"
    yield "DROP FUNCTION reports_stale_held() CASCADE"
    yield "DROP FUNCTION reports_stale_held_otherwise() CASCADE"


# What there is already has never been counted.
ALL_STALE = """
    INSERT INTO reports_stalemonth (county_id, month, transaction)
    SELECT county_id, month, 0 FROM visits_planline
    UNION SELECT county_id, month, 0 FROM visits_visit"""


class Migration(migrations.Migration):
    """The database marks a county's month as stale whenever its records change.

    A trigger, because a mark that each service had to set could be forgotten. It holds no rule:
    what is counted, and how, stands in `reports.sql` alone.
    """

    dependencies = [
        ("reports", "0002_rollups"),
        ("visits", "0010_photos_of_a_visit"),
        ("feedback", "0009_receipts"),
        ("contact_points", "0007_mergers_have_a_month"),
    ]

    operations = [
        migrations.RunSQL(list(watch()), list(forget())),
        migrations.RunSQL(ALL_STALE, migrations.RunSQL.noop),
    ]
