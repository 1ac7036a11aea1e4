"""Chinese numerals as people write them in numbers of groups and in days."""

import re

_DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
NUMERAL = "[零〇○一二三四五六七八九十]"
_RUN = re.compile(f"{NUMERAL}+")
_TENS = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")


def in_digits(text: str) -> str:
    """The text with its numerals as digits: 二〇二六年十二月 -> 2026年12月."""
    return _RUN.sub(lambda run: _digits(run[0]), text)


def _digits(run: str) -> str:
    if "十" not in run:
        return "".join(str(_DIGITS[sign]) for sign in run)
    if match := _TENS.fullmatch(run):
        return str(_DIGITS[match[1] or "一"] * 10 + _DIGITS[match[2] or "零"])
    return run  # no number that we know
