import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import outreach.clock


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("reports", "0001_initial"),
        ("reports", "0002_rollups"),
        ("reports", "0004_report_cancelled"),
        ("reports", "0005_heard_words"),
        ("reports", "0006_issuing_and_editing"),
        ("reports", "0008_files_beside_the_word_document"),
        ("reports", "0009_recipients"),
        ("reports", "0010_bulletins"),
    ]

    dependencies = [
        ("contact_points", "0001_schema"),
        ("outreach", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("made", "draft"), ("issued", "issued")],
                        default="made",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="title")),
                ("text", models.TextField(max_length=8000, verbose_name="text")),
                ("sources", models.JSONField(default=list)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "written_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="written on"),
                ),
                ("year", models.PositiveSmallIntegerField(null=True, verbose_name="year")),
                ("number", models.PositiveSmallIntegerField(null=True, verbose_name="number")),
                ("letterhead", models.JSONField(null=True)),
                ("document", models.FileField(blank=True, upload_to="bulletins/%Y/")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("pdf", models.FileField(blank=True, upload_to="bulletins/%Y/")),
                ("pdf_sha256", models.CharField(blank=True, max_length=64)),
                ("issued_at", models.DateTimeField(null=True, verbose_name="issued on")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulletin",
                "verbose_name_plural": "bulletins",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "year", "number"), name="bulletin_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("issued_at__isnull", False),
                                ("issued_by__isnull", False),
                                ("letterhead__isnull", False),
                                ("number__isnull", False),
                                ("state", "issued"),
                                ("year__isnull", False),
                                models.Q(("sha256", ""), _negated=True),
                            ),
                            models.Q(
                                ("issued_at", None),
                                ("issued_by", None),
                                ("number", None),
                                ("state", "made"),
                                ("year", None),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_issued_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("revision", models.PositiveSmallIntegerField(verbose_name="revision")),
                (
                    "state",
                    models.CharField(
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
                ("snapshot", models.JSONField(null=True)),
                ("document", models.FileField(blank=True, upload_to="reports/%Y/")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("pdf", models.FileField(blank=True, upload_to="reports/%Y/")),
                ("pdf_sha256", models.CharField(blank=True, max_length=64)),
                ("workbook", models.FileField(blank=True, upload_to="reports/%Y/")),
                ("workbook_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "requested_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="asked for"),
                ),
                ("made_at", models.DateTimeField(null=True, verbose_name="made")),
                ("issued_at", models.DateTimeField(null=True, verbose_name="issued")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="outreach.job"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
            ],
            options={
                "verbose_name": "monthly report",
                "verbose_name_plural": "monthly reports",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "month", "revision"), name="report_revision_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("county", "month"),
                        name="report_one_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="report_month_first_day"
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="name")),
                ("address", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting to be sent"),
                            ("sending", "being sent"),
                            ("sent", "e-mail sent"),
                            ("failed", "e-mail not sent"),
                        ],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="problem")),
                (
                    "asked_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="asked for"),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent on")),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="outreach.job"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail of a report",
                "verbose_name_plural": "e-mails of reports",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("report"),
                        django.db.models.functions.text.Lower("address"),
                        name="delivery_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="delivery_sent_at_some_time",
                    ),
                ],
            },
        ),
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
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="chosen by",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
            ],
            options={
                "verbose_name": "chosen findings",
                "verbose_name_plural": "chosen findings",
                "constraints": [
                    models.UniqueConstraint(fields=("county", "month"), name="finding_choice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HeardMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("stamp", models.CharField(max_length=100)),
                ("records", models.PositiveIntegerField()),
                ("records_before", models.PositiveIntegerField()),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="contact_points.county"
                    ),
                ),
            ],
            options={
                "verbose_name": "words of a month",
                "verbose_name_plural": "words of months",
                "constraints": [
                    models.UniqueConstraint(fields=("county", "month"), name="heard_month_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HeardWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField()),
                ("word", models.CharField(max_length=20)),
                ("visits", models.PositiveIntegerField()),
                ("matters", models.PositiveIntegerField()),
                ("villages", models.PositiveIntegerField()),
                ("before", models.PositiveIntegerField()),
                (
                    "heard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="reports.heardmonth",
                    ),
                ),
            ],
            options={
                "verbose_name": "word that rises",
                "verbose_name_plural": "words that rise",
                "ordering": ["heard", "order"],
                "constraints": [
                    models.UniqueConstraint(fields=("heard", "word"), name="heard_word_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("villages__gte", 2),
                            (
                                "visits__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(3), "-", models.F("matters")
                                ),
                            ),
                        ),
                        name="heard_word_not_rare",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letterhead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(max_length=40, verbose_name="issuer")),
                ("office", models.CharField(blank=True, max_length=30, verbose_name="red header")),
                (
                    "code",
                    models.CharField(blank=True, max_length=10, verbose_name="code of the office"),
                ),
                (
                    "number_year",
                    models.PositiveSmallIntegerField(
                        default=2000, verbose_name="year of the number"
                    ),
                ),
                (
                    "last_number",
                    models.PositiveSmallIntegerField(default=0, verbose_name="last number"),
                ),
                (
                    "bulletin_name",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="name of the bulletin"
                    ),
                ),
                (
                    "copies",
                    models.TextField(
                        blank=True, max_length=300, verbose_name="copies of the bulletin"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(default=outreach.clock.now, verbose_name="set on")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                (
                    "county",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
            ],
            options={
                "verbose_name": "letterhead",
                "verbose_name_plural": "letterheads",
            },
        ),
        migrations.CreateModel(
            name="MonthFigures",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "county_id",
                        "month",
                        "contact_point_id",
                        "officer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("county_id", models.BigIntegerField()),
                ("month", models.DateField()),
                ("contact_point_id", models.BigIntegerField()),
                ("officer_id", models.BigIntegerField()),
                ("unit_id", models.BigIntegerField()),
                ("village_id", models.BigIntegerField()),
                ("holds", models.BooleanField()),
                ("due", models.IntegerField()),
                ("done", models.IntegerField()),
                ("exempt", models.IntegerField()),
                ("planned_lines", models.IntegerField()),
                ("planned_kept", models.IntegerField()),
                ("visits", models.IntegerField()),
                ("substantive", models.IntegerField()),
                ("feedback_sent", models.IntegerField()),
                ("feedback_on_time", models.IntegerField()),
                ("waiting_review", models.IntegerField()),
                ("returned", models.IntegerField()),
                ("ate", models.IntegerField()),
                ("lived", models.IntegerField()),
                ("worked", models.IntegerField()),
                ("together_visits", models.IntegerField()),
                ("party_members", models.IntegerField()),
                ("village_cadres", models.IntegerField()),
                ("representatives", models.IntegerField()),
                ("capable", models.IntegerField()),
                ("in_difficulty", models.IntegerField()),
                ("household_contacts", models.IntegerField()),
                ("household_repeats", models.IntegerField()),
                (
                    "minutes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                (
                    "unsent_due",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(), size=None
                    ),
                ),
                (
                    "households",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "figures of a month",
                "verbose_name_plural": "figures of months",
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "added_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="added"),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "ordering": ["added_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "user"),
                        name="recipient_account_once",
                        violation_error_message="This account is among the recipients already.",
                    ),
                    models.UniqueConstraint(
                        models.F("county"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="recipient_address_once",
                        violation_error_message="This address is among the recipients already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("user", None),
                                models.Q(("email", ""), _negated=True),
                                models.Q(("name", ""), _negated=True),
                            ),
                            models.Q(("email", ""), ("name", ""), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="recipient_account_or_address",
                        violation_error_message="Choose an account, or write a name and an address.",
                    ),
                ],
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
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
            ],
            options={
                "verbose_name": "edited paragraph",
                "verbose_name_plural": "edited paragraphs",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "month", "key"), name="report_edit_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="report_edit_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaleMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county_id", models.BigIntegerField()),
                ("month", models.DateField()),
                ("transaction", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "month to count again",
                "verbose_name_plural": "months to count again",
                "indexes": [
                    models.Index(
                        fields=["county_id", "month", "transaction"], name="stale_month_county"
                    )
                ],
            },
        ),
    ]
