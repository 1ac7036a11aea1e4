import django.db.models.deletion
from django.db import migrations, models

# Indexes for LIKE, which Django makes beside each key of characters: nobody searches a mark by its
# beginning, and with each answer all cards of a village are written into every index anew.
DROP = """
    DO $$
    DECLARE name regclass;
    BEGIN
        FOR name IN
            SELECT index.indexrelid::regclass FROM pg_index index
            JOIN pg_class class ON class.oid = index.indexrelid
            WHERE index.indrelid IN (
                    'feedback_evaluationcard'::regclass, 'feedback_tries'::regclass
                ) AND class.relname LIKE '%\\_like'
        LOOP
            EXECUTE format('DROP INDEX %s', name);
        END LOOP;
    END $$;
"""


class Migration(migrations.Migration):
    """Fewer indexes under what is written anew with each answer; when a draw was checked."""

    dependencies = [
        ("contact_points", "0002_schema"),
        ("feedback", "0004_tries_of_anything"),
    ]

    operations = [
        migrations.AddField(
            model_name="evaluationround",
            name="check_passed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="evaluationround",
            name="checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="evaluationcard",
            name="round",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="feedback.evaluationround",
            ),
        ),
        migrations.AlterField(
            model_name="evaluationcard",
            name="village",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contact_points.village",
            ),
        ),
        migrations.AlterField(
            model_name="waitinganswer",
            name="round",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="feedback.evaluationround",
            ),
        ),
        migrations.AlterField(
            model_name="waitinganswer",
            name="village",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contact_points.village",
            ),
        ),
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
    ]
