"""What becomes of a suggestion to the county."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from feedback.models.feedback import Feedback
from outreach import clock


class SuggestionAnswer(models.Model):
    """The county's reply to the suggestions of one feedback; without a row they are open."""

    class Decision(models.TextChoices):
        ADOPTED = "adopted", _("adopted")
        ANSWERED = "answered", _("answered")
        DECLINED = "declined", _("declined")

    feedback = models.OneToOneField(Feedback, models.PROTECT, related_name="suggestion_answer")
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    text = models.TextField(_("reply"), max_length=1000)
    by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("replied on"), default=clock.now)

    class Meta:
        verbose_name = _("reply to suggestions")
        verbose_name_plural = _("replies to suggestions")
        constraints = [
            models.CheckConstraint(name="suggestion_answer_says_something", condition=~Q(text=""))
        ]

    def __str__(self):
        return self.get_decision_display()

    @property
    def number(self):
        """Which version of the reply it is; the earlier ones are kept."""
        return self.earlier.count() + 1


class EarlierReply(models.Model):
    """What a reply said before it was corrected."""

    answer = models.ForeignKey(SuggestionAnswer, models.PROTECT, related_name="earlier")
    decision = models.CharField(
        _("decision"), max_length=8, choices=SuggestionAnswer.Decision.choices
    )
    text = models.TextField(_("reply"))
    by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("replied on"))

    class Meta:
        verbose_name = _("earlier reply to suggestions")
        verbose_name_plural = _("earlier replies to suggestions")
        ordering = ["-id"]

    def __str__(self):
        return self.get_decision_display()
