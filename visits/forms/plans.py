"""Forms of the annual plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from outreach import clock
from outreach.forms import CrispyMixin, DayInput
from visits.models import AnnualPlan, PlanLine, Topic
from visits.services.plan_copies import Days, Reach


class PlanLineForm(CrispyMixin, forms.ModelForm):
    """One line of the plan; `version` is what its writer saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=200,
        help_text=gettext_lazy("The plan is approved; a change is recorded with its reason."),
    )

    class Meta:
        model = PlanLine
        fields = ("planned_date", "group", "officer", "topics")
        widgets = {"planned_date": DayInput(), "topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        line = self.instance
        self.initial["version"] = line.version
        day = self.fields["planned_date"].widget
        day.attrs |= {
            "min": line.month.isoformat(),
            "max": (clock.add_months(line.month, 1) - clock.ONE_DAY).isoformat(),
        }
        officers = line.contact_point.unit.officers
        self.fields["officer"].queryset = officers.serving_on(line.month, or_pk=line.officer_id)
        self.fields["topics"].queryset = Topic.objects.offered_to(
            line.contact_point.unit, line.month, or_named_by=line
        )
        if line.plan.is_open:
            del self.fields["reason"]

    def _get_validation_exclusions(self) -> set[str]:
        # The service saves under a lock and validates the whole row there.
        return super()._get_validation_exclusions() | {"version"}


class PlanCopyForm(CrispyMixin, forms.Form):
    """Copy one line outwards; `seen` is what its writer had before them, like "17:2,18:1"."""

    source = forms.ModelChoiceField(None, widget=forms.HiddenInput)
    reach = forms.ChoiceField(
        label=gettext_lazy("Copy"),
        choices=Reach.choices,
        initial=Reach.MONTHS,
        widget=forms.RadioSelect,
    )
    days = forms.ChoiceField(
        label=gettext_lazy("The date in another month"),
        choices=Days.choices,
        initial=Days.WEEKDAY,
        widget=forms.RadioSelect,
    )
    replace = forms.BooleanField(label=gettext_lazy("Replace what is written"), required=False)
    seen = forms.RegexField(r"^(\d+:\d+(,\d+:\d+)*)?\Z", required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Why it changes"), max_length=200)

    def __init__(self, *args: Any, plan: AnnualPlan, **kwargs: Any):
        # A page may hold the form of a line, too.
        super().__init__(*args, auto_id="copy_%s", **kwargs)
        for name in ("reach", "days", "replace"):
            self.fields[name].widget.attrs["class"] = "form-check-input m-0 flex-shrink-0"
        self.fields["source"].queryset = plan.lines.all()
        if plan.is_open:
            del self.fields["reason"]

    def clean_seen(self) -> dict[int, int]:
        pairs = (pair.split(":") for pair in self.cleaned_data["seen"].split(",") if pair)
        return {int(line): int(version) for line, version in pairs}


class ReasonForm(CrispyMixin, forms.Form):
    """A reason that must be given: returning, voiding."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
