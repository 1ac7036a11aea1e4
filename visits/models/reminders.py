"""What a person is told in time, and the calendar they can subscribe to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from outreach import clock


class Reminder(models.Model):
    """Somebody was told of one thing, once; the digest takes what no e-mail has carried yet."""

    user = models.ForeignKey("outreach.User", models.CASCADE, related_name="reminders_got")
    # What it is about: due:<line>, overdue:<line>, feedback:<visit>.
    about = models.CharField(max_length=60)
    text = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "about"], name="reminder_once")]
        indexes = [
            models.Index(fields=["user"], name="reminder_to_mail", condition=Q(mailed_at=None))
        ]

    def __str__(self):
        return self.about


class CalendarFeed(models.Model):
    """A person's planned visits for their calendar; only the address's hash is kept."""

    user = models.OneToOneField("outreach.User", models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self):
        return str(self.user)
