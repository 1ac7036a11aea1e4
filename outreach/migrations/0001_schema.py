import uuid

import django.contrib.auth.validators
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import outreach.clock


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("outreach", "0001_initial"),
        ("outreach", "0003_reminders"),
        ("outreach", "0004_reminders_by_mail"),
        ("outreach", "0005_audit_one_county_index"),
        ("outreach", "0006_saved_views"),
        ("outreach", "0007_job_queues"),
    ]

    dependencies = [
        ("contact_points", "0001_schema"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "This user name is taken."},
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="user name",
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="full name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("cadre", "Cadre"),
                            ("coordinator", "Unit coordinator"),
                            ("county", "County office"),
                            ("admin", "Administrator"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "must_change_password",
                    models.BooleanField(default=True, verbose_name="must change the password"),
                ),
                (
                    "reminders",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "once a day"),
                            ("weekly", "once a week"),
                            ("none", "never"),
                        ],
                        default="daily",
                        max_length=10,
                        verbose_name="reminders by e-mail",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=outreach.clock.now, editable=False, verbose_name="created"
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
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "ordering": ["username"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("role__in", ["cadre", "coordinator"]), ("unit__isnull", False)
                            ),
                            models.Q(("role__in", ["county", "admin"]), ("unit__isnull", True)),
                            _connector="OR",
                        ),
                        name="user_scope_fits_role",
                        violation_error_message="Cadres and coordinators belong to a unit; county office and administrators to none.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=outreach.clock.now, verbose_name="when")),
                ("action", models.CharField(max_length=100, verbose_name="what")),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.CharField(max_length=40)),
                ("object_label", models.CharField(max_length=200, verbose_name="record")),
                (
                    "before",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        null=True,
                        verbose_name="before",
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        null=True,
                        verbose_name="after",
                    ),
                ),
                ("bulk_id", models.UUIDField(null=True, verbose_name="bulk action")),
                ("request_id", models.CharField(blank=True, max_length=36)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit trail",
                "indexes": [
                    models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
                    models.Index(fields=["county", "-id"], name="audit_county"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=200)),
                (
                    "args",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("dedupe_key", models.CharField(max_length=200)),
                (
                    "queue",
                    models.CharField(
                        choices=[("interactive", "Interactive"), ("bulk", "Bulk")],
                        default="interactive",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("sends", models.PositiveSmallIntegerField(default=0)),
                ("send_after", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("stage", models.CharField(blank=True, max_length=200)),
                ("progress_done", models.PositiveIntegerField(default=0)),
                ("progress_total", models.PositiveIntegerField(default=0)),
                ("message", models.TextField(blank=True)),
                (
                    "message_params",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("result_url", models.CharField(blank=True, max_length=200)),
                ("request_id", models.CharField(blank=True, max_length=36)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
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
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "sent", "running"])),
                        fields=["send_after"],
                        name="job_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "running"])),
                        fields=("dedupe_key",),
                        name="job_one_open_per_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("progress_total", 0),
                            ("progress_done__lte", models.F("progress_total")),
                            _connector="OR",
                        ),
                        name="job_progress_within_total",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300)),
                (
                    "params",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("url", models.CharField(blank=True, max_length=200)),
                ("dedupe_key", models.CharField(max_length=200, null=True, unique=True)),
                ("created_at", models.DateTimeField(default=outreach.clock.now)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["user"],
                        name="notification_unread",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("list_name", models.CharField(max_length=80)),
                ("query", models.CharField(blank=True, max_length=2000)),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "is_default",
                    models.BooleanField(
                        default=False, verbose_name="what I see first when I open the list"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "list_name", "name"),
                        name="saved_view_name_once",
                        violation_error_message="You have a view of this name already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("owner", "list_name"),
                        name="saved_view_one_default",
                    ),
                ],
            },
        ),
    ]
