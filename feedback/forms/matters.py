"""The form that raises a matter; what can be done with one is in `deeds`."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contact_points.models import Unit, Village
from feedback.forms.evidence import FilesField
from feedback.models import Matter, MatterCategory
from feedback.services.call_backs import plain_telephone
from feedback.services.routes import proposed_unit
from outreach.forms import CrispyMixin
from outreach.models import User

AT_A_DESK = (Matter.Source.DESK, Matter.Source.TYPED)


class RaiseForm(CrispyMixin, forms.Form):
    """A matter raised at a desk; the county office names the unit that receives it."""

    village = forms.ModelChoiceField(Village.objects.none(), label=gettext_lazy("Village"))
    text = forms.CharField(
        label=gettext_lazy("Problem"),
        max_length=300,
        help_text=gettext_lazy("No names, no telephone or identity numbers."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Where it was raised"),
        choices=[(source.value, source.label) for source in AT_A_DESK],
        initial=Matter.Source.DESK,
        widget=forms.RadioSelect,
    )
    category = forms.ModelChoiceField(
        MatterCategory.objects.none(), label=gettext_lazy("Category"), required=False
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        choices=Matter.Urgency.choices,
        initial=Matter.Urgency.NORMAL,
        widget=forms.RadioSelect,
    )
    leader = forms.ModelChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Unit that receives it"),
        required=False,
        help_text=gettext_lazy("Empty: the one that the county's table proposes."),
    )
    call_back = forms.CharField(
        label=gettext_lazy("Number to call back, if the villager wants it"),
        required=False,
        max_length=30,
        help_text=gettext_lazy(
            "Kept encrypted, shown only to whoever is to call, erased 90 days after closing."
        ),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    files = FilesField()
    form_id = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        villages = Village.objects.visible_to(actor).filter(merged_into=None)
        self.fields["village"].queryset = villages.select_related("township")
        self.fields["village"].label_from_instance = lambda row: f"{row.township} {row}"
        self.fields["category"].queryset = categories_for(actor)
        if actor.unit_id:
            del self.fields["leader"]
        else:
            self.fields["leader"].queryset = Unit.objects.visible_to(actor)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            plain_telephone(data.get("call_back", ""))
        except forms.ValidationError as error:
            self.add_error(None, error)
        if "leader" in self.fields and not data.get("leader") and data.get("village"):
            data["leader"] = proposed_unit(data.get("category"), data["village"])
            if data["leader"] is None:
                self.add_error("leader", _("The table proposes nobody here: name the unit."))
        return data


def categories_for(user: User) -> Any:
    return MatterCategory.objects.visible_to(user).for_choice()
