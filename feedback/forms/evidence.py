"""What adds photos and documents to a matter, and what takes one back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from outreach.forms import CrispyMixin
from visits.attachments import DOCUMENTS

_TAKEN = ["image/jpeg", "image/png", "image/webp", *(f".{name}" for name in DOCUMENTS)]


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what is in them is looked at by the service that keeps them."""

    def __init__(self, **kwargs: Any):
        kwargs = {
            "label": gettext_lazy("Photos or documents"),
            "help_text": gettext_lazy(
                "Welcome, never required: pictures, PDF, Word, Excel or PowerPoint, up to 20 MB "
                "each. What a photo says about place and camera is taken out of it."
            ),
            "required": False,
            "widget": ManyFilesInput(attrs={"accept": ",".join(_TAKEN)}),
        } | kwargs
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Sequence[UploadedFile]:
        """The files; nothing chosen is none."""
        return [super(FilesField, self).clean(file, initial) for file in data or () if file]


class EvidenceForm(CrispyMixin, forms.Form):
    files = FilesField()


class WithdrawForm(CrispyMixin, forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The file goes for good; who took it back and why is kept."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
