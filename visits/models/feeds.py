"""The calendar a person can subscribe to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach import clock


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
