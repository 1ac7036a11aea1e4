"""What villagers raise again and again becomes a topic of the visits."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.models.matters import MatterCategory
from outreach import clock
from visits.models import Topic


class AgendaTopic(models.Model):
    """A topic that was made of a category of matters; it goes when the topic is removed."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    category = models.ForeignKey(MatterCategory, models.PROTECT, related_name="agenda_topics")
    topic = models.OneToOneField(Topic, models.CASCADE, related_name="agenda")
    by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("topic made of matters")
        verbose_name_plural = _("topics made of matters")
        ordering = ["id"]

    def __str__(self):
        return str(self.topic)
