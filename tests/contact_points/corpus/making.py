"""Lists as people make them: each file is named for its difficulty and knows how it is read."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt

HEAD = ["村代码", "村名", "乡镇", "联系单位", "责任人", "职务", "联系电话"]
ONE = ["130529100001", "后辛庄村", "官亭镇", "县教育局", "王建国", "局长", "03194332211"]
TWO = ["130529100002", "前辛庄村", "官亭镇", "县财政局", "李秀英", "副局长", "13803191234"]
SHORT = ["村名", "乡镇", "联系单位", "责任人"]
A = ["后辛庄村", "官亭镇", "县教育局", "王建国"]
B = ["前辛庄村", "官亭镇", "县财政局", "李秀英"]
C = ["大屯头一村", "苏家营镇", "县水务局", "张伟"]
NAMES = dict(
    zip(
        [
            *(
                *HEAD,
                "起始日期",
                "终止日期",
                "备注",
                "户数",
                "人口",
                "单位名称",
                "单位类别",
                "排序",
            ),
            *("姓名", "用户名", "角色", "离任日期", "户号"),
        ],
        [
            *("village_code", "village", "township", "unit", "officer", "post", "telephone"),
            *("first_day", "last_day", "note", "households_count", "population", "unit"),
            *("unit_kind", "order", "officer", "username", "role", "left_on", "household"),
        ],
        strict=True,
    )
)


@dataclass(frozen=True)
class Case:
    """`rows`: (sheet row, texts that must be read); the other fields are checked if given.

    `refused` is the beginning of the sentence with which the whole file is refused.
    """

    name: str
    file: str
    make: Callable[[], bytes]
    rows: list[tuple[int, dict[str, str]]]
    header_rows: list[int] | None = None
    dropped: list[int] | None = None
    unknown: list[str] | None = None
    unsure: bool | None = None
    sheet: str | None = None
    others: list[str] | None = None
    problems: dict[int, list[str]] = field(default_factory=dict)
    told: str = ""
    refused: str = ""
    missing: tuple[str, ...] | None = None
    how: dict = field(default_factory=dict)


CASES: list[Case] = []


def case(name, rows=(), *, file="名单.xlsx", **expected):
    def add(make):
        CASES.append(Case(name, file, cache(make), rows, **expected))
        return make

    return add


def said(headers, *rows):
    """Rows as the reader should say them: (number, cells...) by these headers."""
    return [
        (number, {NAMES[h]: text for h, text in zip(headers, cells, strict=True)})
        for number, *cells in rows
    ]


PLAIN = said(HEAD, (2, *ONE), (3, *TWO))
TRIO = said(SHORT, (2, *A), (3, *B), (4, *C))


def book(*rows, merge=(), title="名单", change=None):
    """One sheet of these rows; `change(sheet, workbook)` does the rest."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    if change:
        change(sheet, made)
    return saved(made)


def saved(made):
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def lines(*rows, delimiter=","):
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue()


def with_formats(*rows):
    """Cells may be (value, number format)."""
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    sheet = made.add_worksheet("名单")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            value, shown = cell if isinstance(cell, tuple) else (cell, "General")
            sheet.write(y, x, value, made.add_format({"num_format": shown}))
    made.close()
    return target.getvalue()


def ods(*tables, extra=""):
    """An OpenDocument spreadsheet; a cell is a text, a number or (text, columns, rows) merged."""
    body = "".join(
        f'<table:table table:name="{name}">{"".join(map(_ods_row, rows))}{extra}</table:table>'
        for name, rows in tables
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text", "style")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        mark = zipfile.ZipInfo("mimetype")  # the first part, never compressed
        archive.writestr(mark, "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return target.getvalue()


def xls(*rows, merge=()):
    """An .xls as old programs write it; `merge` are (top, bottom, left, right), 0-based."""
    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("名单")
    covered = {(t, x) for t, _b, left, right in merge for x in range(left, right + 1)}
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if cell != "" and (y, x) not in covered:
                sheet.write(y, x, cell)
    for top, bottom, left, right in merge:
        sheet.write_merge(top, bottom, left, right, rows[top][left])
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def _ods_row(row):
    cells = []
    for cell in row:
        span = ""
        if isinstance(cell, tuple):
            cell, wide, high = cell
            span = f' table:number-columns-spanned="{wide}" table:number-rows-spanned="{high}"'
        if cell is None:
            cells.append("<table:covered-table-cell/>")
        elif isinstance(cell, int | float):
            cells.append(
                f'<table:table-cell office:value-type="float" office:value="{cell}"{span}/>'
            )
        else:
            text = f"<text:p>{escape(cell)}</text:p>" if cell else ""
            cells.append(
                f'<table:table-cell office:value-type="string"{span}>{text}</table:table-cell>'
            )
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def changed(content, part, change):
    """The archive with one part's text changed."""
    target = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, change(data.decode()).encode() if name == part else data)
    return target.getvalue()


def edited(content, part, place, cell):
    """The workbook with one cell's XML replaced."""
    return changed(
        content,
        part,
        lambda text: re.sub(rf'<c r="{place}".*?</c>', lambda _m: cell, text, count=1),
    )
