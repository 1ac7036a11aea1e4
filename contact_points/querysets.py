"""Reads of the registry."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.lookups import DataContains
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, StrIndex, Upper
from django.db.models.lookups import GreaterThan

from outreach import clock
from outreach.expressions import Bigrams, ShanghaiDay, SoughtBigrams
from outreach.querysets import ScopedQuerySet, estimated
from outreach.roles import Role

if TYPE_CHECKING:
    from contact_points.models import ContactPoint
    from outreach.models import User


# Where a text names more villages or townships than these, a page is full sooner by walking through
# the villages in their order than by gathering all of them from an index.
MANY_VILLAGES, MANY_TOWNSHIPS = 75_000, 2_000


def holding(field: str, text: str) -> Q:
    """Rows whose field holds the text, in whatever case."""
    # The planner takes "more than 0" for one row in three: so up to some 8,000 it gathers from
    # the index of `paired` instead of walking through all in order, endless where a name is local.
    return Q(GreaterThan(StrIndex(Upper(field), Upper(Value(text))), 0))


def paired(field: str, text: str) -> Q:
    """Rows that an index of bigrams names for the text; all that hold it are among them."""
    return Q(DataContains(Bigrams(field), SoughtBigrams(text))) if len(text) > 1 else Q()


def _held_today(rows: models.QuerySet, holder: str) -> Coalesce:
    """How many contact points of the row hold today; counted for the rows that are shown only."""
    points = rows.model._meta.get_field("contact_points").related_model.objects
    held = points.active_on(clock.today()).filter(**{holder: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(held.values(holder).annotate(n=Count("pk")).values("n")), 0)


class TownshipQuerySet(ScopedQuerySet):
    scope_unit = None
    scope_admin = True

    def offered(self, user: "User", rows: models.QuerySet, path: str) -> Self:
        """The filter's choices of a list: all of the county, of a unit's list those it has."""
        seen = self.visible_to(user)
        return seen.filter(pk__in=rows.order_by().values(path)) if user.unit_id else seen


class VillageQuerySet(ScopedQuerySet):
    """Villages; people of a unit see those their unit is or was assigned to."""

    scope_unit = None
    scope_admin = True

    def visible_to(self, user: "User") -> Self:
        rows = super().visible_to(user)
        if not user.unit_id:
            return rows
        points = self.model._meta.get_field("contact_points").related_model.objects
        return rows.filter(Exists(points.filter(village=OuterRef("pk"), unit=user.unit_id)))

    def search(self, text: str) -> Self:
        """Villages whose name or township holds the text, or whose code begins with it."""
        townships = self.model._meta.get_field("township").related_model.objects.order_by()
        townships = townships.filter(holding("name", text), paired("name", text))
        named = list(townships.values_list("pk", flat=True)[: MANY_TOWNSHIPS + 1])
        few = len(named) <= MANY_TOWNSHIPS
        # Few are listed: so the planner knows how many villages they have.
        otherwise = Q(township__in=named if few else townships.values("pk"))
        if text.isdecimal():
            otherwise |= Q(code__startswith=text)
        found = holding("name", text) | otherwise
        indexed = self.filter(paired("name", text) | otherwise) if len(text) > 1 else self
        if few and estimated(indexed) <= MANY_VILLAGES:
            return indexed.filter(found)
        return self.filter(found)

    def named(self, text: str) -> Self:
        """By township and name as `Village.label` has them, by parts of them, by id or code."""
        rows = self.select_related("township")
        if text.isdecimal():
            return rows.filter(Q(pk=text) if len(text) < 12 else Q(code=text[:12]))
        township, _space, name = text.rpartition(" ")
        exact = rows.filter(township__name=township, name=name)
        if township and exact.exists():
            return exact
        for part in text.split():
            rows = rows.filter(Q(name__icontains=part) | Q(township__name__icontains=part))
        return rows

    def for_list(self) -> Self:
        """With their township and how many contact points hold today."""
        # Joined, the townships of all villages found would be read, not of those shown only.
        return self.prefetch_related("township").annotate(
            current_contacts=_held_today(self, "village")
        )


class UnitQuerySet(ScopedQuerySet):
    scope_unit = "id"
    scope_admin = True

    def named(self, text: str) -> Self:
        """By its whole name, by a part of it, or by its id."""
        if text.isdecimal():
            return self.filter(pk=text) if len(text) < 12 else self.none()
        exact = self.filter(name=text)
        return exact if exact.exists() else self.filter(name__icontains=text)

    def for_list(self) -> Self:
        today = clock.today()
        return self.select_related("township").annotate(
            officers_count=Count("officers", filter=Q(officers__left_on=None), distinct=True),
            current_contacts=Count(
                "contact_points", filter=Q(contact_points__period__contains=today), distinct=True
            ),
        )


class OfficerQuerySet(ScopedQuerySet):
    scope_admin = True

    def serving(self) -> Self:
        """Those who have not left yet."""
        return self.serving_on(clock.today())

    def serving_on(self, day: date, or_pk: int | None = None) -> Self:
        """Those who had not left by this day, and the one who is named already (`or_pk`)."""
        return self.filter(Q(left_on=None) | Q(left_on__gte=day) | Q(pk=or_pk))

    def search(self, text: str) -> Self:
        return self.filter(Q(name__icontains=text) | Q(unit__name__icontains=text))

    def for_list(self) -> Self:
        return self.select_related("unit", "user").annotate(
            current_contacts=Count(
                "contact_points", filter=Q(contact_points__period__contains=clock.today())
            )
        )


class ContactPointQuerySet(ScopedQuerySet):
    scope_admin = True

    def active_on(self, day: date) -> Self:
        return self.filter(period__contains=day)

    def holding(self, point: "ContactPoint", day: date) -> "ContactPoint":
        """The contact point by which the same unit holds the same village on the day, else this."""
        if day in point.period:
            return point
        same = self.filter(unit=point.unit_id, village=point.village_id, period__contains=day)
        return same.for_list().first() or point

    def open_on(self, day: date) -> Self:
        """Contact points that hold on the day or begin later."""
        return self.filter(Q(period__endswith=None) | Q(period__endswith__gt=day))

    def active_in(self, month: date) -> Self:
        """Contact points that exist on at least one day of the month."""
        return self.filter(period__overlap=(month, clock.add_months(month, 1)))

    def with_last_visit(self) -> Self:
        """Annotate `last_visit`, the day of the newest visit that is not void, or None."""
        visits = self.model._meta.get_field("visits").related_model
        counted = visits.objects.counted().filter(contact_point=OuterRef("pk"))
        newest = counted.order_by("-started_at").annotate(day=ShanghaiDay("started_at"))
        return self.annotate(last_visit=Subquery(newest.values("day")[:1]))

    def search(self, text: str) -> Self:
        return self.filter(
            Q(village__name__icontains=text)
            | Q(village__township__name__icontains=text)
            | Q(unit__name__icontains=text)
            | Q(officer__name__icontains=text)
            | Q(village__code__startswith=text)
        )

    def for_list(self) -> Self:
        return self.select_related("village__township", "unit", "officer")


class ImportRunQuerySet(ScopedQuerySet):
    scope_unit = None
    scope_admin = True

    def visible_to(self, user: "User") -> Self:
        rows = super().visible_to(user)
        return rows if user.role == Role.ADMIN else rows.none()

    def newest_first(self) -> Self:
        # What only the page of one import shows can be long.
        details = ("understood", "questions", "answers", "left", "closes", "obstacles")
        return self.select_related("created_by").defer(*details).order_by("-created_at", "id")

    def with_old_original(self) -> Self:
        """Those whose uploaded file has been kept long enough."""
        kept_until = clock.now() - timedelta(days=30)
        return self.exclude(file="").filter(created_at__lt=kept_until)


class ImportRowQuerySet(models.QuerySet):
    def search(self, text: str) -> Self:
        return self.filter(
            Q(values__village__icontains=text)
            | Q(values__township__icontains=text)
            | Q(values__unit__icontains=text)
            | Q(values__officer__icontains=text)
            | Q(values__household__icontains=text)
        )

    def rejected(self) -> Self:
        return self.filter(outcome="rejected")

    def unsettled(self) -> Self:
        """Rows that stay out: rejected, or waiting for an answer."""
        return self.filter(outcome__in=["rejected", "asks"])
