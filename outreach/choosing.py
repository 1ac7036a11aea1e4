"""One of many, chosen by writing a part of its name: the browser offers what fits."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# The longest label of all that is chosen so: a township, a space, a village.
MOST = 140


class ChosenInput(forms.TextInput):
    """A text box with a list of what fits, asked for as one writes; works without a script."""

    def __init__(self, options: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.options = options  # the name of the address that answers with what fits

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The box and its list, which takes part in nothing that its form asks for."""
        chosen = f"{(attrs or {}).get('id') or name}_fits"
        attrs = {
            **(attrs or {}),
            "list": chosen,
            "autocomplete": "off",
            "hx-get": reverse(self.options),
            "hx-trigger": "focus once, input changed delay:250ms",
            "hx-target": f"#{chosen}",
            "hx-swap": "innerHTML",
            "hx-push-url": "false",
        }
        box = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}"></datalist>', box, chosen)


class ChosenField(forms.CharField):
    """What was written; `rows` are those the person may choose from, read by their `named`."""

    rows: QuerySet

    def __init__(self, *, options: str, **kwargs: Any):
        super().__init__(max_length=MOST, **{"widget": ChosenInput(options), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """An address may name a row by its id; a person reads its name."""
        text = str(value or "")
        if not text.isdecimal():
            return value
        row = self.rows.named(text).first()  # type: ignore[attr-defined]
        return row.label if row else value


class OneChosenField(ChosenField):
    """Exactly one row, or a sentence that says which of them fit."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = list(self.rows.named(text)[:4])  # type: ignore[attr-defined]
        if not found:
            raise forms.ValidationError(_("Nothing fits “%(text)s”.") % {"text": text})
        if len(found) > 1:
            names = "、".join(row.label for row in found)
            raise forms.ValidationError(_("Several fit: %(names)s. Write more.") % {"names": names})
        return found[0]
