"""Post-visit feedback and the county office's reviews of it."""

from copy import copy

from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.marks import TEXT_LABELS, Mark
from feedback.querysets.records import FeedbackQuerySet, ReviewPhraseQuerySet
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
    findings = models.TextField(TEXT_LABELS["findings"], max_length=2000, blank=True)
    problems_solved = models.TextField(TEXT_LABELS["problems_solved"], max_length=2000, blank=True)
    suggestions = models.TextField(TEXT_LABELS["suggestions"], max_length=2000, blank=True)
    reflections = models.TextField(TEXT_LABELS["reflections"], max_length=2000, blank=True)
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
    # What struck at the last sending, as `Mark.stored`: the office filters by it.
    marks = models.JSONField(
        _("marks"), default=list, db_default=Value([], models.JSONField()), editable=False
    )

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

    @property
    def pick(self):
        """The record and the version that its reader saw, while a list may accept it unread."""
        waits = self.state == self.State.SUBMITTED and not self.marks
        return f"{self.pk}@{self.version}" if waits else ""

    @property
    def mark_labels(self):
        """The word of each kind of mark, once."""
        return list(dict.fromkeys(Mark.read(kept).label for kept in self.marks))

    @cached_property
    def problems(self):
        """The problems raised, in words."""
        return [matter.text for matter in self.visit.matters.all()]

    def as_sent(self):
        """What its readers see: after a return still what was sent, until it is sent again."""
        versions = self.visit.record_versions.filter(sent=True)
        if self.state != self.State.RETURNED or (sent := versions.last()) is None:
            return self
        shown = copy(self)
        for name in (*self.TEXTS, "problems"):
            setattr(shown, name, sent.content[name])
        return shown

    @cached_property
    def decisions(self):
        """The county's decisions so far, with who made them."""
        return list(self.reviews.select_related("by"))

    @property
    def reply(self):
        """The county's reply to its suggestions, None while they are open."""
        return getattr(self, "suggestion_answer", None)

    @property
    def suggestion_state(self):
        """What became of its suggestions."""
        return self.reply.decision if self.reply else "open"

    @property
    def suggestion_state_label(self):
        return self.reply.get_decision_display() if self.reply else _("open")

    @cached_property
    def told_marks(self):
        """Its marks with the village and day of the visit that each names."""
        ids = {kept["visit"] for kept in self.marks if "visit" in kept}
        visits = Visit.objects.select_related("contact_point__village").filter(pk__in=ids)
        told = {str(v.pk): (str(v.contact_point.village), v.day) for v in visits}
        return [Mark.read(kept, *told.get(kept.get("visit"), ())) for kept in self.marks]


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


class ReviewPhrase(models.Model):
    """A sentence that the county office often writes when it returns a record."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    text = models.CharField(_("phrase"), max_length=100)

    objects = ReviewPhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved phrase")
        verbose_name_plural = _("saved phrases")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "text"],
                name="review_phrase_once",
                violation_error_message=_("This phrase is there already."),
            )
        ]

    def __str__(self):
        return self.text
