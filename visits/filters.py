"""Filters of visits and plans."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Unit
from outreach import clock
from outreach.filters import IdFilter, ListFilter, SearchFilter
from outreach.forms import DayInput
from visits.models import (
    AnnualPlan,
    ExemptionRequest,
    PlanLine,
    ProgrammeYear,
    Visit,
)


class VisitFilter(ListFilter):
    q = SearchFilter()
    since = django_filters.DateFilter(
        field_name="started_at", lookup_expr="date__gte", label=_("From"), widget=DayInput()
    )
    until = django_filters.DateFilter(
        field_name="started_at", lookup_expr="date__lte", label=_("To"), widget=DayInput()
    )
    unit = django_filters.ModelChoiceFilter(queryset=Unit.objects.all(), label=_("Unit"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(),
        field_name="contact_point__village__township",
        label=_("Township"),
    )
    feedback = django_filters.ChoiceFilter(
        label=_("Feedback"),
        method="by_feedback",
        choices=[
            ("missing", _("not sent")),
            ("overdue", _("overdue")),
            ("late", _("late")),
            ("submitted", _("submitted")),
            ("returned", _("returned")),
            ("accepted", _("accepted")),
            ("done", _("counts as done")),
        ],
    )
    village = IdFilter(field_name="contact_point__village_id")
    topic = IdFilter(field_name="topics", label=_("Topic"))
    says = django_filters.CharFilter(
        method="by_word", label=_("Text holds"), widget=forms.HiddenInput
    )
    officer = IdFilter(method="owed_by")
    contact_point = IdFilter(field_name="contact_point_id")

    class Meta:
        model = Visit
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.data.get("says"):
            self.filters["says"].extra["widget"] = forms.TextInput
        if self.user.unit_id:
            del self.filters["unit"]
        else:
            self.filters["unit"].queryset = Unit.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.offered(
            self.user, self.queryset, "contact_point__village__township"
        )

    def owed_by(self, rows: QuerySet, name: str, value: int) -> QuerySet:
        """Visits of what this officer owed, whoever went, and their own beyond that."""
        return rows.filter(Q(plan_line__officer=value) | Q(plan_line=None, officer=value))

    def by_word(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Whose sent feedback holds the word in what was learnt or suggested."""
        said = Q(feedback__findings__contains=value) | Q(feedback__suggestions__contains=value)
        sent = rows.counted().filter(feedback__state__in=("submitted", "accepted"))  # type: ignore[attr-defined]
        return sent.filter(said)

    def by_feedback(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """`missing`: not sent; `overdue`: not sent and past its day; `late`: sent too late;
        `done`: fulfils an obligation.
        """
        rows = rows.counted()  # type: ignore[attr-defined]
        if value == "done":
            return rows.substantive()
        not_sent = Q(feedback=None) | Q(feedback__state="draft")
        if value == "missing":
            return rows.filter(not_sent)
        if value == "overdue":
            return rows.filter(not_sent, feedback_due_on__lt=clock.today())
        if value == "late":
            return rows.filter(feedback__received_on__gt=F("feedback_due_on"))
        return rows.filter(feedback__state=value)


class PlanFilter(ListFilter):
    year = django_filters.ModelChoiceFilter(
        queryset=ProgrammeYear.objects.all(), field_name="programme_year", label=_("Year")
    )
    state = django_filters.ChoiceFilter(choices=AnnualPlan.State.choices, label=_("State"))
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(), method="of_lines", widget=forms.HiddenInput
    )
    topic = IdFilter(method="of_lines")
    month = django_filters.DateFilter(method="with_planned_topic", widget=forms.HiddenInput)

    class Meta:
        model = AnnualPlan
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["year"].queryset = ProgrammeYear.objects.visible_to(self.user)
        self.filters["township"].queryset = Township.objects.visible_to(self.user)

    def of_lines(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        """Says of which lines `month` is asked, and nothing alone."""
        return rows

    def _lines(self, month: date) -> QuerySet:
        """What each plan owes in the month, in the township if one is asked for."""
        lines = PlanLine.objects.of_month(month).filter(
            plan=OuterRef("pk"), exemption="", required_visits__gt=0
        )
        if township := self.form.cleaned_data.get("township"):
            lines = lines.filter(contact_point__village__township=township)
        return lines

    def with_planned_topic(self, rows: QuerySet, name: str, value: date) -> QuerySet:
        """Plans that owe a visit in the month (its first day) and plan the `topic` for it."""
        lines = self._lines(value).filter(topics=self.form.cleaned_data.get("topic"))
        return rows.filter(Exists(lines))


class ExemptionRequestFilter(ListFilter):
    q = SearchFilter()
    state = django_filters.ChoiceFilter(choices=ExemptionRequest.State.choices, label=_("State"))
    kind = django_filters.ChoiceFilter(
        choices=ExemptionRequest.Kind.choices, label=_("What is asked")
    )
    township = IdFilter(field_name="line__contact_point__village__township_id")

    class Meta:
        model = ExemptionRequest
        fields: list[str] = []


class ExemptionFilter(ListFilter):
    q = SearchFilter()
    month = django_filters.ChoiceFilter(label=_("Month"), method="by_month")
    kind = django_filters.ChoiceFilter(
        choices=ExemptionRequest.Kind.choices, label=_("Kind"), method="by_kind"
    )
    township = IdFilter(field_name="contact_point__village__township_id")

    class Meta:
        model = PlanLine
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        first = clock.add_months(clock.this_month(), -12)
        self.filters["month"].extra["choices"] = [
            (f"{month:%Y-%m-%d}", date_format(month, "YEAR_MONTH_FORMAT"))
            for month in (clock.add_months(first, n) for n in range(24))
        ]

    def by_month(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.of_month(date.fromisoformat(value))  # type: ignore[attr-defined]

    def by_kind(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """A leave lifts nothing: the substitute's lines that are not exempt."""
        if value == ExemptionRequest.Kind.LEAVE:
            return rows.filter(exemption="")
        return rows.filter(exemption=value)


class CalendarFilter(ListFilter):
    """Which part of the county the month calendar shows; people of a unit see theirs."""

    unit = django_filters.ModelChoiceFilter(
        queryset=Unit.objects.all(), field_name="contact_point__unit", label=_("Unit")
    )
    township = django_filters.ModelChoiceFilter(
        queryset=Township.objects.all(),
        field_name="contact_point__village__township",
        label=_("Township"),
    )
    officer = IdFilter(field_name="officer_id")

    class Meta:
        model = PlanLine
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.user.unit_id:
            del self.filters["unit"], self.filters["township"]
        else:
            self.filters["unit"].queryset = Unit.objects.visible_to(self.user)
            self.filters["township"].queryset = Township.objects.visible_to(self.user)

    def kept_query(self) -> str:
        """What the other months' addresses keep of the filter."""
        asked = {name: self.data.get(name, "") for name in self.filters}
        return urlencode({name: value for name, value in asked.items() if value})
