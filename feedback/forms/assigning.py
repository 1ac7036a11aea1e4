"""Which unit the chosen matters are assigned to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from contact_points.models import Unit
from outreach.choosing import OneChosenField
from outreach.forms import CrispyMixin
from outreach.models import User


class AssignManyForm(CrispyMixin, forms.Form):
    """Empty it is what the county's table proposes for each."""

    unit = OneChosenField(
        options="unit_options",
        label=gettext_lazy("Unit for all of them"),
        required=False,
        help_text=gettext_lazy("Empty: for each the one that the county's table proposes."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["unit"].rows = Unit.objects.visible_to(actor)  # type: ignore[attr-defined]
