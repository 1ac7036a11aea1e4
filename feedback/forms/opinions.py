"""Forms of the opinion book: what a villager writes, and what the county office makes of it."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.forms.matters import RaiseForm
from feedback.models import Opinion, OpinionCall
from feedback.questions import Grade
from feedback.services.opinion_calls import change_call, open_call
from outreach.forms import CrispyMixin, DayInput
from outreach.models import User


class VillagerForm(forms.Form):
    """A grade by one tap, and some words; each can be left out."""

    call = forms.ModelChoiceField(
        OpinionCall.objects.none(),
        label=_("What is it about?"),
        required=False,
        blank=True,
        empty_label=_("Something else"),
        widget=forms.RadioSelect,
    )
    grade = forms.TypedChoiceField(
        label=_("Are you satisfied with the visits to your village?"),
        choices=Grade.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What do you want to say?"),
        help_text=_("No names, please, and no telephone or identity numbers."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    # Of this page: the second tap of an impatient finger is known by it.
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, calls: Any, **kwargs: Any):
        super().__init__(*args, initial={"once": uuid4()}, **kwargs)
        self.fields["call"].queryset = calls


class OpinionForm(CrispyMixin, forms.Form):
    """What is published of an opinion and replied to it, or why it is not published."""

    text = forms.CharField(
        label=_("Text as published"),
        help_text=_("Take out whatever could point to somebody; change nothing else."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reply = forms.CharField(
        label=_("The county's reply"),
        help_text=_("It stands beside the text. It can be added later."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        label=_("Why it is not published"),
        help_text=_("Kept with the opinion, shown to the county office only."),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, opinion: Opinion, **kwargs: Any):
        initial = {
            "text": opinion.published_text or opinion.text,
            "reply": opinion.reply,
            "reason": opinion.reason,
            "version": opinion.version,
        }
        super().__init__(*args, initial=initial, **kwargs)


class OpinionMatterForm(RaiseForm):
    """A matter made of an opinion: its village is known, nobody is to be called back."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, opinion: Opinion, **kwargs: Any):
        words = (opinion.published_text or opinion.text)[:300]
        initial = {"text": words, "version": opinion.version}
        super().__init__(*args, initial=initial, **kwargs)
        self.opinion = opinion
        for name in ("village", "source", "call_back", "files", "form_id"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["village"] = self.opinion.village
        data = super().clean()
        del data["village"]
        return data


class CallForm(CrispyMixin, forms.ModelForm):
    """A question to everybody and its period; without a call it opens one."""

    class Meta:
        model = OpinionCall
        fields = ["question", "opens_on", "closes_on"]
        widgets = {"opens_on": DayInput, "closes_on": DayInput}
        help_texts = {"question": _("As you would ask it in the street, in one sentence.")}

    def save_by(self, actor: User, call: OpinionCall | None = None) -> OpinionCall:
        """Raises NotPossible, ValidationError."""
        values = self.cleaned_data
        if call is None:
            return open_call(actor=actor, **values)
        return change_call(call=call, actor=actor, **values)
