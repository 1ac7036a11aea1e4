"""The Excel workbook beside the report: the tables whole, numbers as numbers."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from reports.documents import evaluation
from reports.documents.outline import Outline
from reports.documents.phrases import EXEMPTIONS, GROUPS, KINDS, day, month, village
from reports.figures import Rate

Snapshot = dict[str, Any]
Row = dict[str, Any]
WIDTHS = {
    "序号": 6,
    "单位": 34,
    "单位类别": 14,
    "类别": 18,
    "乡镇": 16,
    "村（社区）": 20,
    "宣传内容": 50,
    "项目": 50,
}
TEXT_WIDTH, NUMBER_WIDTH = 60, 13
LINE = 18  # points
TEXTS = ("摘录", "答复", "情形")


@dataclass(frozen=True)
class Sheet:
    """Rows of texts, whole numbers, rates and their ends, days, None for what does not exist."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | int | float | Rate | date | None]]


def render(snapshot: Snapshot, outline: Outline) -> bytes:
    """The bytes of the report's workbook; they depend on the snapshot alone."""
    return book(sheets(snapshot), outline, _note(snapshot))


def book(pages: Iterable[Sheet], outline: Outline, note: str) -> bytes:
    """A workbook of these sheets; `note` stands above each."""
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"in_memory": True})
    made.set_properties(
        {
            "title": outline.title,
            "author": outline.issuer,
            "created": datetime.combine(outline.issued_on, time()),
        }
    )
    formats = {
        "head": made.add_format(
            {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1}
        ),
        "text": made.add_format({"text_wrap": True, "valign": "vcenter", "border": 1}),
        "number": made.add_format({"valign": "vcenter", "border": 1}),
        "rate": made.add_format({"num_format": "0.0%", "valign": "vcenter", "border": 1}),
        "day": made.add_format({"num_format": "yyyy-mm-dd", "valign": "vcenter", "border": 1}),
        "note": made.add_format({"font_color": "#595959"}),
    }
    for sheet in pages:
        _write(made.add_worksheet(sheet.title), sheet, formats, note)
    made.close()
    return file.getvalue()


def _note(snapshot: Snapshot) -> str:
    counted = day(date.fromisoformat(snapshot["counted_on"]))
    of = f"{snapshot['county']['name']}{month(date.fromisoformat(snapshot['month']))}"
    return f"{of}，第{snapshot['revision']}版，{counted}统计"


def _write(page: Any, sheet: Sheet, formats: dict[str, Any], note: str) -> None:
    page.write_string(0, 0, note, formats["note"])
    for x, head in enumerate(sheet.heads):
        page.set_column(x, x, _width(head))
        page.write_string(1, x, head, formats["head"])
    page.set_row(1, 2 * LINE)
    for y, row in enumerate(sheet.rows, 2):
        page.set_row(y, LINE * _lines(sheet.heads, row))
        for x, value in enumerate(row):
            _write_cell(page, y, x, value, formats)
    page.freeze_panes(2, 2)
    page.autofilter(1, 0, 1 + max(len(sheet.rows), 1), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.repeat_rows(1)
    page.fit_to_pages(1, 0)


def _width(head: str) -> int:
    return WIDTHS.get(head, TEXT_WIDTH if head in TEXTS else NUMBER_WIDTH)


def _lines(heads: Sequence[str], row: Sequence[Any]) -> int:
    """How many lines the row's longest text takes; not every program finds that out by itself."""
    needed = (
        -(
            -len(value.encode("gb18030")) // (_width(head) - 1)
        )  # two bytes are as wide as two digits
        for head, value in zip(heads, row, strict=True)
        if isinstance(value, str)
    )
    return max([1, *needed])


def _write_cell(page: Any, y: int, x: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, Rate):
        value, kind = value.value, "rate"
    else:
        kinds = {str: "text", float: "rate"}
        kind = kinds.get(type(value), "number")
    if value is None:
        page.write_blank(y, x, None, formats[kind])
    elif isinstance(value, date):
        page.write_datetime(y, x, datetime.combine(value, time()), formats["day"])
    elif isinstance(value, str):
        # A written string is never a formula, whatever it begins with.
        page.write_string(y, x, value, formats[kind])
    else:
        page.write_number(y, x, value, formats[kind])


def sheets(snapshot: Snapshot) -> Iterator[Sheet]:
    """Every sheet, empty ones too, so that months can be laid beside each other."""
    yield figures_sheet("各单位", "单位", snapshot["units"], snapshot)
    kinds = [row | {"name": KINDS[row["key"]]} for row in snapshot["kinds"]]
    yield figures_sheet("各类单位", "单位类别", kinds, snapshot)
    yield figures_sheet("各乡镇", "乡镇", snapshot["townships"], snapshot)
    yield _people(snapshot)
    yield Sheet(
        "未完成任务",
        ["序号", "单位", "乡镇", "村（社区）", "应完成（次）", "完成（次）"],
        [
            [n, row["unit"], row["township"], village(row["village"]), row["due"], row["done"]]
            for n, row in enumerate(snapshot["unmet"], 1)
        ],
    )
    reasons = [[EXEMPTIONS[code], lines] for code, lines in snapshot["exemptions"]]
    yield Sheet(
        "免除任务",
        ["情形", "联系点（个）"],
        [*reasons, ["责任人请假、由本单位其他同志代为走访", snapshot["substituted"]]],
    )
    yield Sheet(
        "宣传内容",
        ["序号", "宣传内容", "计划（村）", "宣传（村）", "参加群众（人次）"],
        [
            [n, row["title"], row["villages_planned"], row["villages_delivered"], row["people"]]
            for n, row in enumerate(snapshot["topics"], 1)
        ],
    )
    if matters := snapshot.get("matters"):  # snapshots of the first version have none
        yield from _matters(matters)
    if "evaluation" in snapshot:  # from the fourth version on
        yield Sheet("群众测评", evaluation.HEADS, list(evaluation.rows(snapshot)))
    yield _texts(snapshot)


def figures_sheet(title: str, name: str, rows: Sequence[Row], snapshot: Snapshot) -> Sheet:
    """Obligations, visits and feedback of each row, then of the whole."""
    heads = [
        *("序号", name, "应完成（次）", "完成（次）", "完成率", "任务外（次）", "免除任务（个）"),
        *("走访（次）", "按时反馈（次）", "及时反馈率", "逾期未反馈（次）"),
    ]
    lines = [[n, row["name"], *_counts(row["figures"])] for n, row in enumerate(rows, 1)]
    return Sheet(title, heads, [*lines, [None, "合计", *_counts(snapshot["figures"])]])


def _counts(row: Row) -> list[int | Rate | None]:
    return [
        *(row["due"], row["done"], Rate(row["done"], row["due"]), row["extra"], row["exempt"]),
        *(row["visits"], row["feedback_on_time"], Rate(row["feedback_on_time"], row["visits"])),
        row.get("overdue_feedback"),  # of a year there is none
    ]


def _people(snapshot: Snapshot) -> Sheet:
    groups = [f"{name}（人次）" for name in GROUPS.values()]
    heads = [
        *("序号", "乡镇", "座谈（人次）", *groups, "今年层次覆盖率"),
        *("入户（户次）", "重复（户次）", "今年到户（户）", "总户数", "今年逐户覆盖率"),
    ]
    lines = [
        [n, row["name"], *_met(row["figures"])] for n, row in enumerate(snapshot["townships"], 1)
    ]
    return Sheet("座谈与入户", heads, [*lines, [None, "合计", *_met(snapshot["figures"])]])


def _met(row: Row) -> list[int | Rate | None]:
    by_group = dict(row["people_by_group"])
    reached, total = row["households_reached"], row["households_total"]
    return [
        row["people"],
        *(by_group.get(group, 0) for group in GROUPS),
        Rate(row["groups_covered"], row["groups_possible"]),
        *(row["household_contacts"], row["household_repeats"], reached, total),
        # More households than the registry knows of make no rate.
        Rate(reached, total) if reached <= total else None,
    ]


def _matters(matters: Row) -> Iterator[Sheet]:
    heads = [
        *("序号", "单位", "应受理（件）", "及时受理（件）", "及时受理率"),
        *("应答复（件）", "按期答复（件）", "按期答复率", "不计入（件）"),
        *("回访（件）", "群众认可（件）", "群众认可率"),
    ]
    lines = [[n, row["name"], *rates(row["figures"])] for n, row in enumerate(matters["units"], 1)]
    yield Sheet("诉求办理", heads, [*lines, [None, "合计", *rates(matters["figures"])]])
    if "raised" not in matters:  # those of the second have no more
        return
    yield Sheet(
        "诉求类别",
        ["序号", "类别", "提出（件）"],
        [
            [n, row["name"] or "未分类", row["matters"]]
            for n, row in enumerate(matters["raised"], 1)
        ],
    )
    late = [
        [
            n,
            row["unit"],
            row["township"],
            village(row["village"]),
            date.fromisoformat(row["due_on"]),
        ]
        for n, row in enumerate(matters["overdue"], 1)
    ]
    yield Sheet("逾期诉求", ["序号", "单位", "乡镇", "村（社区）", "办理期限"], late)


def rates(row: Row) -> list[int | Rate]:
    """The rates of matters, each beside its counts."""
    return [
        *(row["response_due"], row["responded"], Rate(row["responded"], row["response_due"])),
        *(row["resolution_due"], row["resolved"], Rate(row["resolved"], row["resolution_due"])),
        row["excluded"],
        *(row["asked"], row["content"], Rate(row["content"], row["asked"])),
    ]


def _texts(snapshot: Snapshot) -> Sheet:
    rows = [
        [kind, row["township"], village(row["village"]), row["text"], row.get("reply") or None]
        for kind, field in (("了解到的情况", "findings"), ("意见建议", "suggestions"))
        for row in snapshot[field]
    ]
    return Sheet("情况摘录", ["类别", "乡镇", "村（社区）", "摘录", "答复"], rows)
