"""Lists of villages, units, officers and households."""

from datetime import date

from contact_points.layouts import HOUSEHOLDS, OFFICERS, UNITS, VILLAGES
from tests.contact_points.corpus.making import book, case, lines, said

PLACES = ["村代码", "村名", "乡镇", "户数", "人口"]
PEOPLE = ["单位名称", "姓名", "职务", "联系电话", "离任日期"]
HOMES = ["村名", "户号"]


def of(layout):
    return {"how": {"layout": layout}}


@case(
    "villages with numbers in every writing",
    said(
        PLACES,
        (3, "130529100001", "后辛庄村", "官亭镇", "1203", "3500"),
        (4, "130529100002", "前辛庄村", "官亭镇", "", "350"),
        (5, "130529100003", "中辛庄村", "官亭镇", "", "1203"),
    ),
    dropped=[1, 6],
    problems={4: ["households_count"], 5: ["households_count"]},
    **of(VILLAGES),
)
def _():
    return book(
        ["官亭镇行政村情况一览表"],
        PLACES,
        [130529100001, "后辛庄村", "官亭镇", "1,203", 3500],
        ["130529100002", "前辛庄村", "官亭镇", "约300户", "350人"],
        ["130529100003", "中辛庄村", "官亭镇", 120.5, "１，２０３"],
        ["合计", "", "", 1503, ""],
    )


@case(
    "villages below their townships, some households set apart",
    said(
        PLACES[1:],
        (3, "后辛庄村", "官亭镇", "120", "400"),
        (5, "大屯头一村", "苏家营镇", "", "300"),
    ),
    unknown=["其中：脱贫户数"],
    unsure=False,
    **of(VILLAGES),
)
def _():
    return book(
        ["行政村", "总户数", "其中：脱贫户数", "总人口"],
        ["官亭镇"],
        ["后辛庄村", 120, 3, 400],
        ["二、苏家营镇（1个村）"],
        ["大屯头一村", "—", 2, 300],
    )


@case("villages by name only", said(["村名"], (2, "后辛庄村"), (3, "前辛庄村")), **of(VILLAGES))
def _():
    return book(["村名"], ["后辛庄村"], ["前辛庄村"])


@case(
    "villages as text with .0",
    said(PLACES, (2, "130529100001", "后辛庄村", "官亭镇", "120", "350")),
    file="名单.csv",
    **of(VILLAGES),
)
def _():
    return lines(PLACES, ["130529100001.0", "后辛庄村", "官亭镇", "120.0", "350.0"]).encode()


@case(
    "units with kind, township and order",
    said(
        ["排序", "单位名称", "单位类别", "乡镇"],
        (2, "1", "县教育局", "政府部门", ""),
        (3, "2", "官亭镇人民政府", "乡镇", "官亭镇"),
    ),
    unknown=["联系人"],
    **of(UNITS),
)
def _():
    return book(
        ["排序号", "单位全称", "单位性质", "所属乡镇", "联系人"],
        [1, "县教育局", "政府部门", "", "张三"],
        ["2", "官亭镇人民政府", "乡镇", "官亭镇", ""],
    )


@case(
    "units in one column",
    said(["单位名称"], (3, "县教育局"), (4, "官亭镇"), (5, "县委办公室")),
    dropped=[1],
    **of(UNITS),
)
def _():
    return book(["2026年单位名单"], ["单位名称"], ["县教育局"], ["官亭镇"], ["县委办公室"])


@case(
    "units below their kind",
    said(
        ["单位名称", "单位类别"],
        (3, "县委办公室", "县委部门"),
        (5, "官亭镇", "乡镇"),
        (6, "苏家营镇", "乡镇"),
    ),
    dropped=[2, 4],
    **of(UNITS),
)
def _():
    return book(
        ["序号", "单位名称"],
        ["一、县委部门（1个）"],
        [1, "县委办公室"],
        ["二、乡镇"],
        [2, "官亭镇"],
        [3, "苏家营镇"],
    )


@case(
    "units printed in two halves",
    said(["单位名称"], (2, "县教育局"), (3, "县财政局"), (2, "县水务局")),
    told="side by side",
    **of(UNITS),
)
def _():
    return book(["序号", "单位名称"] * 2, [1, "县教育局", 3, "县水务局"], [2, "县财政局"])


@case(
    "a roster with particulars that are not read",
    said(
        PEOPLE,
        (3, "县教育局", "王建国", "局长", "03194332211", ""),
        (4, "县教育局", "李秀英", "副局长", "13803191234", "2026-03-31"),
    ),
    dropped=[1],
    unknown=["性别", "民族", "政治面貌"],
    unsure=False,
    **of(OFFICERS),
)
def _():
    return book(
        ["干部花名册"],
        ["序号", "工作单位", "姓名", "性别", "民族", "政治面貌", "职务", "手机号码", "离任时间"],
        [1, "县教育局", "王　建国", "男", "汉", "中共党员", "局长", 3194332211, "在职"],
        [2, "", "李秀英", "女", "汉", "群众", "副局长", 13803191234, "2026年3月"],
        merge=["A1:I1", "B3:B4"],
    )


@case(
    "what is never read cannot be named either",
    said(["姓名", "单位名称"], (2, "王建国", "县教育局")),
    unknown=["政治面貌"],
    how={"layout": OFFICERS, "mapping": {0: "officer", 1: "unit", 2: "post"}},
)
def _():
    return book(["姓名", "单位", "政治面貌"], ["王建国", "县教育局", "中共党员"])


@case(
    "officers below their units",
    said(
        ["单位名称", "姓名", "职务"],
        (3, "县教育局", "王建国", "局长"),
        (5, "县水务局", "张伟", "局长"),
    ),
    missing=(),
    **of(OFFICERS),
)
def _():
    return book(
        ["序号", "姓名", "职务"],
        ["县教育局"],
        [1, "王建国", "局长"],
        ["县水务局（1人）"],
        [1, "张伟", "局长"],
    )


@case(
    "officers with accounts",
    said(
        ["姓名", "单位名称", "用户名", "角色"],
        (2, "王建国", "县教育局", "wangjg", "干部"),
    ),
    **of(OFFICERS),
)
def _():
    return book(["姓名", "部门", "登录名", "用户角色"], ["王建国", "县教育局", "wangjg", "干部"])


@case(
    "a roster with identity numbers", refused="The file has columns about persons", **of(OFFICERS)
)
def _():
    return book(["姓名", "单位", "身份证号码"], ["王建国", "县教育局", "11010519491231002X"])


@case("identity numbers in a list of villages", refused="The file has", **of(VILLAGES))
def _():
    return book(["村名", "户数", "负责人身份证号"], ["后辛庄村", 120, "x"])


@case(
    "households in every writing",
    said(
        HOMES,
        (2, "后辛庄村", "3组-017"),
        (3, "后辛庄村", "3组-018"),
        (4, "后辛庄村", "3组-019"),
        (5, "后辛庄村", ""),
        (6, "后辛庄村", "3-021"),
    ),
    problems={5: ["household"]},
    **of(HOUSEHOLDS),
)
def _():
    numbers = ["3组-017", "第三组18号", "３组－１９", date(2026, 3, 20), "3-021"]
    return book(["行政村", "农户编号"], *(["后辛庄村", number] for number in numbers))


@case(
    "households by group and number",
    said(
        HOMES,
        (2, "后辛庄村", "3组-017"),
        (3, "后辛庄村", "3组-018"),
        (4, "后辛庄村", "4组-001"),
        (5, "后辛庄村", "四组 5组-002"),
        (6, "后辛庄村", "19"),
    ),
    **of(HOUSEHOLDS),
)
def _():
    return book(
        ["村名", "组别", "户序号"],
        ["后辛庄村", "3组", 17],
        ["后辛庄村", "", "018"],
        ["后辛庄村", "第四村民小组", 1],
        ["后辛庄村", "四组", "5组-002"],
        ["后辛庄村", "", 19],
        merge=["B2:B3"],
    )


@case(
    "households below their villages",
    said(HOMES, (3, "后辛庄村", "3组-017"), (5, "前辛庄村", "1组-001")),
    missing=(),
    **of(HOUSEHOLDS),
)
def _():
    return book(["组别", "户序号"], ["后辛庄村（1户）"], ["3组", 17], ["前辛庄村"], ["1组", 1])


@case(
    "households on a sheet for each village",
    said(HOMES, (2, "后辛庄村", "3组-017"), (4, "前辛庄村", "1组-001")),
    missing=(),
    **of(HOUSEHOLDS),
)
def _():
    def more(sheet, made):
        other = made.create_sheet("前辛庄村")
        other.append(["序号", "户号"])
        other.append([1, "1组-001"])

    return book(["序号", "户号"], [1, "3组-017"], title="后辛庄村", change=more)


@case(
    "households with the people in them",
    refused="The file has columns about persons that the program never keeps: 户主姓名、电话、家庭",
    **of(HOUSEHOLDS),
)
def _():
    return book(
        ["村名", "户号", "户主姓名", "电话", "家庭成员"],
        ["后辛庄村", "3组-017", "甲", "13800000001", "乙"],
    )


@case("households with people on a hidden sheet", refused="The file has", **of(HOUSEHOLDS))
def _():
    def more(sheet, made):
        other = made.create_sheet("底册")
        other.append(["户主", "身份证号"])
        other.append(["甲", "x"])
        other.sheet_state = "hidden"

    return book(HOMES, ["后辛庄村", "3组-017"], change=more)
