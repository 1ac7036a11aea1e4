"""What villagers' privacy asks of every free text (domain: what is never collected)."""

import re
import unicodedata
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# People part long numbers by spaces and hyphens; the digits count, not the way of writing.
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_NUMBER = re.compile(
    r"(?<!\d)(?:86)?"
    r"(1[3-9]\d{9}"  # mobile
    r"|\d{17}[\dXx]"  # identity number
    r"|0\d{2,3}\d{7,8}"  # landline with its area code
    r")(?!\d)"
)


def private_number(text: str) -> str | None:
    """A telephone or identity number inside the text, as plain digits, or None."""
    plain = "".join(filter(_is_seen, unicodedata.normalize("NFKC", text)))
    # As it stands first: a date or a count before it must not become its beginning.
    found = _NUMBER.search(plain) or _NUMBER.search(_BETWEEN_DIGITS.sub("", plain))
    return found.group(1) if found else None


def _is_seen(char: str) -> bool:
    """Marks of direction and spaces without width part digits for a program, for no reader."""
    return unicodedata.category(char) != "Cf"


def check_private_numbers(texts: Mapping[str, str]) -> None:
    """Ask the writer to take out telephone and identity numbers. Raises ValidationError."""
    found = {
        name: _("Please take out the number %(number)s: no telephone or identity numbers here.")
        % {"number": number}
        for name, text in texts.items()
        if (number := private_number(text))
    }
    if found:
        raise ValidationError(found)
