"""Days, months and spans as people write them, into ISO text.

A month means its first day where something begins and its last day where something ends. What is
not understood comes back as it was, and the importer asks.
"""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from contact_points.reading.numerals import in_digits

_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$")
_DAY = re.compile(r"(\d{4})\s*([-./年])\s*(\d{1,2})\s*(?:\2|(?<=\d)月)\s*(\d{1,2})\s*[日号]?")
_MONTH = re.compile(r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*月?份?\s*(初|底|末)?")
_DECADE = re.compile(r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*月([上中下])旬")
_QUARTER = re.compile(r"(?:(\d{4})\s*年?)?第?([1-4])季度")
_HALF = re.compile(r"(?:(\d{4})\s*年?)?([上下])半年")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_YEAR = re.compile(r"(\d{4})\s*年?\s*(初|底|末)?|年\s*(初|底|末)")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_WORDS = re.compile(r"^(?:自|从)|(?:起|开始|前|止|为止|以来)$")
_SEPARATOR = re.compile(r"至今|[至到~～—–－]+|-+")
OPEN = {
    "至今",
    "长期",
    "长期有效",
    "今",
    "目前",
    "现在",
    "在职",
    "在岗",
    "无期限",
    "不限",
    "/",
    "—",
    "-",
    "--",
}
# Serial days that a list of our time can mean: 1954 to 2119.
_SERIALS = range(20_000, 80_001)
_SERIAL_ZERO = date(1899, 12, 30)


def first_of(text: str, year: int | None = None) -> str:
    """The day on which something begins."""
    return _read(text, year, end=False)


def last_of(text: str, year: int | None = None) -> str:
    """The day on which something ends; empty when it is open."""
    return "" if text in OPEN else _read(text, year, end=True)


def span_of(text: str, year: int | None = None) -> tuple[str, str]:
    """(first day, last day) of one cell; a cell that is no span stands as the first day."""
    written, text = text, _arabic(text.strip("()（）"))
    whole = _YEAR.fullmatch(text)
    if (whole and whole[1] and not whole[2]) or _QUARTER.fullmatch(text) or _HALF.fullmatch(text):
        first, last = first_of(text, year), last_of(text, year)
        return (first, last) if is_day(first) else (written, "")
    if text in OPEN:
        return "", ""
    if is_day(first := first_of(text, year)) and not re.fullmatch(r"\d{1,2}\s*-\s*\d{1,2}", text):
        return first, ""
    for sign in _SEPARATOR.finditer(text):
        left, right = text[: sign.start()].strip(), text[sign.end() :].strip()
        first = first_of(left, year)
        if not is_day(first):
            if not (re.fullmatch(r"\d{1,2}", left) and right.endswith("月") and year):
                continue
            first = first_of(f"{left}月", year)
        if not right or right in OPEN:
            return first, ""
        last = last_of(right, int(first[:4]))
        if not is_day(last) and re.fullmatch(r"\d{1,2}", right):
            last = last_of(f"{right}月", int(first[:4]))
        if is_day(last) and last >= first:
            return first, last
    return written, ""


def is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == "-"


def _read(text: str, year: int | None, *, end: bool) -> str:
    bare = _WORDS.sub("", _TIME.sub("", text).strip()).strip()
    day = _day(_arabic(bare), year, end=end)
    return day.isoformat() if day else text


def _arabic(text: str) -> str:
    """The day in digits: 二〇二六年元月 -> 2026年1月."""
    return text if text.isascii() else in_digits(text.replace("元月", "1月"))


def _day(text: str, year: int | None, *, end: bool) -> date | None:
    try:
        if match := _DAY.fullmatch(text):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if text.isdecimal() and len(text) == 5:
            return _SERIAL_ZERO + timedelta(int(text)) if int(text) in _SERIALS else None
        if (match := _PACKED.fullmatch(text)) and 1990 <= int(match[1]) <= 2100:
            return _of_month(int(match[1]), int(match[2]), match[3], end=end)
        if match := _YEAR.fullmatch(text):
            return _of_year(match, year, end=end)
        if (match := _MONTH.fullmatch(text)) and (match[1] or "月" in text):
            wanted = int(match[1]) if match[1] else year
            late = match[3] in ("底", "末") or (end and match[3] != "初")
            return _of_month(wanted, int(match[2]), None, end=late) if wanted else None
        if year and (match := _MONTH_DAY.fullmatch(text)):
            return date(year, int(match[1]), int(match[2]))
        return _of_part(text, year, end=end)
    except ValueError:
        return None


def _of_part(text: str, year: int | None, *, end: bool) -> date | None:
    """A day by ten days of a month, a quarter or half a year."""
    match = _DECADE.fullmatch(text) or _QUARTER.fullmatch(text) or _HALF.fullmatch(text)
    wanted = (int(match[1]) if match[1] else year) if match else None
    if match is None or wanted is None:
        return None
    if match.re is _DECADE:
        first, last = {"上": (1, 10), "中": (11, 20), "下": (21, 0)}[match[3]]
        month = int(match[2])
        return date(wanted, month, (last or monthrange(wanted, month)[1]) if end else first)
    if match.re is _QUARTER:
        return _of_month(wanted, 3 * int(match[2]) - (0 if end else 2), None, end=end)
    return _of_month(wanted, {"上": 1, "下": 7}[match[2]] + (5 if end else 0), None, end=end)


def _of_year(match: re.Match[str], year: int | None, *, end: bool) -> date | None:
    wanted = int(match[1]) if match[1] else year
    if wanted is None or not 1990 <= wanted <= 2100:
        return None
    part = match[2] or match[3]
    late = part in ("底", "末") or (end and part != "初")
    return date(wanted, 12, 31) if late else date(wanted, 1, 1)


def _of_month(year: int, month: int, day: str | None, *, end: bool) -> date:
    if day:
        return date(year, month, int(day))
    return date(year, month, monthrange(year, month)[1] if end else 1)


def moment(value: date | datetime) -> str:
    """A cell that is a date."""
    return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
