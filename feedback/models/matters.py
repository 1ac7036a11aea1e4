"""Matters: what villagers raise and what becomes of it."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import County, Township, Unit, Village
from feedback.matter_states import EXCLUDED, OPEN, Action, Outcome, State, Word
from feedback.querysets.matters import (
    MatterCategoryQuerySet,
    MatterEventQuerySet,
    MatterQuerySet,
    MatterRouteQuerySet,
)
from outreach import clock
from outreach.sentences import say
from outreach.workdays import add_workdays
from visits.models import Visit

DEFAULT_LIMIT = 10  # working days of a matter that nobody has sorted yet
RESPOND_WITHIN = 2  # working days until somebody has accepted it (domain: indicators)


class MatterCategory(models.Model):
    """What a matter is about: a tree of two levels that the county edits."""

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    name = models.CharField(_("name"), max_length=30)
    limit_days = models.PositiveSmallIntegerField(_("limit in working days"), default=DEFAULT_LIMIT)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = MatterCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category of matters")
        verbose_name_plural = _("categories of matters")
        ordering = ["county", F("parent").asc(nulls_first=True), "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "parent", "name"],
                name="matter_category_once",
                nulls_distinct=False,
                violation_error_message=_("There is a category of this name already."),
            ),
            models.CheckConstraint(
                name="matter_category_limit",
                condition=Q(limit_days__gte=1, limit_days__lte=120),
                violation_error_message=_("A limit is 1 to 120 working days."),
            ),
        ]

    def __str__(self):
        return f"{self.parent.name} / {self.name}" if self.parent else self.name


class MatterRoute(models.Model):
    """Which unit is proposed for a category, everywhere or in one township."""

    county = models.ForeignKey(County, models.PROTECT)
    category = models.ForeignKey(
        MatterCategory, models.PROTECT, related_name="routes", verbose_name=_("category")
    )
    township = models.ForeignKey(
        Township, models.PROTECT, null=True, blank=True, verbose_name=_("township")
    )
    # Empty: the unit of the township in which the village lies.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))

    objects = MatterRouteQuerySet.as_manager()

    class Meta:
        verbose_name = _("route of a category")
        verbose_name_plural = _("routes of categories")
        ordering = ["category", F("township").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "township"], name="matter_route_once", nulls_distinct=False
            )
        ]

    def __str__(self):
        return f"{self.category} → {self.unit or _('the township itself')}"


class Matter(models.Model):
    """A problem that a villager raised; a draft until the record it stands in is sent.

    The row holds how it stands, its events how it came to this. It always has one leading unit,
    which stays answerable until another has accepted (domain: the year, matters).
    """

    class Source(models.TextChoices):
        VISIT = "visit", _("raised at a visit")
        DESK = "desk", _("raised at a service desk")
        TYPED = "typed", _("typed in for a villager")
        OPINION = "opinion", _("raised in the opinion book")

    class Urgency(models.TextChoices):
        NORMAL = "normal", _("normal")
        URGENT = "urgent", _("urgent")

    county = models.ForeignKey(County, models.PROTECT)
    village = models.ForeignKey(Village, models.PROTECT, verbose_name=_("village"))
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="matters")
    position = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(_("source"), max_length=7, choices=Source, default=Source.VISIT)
    category = models.ForeignKey(
        MatterCategory, models.PROTECT, null=True, blank=True, verbose_name=_("category")
    )
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency, default=Urgency.NORMAL)
    text = models.CharField(_("problem"), max_length=300)
    # What the villager and the offices call it by, on the telephone, too.
    code = models.CharField(_("receipt code"), max_length=6, null=True, unique=True)  # noqa: DJ001 (null: a draft)
    # Of the whole receipt number, which nobody can read here (`services.receipts`).
    receipt_mark = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    # The earlier report of the same problem that this one follows; it follows none itself.
    main = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="joined",
        verbose_name=_("joined to"),
    )

    leader = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="led_matters", verbose_name=_("leading unit")
    )
    origin = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="received_matters",
        verbose_name=_("first receiver"),
    )
    asked_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit asked")
    )
    refusals = models.PositiveSmallIntegerField(_("refusals"), default=0)
    raised_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    # Of the form it was raised by: sent again because no answer came, it raises nothing new.
    form_id = models.UUIDField(null=True, unique=True, editable=False)
    # Who of the leading unit took it in hand, and when.
    taken_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(_("taken in hand on"), null=True)

    raised_at = models.DateTimeField(_("raised on"), null=True)
    respond_by = models.DateField(_("to accept by"), null=True)
    accepted_at = models.DateTimeField(_("first accepted on"), null=True)
    # The limit, and what an extension granted and a wait for somebody named added to it.
    limit_days = models.PositiveSmallIntegerField(_("limit in working days"), default=DEFAULT_LIMIT)
    more_days = models.PositiveSmallIntegerField(_("working days granted"), default=0)
    counted_from = models.DateField(_("limit counted from"), null=True)
    due_on = models.DateField(_("to be answered by"), null=True)
    # What resolution is judged by: a reopened matter gets new time for work, none for the rate.
    first_due_on = models.DateField(_("first to be answered by"), null=True)
    extension_days = models.PositiveSmallIntegerField(_("working days asked for"), null=True)
    extension_asked_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, related_name="+"
    )
    waiting_since = models.DateField(_("waiting since"), null=True)

    outcome = models.CharField(_("the unit's word"), max_length=12, choices=Outcome, blank=True)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True)
    answered_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    villager_word = models.CharField(
        _("the villager's word"), max_length=10, choices=Word, blank=True
    )
    villager_satisfied = models.BooleanField(_("villager satisfied"), null=True)
    villager_at = models.DateTimeField(_("villager asked on"), null=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    closed_at = models.DateTimeField(_("closed on"), null=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter")
        verbose_name_plural = _("matters")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "position"], name="matter_position"),
            models.CheckConstraint(name="matter_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="matter_source_fits_visit",
                condition=Q(source="visit", visit__isnull=False, position__isnull=False)
                | (~Q(source="visit") & Q(visit=None, position=None)),
            ),
            models.CheckConstraint(
                name="matter_has_one_leader",
                condition=Q(state=State.DRAFT, leader=None, origin=None, code=None)
                | (
                    ~Q(state=State.DRAFT)
                    & Q(leader__isnull=False, origin__isnull=False, code__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="matter_has_its_dates",
                condition=Q(state=State.DRAFT)
                | Q(
                    raised_at__isnull=False,
                    respond_by__isnull=False,
                    due_on__isnull=False,
                    first_due_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="matter_asked_unit_is_another",
                condition=Q(state=State.TRANSFER_ASKED, asked_unit__isnull=False)
                & ~Q(asked_unit=F("leader"))
                | ~Q(state=State.TRANSFER_ASKED) & Q(asked_unit=None),
            ),
            models.CheckConstraint(
                name="matter_in_work_was_accepted",
                condition=Q(state__in=[*OPEN[:3], State.DRAFT, State.JOINED])
                | Q(taken_at__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="matter_waits_since_a_day",
                condition=Q(state=State.WAITING, waiting_since__isnull=False)
                | ~Q(state=State.WAITING) & Q(waiting_since=None),
            ),
            models.CheckConstraint(
                name="matter_answered_with_the_units_word",
                condition=~Q(state__in=["to_confirm", "answered", "closed"])
                | ~Q(outcome="") & ~Q(answer="") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="matter_excluded_by_two_people",
                condition=~Q(state__in=["answered", "closed"], outcome__in=EXCLUDED)
                | Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("answered_by")),
            ),
            models.CheckConstraint(
                name="matter_never_closed_unsolved",
                condition=~Q(state=State.CLOSED, villager_word=Word.NOT_SOLVED),
                violation_error_message=_("The villager says it is not solved."),
            ),
            models.CheckConstraint(
                name="matter_closed_on_a_day",
                condition=Q(state=State.CLOSED, closed_at__isnull=False)
                | ~Q(state=State.CLOSED) & Q(closed_at=None),
            ),
            models.CheckConstraint(
                name="matter_joined_has_a_main_one",
                condition=Q(state=State.JOINED, main__isnull=False) & ~Q(main=F("id"))
                | ~Q(state=State.JOINED) & Q(main=None),
            ),
            models.CheckConstraint(
                name="matter_extension_asked_by_somebody",
                condition=Q(extension_days=None, extension_asked_by=None)
                | Q(extension_days__isnull=False, extension_asked_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_on"], name="matter_county_state"),
            models.Index(fields=["leader", "state"], name="matter_leader_state"),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("matter_detail", args=[self.pk])

    @property
    def name_in_trail(self):
        """The trail keeps what an entry says for ever, so nothing that was said stands there."""
        raised = self.raised_at or clock.now()
        return f"{self.village} · {raised.astimezone(clock.SHANGHAI):%Y-%m-%d}"

    @property
    def pick(self):
        """The matter and the version that its reader saw, for what is done to many at once."""
        return f"{self.pk}@{self.version}"

    @property
    def is_draft(self):
        """Whether it is still a part of a record that was not sent."""
        return self.state == State.DRAFT

    @property
    def is_open(self):
        """Whether somebody owes an answer."""
        return self.state in OPEN

    @property
    def is_overdue(self):
        """Whether its day has passed while the clock runs."""
        running = self.is_open and self.state != State.WAITING
        return running and self.due_on < clock.today()

    @property
    def is_excluded(self):
        """Whether two people agreed that it is out of remit or not possible."""
        return self.outcome in EXCLUDED and self.confirmed_by_id is not None

    @property
    def co_handling(self):
        """The units that help with it now, as rows of their own."""
        return [row for row in self.co_handlers.all() if row.released_at is None]

    @property
    def last_words(self):
        """What happened to it last."""
        return str(self.events.newest_first().first())

    @property
    def computed_due(self):
        """The day that its limit, extensions and waits give."""
        return add_workdays(self.counted_from, self.limit_days + self.more_days)


class MatterEvent(models.Model):
    """One thing that happened to a matter; the database refuses to change or delete it."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Action)
    state = models.CharField(_("state"), max_length=14, choices=State)
    # Nobody: the villager, by the receipt.
    by = models.ForeignKey("outreach.User", models.PROTECT, null=True)
    at = models.DateTimeField(default=clock.now)
    from_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    to_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    # What it says beside the text: a source sentence and its values, read in any language.
    said = models.CharField(max_length=100, blank=True)
    params = models.JSONField(default=dict)
    text = models.TextField(blank=True)

    objects = MatterEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a matter")
        verbose_name_plural = _("events of matters")
        ordering = ["matter", "id"]

    def __str__(self):
        return str(self.get_kind_display())

    @property
    def said_text(self):
        return say(self.said, self.params)
