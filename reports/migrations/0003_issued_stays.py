from django.db import migrations


class Migration(migrations.Migration):
    """The database itself refuses to change or delete a report or bulletin that was issued.

    But for a report's job, which belongs to the machinery and is cleared away after a time.
    """

    replaces = [("reports", "0007_issued_reports_stay"), ("reports", "0011_issued_bulletins_stay")]

    dependencies = [("reports", "0002_stale_marks")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION reports_issued_stays() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE'
                   AND to_jsonb(NEW) - 'job_id' = to_jsonb(OLD) - 'job_id' THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'an issued report is never changed or deleted'
                    USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER report_issued_stays BEFORE UPDATE OR DELETE ON reports_report
                FOR EACH ROW WHEN (OLD.state = 'issued')
                EXECUTE FUNCTION reports_issued_stays();
            """,
            """
            DROP TRIGGER report_issued_stays ON reports_report;
            DROP FUNCTION reports_issued_stays();
            """,
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION reports_issued_bulletin_stays() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'an issued bulletin is never changed or deleted'
                    USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER bulletin_issued_stays BEFORE UPDATE OR DELETE ON reports_bulletin
                FOR EACH ROW WHEN (OLD.state = 'issued')
                EXECUTE FUNCTION reports_issued_bulletin_stays();
            """,
            """
            DROP TRIGGER bulletin_issued_stays ON reports_bulletin;
            DROP FUNCTION reports_issued_bulletin_stays();
            """,
        ),
    ]
