"""Filters of the registry and of imports."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contact_points.models import (
    ContactPoint,
    ImportRow,
    ImportRun,
    Officer,
    Township,
    Unit,
    Village,
)
from outreach import clock
from outreach.filters import ListFilter, SearchFilter


class TownshipChoice(ListFilter):
    """Offers the townships of the county; to people of a unit, those of their list."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        township = self.filters["township"]
        township.queryset = Township.objects.offered(self.user, self.queryset, township.field_name)


class VillageFilter(TownshipChoice):
    q = SearchFilter()
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.none(), label=_("Township")
    )
    held = django_filters.ChoiceFilter(
        label=_("Contact point now"), method="by_held", choices=[("yes", _("yes")), ("no", _("no"))]
    )

    class Meta:
        model = Village
        fields: list[str] = []

    def by_held(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        held = {"current_contacts__gt": 0} if value == "yes" else {"current_contacts": 0}
        return rows.filter(**held)


class UnitFilter(ListFilter):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Search"))
    kind = django_filters.ChoiceFilter(choices=Unit.Kind.choices, label=_("Kind"))

    class Meta:
        model = Unit
        fields: list[str] = []


class OfficerFilter(ListFilter):
    q = SearchFilter()
    kind = django_filters.ChoiceFilter(
        field_name="unit__kind", choices=Unit.Kind.choices, label=_("Kind of unit")
    )
    account = django_filters.ChoiceFilter(
        label=_("Account"), method="by_account", choices=[("yes", _("yes")), ("no", _("no"))]
    )
    serving = django_filters.ChoiceFilter(
        label=_("Serving"), method="by_serving", choices=[("yes", _("yes")), ("no", _("left"))]
    )

    class Meta:
        model = Officer
        fields: list[str] = []

    def by_account(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(user__isnull=value == "no")

    def by_serving(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(left_on__isnull=value == "yes")


class ContactPointFilter(TownshipChoice):
    q = SearchFilter()
    township = django_filters.ModelChoiceFilter(
        field_name="village__township", queryset=Township.objects.none(), label=_("Township")
    )
    kind = django_filters.ChoiceFilter(
        field_name="unit__kind", choices=Unit.Kind.choices, label=_("Kind of unit")
    )
    when = django_filters.ChoiceFilter(
        label=_("Holds"),
        method="by_when",
        choices=[("now", _("now")), ("ended", _("ended")), ("coming", _("coming"))],
    )

    class Meta:
        model = ContactPoint
        fields: list[str] = []

    def by_when(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        today = clock.today()
        if value == "now":
            return rows.active_on(today)  # type: ignore[attr-defined]
        if value == "ended":
            return rows.filter(period__endswith__lte=today)
        return rows.filter(period__startswith__gt=today)


class ImportRunFilter(ListFilter):
    q = django_filters.CharFilter(
        field_name="file_name", lookup_expr="icontains", label=_("Search")
    )
    kind = django_filters.ChoiceFilter(choices=ImportRun.Kind.choices, label=_("List of"))
    state = django_filters.ChoiceFilter(choices=ImportRun.State.choices, label=_("State"))

    class Meta:
        model = ImportRun
        fields: list[str] = []


class ImportRowFilter(ListFilter):
    q = SearchFilter()
    outcome = django_filters.ChoiceFilter(
        choices=ImportRow.Outcome.choices, label=_("What happens")
    )

    class Meta:
        model = ImportRow
        fields: list[str] = []
