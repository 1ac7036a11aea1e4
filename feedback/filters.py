"""Filters of the review queue, of the matters and of the opinion book."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Unit, Village
from feedback.matter_states import State
from feedback.models import (
    Clarification,
    EvaluationRound,
    Feedback,
    Matter,
    MatterCategory,
    Opinion,
    OpinionCall,
    RoundVillage,
    SuggestionAnswer,
)
from feedback.questions import Grade
from outreach import clock
from outreach.filters import ChosenFilter, IdFilter, ListFilter, SearchFilter
from outreach.forms import DayInput


class _PlaceFilter(ListFilter):
    """Feedback by text, unit and township."""

    q = SearchFilter()
    unit = django_filters.ModelChoiceFilter(
        queryset=Unit.objects.all(), field_name="visit__unit", label=_("Unit")
    )
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(),
        field_name="visit__contact_point__village__township",
        label=_("Township"),
    )

    class Meta:
        model = Feedback
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = Unit.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)


class ReviewFilter(_PlaceFilter):
    late = django_filters.BooleanFilter(
        method="only_late", label=_("Late only"), widget=forms.CheckboxInput
    )

    marked = django_filters.BooleanFilter(
        method="only_marked", label=_("Marked only"), widget=forms.CheckboxInput
    )

    def only_late(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.late() if value else rows  # type: ignore[attr-defined]

    def only_marked(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.marked() if value else rows  # type: ignore[attr-defined]


class SuggestionFilter(_PlaceFilter):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("open", _("open")), *SuggestionAnswer.Decision.choices],
    )

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "open":
            return rows.filter(suggestion_answer=None)
        return rows.filter(suggestion_answer__decision=value)


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


class MatterFilter(ListFilter):
    q = SearchFilter()
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("open", _("all that are open")), *State.choices[1:]],
    )
    due = django_filters.ChoiceFilter(
        label=_("Time limit"),
        method="by_due",
        choices=[("over", _("past its day")), ("week", _("within seven days"))],
    )
    unit = ChosenFilter(options="unit_options", field_name="leader", label=_("Leading unit"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(), field_name="village__township", label=_("Township")
    )
    category = django_filters.ModelChoiceFilter(
        queryset=MatterCategory.objects.all(), method="by_category", label=_("Category")
    )
    helping = django_filters.BooleanFilter(
        method="only_helping", label=_("We help with"), widget=forms.CheckboxInput
    )
    raised = django_filters.ChoiceFilter(label=_("Raised in"), method="by_month")
    says = django_filters.CharFilter(
        field_name="text", lookup_expr="contains", label=_("Text holds"), widget=forms.HiddenInput
    )
    village = ChosenFilter(options="village_options", field_name="village", label=_("Village"))
    officer = IdFilter(field_name="visit__officer_id", label=_("Raised at visits of"))
    mine = django_filters.BooleanFilter(
        method="only_mine", label=_("Waits for me"), widget=forms.CheckboxInput
    )

    class Meta:
        model = Matter
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.data.get("says"):
            self.filters["says"].extra["widget"] = forms.TextInput
        categories = MatterCategory.objects.visible_to(self.user).in_tree_order()
        self.filters["category"].queryset = categories
        self.filters["township"].queryset = Township.objects.offered(
            self.user, self.queryset, "village__township"
        )
        if self.user.unit_id:
            self.filters["unit"].extra["widget"] = forms.HiddenInput
        else:
            del self.filters["helping"]
        self.filters["unit"].rows = Unit.objects.visible_to(self.user)
        # A unit has matters of villages that it does not hold.
        of_matters = Matter.objects.visible_to(self.user).order_by().values("village")
        self.filters["village"].rows = Village.objects.visible_to(
            self.user
        ) | Village.objects.filter(pk__in=of_matters)
        months = [clock.add_months(clock.this_month(), -n) for n in range(24)]
        self.filters["raised"].extra["choices"] = [
            (f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months
        ]

    def by_month(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Raised in the month; of several reports of one problem the first, as it is counted."""
        year, month = value.split("-")
        return rows.filter(raised_at__year=year, raised_at__month=month).exclude(state=State.JOINED)

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.open() if value == "open" else rows.filter(state=value)  # type: ignore[attr-defined]

    def by_due(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "over":
            return rows.overdue()  # type: ignore[attr-defined]
        week = clock.today() + timedelta(days=7)
        return rows.open().filter(due_on__range=(clock.today(), week))  # type: ignore[attr-defined]

    def by_category(self, rows: QuerySet, name: str, value: MatterCategory) -> QuerySet:
        """With those of its children."""
        return rows.filter(Q(category=value) | Q(category__parent=value))

    def only_helping(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.helped_by(self.user.unit_id) if value else rows  # type: ignore[attr-defined]

    def only_mine(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.waiting_for(self.user) if value else rows  # type: ignore[attr-defined]


class RoundFilter(ListFilter):
    state = django_filters.ChoiceFilter(label=_("State"), choices=EvaluationRound.State.choices)

    class Meta:
        model = EvaluationRound
        fields: list[str] = []


class RoundVillageFilter(ListFilter):
    q = SearchFilter()
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.none(), field_name="village__township", label=_("Township")
    )
    part = django_filters.ChoiceFilter(
        label=_("Villages"),
        method="by_part",
        choices=[
            ("drawn", _("drawn by chance")),
            ("others", _("not drawn")),
            ("unknown", _("left out: households unknown")),
        ],
    )

    class Meta:
        model = RoundVillage
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)

    def by_part(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == "unknown":
            return rows.filter(households=[])
        drawn = value == "drawn"
        return (
            rows.filter(is_drawn=drawn)
            if drawn
            else rows.exclude(households=[]).filter(is_drawn=False)
        )


class OpinionFilter(ListFilter):
    q = SearchFilter()
    state = django_filters.ChoiceFilter(label=_("State"), choices=Opinion.State.choices)
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(), field_name="village__township", label=_("Township")
    )
    village = ChosenFilter(options="village_options", field_name="village", label=_("Village"))
    call = django_filters.ModelChoiceFilter(queryset=OpinionCall.objects.all(), label=_("Call"))
    grade = django_filters.ChoiceFilter(label=_("Grade"), choices=Grade.choices)
    since = django_filters.DateFilter(
        field_name="received_on", lookup_expr="gte", label=_("From"), widget=DayInput()
    )
    until = django_filters.DateFilter(
        field_name="received_on", lookup_expr="lte", label=_("To"), widget=DayInput()
    )

    class Meta:
        model = Opinion
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)
        self.filters["village"].rows = Village.objects.visible_to(self.user)
        self.filters["call"].queryset = OpinionCall.objects.visible_to(self.user)


class ClarificationFilter(ListFilter):
    state = django_filters.ChoiceFilter(label=_("State"), choices=Clarification.State.choices)

    class Meta:
        model = Clarification
        fields: list[str] = []
