"""Forms of the bulletin and of the letterhead."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.forms import CrispyMixin
from reports.models import Bulletin, Letterhead
from reports.shortlist import Finding

CHINESE = {"lang": "zh-CN"}


class BeginForm(CrispyMixin, forms.Form):
    """The title, and which findings of the month it quotes."""

    title = forms.CharField(label=_("Title"), max_length=60, widget=forms.TextInput(attrs=CHINESE))
    findings = forms.TypedMultipleChoiceField(
        label=_("Findings"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: list[Finding], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["findings"]
        field.choices = [
            (row.feedback, f"{row.township}{row.village}：{row.text}") for row in offered
        ]


class BulletinForm(CrispyMixin, forms.ModelForm):
    """What the office writes of it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Bulletin
        fields = ("title", "text", "version")
        widgets = {
            "title": forms.TextInput(attrs=CHINESE),
            "text": forms.Textarea(attrs={"rows": 18, **CHINESE}),
        }
        help_texts = {
            "text": _(
                "One line is one paragraph. "
                "A short line that begins with 一、 or （一） is a heading."
            ),
        }


class VersionForm(forms.Form):
    """Which version of the draft the actor saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class LetterheadForm(CrispyMixin, forms.ModelForm):
    """What stands at the head of the county's documents."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Letterhead
        fields = ("issuer", "office", "code", "last_number", "bulletin_name", "copies", "version")
        help_texts = {
            "issuer": _("Signs every document."),
            "office": _(
                "In red above the report, such as 剑阁县“面对面”活动办公室文件. Empty: none."
            ),
            "code": _("剑面办 gives 剑面办〔2026〕5号. Empty: reports have no number."),
            "last_number": _(
                "Given this year already, here or by hand; the next report has the one after it."
            ),
            "bulletin_name": _("In red above the bulletin. Its numbers are its own."),
            "copies": _("One line each, such as 报：县委、县政府."),
        }
        widgets = {
            **{
                name: forms.TextInput(attrs=CHINESE)
                for name in ("issuer", "office", "code", "bulletin_name")
            },
            "copies": forms.Textarea(attrs={"rows": 3, **CHINESE}),
        }
