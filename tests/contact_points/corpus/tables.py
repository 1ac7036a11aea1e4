"""Where the table is, what its header means, and what is no row of it."""

from openpyxl.utils import get_column_letter

from tests.contact_points.corpus.making import (
    HEAD,
    ONE,
    PLAIN,
    SHORT,
    TWO,
    A,
    B,
    C,
    book,
    case,
    lines,
    said,
)


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


@case("table that starts far right and low", [(12, {"village": "后辛庄村", "unit": "县教育局"})])
def _():
    def put(sheet, made):
        for x, (header, cell) in enumerate(zip(SHORT, A, strict=True)):
            sheet[f"{get_column_letter(9 + x)}11"] = header
            sheet[f"{get_column_letter(9 + x)}12"] = cell

    return book(change=put)


@case("first column empty, rows empty in the middle", said(SHORT, (2, *A), (6, *B)))
def _():
    return book(["", *SHORT], ["", *A], [], [], [], ["", *B], [])


@case("header in two languages, one below the other", said(SHORT, (3, *A)), dropped=[2])
def _():
    return book(SHORT, ["Village", "Township", "Unit", "Responsible officer"], A)


@case("header in two languages, in one cell", said(SHORT, (2, *A)), unsure=False)
def _():
    return book(
        ["村名 Village", "乡镇\nTownship", "联系单位 Unit", "责任人 Responsible officer"], A
    )


@case(
    "a group above some columns only",
    said(["村名", "联系单位", "责任人", "职务"], (3, "后辛庄村", "县教育局", "王建国", "局长")),
    header_rows=[1, 2],
)
def _():
    return book(
        ["", "", "联系领导", ""],
        ["村名", "联系单位", "姓名", "职务"],
        ["后辛庄村", "县教育局", "王建国", "局长"],
        merge=["C1:D1"],
    )


SECRETARY = ["后辛庄村", "赵村官", "13911111111", "县教育局"]


@case(
    "nobody but the village secretary",
    said(["村名", "责任人", "联系单位"], (3, "后辛庄村", "", "县教育局")),
    unknown=["村党支部书记 姓名", "村党支部书记 电话"],
    missing=("officer",),
)
def _():
    return book(
        ["联系村", "村党支部书记", "", "单位"],
        ["", "姓名", "电话", ""],
        SECRETARY,
        merge=["A1:A2", "B1:C1", "D1:D2"],
    )


@case(
    "the village secretary in a group above some columns",
    said(["村名", "责任人", "联系单位"], (3, "后辛庄村", "", "县教育局")),
    missing=("officer",),
)
def _():
    head = ["联系村", "姓名", "电话", "单位"]
    return book(["", "村党支部书记"], head, SECRETARY, merge=["B1:C1"])


@case(
    "the village secretary above unmerged columns",
    said(["村名"], (3, "后辛庄村")),
    unsure=True,
    file="名单.csv",
)
def _():
    return lines(
        ["", "村党支部书记", "", ""], ["联系村", "姓名", "电话", "单位"], SECRETARY
    ).encode()


@case("a note in the middle", said(SHORT, (2, *A), (4, *B)), dropped=[3])
def _():
    return book(SHORT, A, ["备注：以下为新增"], B)


@case(
    "last year's sheet has more columns",
    said(SHORT, (2, *B)),
    sheet="2026年",
    how={"year": 2026},
)
def _():
    def more(sheet, made):
        new = made.create_sheet("2026年")
        new.append(SHORT)
        new.append(B)

    return book(HEAD, ONE, title="2025年", change=more)
