"""The forms of the import: a list to be read, and what a person tells of it."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from contact_points.formats import Unreadable, check_upload
from contact_points.models import ContactPoint, ImportRun
from outreach import clock
from outreach.forms import CrispyMixin, DayInput
from outreach.models import User
from outreach.sentences import say


class ImportForm(CrispyMixin, forms.Form):
    file = forms.FileField(
        label=_("List"),
        help_text=_("Excel (.xlsx, .xls), .ods or CSV, up to 10 MB and 20,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"}),
        allow_empty_file=True,  # told by us, with what to do
    )
    first_day = forms.DateField(
        label=_("Valid from"),
        help_text=_("For rows that name no first day. An empty cell changes nothing else."),
        widget=DayInput(),
        validators=[MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2100, 12, 31))],
    )

    def __init__(self, *args: Any, actor: User, kind: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if kind != ImportRun.Kind.CONTACT_POINTS:
            del self.fields["first_day"]
            return
        # The first list fills the year; a later one tells what changes from now on.
        later = ContactPoint.objects.visible_to(actor).exists()
        today = clock.today()
        self.fields["first_day"].initial = today if later else today.replace(month=1, day=1)

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        head = file.read(8)
        file.seek(0)
        try:
            check_upload(file.name, head, file.size)
        except Unreadable as error:
            raise forms.ValidationError(say(error.text, error.params)) from error
        return file


class CorrectionForm(forms.Form):
    number = forms.IntegerField()
    column = forms.ChoiceField()
    text = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = [(c.name, c.header) for c in run.layout.columns]


class ColumnsForm(CrispyMixin, forms.Form):
    """What each column of the sheet means; one field for each, called by its index."""

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [
            ("", _("not read")),
            *((column.name, column.label) for column in run.layout.columns),
        ]
        for column in run.understood.get("columns", []):
            self.fields[str(column["index"])] = forms.ChoiceField(
                label=column["header"] or column["letter"],
                choices=choices,
                required=False,
                initial=column["name"] or "",
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [name for name in data.values() if name]
        if len(chosen) != len(set(chosen)):
            raise forms.ValidationError(_("Two columns cannot mean the same."))
        return data

    def names(self) -> dict[int, str]:
        """Column index -> name, empty for a column that is not read."""
        return {int(index): name for index, name in self.cleaned_data.items()}
