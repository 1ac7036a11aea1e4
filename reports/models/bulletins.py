"""The bulletin: what the county office tells from chosen findings."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from reports.querysets import BulletinQuerySet


class Bulletin(models.Model):
    """A draft that the office writes; numbered and closed for ever when it is issued.

    From then on the database itself refuses to change or delete it (migration 0011).
    """

    mailed_as = "bulletins"  # of `Recipient.Gets`

    class State(models.TextChoices):
        MADE = "made", _("draft")
        ISSUED = "issued", _("issued")

    county = models.ForeignKey(County, models.PROTECT)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.MADE)
    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("text"), max_length=8000)
    # The findings it began with: visit, place and the words as they were taken over.
    sources = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(
        "outreach.User", models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written on"), default=clock.now)
    # Since it was issued.
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    number = models.PositiveSmallIntegerField(_("number"), null=True)
    letterhead = models.JSONField(null=True)
    document = models.FileField(upload_to="bulletins/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pdf = models.FileField(upload_to="bulletins/%Y/", blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    issued_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued on"), null=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "number"], name="bulletin_number_once"
            ),
            models.CheckConstraint(
                name="bulletin_issued_is_whole",
                condition=Q(
                    state="issued",
                    year__isnull=False,
                    number__isnull=False,
                    issued_by__isnull=False,
                    issued_at__isnull=False,
                    letterhead__isnull=False,
                )
                & ~Q(sha256="")
                | Q(state="made", year=None, number=None, issued_by=None, issued_at=None),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("bulletin_detail", args=[self.pk])

    @property
    def is_issued(self):
        return self.state == self.State.ISSUED

    @property
    def files(self):
        """(kind, stored file, checksum) of what was issued."""
        stored = [("docx", self.document, self.sha256), ("pdf", self.pdf, self.pdf_sha256)]
        return [row for row in stored if row[1]]

    @property
    def number_text(self):
        """第5期 of 2026, in the reader's language; of a draft none."""
        if not self.is_issued:
            return ""
        return gettext("%(year)s no. %(number)s") % {"year": self.year, "number": self.number}

    def file_name(self, kind):
        """What a copy of the file is called."""
        return f"{self.county}简报{self.year}年第{self.number}期.{kind}"
