"""What a villager fills in: the number of a receipt, and the word on the answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from feedback.matter_states import Word
from feedback.models import Matter
from feedback.services.matters import note_villager
from feedback.services.receipts import plain_number
from outreach.forms import CrispyMixin

SAY_WHICH = {"required": gettext_lazy("Choose the answer that fits best.")}


class NumberForm(CrispyMixin, forms.Form):
    """The number on a receipt."""

    number = forms.CharField(
        label=gettext_lazy("Number on the receipt"),
        max_length=30,
        help_text=gettext_lazy("Ten letters and digits; spaces and small letters do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_number(self) -> str:
        return plain_number(self.cleaned_data["number"])


class WordForm(CrispyMixin, forms.Form):
    """What the villager says of the unit's answer."""

    word = forms.ChoiceField(
        label=gettext_lazy("Is it solved?"),
        choices=Word.choices,
        widget=forms.RadioSelect,
        error_messages=SAY_WHICH,
    )
    satisfied = forms.TypedChoiceField(
        label=gettext_lazy("Are you satisfied with how it was handled?"),
        choices=[("1", gettext_lazy("satisfied")), ("0", gettext_lazy("not satisfied"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages=SAY_WHICH,
    )
    text = forms.CharField(
        label=gettext_lazy("What is still missing"),
        help_text=gettext_lazy(
            "Needed when it is not solved. No names, no telephone or identity numbers."
        ),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any):
        super().__init__(*args, initial={"version": matter.version}, **kwargs)
        self.matter = matter

    @property
    def is_old(self) -> bool:
        """Whether something happened since the page was shown: a second tap, or an office."""
        return self.cleaned_data["version"] != self.matter.version

    def do(self) -> Matter:
        """Note it as the villager's own word."""
        said = {name: self.cleaned_data[name] for name in ("word", "satisfied", "text")}
        return note_villager(matter=self.matter, actor=None, **said)
