"""The form of a sheet to be loaded into a plan."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from contact_points.reading import Unreadable, check_upload
from outreach.forms import CrispyMixin
from outreach.sentences import say


class PlanImportForm(CrispyMixin, forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Sheet"),
        help_text=gettext_lazy("Excel (.xlsx, .xls), .ods or CSV, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"}),
        allow_empty_file=True,  # told by us, with what to do
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        head = file.read(8)
        file.seek(0)
        try:
            check_upload(file.name, head, file.size)
        except Unreadable as error:
            raise forms.ValidationError(say(error.text, error.params)) from error
        return file
