"""The form of a handover."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import ContactPoint, Officer
from outreach import clock
from outreach.forms import CrispyMixin, DayInput


class PointsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: ContactPoint) -> str:
        name = f"{obj.village}（{obj.village.township}）"
        if obj.first_day > clock.today():
            return _("%(point)s, from %(day)s") % {"point": name, "day": date_format(obj.first_day)}
        return name


class HandoverForm(CrispyMixin, forms.Form):
    """Which contact points, to whom, from when, why; `seen` is the preview its reader saw."""

    points = PointsField(ContactPoint.objects.none(), label=gettext_lazy("Contact points"))
    officer = forms.ModelChoiceField(
        Officer.objects.none(), label=gettext_lazy("New responsible officer")
    )
    first_day = forms.DateField(
        label=gettext_lazy("From which day"),
        widget=DayInput(),
        help_text=gettext_lazy("The first of this month at the earliest."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, officer: Officer, points: QuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["points"].queryset = points
        colleagues = Officer.objects.filter(unit=officer.unit_id).serving().exclude(pk=officer.pk)
        self.fields["officer"].queryset = colleagues
        self.fields["first_day"].widget.attrs["min"] = clock.this_month().isoformat()
