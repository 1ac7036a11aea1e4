"""Lists as people make them: each file is named for its difficulty and knows how it is read."""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter

HEAD = ["村代码", "村名", "乡镇", "联系单位", "责任人", "职务", "联系电话"]
ONE = ["130529100001", "后辛庄村", "官亭镇", "县教育局", "王建国", "局长", "03194332211"]
TWO = ["130529100002", "前辛庄村", "官亭镇", "县财政局", "李秀英", "副局长", "13803191234"]
SHORT = ["村名", "乡镇", "联系单位", "责任人"]
A = ["后辛庄村", "官亭镇", "县教育局", "王建国"]
B = ["前辛庄村", "官亭镇", "县财政局", "李秀英"]
C = ["大屯头一村", "苏家营镇", "县水务局", "张伟"]
NAMES = dict(
    zip(
        [*HEAD, "起始日期", "终止日期", "备注"],
        [
            *("village_code", "village", "township", "unit", "officer", "post", "telephone"),
            *("first_day", "last_day", "note"),
        ],
        strict=True,
    )
)


@dataclass(frozen=True)
class Case:
    """`rows`: (sheet row, texts that must be read); the other fields are checked if given."""

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
    how: dict = field(default_factory=dict)


CASES: list[Case] = []


def case(name, rows, *, file="名单.xlsx", **expected):
    def add(make):
        CASES.append(Case(name, file, make, rows, **expected))
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
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
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


@case("plain", PLAIN, header_rows=[1], dropped=[], unknown=[], unsure=False, sheet="名单")
def _():
    return book(HEAD, ONE, TWO)


@case(
    "merged title, note line with unit and date",
    said(SHORT, (4, *A), (5, *B)),
    header_rows=[3],
    dropped=[1, 2],
)
def _():
    title = ["巨鹿县2026年县级领导联系村安排表"]
    return book(title, ["填报单位：县委办", "", "", "2026年3月5日"], SHORT, A, B, merge=["A1:D1"])


@case(
    "header of two rows",
    said([*SHORT, "联系电话"], (3, *A, "13800000001")),
    header_rows=[1, 2],
    unsure=False,
)
def _():
    return book(
        ["序号", "联系点", "", "责任单位", "责任人", ""],
        ["", "乡镇", "村", "", "姓名", "电话"],
        [1, "官亭镇", "后辛庄村", "县教育局", "王建国", "13800000001"],
        merge=["A1:A2", "B1:C1", "D1:D2", "E1:F1"],
    )


@case("header of three rows", said(SHORT, (5, *A)), header_rows=[2, 3, 4])
def _():
    return book(
        ["2026年联系点一览表"],
        ["序号", "基本情况", "", "包联情况", ""],
        ["", "联系点", "", "责任单位", "责任人"],
        ["", "乡镇", "村", "", "姓名"],
        [1, "官亭镇", "后辛庄村", "县教育局", "王建国"],
        merge=["A1:E1", "A2:A4", "B2:C2", "B3:C3", "D2:E2", "D3:D4"],
    )


@case(
    "village secretary beside the officer",
    said(["村名", "责任人", "联系电话"], (3, "后辛庄村", "王建国", "13800000001")),
    unknown=["村党支部书记 姓名", "村党支部书记 电话"],
)
def _():
    return book(
        ["联系村", "村党支部书记", "", "联系领导", ""],
        ["", "姓名", "电话", "姓名", "电话"],
        ["后辛庄村", "赵村官", "13911111111", "王建国", "13800000001"],
        merge=["A1:A2", "B1:C1", "D1:E1"],
    )


@case(
    "two people with a telephone each",
    said(["村名", "责任人", "联系电话"], (2, "后辛庄村", "王建国", "13800000001")),
    unsure=True,
)
def _():
    return book(
        ["联系村", "联系领导", "电话", "驻村干部", "联系电话"],
        ["后辛庄村", "王建国", "13800000001", "刘明", "13900000002"],
    )


@case(
    "leader merged over three villages",
    said(SHORT, (2, "后辛庄村", *A[1:]), (3, "前辛庄村", *A[1:]), (4, "中辛庄村", *A[1:])),
    told="merged",
)
def _():
    return book(SHORT, A, ["前辛庄村"], ["中辛庄村"], merge=["B2:B4", "C2:C4", "D2:D4"])


@case(
    "merged across", said(["村名", "责任人", "职务", "备注"], (2, "后辛庄村", "甲乙", "甲乙", ""))
)
def _():
    return book(["村名", "责任人", "职务", "备注"], ["后辛庄村", "甲乙", "", ""], merge=["B2:C2"])


@case("empty columns and rows", said(SHORT, (3, *A), (6, *B)), header_rows=[2])
def _():
    def apart(row):
        return ["", row[0], "", row[1], row[2], "", row[3]]

    return book([], apart(SHORT), apart(A), [], [], apart(B))


@case("total lines", said(SHORT, (2, *A), (4, *C)), dropped=[3, 5, 6])
def _():
    return book(SHORT, A, ["官亭镇小计", "1个村"], C, ["合  计", 2], ["总计：2个村"])


@case("total in the serial column", said(SHORT, (2, *A)), dropped=[3])
def _():
    return book(["序号", *SHORT], [1, *A], ["合计", "1", "", "", ""], merge=["A3:B3"])


@case("signatures and date below", said(SHORT, (2, *A)), dropped=[4, 5, 6])
def _():
    return book(
        SHORT,
        A,
        [],
        ["填表人：张三", "", "审核人：李四"],
        ["负责人（签字）：", "", "", ""],
        ["", "", "", "2026年 3月 5日"],
    )


@case("notes below", said(SHORT, (2, *A)), dropped=[3, 4, 5])
def _():
    return book(
        SHORT, A, ["备注：1.本表由县委办填写。"], ["2.联系电话请填手机号码。"], ["请于月底前报送"]
    )


@case("page header repeated", said(SHORT, (3, *A), (6, *B)), dropped=[1, 4, 5])
def _():
    return book(["联系村安排表"], SHORT, A, ["联系村安排表"], SHORT, B)


@case("line of column numbers", said(SHORT, (3, *A)), dropped=[2])
def _():
    return book(SHORT, [1, 2, 3, 4], A)


@case("another table below", said(SHORT, (2, *A)), dropped=[4])
def _():
    return book(
        SHORT, A, [], ["单位名称", "姓名", "职务", "电话"], ["县水务局", "张伟", "局长", "1380"]
    )


@case(
    "ditto marks",
    said(SHORT, (2, *A), (3, "前辛庄村", *A[1:]), (4, "中辛庄村", *A[1:])),
    told="ditto",
)
def _():
    return book(SHORT, A, ["前辛庄村", "〃", "同上", "″"], ["中辛庄村", "同上", '"', "〃"])


@case("townships as lines between", said(SHORT, (3, *A), (4, *B), (6, *C)), dropped=[2, 5])
def _():
    def bare(row):
        return [row[0], row[2], row[3]]

    return book(
        ["村名", "联系单位", "责任人"],
        ["一、官亭镇（2个村）"],
        bare(A),
        bare(B),
        ["二、苏家营镇"],
        bare(C),
        merge=["A2:C2", "A5:C5"],
    )


@case("sheets by township", said(SHORT, (2, *A), (4, *C)), told="Sheets", others=[])
def _():
    def more(sheet, made):
        other = made.create_sheet("苏家营镇")
        other.append(["村名", "联系单位", "责任人"])
        other.append([C[0], C[2], C[3]])

    return book(["村名", "联系单位", "责任人"], [A[0], A[2], A[3]], title="官亭镇", change=more)


@case(
    "last year's sheet beside",
    said(SHORT, (2, *B)),
    sheet="2026年",
    others=["2025年", "说明"],
    how={"year": 2026},
)
def _():
    def more(sheet, made):
        new = made.create_sheet("2026年")
        new.append(SHORT)
        new.append(B)
        made.create_sheet("说明").append(["请按要求填写"])

    return book(SHORT, A, title="2025年", change=more)


@case("hidden sheet, rows and column", said(SHORT, (2, *A), (3, *B)), others=["旧"], told="Hidden")
def _():
    def hide(sheet, made):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        old = made.create_sheet("旧")
        old.sheet_state = "hidden"
        old.append(SHORT)
        old.append(C)

    return book(SHORT, A, B, change=hide)


@case("full-width digits, spaces and breaks in names", PLAIN)
def _():
    return book(
        HEAD,
        [
            "１３０５２９１００００１",
            "后辛\n庄村",
            " 官 亭 镇",
            "县教育局\u3000",
            "王\u3000建国",
            "局长",
            "０３１９４３３２２１１",
        ],
        TWO,
    )


@case("numbers as numbers", said(HEAD, (2, *ONE[:6], "13803191234")))
def _():
    return book(HEAD, [130529100001, *ONE[1:6], 13803191234])


@case(
    "digits behind an exponent",
    said(HEAD, (2, *ONE), (3, "", *TWO[1:])),
    problems={3: ["village_code"]},
    file="名单.csv",
)
def _():
    return lines(HEAD, ["1.30529100001E+11", *ONE[1:]], ["1.30529E+11", *TWO[1:]]).encode()


@case("telephone that lost its zero", said(HEAD, (2, *ONE)), told="zero")
def _():
    return book(HEAD, [*ONE[:6], 3194332211])


@case("telephone shown with zeros", said(HEAD, (2, *ONE)))
def _():
    return with_formats(HEAD, [*ONE[:6], (3194332211, "00000000000")])


@case("code with apostrophe and point", said(HEAD, (2, *ONE), (3, *TWO)), file="名单.csv")
def _():
    return lines(HEAD, ["'130529100001", *ONE[1:]], ["130529100002.0", *TWO[1:]]).encode()


@case("code protected by a formula", PLAIN, file="名单.csv")
def _():
    return lines(HEAD, ['="130529100001"', *ONE[1:]], ['="130529100002"', *TWO[1:]]).encode()


DAYS = ["村名", "责任人", "起始日期", "终止日期"]


@case(
    "days in every writing",
    said(
        DAYS,
        *(
            (n, "后辛庄村", "王建国", first, last)
            for n, (first, last) in enumerate(
                [
                    ("2026-03-05", "2026-12-31"),
                    ("2026-03-05", "2026-12-31"),
                    ("2026-03-01", "2026-03-31"),
                    ("2026-03-19", ""),
                    ("2026-03-31", ""),
                    ("2026-03-05", "2026-06-30"),
                    ("2026-01-01", "2026-12-31"),
                ],
                2,
            )
        ),
    ),
    how={"year": 2026},
)
def _():
    days = [
        ("2026.3.5", "2026年12月31日"),
        (date(2026, 3, 5), "2026/12/31"),
        ("2026年3月", "3月底"),
        (46100, "长期"),
        ("2026年3月底", "至今"),
        ("20260305", "6月30日"),
        ("２０２６．１．１", "年底"),
    ]
    return book(DAYS, *(["后辛庄村", "王建国", *pair] for pair in days))


@case("months kept as days", said(DAYS, (2, "后辛庄村", "王建国", "2026-01-01", "2026-12-31")))
def _():
    month = 'yyyy"年"m"月"'
    return with_formats(DAYS, ["后辛庄村", "王建国", (46023, month), (46357, month)])


@case(
    "a month as a number",
    said(DAYS, (2, "后辛庄村", "王建国", "", "2026-12-31")),
    problems={2: ["first_day"]},
)
def _():
    return book(DAYS, ["后辛庄村", "王建国", 2026.1, 2026.12])


@case(
    "from and to in one column",
    said(
        DAYS,
        (2, "后辛庄村", "王建国", "2026-01-01", "2026-12-31"),
        (3, "后辛庄村", "王建国", "2026-01-01", "2026-12-31"),
        (4, "后辛庄村", "王建国", "2026-03-05", ""),
        (5, "后辛庄村", "王建国", "说不清", ""),
    ),
)
def _():
    spans = ["2026.1-2026.12", "2026年1月至12月", "2026.3.5—长期", "说不清"]
    return book(["村名", "责任人", "起止时间"], *(["后辛庄村", "王建国", span] for span in spans))


@case(
    "township and village in one column",
    said(["村名", "联系单位", "责任人"], (2, "官亭镇后辛庄村", "县教育局", "王建国")),
    unsure=False,
)
def _():
    return book(["乡镇村", "责任单位", "包联干部"], ["官亭镇后辛庄村", "县教育局", "王建国"])


@case("error cells", said(SHORT, (2, "", *A[1:]), (3, *B)), problems={2: ["village"]})
def _():
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    sheet = made.add_worksheet("名单")
    for y, row in enumerate((SHORT, A, B)):
        sheet.write_row(y, 0, row)
    sheet.write_formula(1, 0, "=VLOOKUP(1,A1:B2,2,0)", None, "#N/A")
    made.close()
    return target.getvalue()


@case(
    "formulas by their last value", said(SHORT, (2, *A), (3, "", *B[1:])), problems={3: ["village"]}
)
def _():
    def never(sheet, made):
        sheet["A3"] = '="前"&"辛庄村"'

    plain = book(SHORT, A, B, change=never)
    kept = '<c r="A2" t="str"><f>"后"&amp;"辛庄村"</f><v>后辛庄村</v></c>'
    return edited(plain, "xl/worksheets/sheet1.xml", "A2", kept)


def edited(content, part, place, cell):
    """The workbook with one cell's XML replaced."""
    import re

    target = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                text = data.decode()
                data = re.sub(rf'<c r="{place}".*?</c>', lambda _m: cell, text, count=1).encode()
            archive.writestr(name, data)
    return target.getvalue()


@case("booleans", said([*SHORT, "备注"], (2, *A, "TRUE")))
def _():
    return book([*SHORT, "备注"], [*A, True])


for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"):
    for delimiter, called in ((",", "commas"), ("\t", "tabs"), (";", "semicolons")):
        case(f"{encoding} with {called}", PLAIN, file="名单.csv")(
            lambda e=encoding, d=delimiter: lines(HEAD, ONE, TWO, delimiter=d).encode(e)
        )


@case("quoted line breaks", said([*SHORT, "备注"], (2, *A, "甲, 乙"), (3, *B, "")), file="名单.csv")
def _():
    return lines([*SHORT, "备注"], [*A, "甲,\n乙"], [*B, ""]).encode("gb18030")


@case("text pasted from a sheet", PLAIN, file="名单.txt")
def _():
    return lines(HEAD, ONE, TWO, delimiter="\t").encode("gb18030")


@case(
    "open document with merged cells",
    said(SHORT, (3, *A), (4, "前辛庄村", *A[1:])),
    dropped=[1],
    file="名单.ods",
)
def _():
    return ods(
        (
            "名单",
            [
                [("联系村安排表", 4, 1), None, None, None],
                SHORT,
                ["后辛庄村", ("官亭镇", 1, 2), ("县教育局", 1, 2), ("王建国", 1, 2)],
                ["前辛庄村", None, None, None],
            ],
        )
    )


@case("open document to the last row", PLAIN, file="名单.ods")
def _():
    rest = (
        '<table:table-row table:number-rows-repeated="1048573">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    return ods(("名单", [HEAD, [130529100001, *ONE[1:]], TWO]), extra=rest)


@case("formatted far below", PLAIN)
def _():
    def mark(sheet, made):
        for row in range(4, 3000):
            sheet.cell(row=row, column=2).style = "Good"

    return book(HEAD, ONE, TWO, change=mark)


@case("other words for the columns", said(SHORT, (2, *A)), unsure=False)
def _():
    return book(["所包村（社区）", "所属乡镇", "包联单位", "包村领导"], A)


@case("header with stars, years and brackets", said(SHORT, (2, *A)), unsure=False)
def _():
    return book(["2026年联系村*", "乡 镇", "责任单位（全称）", "责任人\n姓名"], A)


@case("unknown columns", said(SHORT, (2, *A)), unknown=["微信", "F"])
def _():
    return book([*SHORT, "微信"], [*A, "wx1", "落在外面"])


@case("the same meaning twice", said(SHORT, (2, *A), (3, *B)), unknown=["包联单位"], unsure=True)
def _():
    return book([*SHORT, "包联单位"], [*A, ""], [*B, "县水务局"])


@case(
    "a header only the county uses", said(SHORT, (2, *A)), how={"synonyms": {"结亲村": "village"}}
)
def _():
    return book(["结亲村", *SHORT[1:]], A)


@case(
    "columns by a person",
    said(SHORT, (2, *A)),
    how={"mapping": {0: "village", 1: "township", 2: "unit", 3: "officer", 4: ""}},
)
def _():
    return book(["甲", "乙", "丙", "丁", "戊"], [*A, "x"])


@case("prefixed names in the XML", PLAIN)
def _():
    import re

    source = zipfile.ZipFile(io.BytesIO(book(HEAD, ONE, TWO)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", data.decode())
                data = text.replace("xmlns=", "xmlns:x=").encode()
            archive.writestr(name, data)
    return target.getvalue()


@case("macros are not run", PLAIN, file="名单.xlsm")
def _():
    target = io.BytesIO(book(HEAD, ONE, TWO))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"never run" * 100)
    return target.getvalue()


@case("table that starts far right and low", [(12, {"village": "后辛庄村", "unit": "县教育局"})])
def _():
    def put(sheet, made):
        for x, (header, cell) in enumerate(zip(SHORT, A, strict=True)):
            sheet[f"{get_column_letter(9 + x)}11"] = header
            sheet[f"{get_column_letter(9 + x)}12"] = cell

    return book(change=put)
