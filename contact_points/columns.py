"""The columns of a contact-point list, and the headers by which people call them."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True)
class Column:
    """`header` is the one we export; `source` its English label; `others` what people write.

    `kind` says how its cells are read: text, name, person, code, telephone, first, last or period.
    """

    name: str
    header: str
    source: str
    kind: str
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return gettext(self.source)


COLUMNS = (
    Column(
        "village_code",
        "村代码",
        gettext_noop("Village code"),
        "code",
        (
            *("村编码", "村级代码", "村编号", "行政区划代码", "区划代码", "统计用区划代码"),
            *("行政村代码", "行政村编码", "村(社区)代码", "12位代码", "村区划代码", "村庄代码"),
        ),
    ),
    Column(
        "village",
        "村名",
        gettext_noop("Village"),
        "name",
        (
            *("村", "村庄", "行政村", "村(社区)", "村(居)", "村居", "社区", "村名称", "村庄名称"),
            *("联系村", "所联系村", "联系的村", "联系点", "联系点村", "所联系点", "联系村庄"),
            *("联系点村名", "联系村名", "联系点名称", "联系点所在村", "村(社区)名称", "村社区"),
            *("包联村", "所包联村", "包村", "所包村", "包村名称", "所包村(社区)", "包联村(社区)"),
            *("帮扶村", "所帮扶村", "帮扶村名", "驻村", "所驻村", "驻点村", "挂点村", "挂钩村"),
            *("结对村", "分包村", "所分包村", "包保村", "蹲点村", "行政村名称", "行政村名"),
            *("乡镇村", "乡镇(村)", "乡(镇)村", "乡镇、村", "乡镇及村", "联系乡镇村", "所在乡镇村"),
        ),
    ),
    Column(
        "township",
        "乡镇",
        gettext_noop("Township"),
        "name",
        (
            *(
                "乡(镇)",
                "乡镇(街道)",
                "乡镇街道",
                "镇",
                "乡",
                "镇(街道)",
                "乡镇(办)",
                "乡(镇、街道)",
            ),
            *("所属乡镇", "所在乡镇", "乡镇名称", "乡镇名", "联系乡镇", "包联乡镇", "包村乡镇"),
            *("所属乡(镇)", "所在乡(镇)", "村所在乡镇", "街道", "所属镇", "所在镇"),
        ),
    ),
    Column(
        "unit",
        "联系单位",
        gettext_noop("Unit"),
        "name",
        (
            *(
                "单位",
                "单位名称",
                "责任单位",
                "包联单位",
                "帮扶单位",
                "包村单位",
                "部门",
                "部门名称",
            ),
            *("包联部门", "联系部门", "责任部门", "驻村单位", "挂点单位", "分包单位", "包保单位"),
            *("所在单位", "工作单位", "县直单位", "县直部门", "结对单位", "后盾单位", "派出单位"),
            *("单位全称", "牵头单位", "联系单位名称", "包联单位名称", "所属单位"),
        ),
    ),
    Column(
        "officer",
        "责任人",
        gettext_noop("Responsible officer"),
        "person",
        (
            *("责任人姓名", "姓名", "联系领导", "包村领导", "包联领导", "包联干部", "联系人"),
            *("联系干部", "驻村干部", "包村干部", "帮扶干部", "帮扶责任人", "包联责任人", "领导"),
            *(
                "领导姓名",
                "县级领导",
                "县领导",
                "联系县领导",
                "包联县领导",
                "干部姓名",
                "联系人姓名",
            ),
            *("分包领导", "包保领导", "挂点领导", "责任领导", "联系责任人", "包村责任人", "负责人"),
            *("联系点责任人", "包保责任人", "分包责任人", "包联人", "人员姓名", "联系领导姓名"),
            *("具体责任人", "主要责任人", "第一责任人", "联系点领导", "领导干部", "领导干部姓名"),
        ),
    ),
    Column(
        "post",
        "职务",
        gettext_noop("Post"),
        "text",
        (
            *(
                "现任职务",
                "职位",
                "单位职务",
                "单位及职务",
                "工作单位及职务",
                "单位、职务",
                "现职务",
            ),
            *("责任人职务", "领导职务", "职务职称", "职务名称", "联系人职务", "行政职务"),
        ),
    ),
    Column(
        "telephone",
        "联系电话",
        gettext_noop("Telephone"),
        "telephone",
        (
            *("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "办公电话", "联系手机"),
            *("移动电话", "责任人电话", "联系人电话", "手机电话", "联系号码", "责任人联系电话"),
            *("联系电话(手机)", "号码"),
        ),
    ),
    Column(
        "first_day",
        "起始日期",
        gettext_noop("First day"),
        "first",
        (
            *("开始日期", "起始时间", "开始时间", "起始", "开始", "起", "包联开始时间", "起始年月"),
            *("联系开始时间", "任职时间", "生效日期", "自", "起始日", "开始年月", "起始月份"),
        ),
    ),
    Column(
        "last_day",
        "终止日期",
        gettext_noop("Last day"),
        "last",
        (
            *("结束日期", "截止日期", "终止时间", "结束时间", "截止时间", "终止", "结束", "截止"),
            *("止", "至", "终止年月", "结束年月", "联系结束时间", "到期日期", "到期时间"),
        ),
    ),
    Column(
        "note",
        "备注",
        gettext_noop("Note"),
        "text",
        ("备考", "说明", "备注说明", "附注", "其他说明"),
    ),
)
# Two days in one cell, like 2026.1-2026.12; read into first_day and last_day, never exported.
PERIOD = Column(
    "period",
    "起止时间",
    gettext_noop("From and to"),
    "period",
    (
        *("起止日期", "起止年月", "时间", "联系时间", "包联时间", "帮扶时间", "期限", "联系期限"),
        *("包联期限", "起止", "时限", "联系起止时间", "包联起止时间", "工作时间", "驻村时间"),
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}
READABLE = {**BY_NAME, PERIOD.name: PERIOD}
HEADERS = [column.header for column in COLUMNS]
# Stands beside the columns in the file of rejected rows; read over when that file comes back.
REASON = "原因"
# Known, and nothing that a registry keeps.
NOT_NEEDED = (
    *("序号", "编号", "序", "No", "No.", "序列", "顺序号", "行号", "项", REASON, "Reason"),
)


def plain(header: str) -> str:
    """A header without what people write around it: spaces, stars, colons, full-width forms."""
    return re.sub(r"[\s*:_]", "", unicodedata.normalize("NFKC", header)).lower()


_MEANINGS = {
    plain(text): column
    for column in READABLE.values()
    for text in (column.header, column.source, *column.others)
}
_NOT_NEEDED = {plain(text) for text in NOT_NEEDED}
MOST_HEADER = 40

# What a header still means with other words around it; such a column is told as unsure.
_LOOSELY = tuple(
    (re.compile(pattern), READABLE[name])
    for pattern, name in (
        (r"代码|编码", "village_code"),
        (r"电话|手机|联系方式", "telephone"),
        (r"起止", "period"),
        (r"(开始|起始)(时间|日期|年月)", "first_day"),
        (r"(结束|终止|截止)(时间|日期|年月)", "last_day"),
        (r"职务", "post"),
        (r"(联系|包联|包村|责任|帮扶|分包|包保|挂点).*(领导|干部)|责任人|包联人", "officer"),
        (r"(联系|包联|包村|责任|帮扶|分包|包保|后盾).*(单位|部门)", "unit"),
        (r"(联系|包联|包|帮扶|驻|分包|挂点|结对).*村", "village"),
        (r"乡镇", "township"),
    )
)
# People of the village itself: their name and telephone are not the responsible officer's.
_NOT_OURS = re.compile(r"支部书记|村书记|村主任|村干部|两委|网格员|第一书记|支书|填报|审核")
_AROUND = re.compile(r"\([^()]*\)|\d{2,4}年度?|名单$")


def meaning(header: str) -> Column | None:
    """The column that a header names, or None."""
    return _MEANINGS.get(plain(header))


def not_needed(header: str) -> bool:
    """Whether it is a column like 序号."""
    return plain(header) in _NOT_NEEDED


def near_meaning(header: str) -> tuple[Column | None, bool]:
    """(column, sure): exactly, without what stands in brackets, or by the words in it.

    (None, False) is somebody else's: the village secretary's name or telephone.
    """
    text = plain(header)
    if not text or len(text) > MOST_HEADER:
        return None, True
    if _NOT_OURS.search(text):
        return None, False
    bare = _AROUND.sub("", text)
    if column := _MEANINGS.get(text) or _MEANINGS.get(bare):
        return column, True
    for pattern, column in _LOOSELY:
        if len(bare) <= 16 and pattern.search(bare):
            return column, False
    return None, True
