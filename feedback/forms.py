"""Forms of writing and reviewing feedback."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import Feedback, ReviewPhrase
from outreach import clock
from outreach.forms import CrispyMixin


class FeedbackForm(CrispyMixin, forms.ModelForm):
    """The four texts. `version` is what the writer saw; `opened` when the form was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Feedback
        fields = Feedback.TEXTS
        help_texts = {
            "findings": gettext_lazy("What did you learn? One or two concrete sentences suffice."),
            "problems_solved": gettext_lazy("What could be settled on the spot, and how."),
            "suggestions": gettext_lazy("What the county should know or do."),
            "reflections": gettext_lazy("What you took from it yourself."),
        }
        widgets = {
            "findings": forms.Textarea(attrs={"rows": 5}),
            "problems_solved": forms.Textarea(attrs={"rows": 3}),
            "suggestions": forms.Textarea(attrs={"rows": 3}),
            "reflections": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version if self.instance.pk else 0
        self.initial["opened"] = clock.now().isoformat()

    def clean_opened(self) -> datetime | None:
        try:
            opened = datetime.fromisoformat(self.cleaned_data["opened"])
        except ValueError:
            return None
        return opened if opened.tzinfo else None

    def _post_clean(self) -> None:
        # Rules that differ between a draft and a sent feedback are the service's.
        pass

    @property
    def texts(self) -> dict[str, str]:
        """The four texts as typed."""
        return {name: self.cleaned_data[name] for name in Feedback.TEXTS}


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
