"""Reads of matters."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, F, Q, QuerySet
from django.db.models.functions import Coalesce

from feedback.matter_states import OPEN, UNDECIDED, State
from outreach import clock
from outreach.models import User
from outreach.querysets import ScopedQuerySet
from outreach.roles import Capability, Role

if TYPE_CHECKING:
    from feedback.models import Matter


class MatterQuerySet(ScopedQuerySet):
    """Matters; a draft is a part of its record and nobody's matter yet."""

    def visible_to(self, user: User) -> Self:
        """The county's; of a unit's people those it leads, received first, is asked to take or
        helps with, and those joined to one that it leads."""
        if not user.can(Capability.SEE_MATTERS):
            return self.none()
        rows = self.taken_up().filter(county=user.county_id)
        if user.unit_id is None:
            return rows
        unit = user.unit_id
        tied = Q(leader=unit) | Q(origin=unit) | Q(asked_unit=unit) | Q(main__leader=unit)
        return rows.filter(tied | _helped_by(self.model, unit))

    def helped_by(self, unit: int | None) -> Self:
        """Those that the unit helps with, whoever leads them."""
        return self.filter(_helped_by(self.model, unit))

    def drafts(self) -> Self:
        return self.filter(state=State.DRAFT)

    def taken_up(self) -> Self:
        """Everything but drafts."""
        return self.exclude(state=State.DRAFT)

    def open(self) -> Self:
        """Those to which somebody owes an answer."""
        return self.filter(state__in=OPEN)

    def overdue(self) -> Self:
        """Open ones whose day has passed while the clock runs."""
        return self.open().exclude(state=State.WAITING).filter(due_on__lt=clock.today())

    def waiting_for(self, user: User) -> Self:
        """What this person's desk is to act on next."""
        rows = self.visible_to(user)
        if user.unit_id is None:
            return rows.filter(
                Q(state__in=[State.WITH_COUNTY, State.TO_CONFIRM, State.ANSWERED])
                | Q(extension_days__isnull=False)
            )
        waiting = Q(leader=user.unit_id, state__in=[State.RECEIVED, State.IN_WORK])
        asked = Q(asked_unit=user.unit_id)
        if user.role != Role.COORDINATOR:
            # Where a unit has no coordinator its people decide (`permissions.ties`).
            office = User.objects.active().filter(unit=user.unit_id, role=Role.COORDINATOR)
            asked &= ~Exists(office)
        waiting |= asked
        ours = _helped_by(self.model, user.unit_id, co_handlers__done_at=None)
        return rows.filter(waiting | ours & Q(state__in=UNDECIDED))

    def search(self, text: str) -> Self:
        """By a part of the problem, village or leading unit, or by the receipt code."""
        return self.filter(
            Q(text__icontains=text)
            | Q(village__name__icontains=text)
            | Q(leader__name__icontains=text)
            | Q(code__iexact=text)
        )

    def joinable(self, matter: "Matter", user: User) -> Self:
        """To which the person may join the matter: open, raised before it, joined to none.

        The county office among all, a unit among those it leads itself: else it could hand a
        matter to a unit that has not accepted it.
        """
        earlier = Q(raised_at__lt=matter.raised_at) | Q(
            raised_at=matter.raised_at, pk__lt=matter.pk
        )
        rows = self.open().filter(earlier, county=matter.county_id, main=None)
        return rows.filter(leader=user.unit_id) if user.unit_id else rows

    def for_list(self) -> Self:
        """With what a list shows; the next due first, what is over at the end."""
        return self.select_related(
            "village__township", "category__parent", "leader", "origin", "asked_unit"
        ).order_by(F("closed_at").desc(nulls_first=True), "due_on", "pk")

    def with_co_handlers(self) -> Self:
        """With the units that help, or helped, with each."""
        return self.prefetch_related("co_handlers__unit")

    def for_page(self) -> Self:
        rows = self.for_list().select_related("county", "raised_by", "taken_by")
        # What few matters have is asked for where there is one: to plan fifteen joins takes the
        # database ten times as long as to read them.
        rows = rows.prefetch_related("visit", "extension_asked_by", "main__leader", "main__village")
        return rows.with_co_handlers()


def _helped_by(matters: type["Matter"], unit: int | None, **more: Any) -> Q:
    """As a condition of its own: joined to the row, each unit that helps would double it."""
    helped = {"co_handlers__unit": unit, "co_handlers__released_at": None} | more
    return Q(pk__in=matters.objects.filter(**helped).values("pk"))


class MatterEventQuerySet(QuerySet):
    def newest_first(self) -> Self:
        """With who did it and between which units."""
        return self.select_related("by__unit", "from_unit", "to_unit").order_by("-id")


class MatterFileQuerySet(QuerySet):
    def kept(self) -> Self:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def waiting(self) -> Self:
        """Pictures whose sizes are not made yet."""
        return self.kept().filter(state="waiting")

    def for_story(self) -> Self:
        """Oldest first, with who added and who withdrew each."""
        rows = self.select_related("matter", "added_by__unit", "withdrawn_by")
        return rows.order_by("added_at", "pk")


class MatterCategoryQuerySet(ScopedQuerySet):
    scope_unit = None

    def for_choice(self) -> Self:
        """Those in use, the children of each below it."""
        rows = self.filter(is_active=True).exclude(parent__is_active=False)
        return rows.in_tree_order()

    def in_tree_order(self) -> Self:
        rows = self.annotate(top=Coalesce("parent_id", "id")).select_related("parent")
        return rows.order_by("top", F("parent").asc(nulls_first=True), "id")


class MatterRouteQuerySet(ScopedQuerySet):
    scope_unit = None

    def for_list(self) -> Self:
        return self.select_related("category__parent", "township", "unit")
