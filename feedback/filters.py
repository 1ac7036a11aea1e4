"""Filters of the review queue."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Unit
from feedback.models import Feedback
from outreach.filters import ListFilter, SearchFilter


class ReviewFilter(ListFilter):
    q = SearchFilter()
    unit = django_filters.ModelChoiceFilter(
        queryset=Unit.objects.all(), field_name="visit__unit", label=_("Unit")
    )
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(),
        field_name="visit__contact_point__village__township",
        label=_("Township"),
    )
    late = django_filters.BooleanFilter(
        method="only_late", label=_("Late only"), widget=forms.CheckboxInput
    )

    marked = django_filters.BooleanFilter(
        method="only_marked", label=_("Marked only"), widget=forms.CheckboxInput
    )

    class Meta:
        model = Feedback
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = Unit.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)

    def only_late(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.late() if value else rows  # type: ignore[attr-defined]

    def only_marked(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.marked() if value else rows  # type: ignore[attr-defined]


def queue_query(asked: QueryDict) -> str:
    """The filter and the sort of this address, without what is empty."""
    names = [*ReviewFilter.base_filters, "sort"]
    kept = QueryDict(mutable=True)
    for name in names:
        kept.setlist(name, [value for value in asked.getlist(name) if value])
    return kept.urlencode()


def review_address(pk: int, query: str) -> str:
    """The page of one record, which remembers the queue it was opened from."""
    page = reverse("feedback_review", args=[pk])
    return f"{page}?{query}" if query else page
