"""What belongs to a matter's receipt: the number to call back, and the count of tries."""

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


class ReceiptTries(models.Model):
    """How often something was tried without an account: by a number, for a village, or from one
    part of the network (`services.tries`).

    The name is a mark that holds for one hour or day; no number of rows and no time of day joins
    what was asked for with where it was asked from.
    """

    name = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tries of receipts")
        verbose_name_plural = _("tries of receipts")
        indexes = [models.Index(fields=["until"], name="receipt_tries_until")]

    def __str__(self):
        return str(self.count)
