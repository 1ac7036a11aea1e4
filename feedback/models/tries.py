"""How often people without an account tried something: receipts, the opinion book."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tries(models.Model):
    """How often something was tried without an account: by a number, for a village, or from one
    part of the network (`services.tries`).

    The name is a mark that holds for one hour or day; no number of rows and no time of day joins
    what was asked for with where it was asked from.
    """

    name = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tries without an account")
        verbose_name_plural = _("tries without an account")
        indexes = [models.Index(fields=["until"], name="tries_until")]

    def __str__(self):
        return str(self.count)
