"""Forms of "fill in for me"."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from visits.models import AnnualPlan


class FillForm(forms.Form):
    """How many households a visit calls on at most, and which of the many good plans it is."""

    per_visit = forms.IntegerField(
        label=gettext_lazy("Households a visit at most"),
        min_value=5,
        max_value=30,
        help_text=gettext_lazy("From 5 to 30. Each visit gets its even share of what is left."),
    )
    seed = forms.IntegerField(min_value=0, max_value=999, required=False)
    # The digest of the proposals their reader saw.
    seen = forms.CharField(max_length=64, required=False)

    def __init__(self, *args: Any, plan: AnnualPlan, **kwargs: Any):
        super().__init__(*args, initial={"per_visit": plan.households_per_visit}, **kwargs)

    def chosen(self) -> dict[str, int]:
        """What was chosen, or what the plan says where nothing good was."""
        data = getattr(self, "cleaned_data", {})
        return {
            "per_visit": data.get("per_visit") or self.initial["per_visit"],
            "seed": data.get("seed") or 0,
        }
