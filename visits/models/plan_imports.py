"""A sheet on its way into a unit's plan."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from outreach.sentences import say
from visits.models.plans import AnnualPlan
from visits.querysets.plans import PlanImportQuerySet


class PlanImport(models.Model):
    """One uploaded sheet: what was read; once applied, what every cell did."""

    class State(models.TextChoices):
        READING = "reading", _("being read")
        READY = "ready", _("ready to apply")
        REFUSED = "refused", _("cannot be read")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    county = models.ForeignKey(County, models.PROTECT)
    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="imports")
    created_by = models.ForeignKey("outreach.User", models.PROTECT, verbose_name=_("uploaded by"))
    created_at = models.DateTimeField(_("uploaded"), default=clock.now)
    # Empty once it is read: everything that is needed of it stands in `rows`.
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    message = models.CharField(max_length=300, blank=True)
    message_params = models.JSONField(default=dict)
    # How the file was read, as `Reading.understood` tells it.
    understood = models.JSONField(default=dict)
    # {"number", "place", "values", "problems"} of each row: the texts by column as they were read.
    rows = models.JSONField(default=list)
    # The cells as they were applied.
    report = models.JSONField(default=list)
    bulk_id = models.UUIDField(default=uuid.uuid4, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True)
    job = models.ForeignKey("outreach.Job", models.SET_NULL, null=True)

    objects = PlanImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of a plan")
        verbose_name_plural = _("imports of plans")
        ordering = ["-created_at", "id"]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("plan_import_detail", args=[self.pk])

    @property
    def message_text(self):
        return say(self.message, self.message_params)

    @property
    def letters(self):
        """Name of a column -> its letter in the sheet."""
        columns = self.understood.get("columns", [])
        return {column["name"]: column["letter"] for column in columns if column["name"]}
