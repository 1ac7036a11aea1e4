"""The form that moves a planned visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach import clock
from outreach.forms import CrispyMixin, DayInput
from visits.models import PlanLine


class MoveForm(CrispyMixin, forms.Form):
    """Another day; `version` is what its writer saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    planned_date = forms.DateField(label=gettext_lazy("Move to"), widget=DayInput())
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=200,
        help_text=gettext_lazy("The plan is approved; a change is recorded with its reason."),
    )

    def __init__(self, *args: Any, line: PlanLine, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial |= {"version": line.version, "planned_date": line.planned_date}
        self.fields["planned_date"].widget.attrs |= {
            "min": max(line.month, clock.today()).isoformat(),
            "max": (clock.add_months(line.month, 1) - clock.ONE_DAY).isoformat(),
        }
        if line.plan.is_open:
            del self.fields["reason"]

    def take_version(self, version: int) -> None:
        """Keep what was typed; saving again replaces what the colleague saved."""
        self.data = self.data.copy()
        self.data["version"] = version
        self.add_error(None, _("A colleague saved this line first. Save again to replace it."))
