"""Form of the page on which anybody computes a village's draw."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.sampling import Place, by_number
from outreach.forms import CrispyMixin

MOST = 3000  # households of one village
_NUMBER = re.compile(r"^(?:[0-9]{1,2}组-)?[0-9]{1,6}\*?$")

EXAMPLE = {
    "seed": "0123456789abcdef0123456789abcdef",
    "village": "130529100001",
    "households": "1组-001*\n1组-002\n1组-003\n2组-001\n2组-002*\n2组-003\n"
    "12组-001\n12组-002\n013\n014",
    "count": "4",
}


def lines_of(place: Place) -> str:
    """A village's households as the form takes them."""
    return "\n".join(
        f"{number}*" if number in place.met else number for number in by_number(place.households)
    )


class DrawForm(CrispyMixin, forms.Form):
    """Seed and frame of one village."""

    seed = forms.RegexField(
        r"^[0-9a-f]{32}$",
        label=gettext_lazy("Seed"),
        max_length=64,
        error_messages={"invalid": gettext_lazy("32 digits and letters from a to f.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    village = forms.RegexField(
        r"^[0-9]{12}$",
        label=gettext_lazy("Code of the village"),
        max_length=12,
        error_messages={"invalid": gettext_lazy("A village code has 12 digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    households = forms.CharField(
        label=gettext_lazy("Households"),
        max_length=20 * MOST,
        help_text=gettext_lazy("One a line; a star after those that were met by a visit."),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )
    count = forms.IntegerField(
        label=gettext_lazy("How many are asked"), min_value=1, max_value=100, initial=12
    )

    def clean_households(self) -> dict[str, bool]:
        """Number -> whether it was met."""
        text = unicodedata.normalize("NFKC", self.cleaned_data["households"])
        words = re.split(r"[\s,、]+", text.strip())
        wrong = [word for word in words if not _NUMBER.match(word)]
        if wrong:
            raise ValidationError(_("Not a household number: %(word)s") % {"word": wrong[0][:20]})
        if len(words) > MOST:
            raise ValidationError(_("At most %(most)s households.") % {"most": MOST})
        found = {word.rstrip("*"): word.endswith("*") for word in words}
        if len(found) != len(words):
            raise ValidationError(_("A number stands there twice."))
        return found

    def content(self) -> tuple[Place, str, int]:
        """The village, the seed, and how many are drawn."""
        data: dict[str, Any] = self.cleaned_data
        met = frozenset(number for number, was_met in data["households"].items() if was_met)
        place = Place(data["village"], True, tuple(data["households"]), met)
        return place, data["seed"], data["count"]
