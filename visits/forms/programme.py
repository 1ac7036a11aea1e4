"""Forms of the programme year."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from outreach.forms import CrispyMixin
from visits.models import ProgrammeYear, Topic


class YearForm(CrispyMixin, forms.Form):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    visits_per_month = forms.IntegerField(
        label=gettext_lazy("Visits required a month"), min_value=0, max_value=31, initial=1
    )
    feedback_due_days = forms.IntegerField(
        label=gettext_lazy("Days allowed for feedback"), min_value=0, max_value=60, initial=5
    )
    report_day = forms.IntegerField(
        label=gettext_lazy("Report day of the next month"), min_value=1, max_value=28, initial=5
    )


class TopicForm(CrispyMixin, forms.ModelForm):
    class Meta:
        model = Topic
        fields = ("title", "level", "text", "first_month", "last_month")
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, year: ProgrammeYear, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.programme_year = year
        months = [date(year.year, n, 1) for n in range(1, 13)]
        for name in ("first_month", "last_month"):
            field = self.fields[name]
            field.widget = forms.Select(choices=[(m.isoformat(), f"{m:%Y-%m}") for m in months])
            field.initial = (months[0] if name == "first_month" else months[-1]).isoformat()
