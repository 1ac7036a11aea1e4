"""What villagers' privacy asks of every free text (domain: what is never collected)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# People part long numbers as they speak them, by whatever is at hand; the digits count.
_MARK = r"[\s.·•・。,:/|+_*()~\-‐-―−]"
_PART = _MARK + "{0,3}"
_GROUPED = re.compile(
    r"(?<!\d)(?:"
    rf"(?:(?:00)?86{_PART})?(1[3-9]\d{_PART}\d{{4}}{_PART}\d{{4}}"  # mobile: 138 1234 5678
    rf"|1[3-9]\d\d{_PART}\d{{3}}{_PART}\d{{4}}|1[3-9]\d{_PART}\d{{3}}{_PART}\d{{5}}"
    rf"|1(?P<by>{_MARK}{{1,3}})[3-9](?:(?P=by)\d){{9}})"  # digit by digit
    rf"|(\d{{6}}{_PART}\d{{4}}{_PART}\d\d{_PART}\d\d{_PART}\d{{3}}[\dXx])"  # identity number
    rf"|(0[1-9]\d{{1,2}}{_PART}\d{{3,4}}{_PART}\d{{4}})"  # landline with its area code
    r")(?!\d)"
)
# Parted in any way by spaces and hyphens, where no other number stands beside.
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_WHOLE = re.compile(r"(?<!\d)(?:(?:00)?86)?(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
# Of banks; what its last digit confirms (Luhn).
_CARD = re.compile(r"(?<!\d)([3-6]\d{3}([ -]?)\d{4}\2\d{4}\2\d{4}(?:\2\d{1,3})?)(?!\d)")
_NOT_OF_NUMBER = re.compile(r"[^\dXx]")

_SPOKEN = str.maketrans("〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789")


def private_number(text: str) -> str | None:
    """A telephone, identity or bank card number inside the text, as plain digits, or None."""
    plain = "".join(map(_digit, filter(_is_seen, unicodedata.normalize("NFKC", text))))
    # As it stands first: 一 or 零 right after a number must not hide it.
    return next(_numbers(plain), None) or next(_numbers(plain.translate(_SPOKEN)), None)


def _numbers(plain: str) -> Iterator[str]:
    for found in (_GROUPED.search(plain), _WHOLE.search(_BETWEEN_DIGITS.sub("", plain))):
        if found:
            yield _NOT_OF_NUMBER.sub("", next(filter(None, found.groups())))
    cards = (_NOT_OF_NUMBER.sub("", found[1]) for found in _CARD.finditer(plain))
    yield from filter(_is_of_card, cards)


def _is_of_card(number: str) -> bool:
    doubled = [int(digit) * (1 + n % 2) for n, digit in enumerate(reversed(number))]
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def _is_seen(char: str) -> bool:
    """Marks of direction and spaces without width part digits for a program, for no reader."""
    return unicodedata.category(char) != "Cf"


def _digit(char: str) -> str:
    """A digit of whatever script as one of ours."""
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def take_out(number: str) -> str:
    """What the writer is asked."""
    asked = _("Please take out the number %(number)s: no telephone, identity or card numbers here.")
    return asked % {"number": number}


def check_private_numbers(texts: Mapping[str, str]) -> None:
    """Ask the writer to take out the numbers of people. Raises ValidationError."""
    found = {
        name: take_out(number) for name, text in texts.items() if (number := private_number(text))
    }
    if found:
        raise ValidationError(found)
