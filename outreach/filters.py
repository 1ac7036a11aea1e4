"""Filters of the project's own lists, and what all filters share."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from outreach import audit
from outreach.choosing import ChosenField
from outreach.forms import DayInput
from outreach.models import AuditEntry, User
from outreach.roles import Role


class ListFilter(django_filters.FilterSet):
    """A list's filter bar. Choices come from what the person may see (`user`)."""

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        self.user = user
        super().__init__(*args, **kwargs)


class SearchFilter(django_filters.CharFilter):
    """One search box, answered by the queryset's own `search`."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", _("Search"))
        super().__init__(**kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs.search(value.strip()) if value else qs  # type: ignore[attr-defined]


class IdFilter(django_filters.Filter):
    """By the id of a row, as the address behind a figure names it; no box of the filter bar."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.HiddenInput)
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class ChosenFilter(django_filters.CharFilter):
    """By the row that was written by name, or by an id in the address; `rows` offers them."""

    field_class = ChosenField
    rows: QuerySet

    @property
    def field(self) -> ChosenField:
        field: ChosenField = super().field
        field.rows = self.rows
        return field

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        if not value:
            return qs
        named = self.rows.named(value)  # type: ignore[attr-defined]
        return qs.filter(**{f"{self.field_name}__in": named.order_by().values("pk")})


class AccountFilter(ListFilter):
    q = django_filters.CharFilter(label=_("Search"), method="by_name")
    role = django_filters.ChoiceFilter(choices=Role.choices, label=_("Role"))
    active = django_filters.ChoiceFilter(
        label=_("Active"), method="by_active", choices=[("true", _("yes")), ("false", _("no"))]
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_active(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(is_active=value == "true")

    def by_name(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(
            Q(username__icontains=value) | Q(name__icontains=value) | Q(unit__name__icontains=value)
        )


class AuditFilter(ListFilter):
    KINDS = (
        ("changes", _("what was changed")),
        ("taken", _("lists and files that were taken")),
        ("opened", _("records that were opened")),
        ("read", _("who read the trail")),
        ("refused", _("what was refused")),
    )
    ACTIONS = {
        "taken": (audit.TAKEN, audit.FETCHED),
        "opened": (audit.OPENED,),
        "read": (audit.READ,),
        "refused": (audit.REFUSED,),
    }
    q = django_filters.CharFilter(label=_("Search"), method="by_text")
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label=_("From"), widget=DayInput()
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label=_("To"), widget=DayInput()
    )

    kind = django_filters.ChoiceFilter(choices=KINDS, label=_("Kind"), method="by_kind")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_kind(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value in self.ACTIONS:
            return rows.filter(action__in=self.ACTIONS[value])
        return rows.exclude(action__in=audit.ACCESS)

    def by_text(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(object_label__icontains=value) | Q(actor__name__icontains=value))
