"""Drafts: a record as somebody is typing it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from contact_points.models import ContactPoint
from outreach import clock
from visits.querysets.visits import VisitDraftQuerySet


class VisitDraft(models.Model):
    """What a person typed about a visit and did not save yet, as it was typed, faults included.

    It is its writer's alone, on every device of theirs, and goes with the saving of the record.
    """

    LARGEST = 64 * 1024  # bytes of `content`

    # The name of the record: of a visit there is, or will be.
    record = models.UUIDField(default=uuid.uuid4)
    writer = models.ForeignKey("outreach.User", models.CASCADE, related_name="drafts")
    contact_point = models.ForeignKey(
        ContactPoint, models.CASCADE, related_name="drafts", verbose_name=_("contact point")
    )
    # [name, value] of each field of the form, in its order.
    content = models.JSONField(default=list)
    # What is still missing, as codes of `MISSING`.
    missing = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("saved"), default=clock.now)

    # Why a record is not complete yet, as its writer reads it.
    MISSING = {
        "topics": _("topics"),
        "people": _("a talk or a household"),
        "findings": _("findings"),
    }

    objects = VisitDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["saved_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["writer", "record"], name="draft_once_a_person")
        ]

    def __str__(self):
        return f"{self.contact_point} · {self.saved_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"

    @property
    def missing_labels(self):
        """What is still missing, in words."""
        return [self.MISSING[code] for code in self.missing if code in self.MISSING]
