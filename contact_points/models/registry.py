"""The registry: who exists, and which unit and officer hold which village from when to when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contact_points.querysets import (
    ContactPointQuerySet,
    OfficerQuerySet,
    TownshipQuerySet,
    UnitQuerySet,
    VillageQuerySet,
)
from outreach import clock
from outreach.expressions import Bigrams


def _digits(count: int, message: Promise) -> RegexValidator:
    return RegexValidator(rf"^[0-9]{{{count}}}\Z", message)


def _code_check(name: str, count: int) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(code__regex=rf"^[0-9]{{{count}}}$"))


class County(models.Model):
    """The root of visibility."""

    code = models.CharField(
        _("code"),
        max_length=6,
        unique=True,
        validators=[_digits(6, _("A county code has 6 digits."))],
    )
    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("county")
        verbose_name_plural = _("counties")
        ordering = ["code"]
        constraints = [_code_check("county_code_digits", 6)]

    def __str__(self):
        return self.name


class Township(models.Model):
    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    code = models.CharField(
        _("code"),
        max_length=9,
        unique=True,
        validators=[_digits(9, _("A township code has 9 digits."))],
    )
    name = models.CharField(_("name"), max_length=50)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")
        ordering = ["code"]
        constraints = [_code_check("township_code_digits", 9)]
        indexes = [GinIndex(Bigrams("name"), name="township_name_bigrams")]

    def __str__(self):
        return self.name


class Village(models.Model):
    """A village or residents' community."""

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="villages", verbose_name=_("township")
    )
    code = models.CharField(
        _("code"),
        max_length=12,
        unique=True,
        validators=[_digits(12, _("A village code has 12 digits."))],
    )
    name = models.CharField(_("name"), max_length=80)
    sort_key = models.CharField(max_length=200, blank=True, editable=False)
    households_count = models.PositiveIntegerField(_("households"), null=True, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("merged into")
    )
    # A first of a month; what was owed before it stays owed.
    merged_from = models.DateField(
        _("merged from the month"),
        null=True,
        blank=True,
        help_text=_(
            "Any day of the first month in which it is no village of its own; empty: next month."
        ),
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        ordering = ["code"]
        constraints = [
            _code_check("village_code_digits", 12),
            models.CheckConstraint(
                name="village_not_merged_into_itself",
                condition=~Q(merged_into=F("id")),
                violation_error_message=_("A village cannot be merged into itself."),
            ),
            models.CheckConstraint(
                name="village_merged_from_first_day",
                condition=Q(merged_from=None) | Q(merged_from__day=1, merged_into__isnull=False),
                violation_error_message=_("Say which village it was merged into."),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "township", "code"], name="village_county"),
            GinIndex(Bigrams("name"), name="village_name_bigrams"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("village_detail", args=[self.pk])

    @property
    def label(self):
        """What tells it from villages of the same name, where one is chosen."""
        return f"{self.township} {self.name}"


class Household(models.Model):
    """A household is a number of its village and nothing else (domain: what is never collected)."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="households", verbose_name=_("village")
    )
    number = models.CharField(
        _("number"),
        max_length=12,
        validators=[
            RegexValidator(r"^[0-9]{1,2}组-[0-9]{3,4}\Z", _("Write the number like 3组-017."))
        ],
    )

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["village", "number"]
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="household_once"),
            models.CheckConstraint(
                name="household_number_form",
                condition=Q(number__regex=r"^[0-9]{1,2}组-[0-9]{3,4}$"),
            ),
        ]

    def __str__(self):
        return self.number


class Unit(models.Model):
    class Kind(models.TextChoices):
        LEADING_BODY = "leading_body", _("leading body")
        TOWNSHIP = "township", _("township")
        PARTY_DEPARTMENT = "party_department", _("party department")
        GOVERNMENT_DEPARTMENT = "government_department", _("government department")
        MASS_ORGANISATION = "mass_organisation", _("mass organisation")
        OTHER = "other", _("other unit")

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    township = models.ForeignKey(
        Township, models.PROTECT, null=True, blank=True, verbose_name=_("township")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "name"],
                name="unit_name_once",
                violation_error_message=_("The county has a unit of this name already."),
            ),
            models.CheckConstraint(
                name="unit_township_fits_kind",
                condition=Q(kind="township", township__isnull=False)
                | (~Q(kind="township") & Q(township__isnull=True)),
                violation_error_message=_("A township unit names its township, others do not."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("unit_detail", args=[self.pk])

    @property
    def label(self):
        """What it is chosen by."""
        return self.name


class Officer(models.Model):
    """A leader or staff member of a unit who holds contact points and goes on visits."""

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="officers", verbose_name=_("unit"))
    name = models.CharField(_("full name"), max_length=50)
    sort_key = models.CharField(max_length=150, blank=True, editable=False)
    post = models.CharField(_("post"), max_length=50, blank=True)
    telephone = models.CharField(
        _("telephone"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[0-9+\- ]{5,20}\Z", _("Write the number in digits."))],
    )
    user = models.OneToOneField(
        "outreach.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="officer",
        verbose_name=_("account"),
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        ordering = ["unit__order", "unit_id", "id"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("officer_detail", args=[self.pk])

    def serves_on(self, day):
        """Whether they had not left by this day."""
        return self.left_on is None or self.left_on >= day


class ContactPoint(models.Model):
    """A unit's dated assignment to a village with its responsible officer."""

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="contact_points", verbose_name=_("unit")
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="contact_points", verbose_name=_("village")
    )
    officer = models.ForeignKey(
        Officer,
        models.PROTECT,
        related_name="contact_points",
        verbose_name=_("responsible officer"),
    )
    # Whom the list names beside the responsible officer, for the same village.
    co_officers = models.ManyToManyField(
        Officer, blank=True, related_name="co_contact_points", verbose_name=_("co-officers")
    )
    period = DateRangeField(_("period"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        ordering = ["unit__order", "unit_id", "village__code", "id"]
        constraints = [
            ExclusionConstraint(
                name="contact_point_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("village", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The unit holds this village at that time already."),
            ),
            models.CheckConstraint(
                name="contact_point_period_has_start",
                condition=Q(period__startswith__isnull=False, period__isempty=False),
                violation_error_message=_("A contact point needs a first day."),
            ),
        ]
        indexes = [models.Index(fields=["county", "unit"], name="contact_point_county")]

    def __str__(self):
        return f"{self.unit} · {self.village}"

    def get_absolute_url(self):
        return reverse("contact_point_detail", args=[self.pk])

    def holds_in(self, month):
        """Whether it holds on at least one day of the month."""
        return self.period.lower < clock.add_months(month, 1) and (
            self.period.upper is None or self.period.upper > month
        )

    @property
    def people(self):
        """The responsible officer and the co-officers, as a list names them."""
        names = [self.officer.name, *(officer.name for officer in self.co_officers.all())]
        return "、".join(names)

    @property
    def first_day(self):
        return self.period.lower

    @property
    def last_day(self):
        """The last day it holds, or None while it is open."""
        return self.period.upper and self.period.upper - clock.ONE_DAY
