"""Forms of what the office does with a draft."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.forms import CrispyMixin
from reports.models import ReportEdit
from reports.shortlist import Finding


class IssueForm(forms.Form):
    """The document that the actor was shown."""

    sha256 = forms.CharField(widget=forms.HiddenInput)


class FindingsForm(forms.Form):
    """Which findings of the shortlist are quoted; in the order of the list."""

    findings = forms.TypedMultipleChoiceField(
        label=_("Findings"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    # The version of the choice that the page showed.
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, offered: list[Finding], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["findings"]
        field.choices = [(row.feedback, row.text) for row in offered]


class ParagraphForm(CrispyMixin, forms.Form):
    """What stands instead of a generated paragraph, or after it."""

    mode = forms.ChoiceField(
        label=_("The text stands"), choices=ReportEdit.Mode.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Text"),
        help_text=_("In official Chinese, as it is printed. Empty: as generated again."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "lang": "zh-CN"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
