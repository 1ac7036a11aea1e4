"""Forms of the annual plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from outreach import clock
from outreach.forms import CrispyMixin, DayInput
from visits.models import PlanLine


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
        self.fields["topics"].queryset = line.plan.programme_year.topics.offered_in(line.month)
        if line.plan.is_open:
            del self.fields["reason"]

    def _get_validation_exclusions(self) -> set[str]:
        # The service saves under a lock and validates the whole row there.
        return super()._get_validation_exclusions() | {"version"}


class ReasonForm(CrispyMixin, forms.Form):
    """A reason that must be given: returning, voiding."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
