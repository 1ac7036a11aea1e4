from django.db import migrations


class Migration(migrations.Migration):
    """The database itself refuses to change or delete a report that was issued.

    But for its job, which belongs to the machinery and is cleared away after a time.
    """

    dependencies = [("reports", "0006_issuing_and_editing")]

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
        )
    ]
