"""The free fonts that stand for those of the standard in a PDF, as far as this machine has them.

Fandol draws 仿宋 and 楷体 but lacks rare characters of names, so one that has them stands behind
it; Noto's is a 黑体 as it is. A Word file needs none: it names the office's own fonts.
"""

from functools import cache

import typst
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Debian's names first, then Google's, Adobe's and those that macOS and Windows bring.
SERIF = (
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN"),
    *("Songti SC", "SimSun"),
)
SANS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Heiti SC", "Microsoft YaHei", "WenQuanYi Zen Hei"),
)
FIRST = {
    "body": ("FandolFang R", "STFangsong", "FangSong", *SERIF),
    "kai": ("FandolKai", "STKaiti", "Kaiti SC", "KaiTi", *SERIF),
    "hei": ("SimHei", *SANS),
    "song": SERIF,
    "title": SERIF,
}
MISSING = _(
    "This machine has no Chinese font for the PDF, so there is only the Word file. On Debian: "
    "apt install fonts-noto-cjk; then start the program again."
)


class NoChineseFont(Exception):
    """A PDF would come out without its Chinese."""


@cache
def installed() -> typst.Fonts:
    """Read once a process: it takes longer than the whole document."""
    return typst.Fonts()


@cache
def chains() -> dict[str, list[str]]:
    """For each kind of writing the fonts to try for a character. Raises NoChineseFont."""
    there = set(installed().families())
    base = [name for name in (*SERIF, *SANS) if name in there]
    if not base:
        raise NoChineseFont
    return {
        kind: list(dict.fromkeys([*[name for name in names if name in there], *base]))
        for kind, names in FIRST.items()
    }


def hindrance() -> str | Promise:
    """Why this machine makes no PDF; empty if it does."""
    try:
        chains()
    except NoChineseFont:
        return MISSING
    return ""
