"""Which records behind a figure are shown."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Unit
from feedback.models import Matter, MatterCategory
from outreach import clock
from outreach.filters import ChosenFilter, ListFilter
from outreach.months import month_in
from outreach.templatetags.outreach import month as month_name
from reports import indicators
from reports.rates import PARTS, RATES
from visits.models import PlanLine

MONTHS = 24


class RateFilter(ListFilter):
    """The matters that `indicators.matter_ids` names for the month, the rate and its part."""

    month = django_filters.ChoiceFilter(label=_("Month"), method="as_it_is", empty_label=None)
    rate = django_filters.ChoiceFilter(
        label=_("Rate"), method="as_it_is", choices=list(RATES.items()), empty_label=None
    )
    part = django_filters.ChoiceFilter(
        label=_("Of these"), method="as_it_is", choices=list(PARTS.items()), empty_label=None
    )
    unit = ChosenFilter(options="unit_options", field_name="leader", label=_("Leading unit"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(), field_name="village__township", label=_("Township")
    )
    category = django_filters.ModelChoiceFilter(
        queryset=MatterCategory.objects.all(),
        method="by_category",
        label=_("Category"),
        null_label=_("not sorted yet"),
    )

    class Meta:
        model = Matter
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["unit"].rows = Unit.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)
        tops = MatterCategory.objects.visible_to(self.user).filter(parent=None)
        self.filters["category"].queryset = tops
        self.filters["month"].extra["choices"] = _months(self.data.get("month"))

    def filter_queryset(self, rows: QuerySet) -> QuerySet:
        """An address that names no rate shows the first one, of the present month."""
        asked = self.form.cleaned_data
        ids = indicators.matter_ids(
            self.user.county_id,
            month_in(asked.get("month") or ""),
            asked.get("rate") or "response",
            asked.get("part") or "whole",
        )
        return super().filter_queryset(rows.filter(pk__in=ids))

    def as_it_is(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Asked of the indicators already."""
        return rows

    def by_category(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """With those of its children; `null` are those without any."""
        if value == self.filters["category"].null_value:
            return rows.filter(category=None)
        return rows.filter(Q(category=value) | Q(category__parent=value))


class UndatedFilter(ListFilter):
    """The lines that `indicators.attention` names for the month."""

    month = django_filters.ChoiceFilter(label=_("Month"), method="as_it_is", empty_label=None)
    unit = ChosenFilter(options="unit_options", field_name="contact_point__unit", label=_("Unit"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(),
        field_name="contact_point__village__township",
        label=_("Township"),
    )
    officer = django_filters.NumberFilter(field_name="officer_id", widget=forms.HiddenInput)

    class Meta:
        model = PlanLine
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["unit"].rows = Unit.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.offered(
            self.user, self.queryset, "contact_point__village__township"
        )
        self.filters["month"].extra["choices"] = _months(self.data.get("month"))

    def filter_queryset(self, rows: QuerySet) -> QuerySet:
        month = month_in(self.form.cleaned_data.get("month") or "")
        ids = indicators.attention(self.user.county_id, month).undated_lines
        return super().filter_queryset(rows.filter(pk__in=ids))

    def as_it_is(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Asked of the indicators already."""
        return rows


def _months(asked: str | None) -> list[tuple[str, str]]:
    """The last two years, and the month that the address asks for."""
    this = clock.this_month()
    months = [clock.add_months(this, -n) for n in range(MONTHS)]
    known = {f"{month:%Y-%m}": month for month in months}
    if asked and asked not in known:
        known[f"{month_in(asked):%Y-%m}"] = month_in(asked)
    return [(text, month_name(month)) for text, month in known.items()]
