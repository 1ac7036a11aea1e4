from django.db import migrations


class Migration(migrations.Migration):
    """The database itself refuses to change or remove audit entries."""

    dependencies = [("outreach", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION outreach_audit_is_append_only() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit entries are never changed or deleted'
                    USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON outreach_auditentry
                FOR EACH ROW EXECUTE FUNCTION outreach_audit_is_append_only();
            CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON outreach_auditentry
                FOR EACH STATEMENT EXECUTE FUNCTION outreach_audit_is_append_only();
            """,
            """
            DROP TRIGGER audit_append_only ON outreach_auditentry;
            DROP TRIGGER audit_no_truncate ON outreach_auditentry;
            DROP FUNCTION outreach_audit_is_append_only();
            """,
        )
    ]
