"""Small pieces of official Chinese: dates, rates, lists. Constant text, never translated."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from reports.figures import Rate

KINDS = {
    "leading_body": "县四大班子",
    "township": "乡镇",
    "party_department": "党委部门",
    "government_department": "政府部门",
    "mass_organisation": "群团组织",
    "other": "其他单位",
}
GROUPS = {
    "party_members": "党员",
    "village_cadres": "村干部",
    "representatives": "村民代表",
    "capable": "经济能人",
    "in_difficulty": "困难户",
}
EXEMPTIONS = {
    "postponed": "县里统一延期",
    "merged": "村庄合并",
    "blocked": "天气或灾害阻断",
}
DECISIONS = {"adopted": "已采纳", "answered": "已答复", "declined": "未采纳", "open": "待答复"}
NONE = "无"
# Around a figure and the name of the records behind it: characters that no text may hold.
OPEN, NAMED, CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
SHOWN = re.compile(f"{OPEN}([^{NAMED}]*){NAMED}([^{CLOSE}]*){CLOSE}")


def shown(figure: Any, records: str) -> str:
    """The figure, marked with the frozen list of records that it opens on the page."""
    return f"{OPEN}{records}{NAMED}{figure}{CLOSE}" if figure and records else str(figure)


def plain(text: str) -> str:
    """The text as a document holds it."""
    return SHOWN.sub(r"\2", text)


def spans(text: str) -> tuple[tuple[str, str], ...]:
    """(piece, list of records or nothing) of the text."""
    found, end = [], 0
    for match in SHOWN.finditer(text):
        found += [(text[end : match.start()], ""), (match[2], match[1])]
        end = match.end()
    return tuple(piece for piece in [*found, (text[end:], "")] if piece[0])


def day(value: date) -> str:
    """2026年11月5日: no leading zeros (GB/T 9704, 7.3.5)."""
    return f"{value.year}年{value.month}月{value.day}日"


def month(value: date) -> str:
    return f"{value.year}年{value.month}月"


def share(numerator: int, denominator: int) -> str:
    """85.4%, 100% or 0%; 无 when there is nothing to divide by. Never rounds to 0 or to all."""
    value = Rate(numerator, denominator).value
    if value is None:
        return NONE
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    return f"{min(max(round(value * 100, 1), 0.1), 99.9):.1f}%"


def rate(numerator: int, denominator: int, met: str = "", whole: str = "") -> str:
    """85.4%（181/212）; 无 when there is nothing to divide by. `met` and `whole` are lists."""
    text = share(numerator, denominator)
    if text == NONE:
        return text
    return f"{text}（{shown(numerator, met)}/{shown(denominator, whole)}）"


def points(now: str, before: str) -> str:
    """The change between two written shares: 上升5.3个百分点."""
    change = round(float(now.rstrip("%")) - float(before.rstrip("%")), 1)
    if not change:
        return "持平"
    return f"{'上升' if change > 0 else '下降'}{abs(change):.1f}个百分点"


def change(now: int, before: int, measure: str) -> str:
    """增加7次, 减少7次 or 持平."""
    if now == before:
        return "持平"
    return f"{'增加' if now > before else '减少'}{abs(now - before)}{measure}"


def village(name: str) -> str:
    """The village itself, where the registry names its committee: 安家庄村委会 is 安家庄村."""
    for ending, short in (("村村委会", "村"), ("村委会", "村"), ("社区居委会", "社区")):
        if name.endswith(ending):
            return name.removesuffix(ending) + short
    return name


def listed(parts: Iterable[str], mark: str = "、") -> str:
    return mark.join(part for part in parts if part)


def sentence(*parts: str) -> str:
    """The clauses that say something, joined and closed."""
    said = "，".join(part for part in parts if part)
    return f"{said}。" if said else ""


def quoted(text: Any) -> str:
    return f"“{text}”"


def cut(text: str, length: int) -> str:
    """The text as a closed sentence of at most so many characters."""
    if len(text) > length:
        return text[: length - 2].rstrip("，、；：。 ") + "……"
    return text if text.endswith(("。", "！", "？", "…", "”")) else f"{text.rstrip('，、；.,;')}。"
