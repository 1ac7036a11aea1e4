"""One form for whatever is done with a matter; what it asks and calls is a line of `deeds`."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contact_points.models import Unit
from feedback.forms.matters import categories_for
from feedback.matter_states import Action
from feedback.models import Matter
from feedback.services.matter_steps import what_happened
from feedback.services.routes import proposed_unit
from outreach.forms import CrispyMixin
from outreach.models import User


class DeedForm(CrispyMixin, forms.Form):
    """A line of the table of `deeds` as a form on the matter's page."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    is_over = False

    def __init__(self, *args: Any, deed: "Deed", matter: Matter, actor: User, **kwargs: Any):
        super().__init__(*args, auto_id=f"{deed.name}_%s", **kwargs)
        self.deed, self.matter, self.actor = deed, matter, actor
        self.fields |= {name: copy.deepcopy(asked) for name, asked in deed.fields.items()}
        self.initial["version"] = matter.version

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in; else it is a button."""
        return len(self.fields) > 1

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("version") not in (None, self.matter.version):
            raise forms.ValidationError(what_happened(self.matter))
        return data

    def seen_anew(self, matter: Matter, *, possible: bool) -> None:
        """Its page shows the matter as it is now: sent once more, it is about that.

        Where it is not possible any more, what was typed stays and there is nothing to send.
        """
        self.is_over = not possible
        self.data = self.data.copy()
        self.data["version"] = str(matter.version)

    def values(self) -> dict[str, Any]:
        """What the service takes beside the matter and its actor."""
        filled = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return filled | self.deed.fixed

    def do(self) -> Matter:
        """Call the service."""
        return self.deed.service(matter=self.matter, actor=self.actor, **self.values())


class UnitForm(DeedForm):
    """Names another unit; the county's table proposes one."""

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any):
        super().__init__(*args, matter=matter, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(county=matter.county_id)
        proposed = proposed_unit(matter.category, matter.village)
        if proposed:
            self.initial["unit"] = proposed.pk
            self.fields["unit"].help_text = _("The county's table proposes: %(unit)s.") % {
                "unit": proposed
            }


class NameForm(DeedForm):
    """Names a unit that is to help."""

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any):
        super().__init__(*args, matter=matter, **kwargs)
        ours = [matter.leader_id, *(row.unit_id for row in matter.co_handling)]
        units = Unit.objects.filter(county=matter.county_id).exclude(pk__in=ours)
        self.fields["unit"].queryset = units


class ReleaseForm(DeedForm):
    """Names a unit that helps now."""

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any):
        super().__init__(*args, matter=matter, **kwargs)
        ours = [row.unit_id for row in matter.co_handling]
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=ours)
        if len(ours) == 1:
            self.initial["unit"] = ours[0]


class SortForm(DeedForm):
    def __init__(self, *args: Any, matter: Matter, actor: User, **kwargs: Any):
        super().__init__(*args, matter=matter, actor=actor, **kwargs)
        self.fields["category"].queryset = categories_for(actor)
        self.initial |= {"category": matter.category_id, "urgency": matter.urgency}


class JoinForm(DeedForm):
    def clean_code(self) -> Matter:
        """The matter itself, of those that the person sees."""
        code = self.cleaned_data["code"].replace(" ", "").upper()
        rows = Matter.objects.visible_to(self.actor).exclude(pk=self.matter.pk)
        main = rows.select_related("main").filter(code=code).first()
        if main is None:
            raise forms.ValidationError(_("No other matter that you see has this code."))
        return main

    def values(self) -> dict[str, Any]:
        return {"main": self.cleaned_data["code"]}


@dataclass(frozen=True)
class Deed:
    """Something that can be done with a matter."""

    actions: tuple[Action, ...]
    title: Any
    service: Callable[..., Matter]
    # What is asked, by the names of the service's values, and what it is given unasked.
    fields: Mapping[str, forms.Field] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    look: str = "primary"
    form_class: type[DeedForm] = DeedForm

    @property
    def name(self) -> str:
        """What the address calls it: its first action."""
        return self.actions[0].value

    def form(self, *sent: Any, matter: Matter, actor: User) -> DeedForm:
        """The form, with what was `sent`: data, files."""
        return self.form_class(*sent, deed=self, matter=matter, actor=actor)
