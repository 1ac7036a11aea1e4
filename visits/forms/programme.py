"""Forms of the programme year: its rules, topics, files and days to avoid."""

import re
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import Unit
from outreach import audit
from outreach.forms import CrispyMixin, DayInput
from visits.attachments import KINDS
from visits.models import AvoidedDays, ProgrammeYear, Topic, YearRule
from visits.services.rules import first_open_month, rule_facts
from visits.services.topics import topic_facts


class MonthField(forms.TypedChoiceField):
    """One of these months."""

    def __init__(self, *, months: list[date] | None = None, **kwargs: Any):
        super().__init__(coerce=date.fromisoformat, **kwargs)
        self.offer(months or [])

    def offer(self, months: list[date]) -> None:
        self.choices = [
            (month.isoformat(), date_format(month, "YEAR_MONTH_FORMAT")) for month in months
        ]


class RuleFields(CrispyMixin, forms.Form):
    """What a rule says: for all kinds of unit, and where single kinds differ."""

    visits_per_month = forms.IntegerField(
        label=gettext_lazy("Visits required a month"), min_value=0, max_value=31, initial=1
    )
    feedback_due_days = forms.IntegerField(
        label=gettext_lazy("Days allowed for feedback"), min_value=0, max_value=60, initial=5
    )
    report_day = forms.IntegerField(
        label=gettext_lazy("Report day of the next month"), min_value=1, max_value=28, initial=5
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for kind in Unit.Kind:
            self.fields[f"kind_{kind}"] = forms.IntegerField(
                label=kind.label, min_value=0, max_value=31, required=False
            )

    def kind_rows(self) -> list[BoundField]:
        """The fields of the single kinds of unit."""
        return [self[f"kind_{kind}"] for kind in Unit.Kind]

    def content(self) -> dict[str, Any]:
        """The cleaned rule as the services take it."""
        data = self.cleaned_data
        kinds = {kind.value: data[f"kind_{kind}"] for kind in Unit.Kind}
        return {name: data[name] for name in RuleFields.base_fields} | {
            "by_kind": {kind: visits for kind, visits in kinds.items() if visits is not None}
        }


class YearForm(RuleFields):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)


class RuleForm(RuleFields):
    """A rule from a month on; with `rule` the change of one that has its month already."""

    effective_month = MonthField(label=gettext_lazy("In force from"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, year: ProgrammeYear, rule: YearRule | None = None, **kwargs: Any
    ):
        like = rule or max(year.rules.all(), key=lambda row: row.effective_month)
        kwargs["initial"] = _from_rule(like)
        super().__init__(*args, **kwargs)
        taken = {row.effective_month for row in year.rules.all()}
        months = (
            [rule.effective_month] if rule else [m for m in _open_months(year) if m not in taken]
        )
        self.fields["effective_month"].offer(months)  # type: ignore[attr-defined]
        self.initial["effective_month"] = months[0].isoformat() if months else ""
        self.initial["seen"] = audit.digest(rule_facts(rule)) if rule else ""


def _open_months(year: ProgrammeYear) -> list[date]:
    """The months whose rule may still be set."""
    first = first_open_month(year)
    return [date(year.year, n, 1) for n in range(first.month, 13)] if first else []


def _from_rule(rule: YearRule) -> dict[str, Any]:
    initial = {name: getattr(rule, name) for name in RuleFields.base_fields}
    return initial | {
        f"kind_{row.unit_kind}": row.visits_per_month for row in rule.requirements.all()
    }


class TopicForm(CrispyMixin, forms.ModelForm):
    """A topic with the units it is meant for; `seen` is what its writer saw of it."""

    first_month = MonthField(label=gettext_lazy("From month"))
    last_month = MonthField(label=gettext_lazy("To month"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Topic
        fields = ("title", "level", "first_month", "last_month", "text", "units")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 8}),
            "units": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, year: ProgrammeYear, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.programme_year = year
        months = [date(year.year, n, 1) for n in range(1, 13)]
        for name, month in (("first_month", months[0]), ("last_month", months[-1])):
            self.fields[name].offer(months)  # type: ignore[attr-defined]
            self.initial[name] = (self.initial.get(name) or month).isoformat()
        self.units = list(Unit.objects.filter(county=year.county_id))
        self.fields["units"].queryset = Unit.objects.filter(county=year.county_id)
        if self.instance.pk:
            self.initial["seen"] = audit.digest(topic_facts(self.instance))

    def unit_groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The units' boxes by their kind."""
        boxes = list(zip(self.units, self["units"], strict=True))
        groups = [
            (str(kind.label), [box for unit, box in boxes if unit.kind == kind])
            for kind in Unit.Kind
        ]
        return [group for group in groups if group[1]]

    def content(self) -> dict[str, Any]:
        """The cleaned topic as the services take it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ConfirmForm(CrispyMixin, forms.Form):
    """Nothing to fill in: the page says what will happen."""


class AttachmentForm(CrispyMixin, forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, Word, Excel, PowerPoint or a picture, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{name}" for name in KINDS)}),
    )


class AvoidedDaysForm(CrispyMixin, forms.ModelForm):
    month_days = forms.CharField(
        label=gettext_lazy("Only on these days of each month"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "For markets, like 3, 8, 13 or 逢3逢8; the first and the last day then say from when "
            "to when. Empty: every day."
        ),
    )

    class Meta:
        model = AvoidedDays
        fields = ("township", "first_day", "last_day", "month_days", "reason")
        widgets = {"first_day": DayInput(), "last_day": DayInput()}

    def __init__(self, *args: Any, year: ProgrammeYear, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.programme_year = year
        self.initial["month_days"] = ""
        township: Any = self.fields["township"]
        township.queryset = township.queryset.filter(county=year.county_id)
        township.empty_label = gettext_lazy("the whole county")
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs |= {
                "min": f"{year.year}-01-01",
                "max": f"{year.year}-12-31",
            }

    def clean_month_days(self) -> list[int]:
        """The days that are named; 逢3 means the 3rd, 13th and 23rd."""
        text = self.cleaned_data["month_days"]
        named = not text or re.search(r"[0-9]", text)
        if not named or re.sub(r"[0-9\s,，、;；.和日号逢每月]", "", text):
            raise forms.ValidationError(_("Write days of the month in digits, like 3, 8, 13."))
        days = [int(day) for day in re.findall(r"[0-9]+", text)]
        if "逢" in text and all(day < 10 for day in days):
            days = [n for n in range(1, 32) if n % 10 in days]
        if not all(0 < day < 32 for day in days):
            raise forms.ValidationError(_("A month has the days 1 to 31."))
        return sorted(set(days))
