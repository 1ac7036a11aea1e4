"""The Word document: layout of GB/T 9704, and the figures in it those of the indicators."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from outreach import clock
from reports import documents, indicators, snapshots
from reports.documents import annex, layout, yearly
from reports.documents.outline import (
    INSETS,
    LETTER,
    Column,
    Outline,
    Paragraph,
    RedHeader,
    Table,
)
from reports.documents.phrases import share
from reports.documents.wording import compose
from reports.models import Report
from reports.texts import cleaned
from tests import factories as make
from tests.reports import frozen, small_county
from tests.reports.small_county import MAY


@pytest.fixture(scope="module")
def document():
    """A report that has something in every chapter."""
    text = {
        "township": "观寨乡",
        "village": "张家村村委会",
        "month": "2026-10-01",
        "text": "电表不准",
    }
    counts = {"due": 300, "done": 250, "visits": 260, "extra": 3, "people": 9, "ate": 4}
    units = [
        {"key": n, "name": f"县第{n}局", "kind": "other", "figures": frozen.figures(due=n)}
        for n in range(1, 121)
    ]
    kinds = [
        {"key": kind, "figures": frozen.figures(due=150, done=125)}
        for kind in ("township", "other")
    ]
    snapshot = frozen.snapshot(
        counts,
        units=units,
        kinds=kinds,
        unmet=[frozen.owed(n) for n in range(50)],
        findings=[text],
        suggestions=[text],
    )
    return Document(io.BytesIO(layout.render(compose(snapshot))))


@pytest.fixture
def county(db):
    with clock.at(make.moment(small_county.TODAY.replace(month=6, day=5))):
        yield small_county.build(3, visits=60)


@pytest.fixture
def snapshot(county):
    """A snapshot as the database gives it back: JSON, keys in another order."""
    taken = snapshots.take(Report(county=county, month=MAY, revision=1))
    return json.loads(json.dumps(taken, sort_keys=True))


def test_page_is_that_of_the_standard(document):
    section = document.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [210, 297]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")


@pytest.mark.parametrize(
    ("style", "font", "points"),
    [
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
        ("Heading 4", "仿宋_GB2312", 16),
        ("Body", "仿宋_GB2312", 16),
    ],
)
def test_fonts_are_those_of_the_standard(document, style, font, points):
    defaults = document.styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:rPr')}")
    own = document.styles[style].element.rPr
    fonts, size = (
        own.find(qn(name)) if own.find(qn(name)) is not None else defaults.find(qn(name))
        for name in ("w:rFonts", "w:sz")
    )
    assert {fonts.get(qn(f"w:{part}")) for part in ("ascii", "hAnsi", "eastAsia")} == {font}
    assert int(size.get(qn("w:val"))) == 2 * points


def test_every_style_used_is_defined(document):
    root = document.element.body
    used = {element.get(qn("w:val")) for element in root.iter(qn("w:pStyle"))}
    assert used <= {style.style_id for style in document.styles}


def test_line_pitch_and_indent_of_the_body(document):
    spacing = document.styles["Normal"].element.pPr.find(qn("w:spacing"))
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact")
    indent = document.styles["Body"].element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_page_numbers_stand_outside(document):
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        assert footer.paragraphs[0].text == "— 1 —"
        assert footer.paragraphs[0]._element.pPr.find(qn("w:jc")).get(qn("w:val")) == side


@pytest.mark.parametrize(
    ("head", "width", "lines"),
    [
        ("完成率", 17, ["完成率"]),
        ("座谈（人次）", 21, ["座谈", "（人次）"]),
        ("及时反馈率", 22, ["及时", "反馈率"]),
        ("及时反馈率", 24, ["及时反馈率"]),
    ],
)
def test_a_head_is_broken_where_a_word_ends(head, width, lines):
    column = Column(head, width)
    assert column.head_lines == lines
    table = Table("表", [column], [["1"], ["2"]])
    made = replace(compose(frozen.snapshot()), annexes=[table])
    (found,) = Document(io.BytesIO(layout.render(made))).tables
    assert [row.cells[0].text for row in found.rows] == ["\n".join(lines), "1", "2"]


def test_no_head_of_a_document_is_wider_than_its_column():
    for columns in (annex.UNITS, annex.TOWNSHIPS, annex.MATTERS, yearly.MONTHS, yearly.MATTERS):
        assert sum(column.width for column in columns) == 156
        for column in columns:
            widest = max(len(line) for line in column.head_lines)
            assert widest * LETTER + INSETS <= column.width, column.head


def test_annex_repeats_its_head_and_fits_the_page(document):
    table = next(document.element.body.iter(qn("w:tbl")))
    rows = list(table.iter(qn("w:tr")))
    assert [row.find(f".//{qn('w:tblHeader')}") is not None for row in rows[:2]] == [True, False]
    assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in rows)
    columns = [int(column.get(qn("w:w"))) for column in table.iter(qn("w:gridCol"))]
    for row in rows:
        assert [int(cell.get(qn("w:w"))) for cell in row.iter(qn("w:tcW"))] == columns
    assert sum(columns) <= 8850


def test_nothing_of_the_machinery_shows(document):
    text = "\n".join(p.text for p in document.paragraphs)
    assert not re.search(r"[{}]|None|nan|%\(|False|True", text)
    assert "。。" not in text


def test_date_and_office_close_the_report(document):
    texts = [paragraph.text for paragraph in document.paragraphs]
    office = texts.index("巨鹿县“面对面”活动办公室")
    assert texts[office + 1] == "2026年11月5日"
    notes = texts.index("附件：1.各单位完成情况表")
    assert texts[notes : office - 1] == ["附件：1.各单位完成情况表", "2.各类单位完成情况图"]


def test_long_titles_of_annexes_go_on_below_their_first_character(document):
    first, second = (p for p in document.paragraphs if p.style.name == "Closing")
    assert first.paragraph_format.left_indent == second.paragraph_format.left_indent
    # Two characters from the edge stands 附件：, and below its end the second number.
    starts = [
        round((p.paragraph_format.left_indent + p.paragraph_format.first_line_indent) / Pt(1))
        for p in (first, second)
    ]
    assert starts == [2 * 16, 5 * 16]


def test_each_annex_begins_a_page_and_is_headed_by_its_number(document):
    heads = [p for p in document.paragraphs if p.style.name == "Annex Label"]
    assert [p.text for p in heads] == ["附件1", "附件2"]
    assert all(p.paragraph_format.page_break_before for p in heads)
    titles = [p.text for p in document.paragraphs if p.style.name == "Annex Title"]
    assert titles == ["各单位完成情况表", "各类单位完成情况图"]


def test_the_office_stays_with_the_last_line_and_the_total_with_the_last_row(document):
    texts = [paragraph.text for paragraph in document.paragraphs]
    office = texts.index("巨鹿县“面对面”活动办公室")
    styles = {style.style_id: style for style in document.styles}
    for paragraph in document.paragraphs[office - 5 : office + 1]:
        own, inherited = paragraph.paragraph_format, paragraph.style.paragraph_format
        assert own.keep_with_next or inherited.keep_with_next
    *_rows, before, _total = next(document.element.body.iter(qn("w:tbl"))).iter(qn("w:tr"))
    for style in before.iter(qn("w:pStyle")):
        assert styles[style.get(qn("w:val"))].paragraph_format.keep_with_next


def test_the_chart_is_a_vector_picture_as_wide_as_the_text_and_told_in_words(document):
    (picture,) = document.inline_shapes
    assert round(picture.width.mm) == 156
    described = picture._inline.docPr.get("descr")
    assert described == "乡镇：应完成150次、完成125次；其他单位：应完成150次、完成125次"
    (part,) = [part for part in document.part.package.iter_parts() if part.partname.ext == "emf"]
    assert part.content_type == "image/x-emf"
    assert part.blob[40:44] == b" EMF"


def test_red_header_stands_above_the_title_on_one_line():
    plain = Outline([Paragraph("Title", "报告")], "办公室", date(2026, 11, 5))
    header = RedHeader("巨鹿县“面对面”活动办公室文件", "巨面办〔2026〕5号")
    document = Document(io.BytesIO(layout.render(replace(plain, red_header=header))))
    office, number, rule, *_lines = document.paragraphs
    assert (office.text, number.text, rule.text) == (header.office, header.number, "")
    assert str(office.style.font.color.rgb) == "FF0000"
    assert office.runs[0].font.size.mm * len(header.office) <= 156
    assert rule.style.element.pPr.find(f".//{qn('w:bottom')}").get(qn("w:color")) == "FF0000"
    bare = Document(io.BytesIO(layout.render(plain)))
    assert bare.paragraphs[0].text == "报告"


def test_same_snapshot_gives_the_same_bytes(snapshot):
    first = documents.files(snapshot)
    assert documents.files(dict(reversed(snapshot.items()))) == first
    assert layout.render(compose(snapshot)) == first["docx"]
    with zipfile.ZipFile(io.BytesIO(first["docx"])) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_text_and_annex_show_the_figures_of_the_indicators(snapshot, county):
    document = Document(io.BytesIO(layout.render(compose(snapshot))))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    (total,) = indicators.figures(county.pk, MAY)
    due, done = map(int, re.search(r"应完成走访(\d+)次，完成(\d+)次", text).groups())
    assert (due, done) == (total.due, total.done)
    assert 0 < done < due
    assert int(re.search(r"座谈(\d+)人次", text)[1]) == total.people
    assert int(re.search(r"逐户走访(\d+)户次", text)[1]) == total.household_contacts
    assert f"及时反馈率{share(total.feedback_on_time, total.visits)}" in text

    rows = [
        [cell.findtext(f".//{qn('w:t')}") for cell in row.iter(qn("w:tc"))]
        for row in next(document.element.body.iter(qn("w:tbl"))).iter(qn("w:tr"))
    ]
    by_unit = {row.key: row for row in indicators.figures(county.pk, MAY, by="unit")}
    assert len(rows) == len(by_unit) + 2
    for column in (2, 3, 4):
        assert sum(int(row[column]) for row in rows[1:-1]) == int(rows[-1][column])
    assert [int(row[2]) for row in rows[1:-1]] == [by_unit[key].due for key in sorted(by_unit)]


def test_text_that_xml_cannot_hold_does_not_stop_the_report(county):
    snapshot = snapshots.take(Report(county=county, month=MAY, revision=1))
    assert snapshot["findings"]
    printable = cleaned("电表\x0b不准\n请\ufffe更换\ufdd0")
    assert printable == "电表 不准 请 更换"
    assert cleaned("\u202e准\u2066不\u200b\u200f表\ufeff") == "准不表"
    snapshot["findings"][0]["text"] = printable
    assert layout.render(compose(snapshot))


def test_snapshot_shows_no_person_and_no_sentence_twice(snapshot):
    said = json.dumps([snapshot["findings"], snapshot["suggestions"]], ensure_ascii=False)
    assert "干部" not in said  # how the test's officers are called
    texts = [row["text"] for row in snapshot["findings"]]
    assert len(texts) == len(set(texts))
    fields = {"visit", "township", "village", "month", "text"}
    assert all(set(row) == fields for row in snapshot["findings"])
