"""The year's summary: the months beside each other, and the year told as a whole."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from reports.documents.annex import UNITS, of_unit
from reports.documents.outline import Chart, Column, Outline, Paragraph, Table
from reports.documents.phrases import GROUPS, listed, quoted, rate, sentence, share
from reports.documents.reading import (
    NUMERALS,
    Snapshot,
    body,
    counted_on,
    issuer,
    kind_of_county,
    red_header,
)
from reports.documents.workbook import Sheet, book, figures_sheet, rates
from reports.figures import Rate

TOPICS_SHOWN = 15
SUBJECTS_SHOWN = 8

MONTHS = [
    Column("月份", 18, "center"),
    Column("应完成（次）", 20),
    Column("完成（次）", 18),
    Column("完成率", 20),
    Column("走访（次）", 18),
    Column("及时反馈率", 22),
    Column("座谈（人次）", 20),
    Column("入户（户次）", 20),
]
MATTERS = [
    Column("月份", 18, "center"),
    Column("提出（件）", 20),
    Column("应受理（件）", 22),
    Column("及时受理率", 24),
    Column("应答复（件）", 22),
    Column("按期答复率", 25),
    Column("群众认可率", 25),
]


def compose(summary: Snapshot) -> Outline:
    """The whole summary; every word of it comes from the months."""
    kind = kind_of_county(summary)
    return Outline(
        paragraphs=[
            Paragraph("Title", f"{summary['county']['name']}“面对面”活动"),
            Paragraph("Title", f"{_span(summary)}情况{'总结' if _is_whole(summary) else '小结'}"),
            Paragraph("Addressee", f"{kind}委、{kind}政府："),
            *_paragraphs(summary),
        ],
        issuer=issuer(summary),
        issued_on=counted_on(summary),
        annexes=_annexes(summary),
        red_header=red_header(summary),
    )


def workbook(summary: Snapshot) -> bytes:
    """The tables with numbers as numbers."""
    outline = compose(summary)
    months = [
        {"name": f"{_month(part)}月", "figures": part["figures"]} for part in summary["months"]
    ]
    sheets = [
        figures_sheet("各月", "月份", months, summary),
        figures_sheet("各单位", "单位", summary["units"], summary),
        Sheet(
            "宣传内容",
            ["序号", "宣传内容", "计划（村）", "宣传（村）", "参加群众（人次）"],
            [
                [n, row["title"], row["villages_planned"], row["villages_delivered"], row["people"]]
                for n, row in enumerate(summary["topics"], 1)
            ],
        ),
        _matters_sheet(summary),
    ]
    note = f"{summary['county']['name']}{_span(summary)}"
    return book(sheets, outline, f"{note}，{summary['counted_on']}统计")


def _is_whole(summary: Snapshot) -> bool:
    """Whether the year is over."""
    return counted_on(summary).year > summary["year"]


def _span(summary: Snapshot) -> str:
    """2026年度, or 2026年1至10月 while the year runs."""
    year, last = summary["year"], len(summary["months"])
    if _is_whole(summary):
        return f"{year}年度"
    return f"{year}年1至{last}月" if last > 1 else f"{year}年1月"


def _month(part: dict[str, Any]) -> int:
    return date.fromisoformat(part["month"]).month


def _paragraphs(summary: Snapshot) -> Iterator[Paragraph]:
    yield body("", _source(summary))
    written = [
        (title, [row for row in chapter(summary) if row.text]) for title, chapter in CHAPTERS
    ]
    told = [(title, rows) for title, rows in written if rows]
    for numeral, (title, rows) in zip(NUMERALS, told, strict=False):
        yield Paragraph("Heading 1", f"{numeral}、{title}")
        yield from rows


def _source(summary: Snapshot) -> str:
    """Which months are told as their issued reports tell them."""
    parts = summary["months"]
    open_ones = listed(f"{_month(part)}月" for part in parts if part["revision"] is None)
    start = f"现将{_span(summary)}“面对面”活动情况报告如下。"
    if not open_ones:
        return f"{start}各月数据与已印发的月报一致。"
    if all(part["revision"] is None for part in parts):
        return f"{start}各月月报均未印发，数据为统计当日情况。"
    return f"{start}{open_ones}月报尚未印发，数据为统计当日情况；其余各月与已印发的月报一致。"


def _done(summary: Snapshot) -> Iterator[Paragraph]:
    row = summary["figures"]
    due, done = row["due"], row["done"]
    if not due:
        yield body("", "没有应完成的走访任务。")
        return
    units = sum(each["figures"]["visits"] > 0 for each in summary["units"])
    yield body(
        "",
        f"应完成走访{due}次，完成{done}次，完成率{rate(done, due)}。",
        f"{units}个单位共走访{row['visits']}次。" if row["visits"] else "",
        f"任务以外的走访{row['extra']}次，不计入完成率。" if row["extra"] else "",
    )
    together = listed(
        f"{label}{row[name]}次"
        for name, label in (("ate", "同吃"), ("lived", "同住"), ("worked", "同劳动"))
        if row[name]
    )
    on_time = rate(row["feedback_on_time"], row["visits"])
    yield body(
        "",
        f"及时反馈率{on_time}。" if row["visits"] else "",
        f"按计划率{rate(row['planned_kept'], row['planned_lines'])}。"
        if row["planned_lines"]
        else "",
        f"走访中与群众{together}。" if together else "",
    )


def _people(summary: Snapshot) -> Iterator[Paragraph]:
    row = summary["figures"]
    heads = dict(row["people_by_group"])
    groups = listed(f"{name}{heads[key]}人次" for key, name in GROUPS.items() if heads.get(key))
    reached, total = row["households_reached"], row["households_total"]
    # More households than the registry knows of make no rate.
    covered = f"，逐户覆盖率{rate(reached, total)}" if 0 < reached <= total else ""
    yield body("", sentence(row["people"] and f"与群众座谈{row['people']}人次", f"其中{groups}"))
    yield body(
        "",
        sentence(row["household_contacts"] and f"逐户走访{row['household_contacts']}户次"),
        f"累计走访到户{reached}户{covered}。" if reached else "",
    )


def _topics(summary: Snapshot) -> Iterator[Paragraph]:
    told = [row for row in summary["topics"] if row["villages_delivered"]]
    few = listed(
        (f"{quoted(row['title'])}在{row['villages_delivered']}个村" for row in told[:TOPICS_SHOWN]),
        "、",
    )
    more = "等" if len(told) > TOPICS_SHOWN else ""
    yield body("", f"宣传内容{len(told)}项：{few}{more}。" if told else "")


def _matters(summary: Snapshot) -> Iterator[Paragraph]:
    row, subjects = summary["matters"], summary["raised"]
    total = sum(count for _name, count in subjects)
    named = [f"{name}{count}件" for name, count in subjects if name][:SUBJECTS_SHOWN]
    yield body("", sentence(total and f"收到群众诉求{total}件", named and f"涉及{listed(named)}"))
    met = [
        (label, row.get(done, 0), row.get(due, 0))
        for label, done, due in (
            ("及时受理率", "responded", "response_due"),
            ("按期答复率", "resolved", "resolution_due"),
            ("群众认可率", "content", "asked"),
        )
    ]
    yield body("", sentence(*(f"{label}{rate(done, due)}" for label, done, due in met if due)))


CHAPTERS = (
    ("走访任务完成情况", _done),
    ("群众座谈与逐户走访", _people),
    ("宣传内容", _topics),
    ("群众诉求办理情况", _matters),
)


def _annexes(summary: Snapshot) -> list[Table | Chart]:
    parts = summary["months"]
    rows = [[f"{_month(part)}月", *_cells(part["figures"])] for part in parts]
    found: list[Table | Chart] = [
        Table("各月走访情况表", MONTHS, [*rows, ["合计", *_cells(summary["figures"])]])
    ]
    if len(parts) > 1:
        found.append(_chart(parts))
    if units := summary["units"]:
        lines = [[str(n), row["name"], *of_unit(row["figures"])] for n, row in enumerate(units, 1)]
        total = ["", "合计", *of_unit(summary["figures"])]
        found.append(Table("各单位走访情况表", UNITS, [*lines, total]))
    if summary["raised"] or any(summary["matters"].values()):
        rows = [
            [f"{_month(p)}月", *_matter_cells(p["matters"], _count(p["raised"]))] for p in parts
        ]
        whole = sum(count for _name, count in summary["raised"])
        total = ["合计", *_matter_cells(summary["matters"], whole)]
        found.append(Table("各月群众诉求办理情况表", MATTERS, [*rows, total]))
    return found


def _chart(parts: list[dict[str, Any]]) -> Chart:
    return Chart(
        "各月走访任务完成情况图",
        "次",
        [f"{_month(part)}月" for part in parts],
        [
            ("应完成", [part["figures"]["due"] for part in parts]),
            ("完成", [part["figures"]["done"] for part in parts]),
        ],
    )


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        str(row["due"]),
        str(row["done"]),
        share(row["done"], row["due"]),
        str(row["visits"]),
        share(row["feedback_on_time"], row["visits"]),
        str(row["people"]),
        str(row["household_contacts"]),
    ]


def _count(raised: list[dict[str, Any]]) -> int:
    return sum(row["matters"] for row in raised)


def _matter_cells(row: dict[str, int], raised: int) -> list[str]:
    return [
        str(raised),
        str(row.get("response_due", 0)),
        share(row.get("responded", 0), row.get("response_due", 0)),
        str(row.get("resolution_due", 0)),
        share(row.get("resolved", 0), row.get("resolution_due", 0)),
        share(row.get("content", 0), row.get("asked", 0)),
    ]


def _matters_sheet(summary: Snapshot) -> Sheet:
    heads = ["月份", "提出（件）", *MATTER_HEADS]
    nothing = dict.fromkeys(MATTER_COUNTS, 0)
    rows: list[Sequence[str | int | Rate | date | None]] = [
        [f"{_month(part)}月", _count(part["raised"]), *rates(nothing | part["matters"])]
        for part in summary["months"]
    ]
    whole = sum(count for _name, count in summary["raised"])
    return Sheet("群众诉求", heads, [*rows, ["合计", whole, *rates(nothing | summary["matters"])]])


MATTER_COUNTS = (
    *("response_due", "responded", "resolution_due", "resolved", "excluded", "asked", "content"),
)
MATTER_HEADS = (
    *(
        "应受理（件）",
        "及时受理（件）",
        "及时受理率",
        "应答复（件）",
        "按期答复（件）",
        "按期答复率",
    ),
    *("不计入（件）", "回访（件）", "群众认可（件）", "群众认可率"),
)
