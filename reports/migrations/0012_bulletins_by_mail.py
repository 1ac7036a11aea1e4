import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0007_job_queues"),
        ("reports", "0011_issued_bulletins_stay"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="delivery",
            options={
                "ordering": ["id"],
                "verbose_name": "e-mail with a document",
                "verbose_name_plural": "e-mails with documents",
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="bulletin",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="reports.bulletin",
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="gets",
            field=models.CharField(
                choices=[
                    ("both", "reports and bulletins"),
                    ("reports", "monthly reports"),
                    ("bulletins", "bulletins"),
                ],
                default="reports",
                max_length=9,
                verbose_name="gets",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="delivery",
            name="report",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="reports.report",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                models.F("bulletin"),
                django.db.models.functions.text.Lower("address"),
                name="delivery_of_bulletin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bulletin__isnull", False), ("report", None)),
                    models.Q(("bulletin", None), ("report__isnull", False)),
                    _connector="OR",
                ),
                name="delivery_of_report_or_bulletin",
            ),
        ),
    ]
