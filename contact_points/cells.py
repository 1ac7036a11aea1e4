"""What a cell of a hand-made list says, whatever type the spreadsheet gave it."""

import re
from datetime import date, datetime, timedelta
from typing import Any

# Full-width digits, letters and signs of dates and telephones; Chinese punctuation stays.
_HALF_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))}
_HALF_WIDTH |= {code: code - 0xFEE0 for code in range(0xFF41, 0xFF5B)}
_HALF_WIDTH |= {ord("－"): "-", ord("．"): ".", ord("／"): "/", ord("＋"): "+", 0x3000: " "}
# Most cells: nothing in them to clean.
_CLEAN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff.()（）、，-]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\ufeff]")
_HAN = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TWO_NAMES = re.compile(rf"(?<=[{_HAN}]{{2}})\s+(?=[{_HAN}]{{2}})")
# A line that ends like a village's name, and another that is not the rest of it.
_NEXT_VILLAGE = re.compile(
    rf"(?<=[村会区])[ \t]*[\r\n]+\s*(?=[{_HAN}]{{2}})(?!村?(?:委会|居委会|民委员会|社区))"
)
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
# Serial days that a list of our time can mean: 1954 to 2119.
_SERIALS = range(20_000, 80_001)
_SERIAL_ZERO = date(1899, 12, 30)


def text_of(value: Any) -> str:
    """The cell as one line of text: whole numbers without a fraction, days as ISO, no strays."""
    if value is None:
        return ""
    if type(value) is str and _CLEAN.fullmatch(value):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = _CONTROL.sub("", str(value)).translate(_HALF_WIDTH)
    return re.sub(r"\s+", " ", text).strip()


def name_of(value: Any) -> str:
    """A name: as `text_of`, and without the spaces and line breaks people put into Chinese ones."""
    return _BESIDE_HAN.sub("", text_of(value))


def village_of(value: Any) -> str:
    """A village's name: as `name_of`; names below each other stay apart, parted by 、."""
    return name_of(_NEXT_VILLAGE.sub("、", value) if isinstance(value, str) else value)


def person_of(value: Any) -> str:
    """A person's name: as `name_of`; two names in one cell stay two, parted by 、."""
    return name_of(_TWO_NAMES.sub("、", text_of(value)))


def day_of(value: Any) -> str:
    """A day as ISO text if it is one (date, serial number or a usual writing), else the text."""
    text = text_of(value)
    if match := _DAY.fullmatch(text):
        try:
            return date(*map(int, match.groups())).isoformat()
        except ValueError:
            return text
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        return (_SERIAL_ZERO + timedelta(days=int(text))).isoformat()
    return text
