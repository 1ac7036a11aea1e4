"""Forms of the county's categories and routes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from contact_points.models import Township, Unit
from feedback.forms.matters import categories_for
from feedback.models import MatterCategory, MatterRoute
from outreach.forms import CrispyMixin
from outreach.models import User


class CategoryForm(CrispyMixin, forms.Form):
    """A category; its limit is for matters raised or sorted from now on."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=30)
    parent = forms.ModelChoiceField(
        MatterCategory.objects.none(), label=gettext_lazy("Belongs to"), required=False
    )
    limit_days = forms.IntegerField(
        label=gettext_lazy("Limit in working days"), min_value=1, max_value=120, initial=10
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = categories_for(actor).filter(parent=None)


class RouteForm(CrispyMixin, forms.ModelForm):
    """Who is proposed for a category, everywhere or in one township."""

    class Meta:
        model = MatterRoute
        fields = ["category", "township", "unit"]
        help_texts = {
            "township": gettext_lazy("Empty: everywhere."),
            "unit": gettext_lazy("Empty: the unit of the village's township."),
        }

    def __init__(self, *args: Any, actor: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = categories_for(actor)
        self.fields["township"].queryset = Township.objects.visible_to(actor)
        self.fields["unit"].queryset = Unit.objects.visible_to(actor)

    def validate_unique(self) -> None:
        """The same place again changes the proposal, it is no mistake."""
