"""What stands in single cells."""

import io
from datetime import date

import xlsxwriter

from tests.contact_points.corpus.making import (
    HEAD,
    ONE,
    PLAIN,
    SHORT,
    TWO,
    A,
    B,
    book,
    case,
    edited,
    lines,
    said,
    with_formats,
)


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


@case("booleans", said([*SHORT, "备注"], (2, *A, "TRUE")))
def _():
    return book([*SHORT, "备注"], [*A, True])


@case(
    "days in Chinese numerals and parts of a year",
    said(
        DAYS,
        *(
            (n, "后辛庄村", "王建国", first, last)
            for n, (first, last) in enumerate(
                [
                    ("2026-01-01", "2026-12-31"),
                    ("2026-03-01", "2026-12-31"),
                    ("2026-04-01", "2026-06-30"),
                    ("2026-03-11", "2026-03-20"),
                    ("2026-07-01", "2026-12-31"),
                    ("2026年春节", "2026.2.30"),
                ],
                2,
            )
        ),
    ),
    how={"year": 2026},
)
def _():
    days = [
        ("2026年元月", "二〇二六年十二月三十一日"),
        ("二○二六年三月", "十二月"),
        ("2026年二季度", "第二季度"),
        ("3月中旬", "2026年3月中旬"),
        ("下半年", "2026年下半年"),
        ("2026年春节", "2026.2.30"),
    ]
    return book(DAYS, *(["后辛庄村", "王建国", *pair] for pair in days))


@case(
    "a span by half a year and in numerals",
    said(
        DAYS,
        (2, "后辛庄村", "王建国", "2026-01-01", "2026-06-30"),
        (3, "后辛庄村", "王建国", "2026-01-01", "2026-12-31"),
        (4, "后辛庄村", "王建国", "2026-04-01", "2026-06-30"),
    ),
)
def _():
    spans = ["2026年上半年", "二〇二六年一月至十二月", "2026年第二季度"]
    return book(["村名", "责任人", "起止时间"], *(["后辛庄村", "王建国", span] for span in spans))


@case(
    "a day that may have lost a zero",
    said(DAYS, (2, "后辛庄村", "王建国", "", "2026-12-31")),
    problems={2: ["first_day"]},
    how={"year": 2026},
)
def _():
    return book(DAYS, ["后辛庄村", "王建国", 3.2, 12.31])


@case("an identity number in a note", refused="The column “备注” holds identity numbers")
def _():
    return book([*SHORT, "备注"], [*A, "身份证11010519491231002X"])


@case("numbers as texts with .0", said(HEAD, (2, *ONE[:6], "13803191234")), file="名单.csv")
def _():
    return lines(HEAD, ["130529100001.0", *ONE[1:6], "13803191234.0"]).encode()


@case(
    "an officer merged over villages, the telephone not",
    said(
        ["村名", "责任人", "联系电话"],
        (2, "后辛庄村", "王建国", "13803191234"),
        (3, "前辛庄村", "王建国", ""),
    ),
    told="merged",
)
def _():
    return book(
        ["村名", "联系单位", "责任人", "联系电话"],
        ["后辛庄村", "县教育局", "王建国", "13803191234"],
        ["前辛庄村", "县教育局", "", ""],
        merge=["C2:C3"],
    )
