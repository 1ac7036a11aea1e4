"""Forms of exemptions, of what units ask for, and of a postponed month."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import County, Officer, Township, Unit
from outreach import clock
from outreach.forms import CrispyMixin
from visits.models import ExemptionRequest, PlanLine, ProgrammeYear
from visits.services.postponing import Scope, villages_named

SHOWN_MISTAKES = 10


class ExemptionForm(CrispyMixin, forms.Form):
    exemption = forms.ChoiceField(
        label=gettext_lazy("Exemption"),
        choices=[
            ("", gettext_lazy("none: the planned officer owes the visit")),
            *PlanLine.Exemption.choices,
        ],
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("exemption") and not data.get("reason"):
            self.add_error("reason", _("An exemption needs a reason."))
        return data


class AskForm(CrispyMixin, forms.Form):
    """What a unit asks of the county for one line."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked"),
        choices=ExemptionRequest.Kind.choices,
        widget=forms.RadioSelect,
    )
    substitute = forms.ModelChoiceField(
        Officer.objects.none(),
        label=gettext_lazy("Who goes instead"),
        required=False,
        help_text=gettext_lazy("Only when the officer is on leave; the visit stays owed."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *args: Any, line: PlanLine, **kwargs: Any):
        super().__init__(*args, **kwargs)
        colleagues = line.contact_point.unit.officers.serving_on(line.month)
        self.fields["substitute"].queryset = colleagues.exclude(pk=line.officer_id)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") != ExemptionRequest.Kind.LEAVE:
            data["substitute"] = None
        elif not data.get("substitute") and "substitute" not in self.errors:
            self.add_error("substitute", _("Name who goes instead."))
        return data


class AnswerForm(CrispyMixin, forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The unit reads it. A refusal needs one."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PostponeForm(CrispyMixin, forms.Form):
    """A month, a reason, and whom it concerns; `seen` is the preview its reader saw."""

    month = forms.TypedChoiceField(label=gettext_lazy("Month"), coerce=date.fromisoformat)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    which = forms.ChoiceField(
        label=gettext_lazy("Which villages"),
        choices=[
            ("all", gettext_lazy("all of the county")),
            ("townships", gettext_lazy("those of some townships")),
            ("kinds", gettext_lazy("those of some kinds of unit")),
            ("villages", gettext_lazy("those of a list")),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    townships = forms.ModelMultipleChoiceField(
        Township.objects.none(),
        label=gettext_lazy("Townships"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of unit"),
        choices=Unit.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    villages = forms.CharField(
        label=gettext_lazy("Villages of the list"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy("One a line: its code or name, the township before it if needed."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, county: County, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.county = county
        years = ProgrammeYear.objects.filter(county=county).values_list("year", flat=True)
        first = clock.add_months(clock.this_month(), -1)
        months = [month for n in range(24) if (month := clock.add_months(first, n)).year in years]
        self.fields["month"].choices = [
            (month.isoformat(), date_format(month, "YEAR_MONTH_FORMAT")) for month in months
        ]
        self.initial.setdefault("month", clock.this_month().isoformat())
        self.fields["townships"].queryset = Township.objects.filter(county=county)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        which = data.get("which")
        if which in ("townships", "kinds", "villages") and not data.get(which):
            self.add_error(which, _("Name at least one."))
        elif which == "villages":
            found, wrong = villages_named(self.county, data["villages"])
            data["found"] = found
            if wrong:
                more = ["…"] if len(wrong) > SHOWN_MISTAKES else []
                self.add_error("villages", [*wrong[:SHOWN_MISTAKES], *more])
        return data

    @property
    def scope(self) -> Scope:
        """The cleaned form as the service takes it."""
        data = self.cleaned_data
        if data["which"] == "townships":
            return Scope(townships=[township.pk for township in data["townships"]])
        if data["which"] == "kinds":
            return Scope(unit_kinds=data["kinds"])
        return Scope(villages=data.get("found", ()))
