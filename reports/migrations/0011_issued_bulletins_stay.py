from django.db import migrations


class Migration(migrations.Migration):
    """The database itself refuses to change or delete a bulletin that was issued."""

    dependencies = [("reports", "0010_bulletins")]

    operations = [
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
        )
    ]
