"""Figures of months kept in rows, so that many months are read at once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from reports.querysets import StaleMonthQuerySet


class MonthFigures(models.Model):
    """What one officer owed and did at one contact point in a month, counted from the records.

    A copy that can be made anew at any time (`reports.rolled`): it holds ids instead of foreign
    keys, so that it hinders no deletion. Township and kind of unit are looked up when it is read.
    """

    pk = models.CompositePrimaryKey("county_id", "month", "contact_point_id", "officer_id")
    county_id = models.BigIntegerField()
    month = models.DateField()
    contact_point_id = models.BigIntegerField()
    officer_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    village_id = models.BigIntegerField()
    holds = models.BooleanField()  # the obligation of the month is theirs

    due = models.IntegerField()
    done = models.IntegerField()
    exempt = models.IntegerField()
    planned_lines = models.IntegerField()
    planned_kept = models.IntegerField()

    visits = models.IntegerField()
    substantive = models.IntegerField()
    feedback_sent = models.IntegerField()
    feedback_on_time = models.IntegerField()
    waiting_review = models.IntegerField()
    returned = models.IntegerField()
    ate = models.IntegerField()
    lived = models.IntegerField()
    worked = models.IntegerField()
    together_visits = models.IntegerField()

    # Heads of each group.
    party_members = models.IntegerField()
    village_cadres = models.IntegerField()
    representatives = models.IntegerField()
    capable = models.IntegerField()
    in_difficulty = models.IntegerField()

    household_contacts = models.IntegerField()
    household_repeats = models.IntegerField()

    # What cannot be added up: minutes for the median; the days of feedback nobody sent, because
    # what is overdue depends on today; households the unit met there first in the year.
    minutes = ArrayField(models.IntegerField())
    unsent_due = ArrayField(models.DateField())
    households = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("figures of a month")
        verbose_name_plural = _("figures of months")

    def __str__(self):
        return f"{self.month:%Y-%m} · {self.contact_point_id} · {self.officer_id}"


class StaleMonth(models.Model):
    """A mark: records of this month, or earlier ones of its year, changed since it was counted.

    Triggers of the database write it in the transaction of the change (migration 0002); it is only
    ever inserted, so that writers do not wait for each other, and removed with the recount.
    """

    county_id = models.BigIntegerField()
    month = models.DateField()
    # One mark a transaction is enough.
    transaction = models.BigIntegerField()

    objects = StaleMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("month to count again")
        verbose_name_plural = _("months to count again")
        indexes = [
            models.Index(fields=["county_id", "month", "transaction"], name="stale_month_county")
        ]

    def __str__(self):
        return f"{self.county_id} · {self.month:%Y-%m}"


class HeardMonth(models.Model):
    """What the words of a month were counted from (`reports.heard`); it can be made anew."""

    county = models.ForeignKey(County, models.CASCADE)
    month = models.DateField()
    stamp = models.CharField(max_length=100)
    records = models.PositiveIntegerField()
    records_before = models.PositiveIntegerField()  # of the months it is compared with

    class Meta:
        verbose_name = _("words of a month")
        verbose_name_plural = _("words of months")
        constraints = [
            models.UniqueConstraint(fields=["county", "month"], name="heard_month_once"),
        ]

    def __str__(self):
        return f"{self.county_id} · {self.month:%Y-%m}"


class HeardWord(models.Model):
    """A word that rises, and how many records hold it. Kept are no texts and no rare words."""

    heard = models.ForeignKey(HeardMonth, models.CASCADE, related_name="words")
    order = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=20)
    visits = models.PositiveIntegerField()
    matters = models.PositiveIntegerField()
    villages = models.PositiveIntegerField()
    before = models.PositiveIntegerField()  # records of the months before

    class Meta:
        verbose_name = _("word that rises")
        verbose_name_plural = _("words that rise")
        ordering = ["heard", "order"]
        constraints = [
            models.UniqueConstraint(fields=["heard", "word"], name="heard_word_once"),
            # Fewer records might betray who said it (domain: what is never collected).
            models.CheckConstraint(
                name="heard_word_not_rare",
                condition=Q(villages__gte=2) & Q(visits__gte=3 - F("matters")),
            ),
        ]

    def __str__(self):
        return self.word
