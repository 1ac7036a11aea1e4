"""What kind of file it is, and who wrote it."""

import io
import re
import zipfile

from tests.contact_points.corpus.making import (
    HEAD,
    ONE,
    PLAIN,
    SHORT,
    TRIO,
    TWO,
    A,
    B,
    C,
    book,
    case,
    changed,
    lines,
    ods,
    said,
    with_formats,
    xls,
)

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


@case("prefixed names in the XML", PLAIN)
def _():
    def prefixed(text):
        text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", text)
        return text.replace("xmlns=", "xmlns:x=")

    return changed(book(HEAD, ONE, TWO), "xl/worksheets/sheet1.xml", prefixed)


@case("macros are not run", PLAIN, file="名单.xlsm")
def _():
    target = io.BytesIO(book(HEAD, ONE, TWO))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"never run" * 100)
    return target.getvalue()


@case("text in runs with their pronunciation", TRIO)
def _():
    def spoken(text):
        runs = (
            '<si><r><rPr><sz val="11"/></rPr><t>后辛</t></r><r><t xml:space="preserve">庄村</t></r>'
            '<rPh sb="0" eb="2"><t>hòu xīn</t></rPh><phoneticPr fontId="1"/></si>'
        )
        assert "<si><t>后辛庄村</t></si>" in text
        return text.replace("<si><t>后辛庄村</t></si>", runs)

    return changed(with_formats(SHORT, A, B, C), "xl/sharedStrings.xml", spoken)


@case("a new workbook named .xls", TRIO, file="名单.xls")
def _():
    return book(SHORT, A, B, C)


@case("an old workbook named .xlsx", PLAIN, file="名单.xlsx")
def _():
    return xls(HEAD, ONE, TWO)


@case("a workbook of WPS named .et", PLAIN, file="名单.et")
def _():
    return xls(HEAD, ONE, TWO)


@case("an open document named .xlsx", PLAIN)
def _():
    return ods(("名单", [HEAD, ONE, TWO]))


@case("a workbook named .csv", TRIO, file="名单.csv")
def _():
    return book(SHORT, A, B, C)


@case(
    "old workbook with merged cells",
    said(SHORT, (3, *A), (4, "前辛庄村", *A[1:])),
    dropped=[1],
    file="名单.xls",
)
def _():
    down = [(2, 3, 1, 1), (2, 3, 2, 2), (2, 3, 3, 3)]
    return xls(["联系村安排表"], SHORT, A, ["前辛庄村"], merge=[(0, 0, 0, 3), *down])


@case("a quotation mark never closed", refused="The quotation marks in line 3", file="名单.csv")
def _():
    return lines(SHORT, ["后辛庄村", "官亭镇", "开"], B).replace("开", '"开').encode()


@case("an empty workbook", refused="No header was found")
def _():
    return book()


@case("rows and columns changed places", refused="No header was found")
def _():
    return book(*([header, a, b] for header, a, b in zip(SHORT, A, B, strict=True)))
