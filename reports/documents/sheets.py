"""The monthly sheet of one unit or one township: what it did, and what it still owes."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from reports.documents import chapters, heard
from reports.documents.outline import Column, Outline, Paragraph, Table
from reports.documents.phrases import listed, month, sentence, village
from reports.documents.reading import NUMERALS, Snapshot, body, counted_on, issuer, month_in, until

SHOWN = 20


def compose(sheet: Snapshot) -> Outline:
    """The whole sheet; every word of it comes from the part of the snapshot."""
    return Outline(
        paragraphs=[
            Paragraph("Title", f"{sheet['name']}“面对面”活动"),
            Paragraph("Title", f"{month(month_in(sheet))}情况单"),
            Paragraph("Addressee", f"{sheet['name']}："),
            *_paragraphs(sheet),
        ],
        issuer=issuer(sheet),
        issued_on=counted_on(sheet),
        annexes=[_table(sheet)] if sheet["contact_points"] else [],
    )


def _paragraphs(sheet: Snapshot) -> Iterator[Paragraph]:
    yield body("", _source(sheet))
    written = [(title, [row for row in chapter(sheet) if row.text]) for title, chapter in CHAPTERS]
    told = [(title, rows) for title, rows in written if rows]
    for numeral, (title, rows) in zip(NUMERALS, told, strict=False):
        yield Paragraph("Heading 1", f"{numeral}、{title}")
        yield from rows


def _source(sheet: Snapshot) -> str:
    """Whether the figures are those of the issued report."""
    where = "你单位" if sheet["kind"] == "unit" else "你乡镇辖区内各联系点"
    when = month(month_in(sheet))
    if sheet["revision"] is None:
        return f"现将{when}{where}“面对面”活动情况通报如下。本月月报尚未印发，{until(sheet)}统计。"
    return f"现将{when}{where}“面对面”活动情况通报如下。数据与本月月报第{sheet['revision']}版一致。"


def _done(sheet: Snapshot) -> Iterator[Paragraph]:
    row = sheet["figures"]
    exempt = f"免除任务的联系点{row['exempt']}个。" if row["exempt"] else ""
    extra = f"任务以外的走访{row['extra']}次，不计入完成率。" if row["extra"] else ""
    yield body("", chapters.fulfilled(sheet), exempt, extra)
    owed = listed(_owed(each, sheet) for each in sheet["unmet"][:SHOWN])
    yield body("", f"尚未完成的有：{owed}{_and_so_on(sheet['unmet'])}。" if owed else "")


def _and_so_on(rows: list[Any]) -> str:
    return f"等{len(rows)}个" if len(rows) > SHOWN else ""


def _owed(row: dict[str, Any], sheet: Snapshot) -> str:
    name = _where(row, sheet)
    return name if row["due"] == 1 else f"{name}应完成{row['due']}次、完成{row['done']}次"


def _where(row: dict[str, Any], sheet: Snapshot) -> str:
    """The village, with what the reader does not know of it: township, or the unit that goes."""
    name = village(row["village"])
    return row["township"] + name if sheet["kind"] == "unit" else f"{name}（{row['unit']}）"


def _feedback(sheet: Snapshot) -> Iterator[Paragraph]:
    yield body("", chapters.in_time(sheet))
    for label, rows in (
        ("逾期未反馈的走访", sheet["overdue"]),
        ("退回待补充的反馈", sheet["returned"]),
    ):
        told = listed(f"{_where(row, sheet)}{_day(row['day'])}" for row in rows[:SHOWN])
        yield body("", f"{label}有：{told}{_and_so_on(rows)}。" if told else "")


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.month}月{day.day}日"


def _people(sheet: Snapshot) -> Iterator[Paragraph]:
    if sheet["figures"]["visits"]:
        yield from chapters.talks(sheet)


def _matters(sheet: Snapshot) -> Iterator[Paragraph]:
    told = sheet["matters"]
    yield body("", heard.rates(told["figures"]))
    late = listed(
        f"{_where(row, sheet)}{_day(row['due_on'])}到期" for row in told["overdue"][:SHOWN]
    )
    count = f"{until(sheet)}，尚待答复的诉求{told['open']}件" if told["open"] else ""
    yield body(
        "",
        sentence(count),
        f"其中逾期未答复{len(told['overdue'])}件：{late}{_and_so_on(told['overdue'])}。"
        if late
        else "",
    )


def _next_month(sheet: Snapshot) -> Iterator[Paragraph]:
    plan = sheet["next_month"]
    places = plan["contact_points"]
    if not places:
        return
    name = f"{date.fromisoformat(plan['month']).month}月"
    where = listed(_where(row, sheet) for row in places[:SHOWN])
    undated = plan["undated_lines"]
    yield body(
        "",
        f"{name}应走访的联系点{len(places)}个：{where}{'等' if len(places) > SHOWN else ''}。",
        f"其中{undated}个尚未确定走访日期，请尽快安排。" if undated else "",
    )


CHAPTERS = (
    ("走访任务完成情况", _done),
    ("反馈情况", _feedback),
    ("群众座谈与逐户走访", _people),
    ("群众诉求办理情况", _matters),
    ("下月安排", _next_month),
)


def _table(sheet: Snapshot) -> Table:
    """Each contact point in the order of the registry, none before another for what it did."""
    of_unit = sheet["kind"] == "unit"
    columns = [
        Column("序号", 12, "center"),
        Column("村（社区）", 34, "left"),
        Column("乡镇" if of_unit else "联系单位", 40, "left"),
        Column("责任人", 24, "left"),
        Column("本月任务", 46, "left"),
    ]
    rows = [
        [
            str(n),
            village(row["village"]),
            row["township"] if of_unit else row["unit"],
            row["officer"],
            _state(row),
        ]
        for n, row in enumerate(sheet["contact_points"], 1)
    ]
    return Table("各联系点情况表", columns, rows, total=False)


def _state(row: dict[str, Any]) -> str:
    if row["state"] == "open":
        return f"应完成{row['due']}次、完成{row['done']}次"
    return {"done": "已完成", "exempt": "免除"}[row["state"]]
