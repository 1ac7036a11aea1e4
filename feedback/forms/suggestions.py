"""Form of the county's reply to a suggestion."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from feedback.models import SuggestionAnswer
from outreach.forms import CrispyMixin


class SuggestionForm(CrispyMixin, forms.Form):
    """A reply; of one that stands already, its correction."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=SuggestionAnswer.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what becomes of the suggestion.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Reply"),
        help_text=gettext_lazy("The author is told, and it stands on the visit's page."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    # The version that is corrected; empty: the first reply.
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, reply: SuggestionAnswer | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if reply:
            self.initial = {name: getattr(reply, name) for name in self.fields}
