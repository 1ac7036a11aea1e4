"""The cells of one column as clean texts, each distinct value cleaned once."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of, person_of, text_of
from contact_points.reading.days import first_of, last_of, moment
from contact_points.reading.grids import UNCALCULATED
from contact_points.reading.lists import Sentence

_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|\?|#+)|Err:\d+")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_WITH_ZERO = re.compile(r"(\d+)\.0+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_AREA_CODE = re.compile(r"\((0\d{2,3})\)[- ]?(\d{7,8})")
# Nothing to clean: digits, letters, Chinese and a little between them.
_CLEAN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff.()（）、，-]+")
_SPACED_CODE = re.compile(r"[\d\s-]+")
DITTO = {"〃", "同上", "″", '"', "“", "”", "〞", "''", "同前", "仝上", "〃〃", "ditto"}

FAULTS = {
    "error": gettext_noop("The cell holds the error %(value)s."),
    "uncalculated": gettext_noop(
        "The formula was never calculated. Open the file in a spreadsheet and save it again."
    ),
    "lost": gettext_noop("The spreadsheet shortened the number to %(value)s: digits are lost."),
    "month": gettext_noop(
        "%(value)s is stored as a number and can be January or October. Write it like 2026-10-31."
    ),
}


class Texts(dict[Any, str]):
    """Raw value -> clean text of one kind of column; `faults` are values without a text.

    `restored` are numbers that got back the zero a telephone begins with.
    """

    def __init__(self, kind: str, year: int | None = None):
        super().__init__()
        self._plain = kind in ("name", "person", "text")
        self.faults: dict[Any, Sentence] = {}
        self.restored: dict[Any, str] = {}
        self._clean: Callable[[Any], str] = {
            "name": name_of,
            "person": person_of,
            "code": self._code,
            "telephone": self._telephone,
            "first": lambda value: self._day(value, first_of, year),
            "last": lambda value: self._day(value, last_of, year),
            "period": lambda value: self._day(value, lambda text, _year: text, year),
        }.get(kind, text_of)

    def __missing__(self, value: Any) -> str:
        if isinstance(value, bool):  # equal to 1 and 0, so not kept
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            if self._plain and _CLEAN.fullmatch(value):
                self[value] = value
                return value
            if value == UNCALCULATED:
                return self.setdefault(value, self._fault(value, "uncalculated"))
            if value[:1] in "#E" and _ERROR.fullmatch(value.strip()):
                return self.setdefault(value, self._fault(value, "error"))
        text = self._clean(value)
        self[value] = text
        return text

    def _fault(self, value: Any, name: str, shown: str = "") -> str:
        params = {"value": shown or str(value)} if name != "uncalculated" else {}
        self.faults[value] = Sentence(FAULTS[name], params)
        return ""

    def _digits(self, value: Any) -> str:
        """A number that is a name: whole, without a fraction, separators or an exponent."""
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return value
        text = text_of(value).lstrip("'’‘`")
        if match := _WITH_ZERO.fullmatch(text):
            return match[1]
        if _GROUPED.fullmatch(text):
            return text.replace(",", "")
        if match := _SCIENTIFIC.fullmatch(text):
            if len(match[2] or "") < int(match[3]):
                return self._fault(value, "lost", text)
            return str(int(Decimal(text)))
        return text

    def _code(self, value: Any) -> str:
        text = self._digits(value)
        return re.sub(r"[\s-]", "", text) if _SPACED_CODE.fullmatch(text) else text

    def _telephone(self, value: Any) -> str:
        text = _AREA_CODE.sub(r"\1-\2", self._digits(value))
        # 0319 4332211 stored as a number; 400 and 800 are numbers of their own.
        if isinstance(value, float | int) and re.fullmatch(r"(?!400|800)[2-9]\d{9,10}", text):
            text = self.restored[value] = f"0{text}"
        return text

    def _day(self, value: Any, read: Callable[[str, int | None], str], year: int | None) -> str:
        if isinstance(value, date | datetime):
            return moment(value)
        if isinstance(value, float) and not value.is_integer():
            if value > 20_000:
                value = float(int(value))  # a serial day with a time
            elif round(value * 10, 6) % 10 == 1:
                return self._fault(value, "month", f"{value:g}")
        return read(text_of(value), year)
