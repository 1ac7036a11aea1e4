import uuid

import django.contrib.postgres.constraints
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
        ("feedback", "0001_initial"),
        ("feedback", "0002_records"),
        ("feedback", "0003_marks_and_phrases"),
        ("feedback", "0004_matters"),
        ("feedback", "0005_story_in_any_language"),
        ("feedback", "0006_joined_matters"),
        ("feedback", "0007_suggestion_answers"),
        ("feedback", "0008_agenda_topics"),
        ("feedback", "0009_receipts"),
        ("feedback", "0010_co_handling_units"),
        ("feedback", "0011_earlier_replies"),
        ("feedback", "0012_matter_files"),
        ("feedback", "0013_evaluation"),
        ("feedback", "0015_opinions"),
    ]

    dependencies = [
        ("contact_points", "0002_schema"),
        ("visits", "0001_schema"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MatterCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="name")),
                (
                    "limit_days",
                    models.PositiveSmallIntegerField(
                        default=10, verbose_name="limit in working days"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="feedback.mattercategory",
                        verbose_name="belongs to",
                    ),
                ),
            ],
            options={
                "verbose_name": "category of matters",
                "verbose_name_plural": "categories of matters",
                "ordering": ["county", models.OrderBy(models.F("parent"), nulls_first=True), "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "parent", "name"),
                        name="matter_category_once",
                        nulls_distinct=False,
                        violation_error_message="There is a category of this name already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit_days__gte", 1), ("limit_days__lte", 120)),
                        name="matter_category_limit",
                        violation_error_message="A limit is 1 to 120 working days.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgendaTopic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.county",
                    ),
                ),
                (
                    "topic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agenda",
                        to="visits.topic",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda_topics",
                        to="feedback.mattercategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic made of matters",
                "verbose_name_plural": "topics made of matters",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(null=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "raised at a visit"),
                            ("desk", "raised at a service desk"),
                            ("typed", "typed in for a villager"),
                            ("opinion", "raised in the opinion book"),
                        ],
                        default="visit",
                        max_length=7,
                        verbose_name="source",
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[("normal", "normal"), ("urgent", "urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="urgency",
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="problem")),
                (
                    "code",
                    models.CharField(
                        max_length=6, null=True, unique=True, verbose_name="receipt code"
                    ),
                ),
                ("receipt_mark", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("received", "not accepted yet"),
                            ("transfer_asked", "transfer asked"),
                            ("with_county", "county decides"),
                            ("in_work", "in work"),
                            ("waiting", "waiting for somebody"),
                            ("to_confirm", "to be confirmed"),
                            ("answered", "answered"),
                            ("closed", "closed"),
                            ("joined", "joined to another"),
                        ],
                        default="draft",
                        max_length=14,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("refusals", models.PositiveSmallIntegerField(default=0, verbose_name="refusals")),
                ("taken_at", models.DateTimeField(null=True, verbose_name="taken in hand on")),
                ("raised_at", models.DateTimeField(null=True, verbose_name="raised on")),
                ("respond_by", models.DateField(null=True, verbose_name="to accept by")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="first accepted on")),
                (
                    "limit_days",
                    models.PositiveSmallIntegerField(
                        default=10, verbose_name="limit in working days"
                    ),
                ),
                (
                    "more_days",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="working days granted"
                    ),
                ),
                ("counted_from", models.DateField(null=True, verbose_name="limit counted from")),
                ("due_on", models.DateField(null=True, verbose_name="to be answered by")),
                (
                    "first_due_on",
                    models.DateField(null=True, verbose_name="first to be answered by"),
                ),
                (
                    "extension_days",
                    models.PositiveSmallIntegerField(
                        null=True, verbose_name="working days asked for"
                    ),
                ),
                ("waiting_since", models.DateField(null=True, verbose_name="waiting since")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "solved"),
                            ("explained", "explained"),
                            ("not_possible", "not possible"),
                            ("out_of_remit", "out of remit"),
                        ],
                        max_length=12,
                        verbose_name="the unit's word",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=1000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered on")),
                (
                    "villager_word",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "solved"),
                            ("partly", "partly solved"),
                            ("not_solved", "not solved"),
                        ],
                        max_length=10,
                        verbose_name="the villager's word",
                    ),
                ),
                (
                    "villager_satisfied",
                    models.BooleanField(null=True, verbose_name="villager satisfied"),
                ),
                ("villager_at", models.DateTimeField(null=True, verbose_name="villager asked on")),
                (
                    "reopened",
                    models.PositiveSmallIntegerField(default=0, verbose_name="times reopened"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed on")),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.unit",
                        verbose_name="unit asked",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "extension_asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="led_matters",
                        to="contact_points.unit",
                        verbose_name="leading unit",
                    ),
                ),
                (
                    "main",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined",
                        to="feedback.matter",
                        verbose_name="joined to",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_matters",
                        to="contact_points.unit",
                        verbose_name="first receiver",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.village",
                        verbose_name="village",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="visits.visit",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="feedback.mattercategory",
                        verbose_name="category",
                    ),
                ),
            ],
            options={
                "verbose_name": "matter",
                "verbose_name_plural": "matters",
                "ordering": ["position", "id"],
                "indexes": [
                    models.Index(fields=["county", "state", "due_on"], name="matter_county_state"),
                    models.Index(fields=["leader", "state"], name="matter_leader_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "position"), name="matter_position"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="matter_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("position__isnull", False),
                                ("source", "visit"),
                                ("visit__isnull", False),
                            ),
                            models.Q(
                                models.Q(("source", "visit"), _negated=True),
                                ("position", None),
                                ("visit", None),
                            ),
                            _connector="OR",
                        ),
                        name="matter_source_fits_visit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("code", None),
                                ("leader", None),
                                ("origin", None),
                                ("state", "draft"),
                            ),
                            models.Q(
                                models.Q(("state", "draft"), _negated=True),
                                ("code__isnull", False),
                                ("leader__isnull", False),
                                ("origin__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_has_one_leader",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(
                                ("due_on__isnull", False),
                                ("first_due_on__isnull", False),
                                ("raised_at__isnull", False),
                                ("respond_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_has_its_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked_unit__isnull", False),
                                ("state", "transfer_asked"),
                                models.Q(("asked_unit", models.F("leader")), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "transfer_asked"), _negated=True),
                                ("asked_unit", None),
                            ),
                            _connector="OR",
                        ),
                        name="matter_asked_unit_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["received", "transfer_asked", "with_county", "draft", "joined"],
                            ),
                            models.Q(("accepted_at__isnull", False), ("taken_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="matter_in_work_was_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "waiting"), ("waiting_since__isnull", False)),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("waiting_since", None),
                            ),
                            _connector="OR",
                        ),
                        name="matter_waits_since_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["to_confirm", "answered", "closed"]), _negated=True
                            ),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_answered_with_the_units_word",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome__in", ("not_possible", "out_of_remit")),
                                ("state__in", ["answered", "closed"]),
                                _negated=True,
                            ),
                            models.Q(
                                ("confirmed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("answered_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="matter_excluded_by_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "closed"), ("villager_word", "not_solved"), _negated=True
                        ),
                        name="matter_never_closed_unsolved",
                        violation_error_message="The villager says it is not solved.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True), ("closed_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="matter_closed_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("main__isnull", False),
                                ("state", "joined"),
                                models.Q(("main", models.F("id")), _negated=True),
                            ),
                            models.Q(models.Q(("state", "joined"), _negated=True), ("main", None)),
                            _connector="OR",
                        ),
                        name="matter_joined_has_a_main_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("extension_asked_by", None), ("extension_days", None)),
                            models.Q(
                                ("extension_asked_by__isnull", False),
                                ("extension_days__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_extension_asked_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="call_back",
                        serialize=False,
                        to="feedback.matter",
                    ),
                ),
                ("sealed", models.TextField()),
                ("noted_at", models.DateTimeField(default=outreach.clock.now)),
            ],
            options={
                "verbose_name": "call-back number",
                "verbose_name_plural": "call-back numbers",
            },
        ),
        migrations.CreateModel(
            name="EvaluationRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="from month")),
                ("last_month", models.DateField(verbose_name="to month")),
                (
                    "villages_to_draw",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: every village that is a contact point in these months.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="villages to draw",
                    ),
                ),
                (
                    "households_per_village",
                    models.PositiveSmallIntegerField(
                        default=12,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="households a village",
                    ),
                ),
                (
                    "asks_text",
                    models.BooleanField(default=True, verbose_name="ask for a free text, too"),
                ),
                ("closes_on", models.DateField(verbose_name="answers until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("drawn", "drawn"),
                            ("open", "open"),
                            ("closed", "closed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("seed", models.CharField(blank=True, max_length=32, verbose_name="seed")),
                (
                    "frame_sha256",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="checksum of the frame"
                    ),
                ),
                ("created_at", models.DateTimeField(default=outreach.clock.now)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reason of the cancellation"
                    ),
                ),
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
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluation round",
                "verbose_name_plural": "evaluation rounds",
                "ordering": ["-first_month", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)), name="evaluation_first_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__day", 1)), name="evaluation_last_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="evaluation_months_in_order",
                        violation_error_message="The last month is not before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("households_per_village__gte", 5)),
                        name="evaluation_households",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "cancelled"]),
                            models.Q(
                                models.Q(("seed", ""), _negated=True),
                                models.Q(("frame_sha256", ""), _negated=True),
                                ("drawn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="evaluation_drawn_with_seed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="evaluation_cancelled_with_reason",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state", "cancelled"), _negated=True),
                        expressions=[
                            ("county", "="),
                            (
                                models.Func(
                                    models.F("first_month"),
                                    models.F("last_month"),
                                    models.Value("[]"),
                                    function="daterange",
                                ),
                                "&&",
                            ),
                        ],
                        name="evaluation_months_once",
                        violation_error_message="There is a round about one of these months already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clarification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claimed", models.PositiveSmallIntegerField(verbose_name="visits recorded")),
                ("asked", models.PositiveSmallIntegerField(verbose_name="answered yes or no")),
                ("yes", models.PositiveSmallIntegerField(verbose_name="said that somebody came")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits for the unit"),
                            ("explained", "waits for the county"),
                            ("decided", "decided"),
                        ],
                        default="asked",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "explanation",
                    models.CharField(blank=True, max_length=500, verbose_name="explanation"),
                ),
                ("explained_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="what the county decides"
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "explained_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clarifications",
                        to="contact_points.unit",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clarifications",
                        to="contact_points.village",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clarifications",
                        to="feedback.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "clarification",
                "verbose_name_plural": "clarifications",
                "ordering": ["-opened_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "village", "unit"), name="clarification_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "decided"), _negated=True),
                            models.Q(("decision", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="clarification_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CoHandler",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("named_at", models.DateTimeField(default=outreach.clock.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="co_handlers",
                        to="feedback.matter",
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "co-handling unit",
                "verbose_name_plural": "co-handling units",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("matter", "unit"),
                        name="matter_co_handler_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Feedback",
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
                            ("accepted", "accepted"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "findings",
                    models.TextField(blank=True, max_length=2000, verbose_name="findings"),
                ),
                (
                    "problems_solved",
                    models.TextField(blank=True, max_length=2000, verbose_name="problems solved"),
                ),
                (
                    "suggestions",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="suggestions to the county"
                    ),
                ),
                (
                    "reflections",
                    models.TextField(blank=True, max_length=2000, verbose_name="reflections"),
                ),
                (
                    "return_reason",
                    models.TextField(blank=True, verbose_name="reason for the return"),
                ),
                (
                    "sent_minutes",
                    models.PositiveIntegerField(null=True, verbose_name="minutes to write"),
                ),
                ("received_at", models.DateTimeField(null=True, verbose_name="received")),
                (
                    "received_on",
                    models.GeneratedField(
                        db_persist=True,
                        expression=outreach.expressions.ShanghaiDay("received_at"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "marks",
                    models.JSONField(
                        db_default=models.Value([], models.JSONField()),
                        default=list,
                        editable=False,
                        verbose_name="marks",
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="visits.visit",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "submitted")),
                        fields=["county", "received_at"],
                        name="feedback_review_queue",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(("return_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="feedback_returned_with_reason",
                        violation_error_message="A return needs a reason.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"), ("received_at__isnull", False), _connector="OR"
                        ),
                        name="feedback_sent_was_received",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "returned"]),
                            models.Q(("findings", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="feedback_sent_has_findings",
                        violation_error_message="Write what was learnt before sending.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SuggestionAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("adopted", "adopted"),
                            ("answered", "answered"),
                            ("declined", "declined"),
                        ],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="reply")),
                ("at", models.DateTimeField(default=outreach.clock.now, verbose_name="replied on")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.county",
                    ),
                ),
                (
                    "feedback",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestion_answer",
                        to="feedback.feedback",
                    ),
                ),
            ],
            options={
                "verbose_name": "reply to suggestions",
                "verbose_name_plural": "replies to suggestions",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="suggestion_answer_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EarlierReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("adopted", "adopted"),
                            ("answered", "answered"),
                            ("declined", "declined"),
                        ],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                ("text", models.TextField(verbose_name="reply")),
                ("at", models.DateTimeField(verbose_name="replied on")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier",
                        to="feedback.suggestionanswer",
                    ),
                ),
            ],
            options={
                "verbose_name": "earlier reply to suggestions",
                "verbose_name_plural": "earlier replies to suggestions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationCard",
            fields=[
                ("mark", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("spent", models.BooleanField(default=False)),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="feedback.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "card",
                "verbose_name_plural": "cards",
                "indexes": [
                    models.Index(fields=["round", "village"], name="evaluation_card_village")
                ],
            },
        ),
        migrations.CreateModel(
            name="EvaluationCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "question",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("visited", "somebody came"),
                            ("topic1", "first topic"),
                            ("topic2", "second topic"),
                            ("topic3", "third topic"),
                            ("visits", "satisfied with the visits"),
                            ("matters", "satisfied with how problems are handled"),
                        ],
                        max_length=7,
                    ),
                ),
                ("choice", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField()),
                (
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.township",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="feedback.evaluationround",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of answers",
                "verbose_name_plural": "counts of answers",
                "ordering": ["round", "township", "village", "question", "choice"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "township", "village", "question", "choice"),
                        name="evaluation_count_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("village", None), ("township__isnull", False), _connector="OR"
                        ),
                        name="evaluation_count_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvaluationText",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=500, verbose_name="in their own words")),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="feedback.evaluationround",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.township",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of an answer",
                "verbose_name_plural": "texts of answers",
            },
        ),
        migrations.CreateModel(
            name="MatterEvent",
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
                            ("raise", "raised"),
                            ("accept", "accepted by the leading unit"),
                            ("sort", "category and urgency set"),
                            ("assign", "assigned to a unit, which may refuse"),
                            ("ask_transfer", "another unit asked to take it over"),
                            ("accept_transfer", "taken over"),
                            ("refuse_transfer", "taking over refused"),
                            ("withdraw_transfer", "transfer withdrawn"),
                            ("pass_up", "passed up to the county"),
                            ("pass_down", "passed down to the township"),
                            ("decide_transfer", "the county decided who leads"),
                            ("ask_extension", "more time asked for"),
                            ("grant_extension", "more time granted"),
                            ("refuse_extension", "more time refused"),
                            ("wait_for", "waits for somebody, the clock stands still"),
                            ("resume", "work goes on"),
                            ("say_solved", "the unit says: solved"),
                            ("say_explained", "the unit says: explained"),
                            ("say_not_possible", "the unit says: not possible"),
                            ("say_out_of_remit", "the unit says: out of remit"),
                            ("confirm", "confirmed by the county"),
                            ("disagree", "not confirmed by the county"),
                            ("note_word", "the villager says: solved or partly"),
                            (
                                "note_not_solved",
                                "the villager says: not solved, so it is open again",
                            ),
                            ("reopen", "reopened"),
                            ("close", "closed by an office"),
                            ("join", "joined to an earlier matter"),
                            ("take_apart", "taken apart again"),
                            ("name_co_handler", "a co-handling unit named"),
                            ("note_progress", "progress of a co-handling unit"),
                            ("part_done", "a co-handling unit says: our part is done"),
                            ("release_co_handler", "a co-handling unit released"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("received", "not accepted yet"),
                            ("transfer_asked", "transfer asked"),
                            ("with_county", "county decides"),
                            ("in_work", "in work"),
                            ("waiting", "waiting for somebody"),
                            ("to_confirm", "to be confirmed"),
                            ("answered", "answered"),
                            ("closed", "closed"),
                            ("joined", "joined to another"),
                        ],
                        max_length=14,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField(default=outreach.clock.now)),
                ("said", models.CharField(blank=True, max_length=100)),
                ("params", models.JSONField(default=dict)),
                ("text", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.unit",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="feedback.matter",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a matter",
                "verbose_name_plural": "events of matters",
                "ordering": ["matter", "id"],
            },
        ),
        migrations.CreateModel(
            name="MatterFile",
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
                ("file_name", models.CharField(blank=True, max_length=200, verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField(default=outreach.clock.now)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "withdrawn_because",
                    models.CharField(blank=True, max_length=300, verbose_name="reason"),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="feedback.matterevent",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="feedback.matter",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a matter",
                "verbose_name_plural": "files of matters",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("matter", "sha256"),
                        name="matter_file_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), ("withdrawn_at", None), _negated=True),
                            ("width", 0),
                            models.Q(
                                models.Q(("view", ""), _negated=True),
                                models.Q(("thumb", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="matter_picture_ready_with_sizes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_because", ""),
                                ("withdrawn_by", None),
                                models.Q(("file", ""), _negated=True),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_because", ""), _negated=True),
                                ("file", ""),
                                ("thumb", ""),
                                ("view", ""),
                            ),
                            _connector="OR",
                        ),
                        name="matter_file_withdrawn_with_its_bytes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatterRoute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routes",
                        to="feedback.mattercategory",
                        verbose_name="category",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
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
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "route of a category",
                "verbose_name_plural": "routes of categories",
                "ordering": ["category", models.OrderBy(models.F("township"), nulls_first=True)],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("category", "township"),
                        name="matter_route_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpinionCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(max_length=100, verbose_name="question")),
                ("opens_on", models.DateField(verbose_name="opens on")),
                ("closes_on", models.DateField(verbose_name="closes on")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed on"),
                ),
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
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "call for opinions",
                "verbose_name_plural": "calls for opinions",
                "ordering": ["-opens_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                        name="opinion_call_days_in_order",
                        violation_error_message="The last day is not before the first.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grade",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (5, "Very satisfied"),
                            (4, "Satisfied"),
                            (3, "So-so"),
                            (2, "Not satisfied"),
                            (1, "Not satisfied at all"),
                        ],
                        null=True,
                        verbose_name="satisfied with the visits",
                    ),
                ),
                (
                    "text",
                    models.CharField(blank=True, max_length=500, verbose_name="in their own words"),
                ),
                (
                    "received_on",
                    models.DateField(default=outreach.clock.today, verbose_name="received on"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "not read yet"),
                            ("published", "published"),
                            ("held_back", "not published"),
                            ("grade", "a grade only"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "published_text",
                    models.CharField(blank=True, max_length=500, verbose_name="text as published"),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "reply",
                    models.CharField(blank=True, max_length=500, verbose_name="the county's reply"),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read on")),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "erased_on",
                    models.DateField(blank=True, null=True, verbose_name="words erased on"),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="contact_points.county"
                    ),
                ),
                (
                    "matter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinion",
                        to="feedback.matter",
                        verbose_name="became a matter",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="read by",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="contact_points.village",
                        verbose_name="village",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="feedback.opinioncall",
                        verbose_name="call",
                    ),
                ),
            ],
            options={
                "verbose_name": "opinion",
                "verbose_name_plural": "opinions",
                "ordering": ["-received_on", "-id"],
                "indexes": [
                    models.Index(fields=["county", "state", "received_on"], name="opinion_county")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grade__isnull", False),
                            models.Q(("text", ""), _negated=True),
                            ("erased_on__isnull", False),
                            _connector="OR",
                        ),
                        name="opinion_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            models.Q(("published_text", ""), _negated=True),
                            ("erased_on__isnull", False),
                            _connector="OR",
                        ),
                        name="opinion_published_text",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held_back"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            ("erased_on__isnull", False),
                            _connector="OR",
                        ),
                        name="opinion_held_back_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_on__isnull", False), _negated=True),
                            models.Q(
                                ("published_text", ""), ("reason", ""), ("reply", ""), ("text", "")
                            ),
                            _connector="OR",
                        ),
                        name="opinion_erased_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grade", None),
                            models.Q(("grade__gte", 1), ("grade__lte", 5)),
                            _connector="OR",
                        ),
                        name="opinion_grade",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visited",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="somebody came"
                    ),
                ),
                (
                    "topic1",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="first topic"
                    ),
                ),
                (
                    "topic2",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="second topic"
                    ),
                ),
                (
                    "topic3",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="third topic"
                    ),
                ),
                (
                    "visits",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="satisfied with the visits"
                    ),
                ),
                (
                    "matters",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        verbose_name="satisfied with how problems are handled",
                    ),
                ),
                (
                    "text",
                    models.CharField(blank=True, max_length=500, verbose_name="in their own words"),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="sheet number")),
                ("needs_second", models.BooleanField(default=False)),
                ("second", models.JSONField(blank=True, null=True)),
                ("differences", models.PositiveSmallIntegerField(null=True)),
                ("is_settled", models.BooleanField(default=False)),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="feedback.evaluationround",
                    ),
                ),
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "typed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper sheet",
                "verbose_name_plural": "paper sheets",
                "ordering": ["round", "village", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "village", "number"),
                        name="paper_sheet_once",
                        violation_error_message="This sheet was typed in already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("visited", None),
                                models.Q(("visited__gte", 1), ("visited__lte", 3)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic1", None),
                                models.Q(("topic1__gte", 1), ("topic1__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic2", None),
                                models.Q(("topic2__gte", 1), ("topic2__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic3", None),
                                models.Q(("topic3__gte", 1), ("topic3__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("visits", None),
                                models.Q(("visits__gte", 1), ("visits__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("matters", None),
                                models.Q(("matters__gte", 1), ("matters__lte", 6)),
                                _connector="OR",
                            ),
                        ),
                        name="paper_sheet_choices",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_settled", False),
                            models.Q(
                                ("matters", None),
                                ("second", None),
                                ("text", ""),
                                ("topic1", None),
                                ("topic2", None),
                                ("topic3", None),
                                ("visited", None),
                                ("visits", None),
                            ),
                            _connector="OR",
                        ),
                        name="paper_sheet_settled_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptTries",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "tries of receipts",
                "verbose_name_plural": "tries of receipts",
                "indexes": [models.Index(fields=["until"], name="receipt_tries_until")],
            },
        ),
        migrations.CreateModel(
            name="RecordVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("edition", models.UUIDField()),
                ("content", models.JSONField()),
                ("sent", models.BooleanField(verbose_name="sent to the county office")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(default=0, verbose_name="minutes to write"),
                ),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("received_at", models.DateTimeField(verbose_name="received")),
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
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="record_versions",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a record",
                "verbose_name_plural": "versions of a record",
                "ordering": ["visit", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("visit", "number"), name="record_version_number"
                    ),
                    models.UniqueConstraint(
                        fields=("visit", "edition"), name="record_version_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("returned", "returned"), ("accepted", "accepted")], max_length=10
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(default=outreach.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "feedback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="feedback.feedback",
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "returned"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="review_return_with_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewPhrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=100, verbose_name="phrase")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.county",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved phrase",
                "verbose_name_plural": "saved phrases",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "text"),
                        name="review_phrase_once",
                        violation_error_message="This phrase is there already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundVillage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visited", models.BooleanField(verbose_name="visited")),
                (
                    "households",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=None
                    ),
                ),
                (
                    "met",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                ("is_drawn", models.BooleanField(verbose_name="drawn")),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="villages",
                        to="feedback.evaluationround",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
            ],
            options={
                "verbose_name": "village of a round",
                "verbose_name_plural": "villages of a round",
                "ordering": ["round", "village__code"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "village"), name="round_village_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SampledHousehold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("number", models.CharField(max_length=12, verbose_name="number")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "card brought"),
                            ("refused", "does not want to"),
                            ("absent", "nobody there, three times"),
                            ("gone", "no such household"),
                        ],
                        max_length=7,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacement",
                        to="feedback.sampledhousehold",
                    ),
                ),
                (
                    "round_village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sample",
                        to="feedback.roundvillage",
                    ),
                ),
            ],
            options={
                "verbose_name": "sampled household",
                "verbose_name_plural": "sampled households",
                "ordering": ["round_village", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round_village", "position"), name="sampled_household_position"
                    ),
                    models.UniqueConstraint(
                        fields=("round_village", "number"), name="sampled_household_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=80, verbose_name="question")),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=4, verbose_name="answers"
                    ),
                ),
                ("right", models.PositiveSmallIntegerField(verbose_name="right answer")),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_questions",
                        to="feedback.evaluationround",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="visits.topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic question",
                "verbose_name_plural": "topic questions",
                "ordering": ["round", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "position"), name="topic_question_position"
                    ),
                    models.UniqueConstraint(
                        fields=("round", "topic"),
                        name="topic_question_once",
                        violation_error_message="One question about each topic.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("position__gte", 1),
                            ("position__lte", 3),
                            ("right__gte", 1),
                            ("right__lte", 4),
                        ),
                        name="topic_question_of_three",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("options__len", 4)), name="topic_question_options"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingAnswer",
            fields=[
                (
                    "visited",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="somebody came"
                    ),
                ),
                (
                    "topic1",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="first topic"
                    ),
                ),
                (
                    "topic2",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="second topic"
                    ),
                ),
                (
                    "topic3",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="third topic"
                    ),
                ),
                (
                    "visits",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="satisfied with the visits"
                    ),
                ),
                (
                    "matters",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        verbose_name="satisfied with how problems are handled",
                    ),
                ),
                (
                    "text",
                    models.CharField(blank=True, max_length=500, verbose_name="in their own words"),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "round",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="feedback.evaluationround",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contact_points.village",
                    ),
                ),
            ],
            options={
                "verbose_name": "waiting answer",
                "verbose_name_plural": "waiting answers",
                "indexes": [
                    models.Index(fields=["round", "village"], name="waiting_answer_village")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("visited", None),
                                models.Q(("visited__gte", 1), ("visited__lte", 3)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic1", None),
                                models.Q(("topic1__gte", 1), ("topic1__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic2", None),
                                models.Q(("topic2__gte", 1), ("topic2__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("topic3", None),
                                models.Q(("topic3__gte", 1), ("topic3__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("visits", None),
                                models.Q(("visits__gte", 1), ("visits__lte", 5)),
                                _connector="OR",
                            ),
                            models.Q(
                                ("matters", None),
                                models.Q(("matters__gte", 1), ("matters__lte", 6)),
                                _connector="OR",
                            ),
                        ),
                        name="waiting_answer_choices",
                    )
                ],
            },
        ),
    ]
