"""Forms of the project itself, and what all forms share."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from outreach.models import User


def crispy(form: forms.BaseForm, *, tag: bool = False) -> FormHelper:
    """The one form layout: labels above, errors beside their field, tag written by the template."""
    helper = FormHelper(form)
    helper.form_tag = tag
    helper.disable_csrf = True  # the template writes the token with its own form tag
    return helper


class CrispyMixin:
    """Give a form its layout helper."""

    @property
    def helper(self) -> FormHelper:
        return crispy(self)  # type: ignore[arg-type]


class DayInput(forms.DateInput):
    """The browser's own date picker; ISO is the only format it speaks."""

    input_type = "date"

    def __init__(self, **kwargs: Any):
        super().__init__(format="%Y-%m-%d", **kwargs)


class SignInForm(CrispyMixin, AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The user name or the password is not right. Capitals matter."),
    }


class FirstPasswordForm(CrispyMixin, SetPasswordForm):
    """The own password after a handed-out one, which opened this page a moment ago."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        new = data.get("new_password1")
        if new and self.user.check_password(new):
            self.add_error(
                "new_password1", _("This is the password you have now. Choose another one.")
            )
        return data


class OwnPasswordForm(FirstPasswordForm, PasswordChangeForm):
    """Another password of one's own, by somebody who knows the present one."""


class AccountForm(CrispyMixin, forms.ModelForm):
    class Meta:
        model = User
        fields = ["username", "name", "role", "unit", "email"]
        help_texts = {
            "unit": _("Cadres and coordinators only."),
            "email": _("Only for notifications by e-mail; may stay empty."),
        }

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.county_id = actor.county_id
        units = self.fields["unit"]
        units.queryset = units.queryset.visible_to(actor)  # type: ignore[attr-defined]


class RemindersForm(CrispyMixin, forms.ModelForm):
    """How often reminders come by e-mail, and where to."""

    class Meta:
        model = User
        fields = ["reminders", "email"]
        widgets = {"reminders": forms.RadioSelect}
        help_texts = {
            "reminders": _("A reminder that you have read in the page is not sent any more."),
            "email": _("Without an address reminders stay in the page."),
        }
