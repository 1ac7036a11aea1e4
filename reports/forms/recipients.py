"""Whom the issued reports and bulletins are sent to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.forms import CrispyMixin
from outreach.models import User
from reports.models import Recipient


class RecipientForm(CrispyMixin, forms.Form):
    """An account of the county, or a name with an address."""

    user = forms.ModelChoiceField(
        label=_("Account"), queryset=User.objects.none(), required=False, empty_label="-"
    )
    name = forms.CharField(
        label=_("Or somebody without an account: name"), max_length=50, required=False
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    gets = forms.ChoiceField(
        label=_("Gets"), choices=Recipient.Gets.choices, initial=Recipient.Gets.BOTH
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        accounts = User.objects.visible_to(actor).active().exclude(email="").order_by("name")
        self.fields["user"].queryset = accounts  # type: ignore[attr-defined]
        if not accounts:
            self.fields["user"].help_text = _(
                "No account of the county has an address yet; the administrator enters it."
            )
