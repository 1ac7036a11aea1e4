"""The opinion book (意见簿): what villagers write of themselves, at any time, without a name."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County, Village
from feedback.models.matters import Matter
from feedback.querysets.evaluation import OpinionCallQuerySet, OpinionQuerySet
from feedback.questions import Grade
from outreach import clock


class OpinionCall(models.Model):
    """A question to everybody, open for a while."""

    county = models.ForeignKey(County, models.PROTECT)
    question = models.CharField(_("question"), max_length=100)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    created_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    # Set where the county ends it before its last day.
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)

    objects = OpinionCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call for opinions")
        verbose_name_plural = _("calls for opinions")
        ordering = ["-opens_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="opinion_call_days_in_order",
                condition=Q(closes_on__gte=F("opens_on")),
                violation_error_message=_("The last day is not before the first."),
            )
        ]

    def __str__(self):
        return self.question

    def get_absolute_url(self):
        return reverse("opinion_call", args=[self.pk])

    @property
    def is_open(self):
        """Whether it takes opinions today."""
        return self.closed_at is None and self.opens_on <= clock.today() <= self.closes_on

    @property
    def is_over(self):
        """Whether it takes none any more."""
        return self.closed_at is not None or self.closes_on < clock.today()


_ERASED = Q(erased_on__isnull=False)


class Opinion(models.Model):
    """What somebody wrote in a village, about a call or of their own accord.

    It is dated by the day: no time of day joins it with a visit to a page. Nothing here is part of
    a round's sample.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("not read yet")
        PUBLISHED = "published", _("published")
        HELD_BACK = "held_back", _("not published")
        # Nothing to read and nothing to publish.
        GRADE = "grade", _("a grade only")

    county = models.ForeignKey(County, models.PROTECT)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="opinions", verbose_name=_("village")
    )
    call = models.ForeignKey(
        OpinionCall,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opinions",
        verbose_name=_("call"),
    )
    grade = models.PositiveSmallIntegerField(
        _("satisfied with the visits"), choices=Grade, null=True, blank=True
    )
    text = models.CharField(_("in their own words"), max_length=500, blank=True)
    received_on = models.DateField(_("received on"), default=clock.today)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    # What the public reads: the text without what could point to somebody.
    published_text = models.CharField(_("text as published"), max_length=500, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reply = models.CharField(_("the county's reply"), max_length=500, blank=True)
    read_by = models.ForeignKey(
        "outreach.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("read by"),
    )
    read_at = models.DateTimeField(_("read on"), null=True, blank=True)
    matter = models.OneToOneField(
        Matter,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opinion",
        verbose_name=_("became a matter"),
    )
    version = models.PositiveIntegerField(default=0)
    # The words are kept for two years; village, day and grade stay (assurance: P-08).
    erased_on = models.DateField(_("words erased on"), null=True, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="opinion_says_something",
                condition=Q(grade__isnull=False) | ~Q(text="") | _ERASED,
            ),
            models.CheckConstraint(
                name="opinion_published_text",
                condition=~Q(state="published") | ~Q(published_text="") | _ERASED,
            ),
            models.CheckConstraint(
                name="opinion_held_back_with_reason",
                condition=~Q(state="held_back") | ~Q(reason="") | _ERASED,
            ),
            models.CheckConstraint(
                name="opinion_erased_whole",
                condition=~_ERASED | Q(text="", published_text="", reason="", reply=""),
            ),
            models.CheckConstraint(
                name="opinion_grade", condition=Q(grade=None) | Q(grade__gte=1, grade__lte=5)
            ),
        ]
        indexes = [models.Index(fields=["county", "state", "received_on"], name="opinion_county")]

    def __str__(self):
        # Without its words: the trail keeps what this says for ever.
        return f"{self.village} {self.received_on:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("opinion", args=[self.pk])
