"""Forms of the project itself, and what all forms share."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from outreach.models import SavedView, User


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


# What an address holds beside the list itself: where the reader is in it, and what was asked once.
PASSING = ("after", "before", "export", "view", "page")


def kept_query(asked: QueryDict) -> str:
    """Filter, sort and columns of a list's address, always in the same order."""
    pairs = [(name, value) for name, values in asked.lists() for value in values]
    kept = QueryDict(mutable=True)
    for name, value in sorted(pairs):
        if value and name not in PASSING:
            kept.appendlist(name, value)
    return kept.urlencode()


class ViewForm(CrispyMixin, forms.ModelForm):
    """The name of a view, and whether its list opens with it."""

    class Meta:
        model = SavedView
        fields = ["name", "is_default"]


class NewViewForm(ViewForm):
    """A view of the list that the person came from."""

    class Meta(ViewForm.Meta):
        fields = ["list_name", "query", "name", "is_default"]
        widgets = {"list_name": forms.HiddenInput, "query": forms.HiddenInput}
        help_texts = {"name": _("A view that has this name already is replaced.")}

    def clean_list_name(self) -> str:
        try:
            reverse(self.cleaned_data["list_name"])
        except NoReverseMatch as error:
            raise ValidationError(_("There is no such list.")) from error
        return self.cleaned_data["list_name"]

    def clean_query(self) -> str:
        return kept_query(QueryDict(self.cleaned_data["query"]))
