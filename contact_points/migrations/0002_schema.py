import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import outreach.clock


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("contact_points", "0001_initial"),
        ("contact_points", "0002_initial"),
        ("contact_points", "0003_lists"),
        ("contact_points", "0004_list_kinds"),
        ("contact_points", "0005_lighter_rows"),
        ("contact_points", "0006_lists_of_the_registry"),
        ("contact_points", "0007_mergers_have_a_month"),
        ("contact_points", "0008_search_by_two_characters"),
        ("contact_points", "0009_bigrams_in_a_tenth_of_the_time"),
    ]

    dependencies = [
        ("contact_points", "0001_schema"),
        ("outreach", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("township", "township"),
                            ("village", "village"),
                            ("unit", "unit"),
                            ("header", "header"),
                            ("unit_kind", "kind of unit"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.CharField(max_length=100, verbose_name="written as")),
                ("column", models.CharField(blank=True, max_length=30, verbose_name="column")),
                ("created_at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "context",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contact_points.township",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contact_points.township",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contact_points.unit",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
            ],
            options={
                "verbose_name": "alias",
                "verbose_name_plural": "aliases",
                "ordering": ["county", "kind", "text", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("context__isnull", False)),
                        fields=("county", "kind", "context", "text"),
                        name="alias_once_in_a_township",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("context", None)),
                        fields=("county", "kind", "text"),
                        name="alias_once_in_a_county",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "township"), ("township__isnull", False)),
                            models.Q(("kind", "village"), ("village__isnull", False)),
                            models.Q(("kind", "unit"), ("unit__isnull", False)),
                            models.Q(
                                ("kind__in", ["header", "unit_kind"]),
                                models.Q(("column", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="alias_means_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Officer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="full name")),
                ("sort_key", models.CharField(blank=True, editable=False, max_length=150)),
                ("post", models.CharField(blank=True, max_length=50, verbose_name="post")),
                (
                    "telephone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9+\\- ]{5,20}\\Z", "Write the number in digits."
                            )
                        ],
                        verbose_name="telephone",
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="officer",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="officers",
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "officer",
                "verbose_name_plural": "officers",
                "ordering": ["unit__order", "unit_id", "id"],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="period"),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "co_officers",
                    models.ManyToManyField(
                        blank=True,
                        related_name="co_contact_points",
                        to="contact_points.officer",
                        verbose_name="co-officers",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_points",
                        to="contact_points.officer",
                        verbose_name="responsible officer",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_points",
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_points",
                        to="contact_points.village",
                        verbose_name="village",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact point",
                "verbose_name_plural": "contact points",
                "ordering": ["unit__order", "unit_id", "village__code", "id"],
                "indexes": [models.Index(fields=["county", "unit"], name="contact_point_county")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("unit", "="), ("village", "="), ("period", "&&")],
                        name="contact_point_no_overlap",
                        violation_error_message="The unit holds this village at that time already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period__isempty", False), ("period__startswith__isnull", False)
                        ),
                        name="contact_point_period_has_start",
                        violation_error_message="A contact point needs a first day.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{1,2}组-[0-9]{3,4}\\Z", "Write the number like 3组-017."
                            )
                        ],
                        verbose_name="number",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="contact_points.village",
                        verbose_name="village",
                    ),
                ),
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
                "ordering": ["village", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("village", "number"), name="household_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^[0-9]{1,2}组-[0-9]{3,4}$")),
                        name="household_number_form",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="uploaded"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("contact_points", "contact points"),
                            ("villages", "villages"),
                            ("units", "units"),
                            ("officers", "officers"),
                            ("households", "household numbers"),
                        ],
                        default="contact_points",
                        max_length=20,
                        verbose_name="list of",
                    ),
                ),
                ("file", models.FileField(blank=True, upload_to="imports/%Y/%m/")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64)),
                ("first_day", models.DateField(verbose_name="valid from")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "being read"),
                            ("ready", "ready to apply"),
                            ("applying", "being applied"),
                            ("applied", "applied"),
                            ("refused", "cannot be read"),
                            ("undone", "undone"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=300)),
                ("message_params", models.JSONField(default=dict)),
                ("understood", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("plan_sha256", models.CharField(blank=True, max_length=64)),
                ("registry_sha256", models.CharField(blank=True, max_length=64)),
                ("questions", models.JSONField(default=list)),
                ("answers", models.JSONField(default=dict)),
                ("left", models.JSONField(default=list)),
                ("closes", models.JSONField(default=list)),
                ("obstacles", models.JSONField(default=list)),
                ("bulk_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="outreach.job"
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-created_at", "id"],
                "indexes": [
                    models.Index(fields=["county", "-created_at"], name="import_run_county")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("sheet", models.CharField(blank=True, max_length=100)),
                (
                    "sheet_row",
                    models.PositiveIntegerField(default=0, verbose_name="row in the sheet"),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("changed", "changed"),
                            ("unchanged", "unchanged"),
                            ("asks", "asks"),
                            ("rejected", "rejected"),
                        ],
                        max_length=10,
                        verbose_name="what happens",
                    ),
                ),
                ("values", models.JSONField()),
                ("original", models.JSONField(null=True)),
                ("problems", models.JSONField(default=list)),
                ("changes", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("writes", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="contact_points.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of a list",
                "verbose_name_plural": "rows of lists",
                "ordering": ["run", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="import_row_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportTrail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.JSONField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trail",
                        to="contact_points.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "trail of an import",
                "verbose_name_plural": "trails of imports",
            },
        ),
    ]
