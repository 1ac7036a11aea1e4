"""Who gets issued reports and bulletins by e-mail, and what became of each e-mail."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from contact_points.models import County
from outreach import clock
from outreach.sentences import say
from reports.models.bulletins import Bulletin
from reports.models.reports import Report
from reports.querysets import DeliveryQuerySet, RecipientQuerySet


class Recipient(models.Model):
    """An account, or a plain address, that the county's issued documents go to."""

    class Gets(models.TextChoices):
        BOTH = "both", _("reports and bulletins")
        REPORTS = "reports", _("monthly reports")
        BULLETINS = "bulletins", _("bulletins")

    county = models.ForeignKey(County, models.PROTECT)
    user = models.ForeignKey(
        "outreach.User", models.CASCADE, null=True, blank=True, verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    gets = models.CharField(_("gets"), max_length=9, choices=Gets)
    added_by = models.ForeignKey(
        "outreach.User", models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), default=clock.now)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "user"],
                name="recipient_account_once",
                violation_error_message=_("This account is among the recipients already."),
            ),
            models.UniqueConstraint(
                "county",
                Lower("email"),
                name="recipient_address_once",
                condition=~Q(email=""),
                violation_error_message=_("This address is among the recipients already."),
            ),
            models.CheckConstraint(
                name="recipient_account_or_address",
                condition=Q(user=None) & ~Q(email="") & ~Q(name="")
                | Q(user__isnull=False, email="", name=""),
                violation_error_message=_("Choose an account, or write a name and an address."),
            ),
        ]

    def __str__(self):
        return self.name or str(self.user)

    @property
    def address(self):
        """Where it goes; empty for an account that is disabled or has no address."""
        if self.user is None:
            return self.email
        return self.user.email if self.user.is_active else ""


class Delivery(models.Model):
    """One issued document to one address: the row that keeps it from going out twice.

    A worker takes it before it speaks to the mail server. One that dies in between leaves it
    taken, so that a person decides whether it goes again, never a machine.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("e-mail sent")
        FAILED = "failed", _("e-mail not sent")

    # One of the two.
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="deliveries")
    bulletin = models.ForeignKey(Bulletin, models.PROTECT, null=True, related_name="deliveries")
    name = models.CharField(_("name"), max_length=50)
    address = models.EmailField(_("e-mail"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    problem = models.CharField(_("problem"), max_length=200, blank=True)  # a source sentence
    job = models.ForeignKey("outreach.Job", models.SET_NULL, null=True)
    asked_at = models.DateTimeField(_("asked for"), default=clock.now)
    sent_at = models.DateTimeField(_("sent on"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail with a document")
        verbose_name_plural = _("e-mails with documents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("report", Lower("address"), name="delivery_once"),
            models.UniqueConstraint("bulletin", Lower("address"), name="delivery_of_bulletin_once"),
            models.CheckConstraint(
                name="delivery_of_report_or_bulletin",
                condition=Q(report=None, bulletin__isnull=False)
                | Q(report__isnull=False, bulletin=None),
            ),
            models.CheckConstraint(
                name="delivery_sent_at_some_time",
                condition=Q(state="sent", sent_at__isnull=False)
                | ~Q(state="sent") & Q(sent_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.document} · {self.address}"

    @property
    def problem_text(self):
        return say(self.problem)

    @property
    def document(self):
        """What it brings."""
        return self.report or self.bulletin

    @property
    def county_id(self):
        return self.document.county_id
