"""The number to call back of who got a receipt."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.models.matters import Matter
from outreach import clock


class CallBack(models.Model):
    """The number a villager wants to be called back on, sealed.

    A table of its own: no list, export or trail of matters can hold it by accident.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="call_back"
    )
    sealed = models.TextField()
    noted_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("call-back number")
        verbose_name_plural = _("call-back numbers")

    def __str__(self):
        return "-"
