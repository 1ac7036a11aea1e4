import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import outreach.clock
import outreach.expressions


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("visits", "0001_initial"),
        ("visits", "0002_the_years_plan"),
        ("visits", "0003_merged_villages_need_no_decider"),
        ("visits", "0004_households_a_visit"),
        ("visits", "0005_reminders_are_notices"),
        ("visits", "0006_drafts"),
        ("visits", "0007_plan_imports"),
        ("visits", "0008_market_days"),
        ("visits", "0009_year_opened_by_nobody"),
        ("visits", "0010_photos_of_a_visit"),
        ("visits", "0011_ranking_of_units"),
    ]

    dependencies = [
        ("contact_points", "0001_schema"),
        ("outreach", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProgrammeYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2000),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "ranking",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="units are ranked"
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "programme year",
                "verbose_name_plural": "programme years",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "year"),
                        name="programme_year_once",
                        violation_error_message="This year is open already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnualPlan",
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
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "return_reason",
                    models.TextField(blank=True, verbose_name="reason for the return"),
                ),
                (
                    "households_per_visit",
                    models.PositiveSmallIntegerField(
                        db_default=8,
                        default=8,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="households a visit at most",
                    ),
                ),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="submitted")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "programme_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="visits.programmeyear",
                    ),
                ),
            ],
            options={
                "verbose_name": "annual plan",
                "verbose_name_plural": "annual plans",
                "ordering": ["unit__order", "unit_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("programme_year", "unit"), name="plan_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(("return_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_returned_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AvoidedDays",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                (
                    "month_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            validators=[
                                django.core.validators.MinValueValidator(1),
                                django.core.validators.MaxValueValidator(31),
                            ]
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="only on these days of the month",
                    ),
                ),
                ("reason", models.CharField(max_length=100, verbose_name="reason")),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "programme_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="avoided_days",
                        to="visits.programmeyear",
                    ),
                ),
            ],
            options={
                "verbose_name": "days to avoid",
                "verbose_name_plural": "days to avoid",
                "ordering": ["first_day", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="avoided_days_in_order",
                        violation_error_message="The last day is not before the first.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar feed",
                "verbose_name_plural": "calendar feeds",
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("centre", "centre"),
                            ("province", "province"),
                            ("city", "city"),
                            ("county", "county"),
                            ("unit", "unit"),
                        ],
                        default="county",
                        max_length=10,
                        verbose_name="level",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="what to explain")),
                ("first_month", models.DateField(verbose_name="from month")),
                ("last_month", models.DateField(verbose_name="to month")),
                (
                    "programme_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="visits.programmeyear",
                    ),
                ),
                (
                    "units",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None chosen: for every unit.",
                        related_name="topics",
                        to="contact_points.unit",
                        verbose_name="only for the units",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
                "ordering": ["first_month", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_year", "title"),
                        name="topic_title_once",
                        violation_error_message="The year has a topic of this title already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)), name="topic_first_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__day", 1)), name="topic_last_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="topic_months_in_order",
                        violation_error_message="The last month is not before the first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                (
                    "required_visits",
                    models.PositiveSmallIntegerField(default=1, verbose_name="visits required"),
                ),
                (
                    "planned_date",
                    models.DateField(blank=True, null=True, verbose_name="intended date"),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("party_members", "party members"),
                            ("village_cadres", "village cadres"),
                            ("representatives", "villager representatives"),
                            ("capable", "economically capable"),
                            ("in_difficulty", "households in difficulty"),
                        ],
                        max_length=20,
                        verbose_name="group to talk with",
                    ),
                ),
                (
                    "exemption",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("postponed", "postponed by the county"),
                            ("merged", "village merged"),
                            ("blocked", "blocked by weather or disaster"),
                        ],
                        max_length=10,
                        verbose_name="exemption",
                    ),
                ),
                (
                    "exemption_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_lines",
                        to="contact_points.contactpoint",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "exempted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_lines",
                        to="contact_points.officer",
                        verbose_name="responsible officer",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="visits.annualplan",
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="substituted_lines",
                        to="contact_points.officer",
                        verbose_name="substitute",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(blank=True, to="visits.topic", verbose_name="topics"),
                ),
            ],
            options={
                "verbose_name": "plan line",
                "verbose_name_plural": "plan lines",
                "ordering": ["month", "contact_point"],
                "indexes": [
                    models.Index(fields=["county", "month"], name="plan_line_county_month")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contact_point", "month"), name="plan_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="plan_line_month_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("planned_date", None),
                            models.Q(
                                ("planned_date__month", models.F("month__month")),
                                ("planned_date__year", models.F("month__year")),
                            ),
                            _connector="OR",
                        ),
                        name="plan_line_date_in_month",
                        violation_error_message="The intended date lies in the month of the line.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("exemption", ""),
                            models.Q(
                                models.Q(("exemption_reason", ""), _negated=True),
                                models.Q(
                                    ("exempted_by__isnull", False),
                                    ("exemption", "merged"),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="plan_line_exempt_with_reason",
                        violation_error_message="An exemption needs a reason.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExemptionRequest",
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
                            ("postponed", "postponed by the county"),
                            ("merged", "village merged"),
                            ("blocked", "blocked by weather or disaster"),
                            ("leave", "officer on leave, a substitute goes"),
                        ],
                        max_length=10,
                        verbose_name="what is asked",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("granted", "granted"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="asked at"),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="answer")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.officer",
                        verbose_name="substitute",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exemption_requests",
                        to="visits.planline",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for an exemption",
                "verbose_name_plural": "requests for exemptions",
                "ordering": ["-asked_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("line",),
                        name="exemption_request_one_open",
                        violation_error_message="An exemption of this line was asked for already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "leave"), ("substitute__isnull", False)),
                            models.Q(
                                models.Q(("kind", "leave"), _negated=True),
                                ("substitute__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="exemption_request_substitute_on_leave",
                        violation_error_message="Only a leave names a substitute, and it must.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="exemption_request_refused_with_answer",
                        violation_error_message="A refusal needs a reason.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanImport",
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
                ("file", models.FileField(blank=True, upload_to="imports/%Y/%m/")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "being read"),
                            ("ready", "ready to apply"),
                            ("refused", "cannot be read"),
                            ("applied", "applied"),
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
                ("rows", models.JSONField(default=list)),
                ("report", models.JSONField(default=list)),
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
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="visits.annualplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "import of a plan",
                "verbose_name_plural": "imports of plans",
                "ordering": ["-created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(verbose_name="began")),
                (
                    "month",
                    models.GeneratedField(
                        db_persist=True,
                        expression=outreach.expressions.ShanghaiMonth("started_at"),
                        output_field=models.DateField(),
                        verbose_name="month",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("ate", models.BooleanField(default=False, verbose_name="ate together")),
                ("lived", models.BooleanField(default=False, verbose_name="lived together")),
                ("worked", models.BooleanField(default=False, verbose_name="worked together")),
                (
                    "state",
                    models.CharField(
                        choices=[("recorded", "recorded"), ("void", "void")],
                        default="recorded",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "void_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason for voiding"),
                ),
                ("feedback_due_on", models.DateField(verbose_name="feedback due")),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="contact_points.contactpoint",
                        verbose_name="contact point",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="contact_points.officer",
                        verbose_name="officer",
                    ),
                ),
                (
                    "plan_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="visits.planline",
                        verbose_name="plan line",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        related_name="visits",
                        to="visits.topic",
                        verbose_name="topics explained",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
                "ordering": ["-started_at", "id"],
                "indexes": [
                    models.Index(
                        fields=["county", "month"], include=("unit",), name="visit_county_month"
                    ),
                    models.Index(fields=["contact_point", "month"], name="visit_contact_point"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("ended_at__gte", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="visit_ends_after_start",
                        violation_error_message="A visit does not end before it begins.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "void"), _negated=True),
                            models.Q(("void_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_void_with_reason",
                        violation_error_message="Voiding needs a reason.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Talk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("party_members", "party members"),
                            ("village_cadres", "village cadres"),
                            ("representatives", "villager representatives"),
                            ("capable", "economically capable"),
                            ("in_difficulty", "households in difficulty"),
                        ],
                        max_length=20,
                        verbose_name="group",
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("group_talk", "group talk"),
                            ("heart_to_heart", "heart-to-heart talk"),
                            ("household_call", "household call"),
                        ],
                        default="group_talk",
                        max_length=20,
                        verbose_name="form",
                    ),
                ),
                (
                    "people",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(999),
                        ],
                        verbose_name="people",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="talks",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "talk",
                "verbose_name_plural": "talks",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "group", "form"), name="talk_once"),
                    models.CheckConstraint(
                        condition=models.Q(("people__gte", 1), ("people__lte", 999)),
                        name="talk_people_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicAttachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="topics/%Y/")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="visits.topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "sha256"), name="attachment_once_a_topic"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.UUIDField(default=uuid.uuid4)),
                ("content", models.JSONField(default=list)),
                ("missing", models.JSONField(default=list)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "saved_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="saved"),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="contact_points.contactpoint",
                        verbose_name="contact point",
                    ),
                ),
                (
                    "writer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "ordering": ["saved_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("writer", "record"), name="draft_once_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitHousehold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("met", "met"),
                            ("not_home", "not at home"),
                            ("not_now", "not now"),
                        ],
                        default="met",
                        max_length=10,
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit_calls",
                        to="contact_points.household",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="household_calls",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "household call",
                "verbose_name_plural": "household calls",
                "ordering": ["household__number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("visit", "household"), name="household_once_a_visit"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="photos/%Y/%m/")),
                ("view", models.FileField(blank=True, upload_to="photos/%Y/%m/")),
                ("thumb", models.FileField(blank=True, upload_to="photos/%Y/%m/")),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "being prepared"),
                            ("ready", "ready"),
                            ("damaged", "cannot be shown"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("sent_bytes", models.PositiveIntegerField()),
                (
                    "received_at",
                    models.DateTimeField(default=outreach.clock.now, verbose_name="received"),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ["received_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "sha256"), name="photo_once_a_visit"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(
                                models.Q(("view", ""), _negated=True),
                                models.Q(("thumb", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="photo_ready_with_sizes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="YearRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effective_month", models.DateField(verbose_name="effective from")),
                (
                    "visits_per_month",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="For kinds of unit that are not named below.",
                        validators=[django.core.validators.MaxValueValidator(31)],
                        verbose_name="visits required a month",
                    ),
                ),
                (
                    "feedback_due_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[django.core.validators.MaxValueValidator(60)],
                        verbose_name="days allowed for feedback",
                    ),
                ),
                (
                    "report_day",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Day of the next month on which the monthly report is made.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="report day",
                    ),
                ),
                (
                    "programme_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="visits.programmeyear",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule",
                "ordering": ["effective_month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_year", "effective_month"), name="rule_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("effective_month__day", 1)), name="rule_month_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("report_day__gte", 1), ("report_day__lte", 28)),
                        name="rule_report_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitRequirement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "unit_kind",
                    models.CharField(
                        choices=[
                            ("leading_body", "leading body"),
                            ("township", "township"),
                            ("party_department", "party department"),
                            ("government_department", "government department"),
                            ("mass_organisation", "mass organisation"),
                            ("other", "other unit"),
                        ],
                        max_length=30,
                        verbose_name="kind of unit",
                    ),
                ),
                (
                    "visits_per_month",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(31)],
                        verbose_name="visits required a month",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requirements",
                        to="visits.yearrule",
                    ),
                ),
            ],
            options={
                "verbose_name": "visits required of a kind of unit",
                "ordering": ["rule", "unit_kind"],
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "unit_kind"), name="requirement_once")
                ],
            },
        ),
    ]
