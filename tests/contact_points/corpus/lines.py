"""Lines between the rows, and several tables on one sheet."""

from tests.contact_points.corpus.making import HEAD, ONE, SHORT, A, B, C, book, case, lines, said

BARE = ["村名", "乡镇", "责任人"]
PLACE = [*BARE, "联系单位"]


@case(
    "units as lines between, no column of units",
    said(
        PLACE,
        (3, "后辛庄村", "官亭镇", "王建国", "县教育局"),
        (4, "前辛庄村", "官亭镇", "李秀英", "县教育局"),
        (6, "大屯头一村", "苏家营镇", "张伟", "县水务局"),
    ),
    dropped=[2, 5],
    missing=(),
)
def _():
    return book(
        ["序号", *BARE],
        ["一、县教育局（2个村）"],
        [1, "后辛庄村", "官亭镇", "王建国"],
        [2, "前辛庄村", "官亭镇", "李秀英"],
        ["二", "县水务局"],
        [3, "大屯头一村", "苏家营镇", "张伟"],
        merge=["A2:D2"],
    )


@case(
    "units as lines in a text file",
    said(PLACE, (3, "后辛庄村", "官亭镇", "王建国", "县教育局")),
    dropped=[2],
    missing=(),
    file="名单.csv",
)
def _():
    return lines(BARE, ["县教育局"], ["后辛庄村", "官亭镇", "王建国"]).encode("gb18030")


@case(
    "units as lines beside a column of units",
    said(
        ["村名", "联系单位", "责任人"],
        (3, "后辛庄村", "县教育局", "王建国"),
        (4, "前辛庄村", "县水务局", "李秀英"),
        (5, "中辛庄村", "", "张伟"),
    ),
)
def _():
    return book(
        ["村名", "联系单位", "责任人"],
        ["县教育局"],
        ["后辛庄村", "", "王建国"],
        ["前辛庄村", "县水务局", "李秀英"],
        ["中辛庄村", "", "张伟"],
    )


@case(
    "units and below them townships",
    said(
        PLACE,
        (4, "后辛庄村", "官亭镇", "王建国", "县教育局"),
        (6, "大屯头一村", "苏家营镇", "王建国", "县教育局"),
        (8, "前辛庄村", "", "张伟", "县水务局"),
    ),
)
def _():
    return book(
        ["村名", "责任人"],
        ["县教育局"],
        ["官亭镇"],
        ["后辛庄村", "王建国"],
        ["苏家营镇"],
        ["大屯头一村", "王建国"],
        ["县水务局"],
        ["前辛庄村", "张伟"],
    )


@case(
    "a township among units is none below them",
    said(
        PLACE,
        (3, "后辛庄村", "", "王建国", "县教育局"),
        (5, "大屯头一村", "官亭镇", "李秀英", ""),
        (7, "前辛庄村", "", "张伟", "县水务局"),
    ),
)
def _():
    return book(
        ["村名", "责任人"],
        ["县教育局"],
        ["后辛庄村", "王建国"],
        ["官亭镇"],
        ["大屯头一村", "李秀英"],
        ["县水务局"],
        ["前辛庄村", "张伟"],
    )


@case(
    "a leader on a line is not guessed",
    said(
        PLACE,
        (3, "后辛庄村", "官亭镇", "王建国", "县教育局"),
        (5, "大屯头一村", "苏家营镇", "张伟", ""),
    ),
    dropped=[2, 4],
)
def _():
    return book(
        BARE,
        ["县教育局"],
        ["后辛庄村", "官亭镇", "王建国"],
        ["县委书记 王建国 联系5个村"],
        ["大屯头一村", "苏家营镇", "张伟"],
    )


@case(
    "a line that nobody understands ends the section",
    said(
        PLACE,
        (3, "后辛庄村", "官亭镇", "王建国", "县教育局"),
        (5, "大屯头一村", "苏家营镇", "张伟", ""),
    ),
    dropped=[2, 4],
)
def _():
    return book(
        ["序号", *BARE],
        ["县教育局"],
        [1, "后辛庄村", "官亭镇", "王建国"],
        ["二、", "移动巨鹿"],
        [2, "大屯头一村", "苏家营镇", "张伟"],
    )


@case(
    "units on labelled lines",
    said(PLACE, (3, "后辛庄村", "官亭镇", "王建国", "县教育局")),
    dropped=[2],
)
def _():
    return book(BARE, ["包联单位：县教育局"], ["后辛庄村", "官亭镇", "王建国"])


@case(
    "names that begin with numerals",
    said(
        SHORT,
        (3, "后辛庄村", "三官庙镇", "县教育局", "王建国"),
        (5, "前辛庄村", "八里庄乡", "县教育局", "王建国"),
    ),
)
def _():
    return book(
        ["村名", "联系单位", "责任人"],
        ["三官庙镇"],
        ["后辛庄村", "县教育局", "王建国"],
        ["二、八里庄乡（1个村）"],
        ["前辛庄村", "县教育局", "王建国"],
    )


@case("a village called after a township", said(SHORT, (2, *A), (3, "新乡村", "", "", ""), (4, *B)))
def _():
    return book(SHORT, A, ["新乡村"], B)


@case(
    "who signs each page is no unit of the next",
    said(SHORT, (2, *A), (6, "前辛庄村", "官亭镇", "", "李秀英")),
    dropped=[3, 4, 5],
)
def _():
    return book(
        SHORT, A, ["县委办公室"], ["2026年3月5日"], SHORT, ["前辛庄村", "官亭镇", "", "李秀英"]
    )


@case(
    "the title is the unit",
    said(PLACE, (3, "后辛庄村", "官亭镇", "王建国", "县教育局")),
    missing=(),
    told="县教育局",
)
def _():
    return book(["县教育局"], BARE, ["后辛庄村", "官亭镇", "王建国"], merge=["A1:C1"])


@case("sheets by unit", said(PLACE, (2, *A[:2], A[3], A[2]), (4, *C[:2], C[3], C[2])), missing=())
def _():
    def more(sheet, made):
        other = made.create_sheet("县水务局")
        other.append(BARE)
        other.append([C[0], C[1], C[3]])

    return book(BARE, [A[0], A[1], A[3]], title="县教育局", change=more)


@case(
    "printed in two halves",
    said(SHORT, (3, *A), (4, *B), (3, *C)),
    header_rows=[2],
    dropped=[1, 5, 5],
    unknown=[],
    unsure=False,
    told="side by side",
)
def _():
    return book(
        ["联系村安排表"],
        ["序号", *SHORT, "序号", *SHORT],
        [1, *A, 3, *C],
        [2, *B],
        ["合计", 2, "", "", "", "合计", 1],
        merge=["A1:J1"],
    )


@case(
    "printed in three halves with a column between, one series of numbers",
    said(SHORT, (2, *A), (2, *B), (2, *C)),
    told="side by side",
)
def _():
    return book(["序号", *SHORT, "", *SHORT, "", *SHORT], [1, *A, "", *B, "", *C])


@case(
    "two halves below lines across the sheet",
    said(
        SHORT,
        (3, *A),
        (5, "大屯头一村", "苏家营镇", "县水务局", "张伟"),
        (3, *B),
        (5, "小屯村", "苏家营镇", "县水务局", "张伟"),
    ),
)
def _():
    def bare(row):
        return [row[0], row[2], row[3]]

    return book(
        [*bare(SHORT), "", *bare(SHORT)],
        ["一、官亭镇"],
        [*bare(A), "", *bare(B)],
        ["二、苏家营镇"],
        [*bare(C), "", "小屯村", "县水务局", "张伟"],
        merge=["A2:G2", "A4:G4"],
    )


@case("two halves, a township above each", said(SHORT, (3, *A), (3, *C)), told="苏家营镇")
def _():
    def bare(row):
        return [row[0], row[2], row[3]]

    return book(
        ["官亭镇", "", "", "", "苏家营镇"],
        [*bare(SHORT), "", *bare(SHORT)],
        [*bare(A), "", *bare(C)],
    )


@case(
    "two halves and a column behind them",
    said(SHORT, (2, *A), (2, *B)),
    unknown=["备注"],
    unsure=True,
)
def _():
    return book([*SHORT, *SHORT, "备注"], [*A, *B, "谁的"])


@case("one half named by a person", said(SHORT, (2, *A), (2, *B)), how={"mapping": {0: "village"}})
def _():
    return book(["甲", *SHORT[1:], "甲", *SHORT[1:]], [*A, *B])


@case(
    "another list below with its own header",
    said(SHORT, (2, *A), (6, *C)),
    dropped=[4],
    told="row 5",
)
def _():
    return book(
        SHORT,
        A,
        [],
        ["附件2：新增联系点名单"],
        ["序号", "乡镇", "村名", "责任单位", "姓名", "电话"],
        [1, C[1], C[0], C[2], C[3], "13800000001"],
    )


@case("the same columns below in another order", said(SHORT, (2, *A), (4, *C)), told="row 3")
def _():
    return book(SHORT, A, [SHORT[1], SHORT[0], *SHORT[2:]], [C[1], C[0], *C[2:]])


@case(
    "the second list has more columns", said(SHORT, (2, *A[:1], "", *A[2:]), (5, *A)), told="row 4"
)
def _():
    return book([SHORT[0], *SHORT[2:]], [A[0], *A[2:]], [], HEAD, ONE)


@case(
    "another list below with columns that are not sure",
    said(SHORT, (2, *A)),
    dropped=[4],
)
def _():
    return book(
        SHORT,
        A,
        [],
        ["联系村", "乡镇", "单位", "联系领导", "驻村干部"],
        [C[0], C[1], C[2], C[3], "刘明"],
    )
