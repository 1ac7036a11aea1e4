"""Form of the county's reply to a suggestion."""

from django import forms
from django.utils.translation import gettext_lazy

from feedback.models import SuggestionAnswer
from outreach.forms import CrispyMixin


class SuggestionForm(CrispyMixin, forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=SuggestionAnswer.Decision.choices,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Reply"),
        help_text=gettext_lazy("The author is told, and it stands on the visit's page."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
