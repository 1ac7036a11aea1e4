"""Rows that stand between the rows of a list: totals, signatures, notes, page headers."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_noop

from contact_points.columns import Layout, plain

TOTAL = gettext_noop("A total")
SIGNATURE = gettext_noop("A signature or the date below the list")
NOTE = gettext_noop("A note")
AGAIN = gettext_noop("The header or the title, repeated")
COUNTING = gettext_noop("The numbers of the columns")
TITLE = gettext_noop("Above the header")
SECTION = gettext_noop("Taken as the township of the rows below it")
NOTHING = gettext_noop("Nothing stands in a column that is read")
ANOTHER = gettext_noop("Another table begins here; it is not read")

# Cheap to search in all texts of a column at once; the patterns below look closer.
WORDS = (
    *(
        "合计",
        "小计",
        "总计",
        "共计",
        "累计",
        "填表",
        "制表",
        "填报",
        "审核",
        "签字",
        "签名",
        "盖章",
    ),
    *(
        "备注:",
        "说明:",
        "注:",
        "备注：",
        "说明：",
        "注：",
        "日期",
        "年月日",
        "负责人",
        "审批",
        "联系人",
    ),
)
_TOTAL = re.compile(r"(?:\S{0,8}?)(?:合计|小计|总计|共计|累计)(?:[:：(（].*|\d.*|[个户人村].*)?")
_SIGNATURE = re.compile(
    r"(?:填表|制表|填报|审核|审批|经办|复核|统计|单位|主要|分管)?"
    r"(?:人|单位|负责人|领导|日期|时间|部门|联系人|盖章|签字)?"
    r"(?:[(（]?(?:签字|签名|盖章|签章|公章)[)）]?)?"
    r"[:：].*"
)
_SIGNED = re.compile(
    r"(?:填表|制表|填报|审核|审批|经办|复核)(?:人|单位|负责人|日期|时间|领导)?|.{0,12}[(（](?:签字|签名|盖章|签章|公章)[)）].*"
)
_DATE_LINE = re.compile(r"(?:\d{4}|[二〇零一三四五六七八九]{4})?年\d{0,2}月\d{0,2}日")
_NOTE = re.compile(r"(?:备注|说明|注|附注|附|填表说明|填报说明|注意事项)\d?[:：].*")
_ITEM = re.compile(r"[(（]?[\d一二三四五六七八九十]+[)）]?[、.．,，].{4,}")
_SECTION = re.compile(
    r"(?:[(（]?[一二三四五六七八九十\d]+[)）]?[、.．]?)?"
    r"([\u4e00-\u9fff]{1,8}?(?:镇|乡|街道办事处|街道|开发区|园区|管理区))"
    r"(?:[(（:：]?(?:共)?\d*个?村?[)）]?)"
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def township_of(text: str) -> str:
    """The township that a line above its villages names, else nothing."""
    match = _SECTION.fullmatch(squeezed(text))
    return match[1] if match else ""


def worth_a_look(columns: Iterable[Sequence[str]], layout: Layout) -> set[str]:
    """The texts of these columns that may be strays."""
    found: set[str] = set()
    for column in columns:
        distinct = set(column)
        joined = "\n".join(distinct)
        joined = joined.replace(" ", "").replace("\u3000", "")
        if any(word in joined for word in WORDS) or "年" in joined:
            found.update(text for text in distinct if text and _suspicious(squeezed(text)))
        found.update(distinct & layout.words)
    return found


def _suspicious(text: str) -> bool:
    return any(
        pattern.fullmatch(text) for pattern in (_TOTAL, _SIGNATURE, _SIGNED, _DATE_LINE, _NOTE)
    )


class Strays:
    """Says of single rows, in their order, why they are none of the list."""

    def __init__(self, headers: Iterable[str], titles: Iterable[str], layout: Layout):
        self._headers = {plain(text) for text in headers if text}
        self._titles = {plain(text) for text in titles if text}
        self._layout = layout
        self._notes_from: int | None = None

    def why(self, number: int, cells: Sequence[str], named: int) -> str | None:
        """The reason to drop the row; `cells` are all its texts, `named` count those we read."""
        texts = [squeezed(text) for text in cells if text]
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return None
        if any(_TOTAL.fullmatch(text) for text in distinct[:3]):
            return TOTAL
        if self._repeats(distinct):
            return AGAIN
        if len(texts) > 2 and texts == [str(n) for n in range(1, len(texts) + 1)]:
            return COUNTING
        headers = sum(map(self._layout.names_exactly, distinct))
        if headers >= max(3, len(distinct) // 2):
            return ANOTHER
        return self._foot(number, distinct, named)

    def _repeats(self, distinct: list[str]) -> bool:
        known = sum(plain(text) in self._headers for text in distinct)
        if known == len(distinct) and (known > 1 or len(self._headers) == 1):
            return True
        return len(distinct) == 1 and plain(distinct[0]) in self._titles

    def _foot(self, number: int, distinct: list[str], named: int) -> str | None:
        first = distinct[0]
        if _NOTE.fullmatch(first):
            self._notes_from = number
            return NOTE
        signed = _SIGNATURE.fullmatch(first) or _SIGNED.fullmatch(first)
        if signed or (len(distinct) == 1 and _DATE_LINE.fullmatch(first)):
            return SIGNATURE
        if len(distinct) <= 2 and any(_DATE_LINE.fullmatch(text) for text in distinct):
            return SIGNATURE
        lonely = len(distinct) == 1
        if lonely and (self._notes_from is not None or _ITEM.fullmatch(first) or len(first) > 30):
            return NOTE
        return None if named else NOTHING
