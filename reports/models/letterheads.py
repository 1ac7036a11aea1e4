"""What stands at the head and the foot of the county's documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from reports.querysets import PreparedQuerySet


class Letterhead(models.Model):
    """Who issues the county's documents, and the last number of the year that was given."""

    county = models.OneToOneField(County, models.PROTECT)
    issuer = models.CharField(_("issuer"), max_length=40)
    # Empty: documents have no red header.
    office = models.CharField(_("red header"), max_length=30, blank=True)
    # Empty: documents have no number.
    code = models.CharField(_("code of the office"), max_length=10, blank=True)
    number_year = models.PositiveSmallIntegerField(_("year of the number"), default=2000)
    last_number = models.PositiveSmallIntegerField(_("last number"), default=0)
    bulletin_name = models.CharField(_("name of the bulletin"), max_length=20, blank=True)
    copies = models.TextField(_("copies of the bulletin"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey("outreach.User", models.PROTECT, verbose_name=_("set by"))
    at = models.DateTimeField(_("set on"), default=clock.now)

    objects = PreparedQuerySet.as_manager()

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")

    def __str__(self):
        return f"{self.county} · {self.issuer}"

    def next_number(self, year):
        """The number after the last one given; each year begins with 1."""
        return self.last_number + 1 if year == self.number_year else 1
