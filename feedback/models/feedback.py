"""Post-visit feedback and the county office's reviews of it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.querysets import FeedbackQuerySet
from outreach import clock
from outreach.expressions import ShanghaiDay
from visits.models import Visit


class Feedback(models.Model):
    """What a visit brought: the four texts, and whether the county accepted the record."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    TEXTS = ("findings", "problems_solved", "suggestions", "reflections")

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="feedback")
    county = models.ForeignKey(County, models.PROTECT)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    findings = models.TextField(_("findings"), max_length=2000, blank=True)
    problems_solved = models.TextField(_("problems solved"), max_length=2000, blank=True)
    suggestions = models.TextField(_("suggestions to the county"), max_length=2000, blank=True)
    reflections = models.TextField(_("reflections"), max_length=2000, blank=True)
    return_reason = models.TextField(_("reason for the return"), blank=True)
    written_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    # From opening the form to saving it, summed over its savings until it was first sent.
    sent_minutes = models.PositiveIntegerField(_("minutes to write"), null=True)
    received_at = models.DateTimeField(_("received"), null=True)
    # The Shanghai day of the first submission: what timeliness is judged on.
    received_on = models.GeneratedField(
        expression=ShanghaiDay("received_at"),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    version = models.PositiveIntegerField(default=1)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(
                name="feedback_returned_with_reason",
                condition=~Q(state="returned") | ~Q(return_reason=""),
                violation_error_message=_("A return needs a reason."),
            ),
            models.CheckConstraint(
                name="feedback_sent_was_received",
                condition=Q(state="draft") | Q(received_at__isnull=False),
            ),
            models.CheckConstraint(
                name="feedback_sent_has_findings",
                condition=Q(state__in=["draft", "returned"]) | ~Q(findings=""),
                violation_error_message=_("Write what was learnt before sending."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "received_at"],
                name="feedback_review_queue",
                condition=Q(state="submitted"),
            )
        ]

    def __str__(self):
        return str(self.visit)

    def get_absolute_url(self):
        return reverse("visit_detail", args=[self.visit_id])

    @property
    def is_open(self):
        """Whether its author may still write it."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)

    @property
    def texts_written(self):
        """The names of the texts that say something."""
        return [name for name in self.TEXTS if getattr(self, name)]

    @property
    def is_late(self):
        """Whether it reached the server after the day allowed."""
        return self.received_on is not None and self.received_on > self.visit.feedback_due_on


class Review(models.Model):
    """One decision of the county office on a feedback; kept for good."""

    class Decision(models.TextChoices):
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey("outreach.User", models.PROTECT)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="review_return_with_reason",
                condition=~Q(decision="returned") | ~Q(reason=""),
            )
        ]

    def __str__(self):
        return self.get_decision_display()
