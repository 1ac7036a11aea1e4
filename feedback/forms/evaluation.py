"""What a villager ticks, what the office prints, and sheets of paper as they are typed in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import Township, Village
from feedback.asking import PosedQuestion
from feedback.models import PaperSheet
from feedback.services.mixing import ANSWERS
from feedback.services.receipts import plain_number
from feedback.services.sheets import differing
from outreach.forms import CrispyMixin
from outreach.privacy import check_private_numbers


class CodeForm(forms.Form):
    """The code on a card, however it is typed."""

    code = forms.CharField(
        label=gettext_lazy("Code on the card"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        return plain_number(self.cleaned_data["code"])


class Answering(forms.Form):
    """Every question may be left out; numbers of people are asked to be taken out of the text."""

    def __init__(self, *args: Any, asked: Sequence[PosedQuestion], asks_text: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for question in asked:
            self.fields[question.name] = self.field_of(question)
        if asks_text:
            self.fields["text"] = forms.CharField(
                label=_("Is there something else you want to tell the county?"),
                max_length=500,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def field_of(self, question: PosedQuestion) -> forms.Field:
        """How one question is answered."""
        raise NotImplementedError

    def clean_text(self) -> str:
        try:
            check_private_numbers({"text": self.cleaned_data["text"]})
        except ValidationError as error:
            raise ValidationError(error.message_dict["text"]) from error
        return self.cleaned_data["text"]

    @property
    def answers(self) -> dict[str, Any]:
        """Every question by its name; what was left out or not asked is None."""
        given = {name: self.cleaned_data.get(name) for name in ANSWERS}
        return given | {"text": given["text"] or ""}


class AnswerForm(Answering):
    """One tap a question; the page itself writes the questions down."""

    def field_of(self, question: PosedQuestion) -> forms.Field:
        return forms.TypedChoiceField(
            choices=question.choices, required=False, coerce=int, empty_value=None
        )


class SheetForm(Answering):
    """The number of the ticked answer, typed; the next sheet is begun from the keyboard."""

    def field_of(self, question: PosedQuestion) -> forms.Field:
        field = forms.TypedChoiceField(
            label=question.text,
            choices=question.choices,
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "maxlength": "1", "autocomplete": "off"}
            ),
            required=False,
            coerce=int,
            empty_value=None,
        )
        numbers = [str(number) for number, _label in question.choices]
        field.error_messages["invalid_choice"] = _(
            "Type %(numbers)s, or nothing where nothing is ticked."
        ) % {"numbers": _(" or ").join([_(", ").join(numbers[:-1]), numbers[-1]])}
        return field


class FirstSheetForm(CodeForm, SheetForm):
    """A sheet for the first time, with the code of its card."""


class SettleForm(forms.Form):
    """Where two people typed a sheet differently: which of them has it as it stands there."""

    def __init__(
        self, *args: Any, sheet: PaperSheet, asked: Sequence[PosedQuestion], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        labels = {question.name: question for question in asked}
        for name in differing(sheet):
            question = labels.get(name)  # type: ignore[call-overload]
            words = dict(question.choices) if question else {}
            typed = [getattr(sheet, name), (sheet.second or {}).get(name)]
            self.fields[name] = forms.ChoiceField(
                label=question.text if question else _("in their own words"),
                choices=[
                    (str(n), words.get(value, value) or _("nothing"))
                    for n, value in enumerate(typed)
                ],
                widget=forms.RadioSelect,
            )

    @property
    def answers(self) -> dict[str, Any]:
        """The sheet's answers, each as it was settled."""
        second = self.sheet.second or {}
        return {
            name: second.get(name)
            if self.cleaned_data.get(name) == "1"
            else getattr(self.sheet, name)
            for name in ANSWERS
        }


class CardsForm(CrispyMixin, forms.Form):
    """For which villages cards are printed, and how many of them as forms to fill in."""

    village = forms.ModelChoiceField(
        label=gettext_lazy("Village"),
        queryset=Village.objects.none(),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    township = forms.ModelChoiceField(
        label=gettext_lazy("Township"),
        queryset=Township.objects.none(),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    on_paper = forms.IntegerField(
        label=gettext_lazy("Of these as paper forms, in each village"),
        help_text=gettext_lazy("In large type, for those who have no telephone."),
        min_value=0,
        max_value=120,
        initial=0,
        required=False,
    )

    def __init__(self, *args: Any, villages: Sequence[Village], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.villages = villages
        drawn = Village.objects.filter(pk__in=[village.pk for village in villages])
        self.fields["village"].queryset = drawn.order_by("code")  # type: ignore[attr-defined]
        townships = Township.objects.filter(pk__in=[v.township_id for v in villages])
        self.fields["township"].queryset = townships.order_by("code")  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Village]:
        """The village, else the township's, else all."""
        village, township = self.cleaned_data["village"], self.cleaned_data["township"]
        if village:
            return [village]
        return [v for v in self.villages if not township or v.township_id == township.pk]

    def clean_on_paper(self) -> int:
        return self.cleaned_data["on_paper"] or 0


class SureForm(CrispyMixin, forms.Form):
    """The box without which a round is not closed."""

    sure = forms.BooleanField(
        label=gettext_lazy("Close it: no answer is taken any more"),
        error_messages={"required": gettext_lazy("Tick the box if you mean it.")},
    )
