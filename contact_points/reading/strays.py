"""Rows that stand between the rows of a list: totals, signatures, notes, page headers."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_noop

from contact_points.columns import Layout, plain
from contact_points.reading.headers import Header

TOTAL = gettext_noop("A total")
SIGNATURE = gettext_noop("A signature or the date below the list")
NOTE = gettext_noop("A note")
AGAIN = gettext_noop("The header or the title, repeated")
COUNTING = gettext_noop("The numbers of the columns")
TITLE = gettext_noop("Above the header")
SECTIONS = {
    "township": gettext_noop("Taken as the township of the rows below it"),
    "village": gettext_noop("Taken as the village of the rows below it"),
    "unit": gettext_noop("Taken as the unit of the rows below it"),
    "unit_kind": gettext_noop("Taken as the kind of the units below it"),
}
LINE = gettext_noop("A line of text between the rows; it names nothing that could be taken from it")
NOTHING = gettext_noop("Nothing stands in a column that is read")
ANOTHER = gettext_noop("Another table begins here; it is not read")

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
# Cheap to search in all texts of a column at once; the patterns above look closer.
_HINT = re.compile("[计表报核批办签章:：年]")
_SUSPICIOUS = re.compile(
    "|".join(p.pattern for p in (_TOTAL, _SIGNATURE, _SIGNED, _DATE_LINE, _NOTE))
)
# A leader and a number of villages, in words of their own.
_FREE = re.compile(r".*(?:联系|包联|分包|帮扶|负责|包村|共).{0,8}\d+个?(?:行政)?(?:村|社区|点).*")
_TITLE = re.compile(r".*(?:附件|附表|名单|名册|一览|安排表|情况表|统计表|分工|\d{4}年).*")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def worth_a_look(distinct: set[str], layout: Layout) -> set[str]:
    """The texts of a column that may be strays, of its different ones."""
    found = distinct & layout.words
    if _HINT.search("".join(distinct)):
        found.update(text for text in distinct if _SUSPICIOUS.fullmatch(squeezed(text)))
    return found


class Strays:
    """Says of single rows, in their order, why they are none of the list.

    `several` tells whether more columns than one are read: only then does a single text in a row
    mean that it is no row.
    """

    def __init__(
        self,
        header: Header,
        titles: Iterable[str],
        layout: Layout,
        *,
        several: bool,
    ):
        self._headers = {
            x: {plain(text) for text in (cell.text, *cell.text.split(" "))}
            for x, cell in header.cells.items()
        }
        self._names = {x: cell.name for x, cell in header.cells.items() if cell.name}
        self._titles = {plain(text) for text in titles if text}
        self._layout, self._several = layout, several
        self._note: int | None = None

    def why(self, n: int, cells: Mapping[int, str], named: int, *, line: bool) -> str | None:
        """The reason to drop the n-th row.

        `cells` are all its texts by column, `named` counts those we read; `line` tells that it
        looks like a line of text: one cell lies over most columns, or 二、 stands before one text.
        """
        texts = [squeezed(text) for text in cells.values() if text]
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return None
        if any(_TOTAL.fullmatch(text) for text in distinct[:3]):
            return TOTAL
        if self._repeats(cells, distinct):
            return AGAIN
        if len(texts) > 2 and texts == [str(n) for n in range(1, len(texts) + 1)]:
            return COUNTING
        headers = sum(bool(self._layout.exactly(text)) for text in distinct)
        if headers >= max(3, len(distinct) // 2) or headers == len(distinct) > 1:
            return ANOTHER
        return self._foot(n, distinct, named, line=line)

    def _repeats(self, cells: Mapping[int, str], distinct: list[str]) -> bool:
        """Whether the header stands below it again, perhaps in other words or in English."""
        there = sum(
            plain(text) in self._headers.get(x, ())
            or self._layout.exactly(text) == self._names.get(x, "-")
            for x, text in cells.items()
            if text
        )
        if there == sum(map(bool, cells.values())) and (there > 1 or len(self._headers) == 1):
            return True
        return len(distinct) == 1 and plain(distinct[0]) in self._titles

    def _foot(self, n: int, distinct: list[str], named: int, *, line: bool) -> str | None:
        first = distinct[0]
        lonely = len(distinct) == 1
        # A note goes on in the rows just below it.
        item = lonely and _ITEM.fullmatch(first)
        goes_on = lonely and self._note == n - 1 and (self._several or item)
        if _NOTE.fullmatch(first) or goes_on:
            self._note = n
            return NOTE
        signed = _SIGNATURE.fullmatch(first) or _SIGNED.fullmatch(first)
        if signed or (lonely and _DATE_LINE.fullmatch(first)):
            return SIGNATURE
        if len(distinct) <= 2 and any(_DATE_LINE.fullmatch(text) for text in distinct):
            return SIGNATURE
        if lonely and (len(first) > 30 or (self._several and item)):
            return NOTE
        if line or (lonely and _FREE.fullmatch(first)):
            return LINE
        return None if named else NOTHING


def is_title(cells: Iterable[str]) -> bool:
    """Whether a row above a further header looks like its title."""
    distinct = {squeezed(text) for text in cells if text}
    return len(distinct) == 1 and bool(_TITLE.fullmatch(distinct.pop()))
