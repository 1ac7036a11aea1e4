"""Rounds of villagers' evaluation: what is asked, in which villages, of which households."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contact_points.models import County, Village
from feedback.querysets.evaluation import EvaluationRoundQuerySet, RoundVillageQuerySet
from feedback.questions import OPTIONS
from feedback.sampling import Place
from outreach import clock
from visits.models import Topic
from visits.models.programme import month_check

FEWEST = 5  # answers below which no result is shown (domain: what is never collected)


class EvaluationRound(models.Model):
    """The county asks villagers about a month or a quarter.

    Draft: villages, questions and numbers can change. Drawn: frame, seed and sample are fixed for
    ever. Open: cards are handed out and answers come in. Closed: results are shown.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        DRAWN = "drawn", _("drawn")
        OPEN = "open", pgettext_lazy("a round", "open")
        CLOSED = "closed", pgettext_lazy("a round", "closed")
        CANCELLED = "cancelled", _("cancelled")

    county = models.ForeignKey(County, models.PROTECT)
    first_month = models.DateField(_("from month"))
    last_month = models.DateField(_("to month"))
    # None: all of them.
    villages_to_draw = models.PositiveSmallIntegerField(
        _("villages to draw"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: every village that is a contact point in these months."),
    )
    households_per_village = models.PositiveSmallIntegerField(
        _("households a village"),
        default=12,
        validators=[MinValueValidator(FEWEST), MaxValueValidator(100)],
    )
    asks_text = models.BooleanField(_("ask for a free text, too"), default=True)
    closes_on = models.DateField(_("answers until"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    # Made with the draw, once; published with it. Whoever has seed and frame gets the same sample.
    seed = models.CharField(_("seed"), max_length=32, blank=True)
    frame_sha256 = models.CharField(_("checksum of the frame"), max_length=64, blank=True)
    # When the draw was last computed again from both, and whether it was the same.
    checked_at = models.DateTimeField(null=True)
    check_passed = models.BooleanField(default=False)
    created_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    drawn_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason of the cancellation"), max_length=200, blank=True)

    objects = EvaluationRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation round")
        verbose_name_plural = _("evaluation rounds")
        ordering = ["-first_month", "-id"]
        constraints = [
            month_check("evaluation_first_month", "first_month"),
            month_check("evaluation_last_month", "last_month"),
            models.CheckConstraint(
                name="evaluation_months_in_order",
                condition=Q(last_month__gte=F("first_month")),
                violation_error_message=_("The last month is not before the first."),
            ),
            models.CheckConstraint(
                name="evaluation_households", condition=Q(households_per_village__gte=FEWEST)
            ),
            models.CheckConstraint(
                name="evaluation_drawn_with_seed",
                condition=Q(state__in=["draft", "cancelled"])
                | ~Q(seed="") & ~Q(frame_sha256="") & Q(drawn_at__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_cancelled_with_reason",
                condition=~Q(state="cancelled") | ~Q(reason=""),
            ),
            # A month has one word of the villagers, not the better one of two.
            ExclusionConstraint(
                name="evaluation_months_once",
                expressions=[
                    ("county", RangeOperators.EQUAL),
                    (
                        Func(F("first_month"), F("last_month"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(state="cancelled"),
                violation_error_message=_("There is a round about one of these months already."),
            ),
        ]

    def __str__(self):
        first, last = f"{self.first_month:%Y-%m}", f"{self.last_month:%Y-%m}"
        return first if first == last else f"{first} – {last}"

    def get_absolute_url(self):
        return reverse("evaluation_round", args=[self.pk])

    @property
    def is_drawn(self):
        """Whether there is a sample; it never changes again."""
        return self.drawn_at is not None

    @property
    def months_text(self):
        """The months in the reader's language."""
        first, last = (
            date_format(month, "YEAR_MONTH_FORMAT") for month in (self.first_month, self.last_month)
        )
        return first if first == last else f"{first} – {last}"


class TopicQuestion(models.Model):
    """One of up to three questions about what was explained: four answers, one of them right."""

    round = models.ForeignKey(EvaluationRound, models.CASCADE, related_name="topic_questions")
    position = models.PositiveSmallIntegerField()
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="questions")
    text = models.CharField(_("question"), max_length=80)
    options = ArrayField(models.CharField(max_length=40), size=OPTIONS, verbose_name=_("answers"))
    # Counted from 1, as it is stored in an answer.
    right = models.PositiveSmallIntegerField(_("right answer"))

    class Meta:
        verbose_name = _("topic question")
        verbose_name_plural = _("topic questions")
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="topic_question_position"),
            models.UniqueConstraint(
                fields=["round", "topic"],
                name="topic_question_once",
                violation_error_message=_("One question about each topic."),
            ),
            models.CheckConstraint(
                name="topic_question_of_three",
                condition=Q(position__gte=1, position__lte=3, right__gte=1, right__lte=OPTIONS),
            ),
            models.CheckConstraint(
                name="topic_question_options", condition=Q(options__len=OPTIONS)
            ),
        ]

    def __str__(self):
        return self.text


class RoundVillage(models.Model):
    """A village in a round's frame: what the draw looked at, kept as it was."""

    round = models.ForeignKey(EvaluationRound, models.CASCADE, related_name="villages")
    village = models.ForeignKey(Village, models.PROTECT, related_name="+")
    # Whether a counted visit of the round's months stood in the records when it was drawn.
    visited = models.BooleanField(_("visited"))
    # Household numbers in their order; of a village whose list is unknown its count: 001, 002, ...
    households = ArrayField(models.CharField(max_length=12))
    # Those of them that a visit of the round's months met.
    met = ArrayField(models.CharField(max_length=12), default=list)
    is_drawn = models.BooleanField(_("drawn"))

    objects = RoundVillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village of a round")
        verbose_name_plural = _("villages of a round")
        ordering = ["round", "village__code"]
        constraints = [
            models.UniqueConstraint(fields=["round", "village"], name="round_village_once")
        ]

    def __str__(self):
        return str(self.village)

    def get_absolute_url(self):
        return reverse("evaluation_village", args=[self.round_id, self.village_id])

    @property
    def place(self):
        """What the draw looks at."""
        return Place(self.village.code, self.visited, tuple(self.households), frozenset(self.met))


class SampledHousehold(models.Model):
    """A household that is asked; that one answered is recorded nowhere."""

    class Outcome(models.TextChoices):
        NONE = "", _("card brought")
        REFUSED = "refused", _("does not want to")
        ABSENT = "absent", _("nobody there, three times")
        GONE = "gone", _("no such household")

    round_village = models.ForeignKey(RoundVillage, models.CASCADE, related_name="sample")
    position = models.PositiveSmallIntegerField()
    number = models.CharField(_("number"), max_length=12)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome, blank=True)
    # The one it came for, by the rule of the draw.
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replacement"
    )

    class Meta:
        verbose_name = _("sampled household")
        verbose_name_plural = _("sampled households")
        ordering = ["round_village", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["round_village", "position"], name="sampled_household_position"
            ),
            models.UniqueConstraint(
                fields=["round_village", "number"], name="sampled_household_once"
            ),
        ]

    def __str__(self):
        return self.number
