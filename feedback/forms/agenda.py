"""Form of a topic that is made of a category of matters."""

from django import forms
from django.utils.translation import gettext_lazy

from outreach.forms import CrispyMixin


class AgendaForm(CrispyMixin, forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("What to explain"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
