"""The PDF: its pages measured against GB/T 9704-2012, and what it does without a font."""

import os
import re
from dataclasses import replace
from itertools import pairwise

import pypdfium2
import pytest

from reports import documents
from reports.documents import fonts, pdf
from reports.documents.outline import Chart, Column, Outline, Paragraph, RedHeader, Table
from reports.documents.wording import compose
from tests.reports import frozen

MILLIMETRE = 72 / 25.4
LEFT, RIGHT = 28 * MILLIMETRE, (210 - 26) * MILLIMETRE
TOP, BOTTOM = (297 - 37) * MILLIMETRE, 35 * MILLIMETRE  # PDF counts from below
OFFICE, DATE = "巨鹿县“面对面”活动办公室", "2026年11月5日"


@pytest.fixture(scope="module", autouse=True)
def chinese_font():
    if not fonts.hindrance():
        return
    if "CI" in os.environ:
        pytest.fail(str(fonts.MISSING))
    pytest.skip("A Chinese font is missing; `make test` says how to install it.")


def outline(*texts, **changes):
    paragraphs = [Paragraph("Body", text) for text in texts]
    return replace(compose(frozen.snapshot()), paragraphs=paragraphs, **changes)


def pages(made: Outline) -> list[str]:
    return texts(pdf.render(made))


def texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as document:
        return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]


def characters(page):
    """(character, left, bottom, right, top) of each that is printed."""
    text = page.get_textpage()
    for n in range(text.count_chars()):
        if not (letter := text.get_text_range(n, 1)).isspace():
            yield letter, *text.get_charbox(n, loose=True)


def lines(page):
    """The lines of the text area from above: all that stands on about the same height."""
    found: dict[int, list] = {}
    for letter, left, bottom, right, top in characters(page):
        if bottom > BOTTOM - 5:
            found.setdefault(round((TOP - (bottom + top) / 2) / 28.99), []).append(
                (letter, left, right)
            )
    return [found[height] for height in sorted(found)]


def test_a_page_has_22_lines_of_28_characters_inside_the_margins():
    first = pypdfium2.PdfDocument(pdf.render(outline("面" * 2000)))[0]
    assert [round(side / MILLIMETRE) for side in first.get_size()] == [210, 297]
    rows = lines(first)
    # The first line begins two characters in.
    assert [len(row) for row in rows] == [26, *[28] * 21]
    for row in rows[1:]:
        assert row[0][1] == pytest.approx(LEFT, abs=1)
        assert row[-1][2] == pytest.approx(RIGHT, abs=1)
    heights = sorted(
        {round((bottom + top) / 2, 2) for _l, _x, bottom, _r, top in characters(first)}
    )
    pitch = [b - a for a, b in pairwise(heights[1:])]
    assert pitch == pytest.approx([225 * MILLIMETRE / 22] * 21, abs=0.02)


def test_page_numbers_stand_outside_seven_millimetres_below_the_text():
    document = pypdfium2.PdfDocument(pdf.render(outline("面" * 2000)))
    for n, page in enumerate(document, 1):
        number = [row for row in characters(page) if row[2] < BOTTOM - 5]
        assert "".join(row[0] for row in number) == f"—{n}—"
        # One character of 14 points from the edge of the text.
        if n % 2:
            assert number[-1][3] == pytest.approx(RIGHT - 14, abs=3)
        else:
            assert number[0][1] == pytest.approx(LEFT + 14, abs=3)
        middle = BOTTOM - (number[0][2] + number[0][4]) / 2
        assert middle / MILLIMETRE == pytest.approx(7, abs=1)


@pytest.mark.parametrize("length", range(21 * 28 - 200, 21 * 28 + 140, 28))
def test_office_and_date_never_stand_alone_on_a_page(length):
    *_before, last = pages(outline("政" * length, "面" * 60))
    assert "面" in last
    assert last.index(OFFICE) < last.index(DATE)


def test_what_somebody_wrote_is_never_markup():
    written = "#pagebreak() $x^2$ *粗* _斜_ \\ <标签> @引用 https://a.b // 注 [方] `码` = 题 - 项"
    (page,) = pages(outline(written))
    assert written.replace(" ", "") in page


def test_annexes_are_listed_numbered_and_headed():
    table = Table("甲表", [Column("单位", 156, "left")], [["县水务局"], ["合计"]])
    chart = Chart("乙图", "次", ["乡镇", "群团组织"], [("应完成", [4, 0]), ("完成", [3, 0])])
    body, first, second = pages(outline("面", annexes=[table, chart]))
    assert f"附件：1.甲表2.乙图{OFFICE}" in body
    assert first.startswith("附件1甲表单位县水务局合计")
    assert second.startswith("附件2乙图")
    assert {"应完成", "单位：次", "乡镇", "群团组织"} <= set(
        re.findall("应完成|单位：次|乡镇|群团组织", second)
    )
    alone, only = pages(outline("面", annexes=[chart]))
    assert f"附件：乙图{OFFICE}" in alone
    assert only.startswith("附件乙图")


def test_a_red_header_leaves_35_millimetres():
    header = RedHeader("巨鹿县“面对面”活动办公室文件", "巨面办〔2026〕5号")
    (page,) = pypdfium2.PdfDocument(pdf.render(outline("面", red_header=header)))
    office = next(row for row in characters(page) if row[0] == "巨")
    assert (TOP - office[4]) / MILLIMETRE == pytest.approx(35, abs=2)
    assert office[1] >= LEFT - 1


def test_a_long_fraction_may_be_broken_and_is_still_found():
    told = outline("应完成走访1285次，完成1122次，完成率87.3%（1122/1285）。", signed=False)
    assert "完成率87.3%（1122/1285）。" in pages(told)[0]
    with pypdfium2.PdfDocument(pdf.render(told)) as document:
        first, *_others = document[0].get_textpage().get_text_range().splitlines()
    assert first.rstrip().endswith("（1122/")


def test_long_tables_repeat_their_head_and_keep_the_total_with_a_row():
    columns = [Column("单位", 100, "left"), Column("次", 56)]
    for rows in range(20, 34):
        table = Table("表", columns, [[f"第{n}局", str(n)] for n in range(rows)] + [["合计", "9"]])
        found = pages(outline("面", annexes=[table]))[1:]
        assert all("单位次" in page for page in found)
        assert re.search(r"第\d+局\d+合计9", found[-1])


@pytest.mark.parametrize(
    "snapshot",
    [
        frozen.snapshot(),
        frozen.snapshot(
            {"due": 300, "done": 250},
            units=[
                {
                    "key": n,
                    "name": "县农业农村和水利事业发展综合服务中心" * 2 + str(n),
                    "kind": "other",
                    "figures": frozen.figures(due=3),
                }
                for n in range(120)
            ],
            findings=[
                {
                    "township": "乡",
                    "village": f"第{n}村委会",
                    "month": "2026-10-01",
                    "text": "电" * 99,
                }
                for n in range(3000)
            ],
        ),
    ],
    ids=["empty month", "120 units with long names, 3000 findings"],
)
def test_edge_months_come_out_whole_and_the_same_twice(snapshot):
    first = documents.files(snapshot)
    assert documents.files(snapshot) == first
    text = "".join(texts(first["pdf"]))
    assert not re.search(r"[{}]|None|nan|%\(|False|True", text)
    assert all(row["name"] in text for row in snapshot["units"])
    assert all(f"{n}.乡第{n - 1}村" in text for n, _row in enumerate(snapshot["findings"], 1))


def test_without_a_chinese_font_there_is_a_word_file_and_a_sentence(monkeypatch):
    monkeypatch.setattr(fonts, "SERIF", ())
    monkeypatch.setattr(fonts, "SANS", ())
    fonts.chains.cache_clear()
    try:
        assert set(documents.files(frozen.snapshot())) == {"docx", "xlsx"}
        assert documents.pdf_hindrance() == fonts.MISSING
    finally:
        fonts.chains.cache_clear()


def test_fonts_are_embedded_and_the_office_is_the_author():
    content = pdf.render(outline("面"))
    with pypdfium2.PdfDocument(content) as document:
        assert document.get_metadata_value("Author") == OFFICE
        used = {
            part.get_font() for part in document[0].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
        }
        assert used
        assert all(font.is_embedded for font in used)
