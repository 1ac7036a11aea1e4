import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import outreach.clock


class Migration(migrations.Migration):
    dependencies = [
        ("contact_points", "0008_search_by_two_characters"),
        ("outreach", "0006_saved_views"),
        ("reports", "0005_heard_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                (
                    "findings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="findings",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(default=outreach.clock.now, verbose_name="chosen on")),
            ],
            options={
                "verbose_name": "chosen findings",
                "verbose_name_plural": "chosen findings",
            },
        ),
        migrations.CreateModel(
            name="ReportEdit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("key", models.CharField(max_length=30, verbose_name="paragraph")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("replace", "instead of the generated text"),
                            ("add", "after the generated text"),
                        ],
                        default="replace",
                        max_length=7,
                        verbose_name="stands",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="text")),
                ("over", models.TextField(blank=True, verbose_name="generated text")),
                ("version", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(default=outreach.clock.now, verbose_name="written on")),
            ],
            options={
                "verbose_name": "edited paragraph",
                "verbose_name_plural": "edited paragraphs",
            },
        ),
        migrations.RemoveConstraint(
            model_name="report",
            name="report_made_is_whole",
        ),
        migrations.AddField(
            model_name="report",
            name="issued_at",
            field=models.DateTimeField(null=True, verbose_name="issued"),
        ),
        migrations.AddField(
            model_name="report",
            name="issued_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="issued by",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "being made"),
                    ("made", "draft"),
                    ("issued", "issued"),
                    ("failed", "failed"),
                    ("cancelled", "cancelled"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["made", "issued"]), _negated=True),
                    models.Q(
                        ("made_at__isnull", False),
                        ("snapshot__isnull", False),
                        models.Q(("sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="report_made_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("issued_at__isnull", False),
                        ("issued_by__isnull", False),
                        ("state", "issued"),
                    ),
                    models.Q(
                        models.Q(("state", "issued"), _negated=True),
                        ("issued_at", None),
                        ("issued_by", None),
                    ),
                    _connector="OR",
                ),
                name="report_issued_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="findingchoice",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="chosen by",
            ),
        ),
        migrations.AddField(
            model_name="findingchoice",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
            ),
        ),
        migrations.AddField(
            model_name="reportedit",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="written by",
            ),
        ),
        migrations.AddField(
            model_name="reportedit",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingchoice",
            constraint=models.UniqueConstraint(
                fields=("county", "month"), name="finding_choice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportedit",
            constraint=models.UniqueConstraint(
                fields=("county", "month", "key"), name="report_edit_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportedit",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="report_edit_says_something"
            ),
        ),
    ]
