"""Lines that stand above the rows they speak of: 一、官亭镇（5个村）, or 县教育局 alone.

A line names what it says exactly and nothing else: a leader with a sentence around the name, or a
text that is plausibly neither township nor unit, is none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from contact_points.cells import name_of, text_of
from contact_points.columns import Layout

_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
# 三官庙镇 begins with a name, 三、官庙镇 with a number: only a sign tells.
_ORDINAL = rf"(?:[(（]{_NUMERAL}[)）][、.．]?|{_NUMERAL}[、.．)）]|\d{{1,2}}\s)\s*"
# （5个村）, ：共5个村, 5个村
_COUNTED = (
    r"(?:[(（\[][^()（）]*(?:\d|[一二三四五六七八九十]个)[^()（）]*[)）\]]"
    r"|[:：]?\s*共?\s*\d+\s*个?(?:行政村|村|社区|单位|部门|户|人|个))?"
)
_LINE = re.compile(rf"(?:{_ORDINAL})?(.+?)\s*{_COUNTED}\s*[:：]?")
_ORDINAL_ALONE = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]?")
_LABELLED = re.compile(r"([^:：]{3,8})[:：]\s*(.{2,30})")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,30}")
_NAMED = {
    "township": (
        r"(?!各|.*(?:乡镇|城镇|村镇|城乡)).{1,8}(?:镇|乡|街道办事处|街道|开发区|园区|管理区)"
    ),
    "unit": (
        r"(?!.*(?:村民|居民)委员会).{1,24}(?:局|委员会|(?<![村居])委|办|办公室|中心|联合会|妇联|残联"
        r"|文联|侨联|科协|工商联|总工会|团委|红十字会|协会|党校|公司|集团|银行|支行|信用社|联社|供销社"
        r"|法院|检察院|医院|保健院|武装部|组织部|宣传部|统战部|工作部|社工部|人大|人大常委会|政协|政府"
        r"|管委会|电视台|交警大队|救援大队|分局|学校|中学|小学|幼儿园|学院|图书馆|文化馆|档案馆|博物馆)"
    ),
    "village": (
        r"(?!各|全|.*(?:行政|自然|联系|贫困)村).{1,12}"
        r"(?:村|社区|村民委员会|居民委员会|村委会|居委会)"
    ),
    "unit_kind": r".{2,10}(?:单位|部门|机关|机构|班子|团体|组织|系统|企业)|乡镇(?:街道)?|街道|学校",
}
# A line that may name something, and we do not know what.
UNKNOWN = ("", "")
_PATTERNS = {column: re.compile(pattern) for column, pattern in _NAMED.items()}


def alone(texts: Iterable[str]) -> str:
    """The one text of a row, beside which at most an ordinal stands; else nothing."""
    distinct = {text_of(text) for text in texts if text}
    if len(distinct) == 2:
        distinct -= {text for text in distinct if _ORDINAL_ALONE.fullmatch(text)}
    return distinct.pop() if len(distinct) == 1 else ""


def section_of(text: str, layout: Layout) -> tuple[str, str] | None:
    """(column, text) that a line names for the rows below it, if it names one."""
    if len(text) > 40 or not (line := _LINE.fullmatch(text)):
        return None
    if (match := _LABELLED.fullmatch(text)) and _HAN.fullmatch(match[2]):
        column = layout.exactly(match[1])
        return (column, match[2]) if column in layout.sections else None
    name = name_of(line[1])
    if _HAN.fullmatch(name):
        for column in layout.sections:
            if _PATTERNS[column].fullmatch(name):
                return column, name
    return None


def is_village(text: str) -> bool:
    """Whether the one text of a row is plausibly a village that nothing is said of."""
    return bool(_PATTERNS["village"].fullmatch(name_of(text)))


def below(
    lines: Mapping[int, tuple[str, str]], texts: Mapping[str, Sequence[str]], count: int
) -> dict[str, dict[int, str]]:
    """Column -> row -> what the lines above the row name; `lines` are (column, text) by row.

    The kind of line that comes first is the outer one, and a new outer line ends the inner one. An
    inner line below rows that stand directly under the outer one belongs elsewhere: it ends that
    one. So does a row that says something else of its own: what stands below it is not known. A
    line that nobody understands (UNKNOWN) ends everything.
    """
    found: dict[str, dict[int, str]] = {column: {} for column, _text in lines.values() if column}
    outer, direct = "", False
    now: dict[str, str] = {}
    for n in range(count) if lines else ():
        if n in lines:
            column, text = lines[n]
            if lines[n] == UNKNOWN:
                outer, now, direct = "", {}, False
                continue
            if not outer or column == outer:
                outer, now, direct = column, {}, False
            elif direct:
                now.pop(outer, None)
            now[column] = text
            continue
        direct = direct or [*now] == [outer]
        for column, text in [*now.items()]:
            own = texts[column][n] if column in texts else ""
            if own and own != text:
                del now[column]
            else:
                found[column][n] = text
    return found
