"""The cells of one column as clean texts, each distinct value cleaned once."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of, person_of, text_of, village_of
from contact_points.reading.days import first_of, last_of, moment
from contact_points.reading.grids import UNCALCULATED
from contact_points.reading.lists import Sentence
from contact_points.reading.numerals import in_digits

_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|\?|#+)|Err:\d+")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_WITH_ZERO = re.compile(r"(\d+)\.0+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_AREA_CODE = re.compile(r"\((0\d{2,3})\)[- ]?(\d{7,8})")
# Nothing to clean: digits, letters, Chinese and a little between them.
_CLEAN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff.()（）、，-]*")
_DIGITS = re.compile(r"[0-9]*")
_HOUSEHOLD = re.compile(r"第?(\d{1,2})(?:村民)?小?组[-—–_、第]*(\d{1,4})[号户]?")
_GROUP = re.compile(r"第?(\d{1,2})(?:村民)?小?组?")
_COUNT = re.compile(r"(\d{1,9})[户人口个名]?")
_SPACED_CODE = re.compile(r"[\d\s-]+")
DITTO = {"〃", "同上", "″", '"', "“", "”", "〞", "''", "同前", "仝上", "〃〃", "ditto"}

# Stand in a cell that says nothing.
_NONE = {"/", "-", "--", "—", "——", "无"}

FAULTS = {
    "error": gettext_noop("The cell holds the error %(value)s."),
    "uncalculated": gettext_noop(
        "The formula was never calculated. Open the file in a spreadsheet and save it again."
    ),
    "lost": gettext_noop("The spreadsheet shortened the number to %(value)s: digits are lost."),
    "zero": gettext_noop(
        "%(value)s is stored as a number and may have lost a zero. Write it like 2026-10-31."
    ),
    "count": gettext_noop("“%(value)s” is no whole number."),
    "day": gettext_noop(
        "The spreadsheet made the day %(value)s of the number. Write it like 3组-017."
    ),
}


class Texts(dict[Any, str]):
    """Raw value -> clean text of one kind of column; `faults` are values without a text.

    `restored` are numbers that got back the zero a telephone begins with.
    """

    def __init__(self, kind: str, year: int | None = None):
        super().__init__()
        self._plain: re.Pattern[str] | None = {
            **dict.fromkeys(("name", "village", "person", "text"), _CLEAN),
            **dict.fromkeys(("code", "telephone"), _DIGITS),
        }.get(kind)
        self.faults: dict[Any, Sentence] = {}
        self.restored: dict[Any, str] = {}
        self._clean: Callable[[Any], str] = {
            "name": name_of,
            "village": village_of,
            "person": person_of,
            "code": self._code,
            "telephone": self._telephone,
            "count": self._count,
            "household": self._household,
            "first": lambda value: self._day(value, first_of, year),
            "last": lambda value: self._day(value, last_of, year),
            "period": lambda value: self._day(value, lambda text, _year: text, year),
        }.get(kind, text_of)

    def of(self, cells: Sequence[Any], *, all_texts: bool) -> list[str]:
        """The clean texts of a column; `all_texts` tells that there is nothing but texts."""
        if self._plain and all_texts:
            # Most columns have nothing to clean, and one look at all of it tells.
            joined = "\n".join(cells)
            if joined.count("\n") == len(cells) - 1 and self._plain.fullmatch(
                joined.replace("\n", "")
            ):
                return list(cells)
        return list(map(self.__getitem__, cells))

    def __missing__(self, value: Any) -> str:
        if isinstance(value, str):
            if self._plain and self._plain.fullmatch(value):
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

    def _count(self, value: Any) -> str:
        text = self._digits(value).replace("，", ",")
        text = text.replace(",", "") if _GROUPED.fullmatch(text) else text
        if match := _COUNT.fullmatch(text):
            return str(int(match[1]))
        if not text or text in _NONE:
            return ""
        return text if text in DITTO else self._fault(value, "count", text)

    def _household(self, value: Any) -> str:
        if isinstance(value, date | datetime):  # 3-17 was typed
            return self._fault(value, "day", moment(value))
        text = name_of(value)
        match = _HOUSEHOLD.fullmatch(in_digits(text))
        return f"{int(match[1])}组-{match[2].zfill(3)}" if match else text

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
            # 2026.1 was January or October, 3.2 the 2nd or the 20th of March.
            elif round(value * 10, 6) % 10 in ((1, 2, 3) if value < 13 else (1,)):
                return self._fault(value, "zero", f"{value:g}")
        return read(text_of(value), year)


def in_group(group: str, household: str) -> str:
    """The household's number with the group that a column of its own names, if both are clear."""
    within, own = _GROUP.fullmatch(in_digits(group)), _HOUSEHOLD.fullmatch(household)
    if not household or not group or (own and within and int(own[1]) == int(within[1])):
        return household
    number = re.fullmatch(r"第?(\d{1,4})[号户]?", household)
    if within and number:
        return f"{int(within[1])}组-{number[1].zfill(3)}"
    return f"{group} {household}"
