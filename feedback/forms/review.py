"""Forms of reviewing feedback."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import ReviewPhrase
from outreach.forms import CrispyMixin


class ReviewForm(CrispyMixin, forms.Form):
    """Accept, or return with a reason of saved phrases or own words."""

    decision = forms.ChoiceField(
        choices=[("accept", gettext_lazy("Accept")), ("return", gettext_lazy("Return"))]
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("What is missing"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "return" and not data.get("reason", "").strip():
            self.add_error("reason", _("Say what is missing: the author reads this sentence."))
        if data.get("decision") == "accept":
            data["reason"] = ""
        return data


class PhraseForm(CrispyMixin, forms.ModelForm):
    """A phrase to save; whether the county has it already is the service's question."""

    class Meta:
        model = ReviewPhrase
        fields = ["text"]
        labels = {"text": gettext_lazy("New phrase")}
        help_texts = {"text": gettext_lazy("One sentence; the author reads it as it stands here.")}
