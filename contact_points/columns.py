"""The columns of a contact-point list, and the headers by which people call them."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True)
class Column:
    """`header` is the one we export; `source` its English label; `others` what people write."""

    name: str
    header: str
    source: str
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return gettext(self.source)


COLUMNS = (
    Column("village_code", "村代码", gettext_noop("Village code"), ("村编码", "行政区划代码")),
    Column(
        "village",
        "村名",
        gettext_noop("Village"),
        ("村", "村庄", "行政村", "村(社区)", "村名称", "联系村", "所联系村", "联系点"),
    ),
    Column(
        "township",
        "乡镇",
        gettext_noop("Township"),
        ("乡(镇)", "所属乡镇", "所在乡镇", "乡镇名称"),
    ),
    Column(
        "unit",
        "联系单位",
        gettext_noop("Unit"),
        ("单位", "单位名称", "责任单位", "包联单位", "帮扶单位", "包村单位"),
    ),
    Column(
        "officer",
        "责任人",
        gettext_noop("Responsible officer"),
        ("责任人姓名", "姓名", "联系领导", "包村领导", "包联领导"),
    ),
    Column("post", "职务", gettext_noop("Post"), ("现任职务", "职位", "单位职务")),
    Column(
        "telephone", "联系电话", gettext_noop("Telephone"), ("电话", "手机", "手机号", "手机号码")
    ),
    Column(
        "first_day", "起始日期", gettext_noop("First day"), ("开始日期", "起始时间", "开始时间")
    ),
    Column(
        "last_day",
        "终止日期",
        gettext_noop("Last day"),
        ("结束日期", "截止日期", "终止时间", "结束时间"),
    ),
    Column("note", "备注", gettext_noop("Note"), ("备考", "说明")),
)
BY_NAME = {column.name: column for column in COLUMNS}
HEADERS = [column.header for column in COLUMNS]
# Stands beside the columns in the file of rejected rows; read over when that file comes back.
REASON = "原因"


def plain(header: str) -> str:
    """A header without what people write around it: spaces, stars, colons, full-width forms."""
    return re.sub(r"[\s*:_]", "", unicodedata.normalize("NFKC", header)).lower()


_MEANINGS = {
    plain(text): column
    for column in COLUMNS
    for text in (column.header, column.source, *column.others)
}


def meaning(header: str) -> Column | None:
    """The column that a header names, or None."""
    return _MEANINGS.get(plain(header))
