"""People with an account, and the three tables every app writes to: audit, jobs, notifications."""

import uuid
from datetime import datetime

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from outreach import clock
from outreach.pages import page_in_words
from outreach.querysets import ScopedQuerySet
from outreach.roles import POLICY, Capability, Role
from outreach.sentences import say


class UserQuerySet(ScopedQuerySet):
    scope_unit = None
    scope_admin = True

    def active(self):
        return self.filter(is_active=True)


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AbstractBaseUser):
    """An account: one role, one county, and for people of a unit that unit."""

    class Reminders(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NONE = "none", _("never")

    username = models.CharField(
        _("user name"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken.")},
    )
    name = models.CharField(_("full name"), max_length=50)
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    county = models.ForeignKey("contact_points.County", models.PROTECT, verbose_name=_("county"))
    unit = models.ForeignKey(
        "contact_points.Unit", models.PROTECT, null=True, blank=True, verbose_name=_("unit")
    )
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change the password"), default=True)
    reminders = models.CharField(
        _("reminders by e-mail"), max_length=10, choices=Reminders, default=Reminders.DAILY
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                name="user_scope_fits_role",
                condition=Q(role__in=[Role.CADRE, Role.COORDINATOR], unit__isnull=False)
                | Q(role__in=[Role.COUNTY, Role.ADMIN], unit__isnull=True),
                violation_error_message=_(
                    "Cadres and coordinators belong to a unit; county office and administrators "
                    "to none."
                ),
            )
        ]

    def __str__(self):
        return self.name or self.username

    def can(self, capability: Capability) -> bool:
        """Whether the role's policy holds this capability (`outreach.roles`)."""
        return self.is_active and capability in POLICY[self.role]

    # Django's admin asks these; administrators keep the registry of their county there, no more.
    @property
    def is_staff(self):
        return self.can(Capability.MANAGE_REGISTRY)

    def has_perm(self, perm, obj=None):
        return self.is_staff and perm.startswith("contact_points.")

    def has_module_perms(self, app_label):
        return self.is_staff and app_label == "contact_points"


class AuditQuerySet(ScopedQuerySet):
    scope_unit = None
    scope_admin = True

    def visible_to(self, user):
        if not user.can(Capability.READ_AUDIT):
            return self.none()
        return super().visible_to(user)

    def newest_first(self):
        return self.select_related("actor").order_by("-id")


class AuditEntry(models.Model):
    """One write: who, when, what, before and after. The database refuses to change or delete it."""

    at = models.DateTimeField(_("when"), default=clock.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, verbose_name=_("who"))
    # Its index is `audit_county`.
    county = models.ForeignKey("contact_points.County", models.PROTECT, null=True, db_index=False)
    action = models.CharField(_("what"), max_length=100)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(_("record"), max_length=200)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)
    bulk_id = models.UUIDField(_("bulk action"), null=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            models.Index(fields=["county", "-id"], name="audit_county"),
        ]

    def __str__(self):
        return f"{self.action_text} · {self.object_label}"

    @property
    def action_text(self):
        return gettext(self.action)

    @property
    def changes(self):
        """(what, before, after) of the fields that differ, in words a person reads."""
        return self._differences(_word)

    @property
    def concealed(self):
        """`changes` for those who may not see the records: of a free text only its length."""
        return self._differences(_length)

    def _differences(self, word):
        before, after = self.before or {}, self.after or {}
        keys = [*before, *(key for key in after if key not in before)]
        fields = {field.name: field for field in self._model_fields()}
        return [
            (_label(fields, key), word(fields, key, before), word(fields, key, after))
            for key in keys
            if (before.get(key) or None) != (after.get(key) or None)
        ]

    def _model_fields(self):
        try:
            return apps.get_model(self.object_type)._meta.concrete_fields
        except LookupError:  # the model is gone, its history stays
            return ()


def _label(fields, key):
    field = fields.get(key.removesuffix("_id"))
    return field.verbose_name if field else gettext(key.replace("_", " "))


def _word(fields, key, values):
    value, field = values.get(key), fields.get(key)
    if isinstance(value, int) and isinstance(field, models.TextField):
        return length_in_words(value)  # of a draft the trail keeps the length only
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        return f"{localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if key in ("step", "file") and value:
        return gettext(value)
    if key == "page" and value:
        return page_in_words(value)
    return dict(field.flatchoices).get(value, value) if field and field.choices else value


def _length(fields, key, values):
    text = values.get(key)
    free = key.endswith(("reason", "answer", "explanation")) or isinstance(
        fields.get(key), models.TextField
    )
    if free and text and isinstance(text, str):
        return length_in_words(len(text))
    return _word(fields, key, values)


def length_in_words(length):
    """What the trail tells of a text that it does not repeat."""
    return gettext("text of %(length)s characters") % {"length": length}


class JobQuerySet(ScopedQuerySet):
    scope_unit = None
    scope_admin = True

    def visible_to(self, user):
        return super().visible_to(user).filter(created_by=user)

    def sendable(self, moment):
        """Rows the relay owes the broker: new, unanswered for long, or left by a dead worker.

        What a person waits for goes before what a night may take.
        """
        return self.filter(
            Q(state__in=[Job.State.WAITING, Job.State.SENT], send_after__lte=moment)
            | Q(state=Job.State.RUNNING, lease_until__lt=moment)
        ).order_by("-queue", "created_at")  # "interactive" stands behind "bulk" in the alphabet


class Job(models.Model):
    """Background work a person asked for: a row of the same transaction, sent by the relay."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Queue(models.TextChoices):
        """Where the relay sends it: a worker is kept for what people wait for."""

        INTERACTIVE = "interactive"
        BULK = "bulk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    args = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    dedupe_key = models.CharField(max_length=200)
    county = models.ForeignKey("contact_points.County", models.PROTECT)
    created_by = models.ForeignKey(User, models.PROTECT, null=True)
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.INTERACTIVE)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    sends = models.PositiveSmallIntegerField(default=0)
    send_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    stage = models.CharField(max_length=200, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    message_params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    result_url = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                name="job_one_open_per_key",
                condition=Q(state__in=["waiting", "sent", "running"]),
            ),
            models.CheckConstraint(
                name="job_progress_within_total",
                condition=Q(progress_total=0) | Q(progress_done__lte=F("progress_total")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after"],
                name="job_open",
                condition=Q(state__in=["waiting", "sent", "running"]),
            )
        ]

    def __str__(self):
        return gettext(self.title)

    def get_absolute_url(self):
        return reverse("job_detail", args=[self.pk])

    @property
    def is_open(self):
        return self.state in (self.State.WAITING, self.State.SENT, self.State.RUNNING)

    @property
    def title_text(self):
        return gettext(self.title)

    @property
    def stage_text(self):
        return say(self.stage)

    @property
    def message_text(self):
        return say(self.message, self.message_params)


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user)

    def unread(self):
        return self.filter(read_at=None)

    def newest_first(self):
        return self.order_by("-id")


class Notification(models.Model):
    """One sentence for one person, with the page it is about. Sent once per `dedupe_key`."""

    user = models.ForeignKey(User, models.CASCADE)
    text = models.CharField(max_length=300)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 (null: no key)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    # Of a reminder: when an e-mail was queued that takes it along.
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["user"], name="notification_unread", condition=Q(read_at=None))
        ]

    def __str__(self):
        return say(self.text, self.params)


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(owner=user)


class SavedView(models.Model):
    """A list as one person wants to see it again: its filter, sort and columns under a name."""

    owner = models.ForeignKey(User, models.CASCADE)
    # The list's URL name, and what stands in its address after the question mark.
    list_name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    name = models.CharField(_("name"), max_length=40)
    is_default = models.BooleanField(_("what I see first when I open the list"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"],
                name="saved_view_name_once",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.UniqueConstraint(
                fields=["owner", "list_name"],
                name="saved_view_one_default",
                condition=Q(is_default=True),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The plain address of the list, good for everybody within what they may see."""
        return f"{reverse(self.list_name)}?{self.query or 'view=all'}"
