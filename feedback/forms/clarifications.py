"""Form of the one sentence that a clarification waits for."""

from typing import Any

from django import forms

from feedback.models import Clarification
from feedback.models.clarifications import LONGEST
from outreach.forms import CrispyMixin


class WordForm(CrispyMixin, forms.Form):
    """The unit's explanation, or what the county decides."""

    text = forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, field: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        label = Clarification._meta.get_field(field).verbose_name
        self.fields["text"].label = str(label).capitalize()
