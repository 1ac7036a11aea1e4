"""The Word document: layout of GB/T 9704, and the figures in it those of the indicators."""

import io
import json
import re
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn

from outreach import clock
from reports import documents, indicators, snapshots
from reports.documents.phrases import share
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
    snapshot = frozen.snapshot(
        counts,
        units=units,
        kinds=[{"key": "other", "figures": frozen.figures(due=300, done=250)}],
        unmet=[frozen.owed(n) for n in range(50)],
        findings=[text],
        suggestions=[text],
    )
    return Document(io.BytesIO(documents.docx(snapshot)))


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


def test_annex_repeats_its_head_and_fits_the_page(document):
    (table,) = document.element.body.iter(qn("w:tbl"))
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
    assert "附件：各单位完成情况表" in texts[:office]


def test_same_snapshot_gives_the_same_bytes(snapshot):
    first = documents.docx(snapshot)
    assert documents.docx(dict(reversed(snapshot.items()))) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_text_and_annex_show_the_figures_of_the_indicators(snapshot, county):
    document = Document(io.BytesIO(documents.docx(snapshot)))
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
        for row in document.element.body.iter(qn("w:tr"))
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
    snapshot["findings"][0]["text"] = printable
    assert documents.docx(snapshot)


def test_snapshot_shows_no_person_and_no_sentence_twice(snapshot):
    said = json.dumps([snapshot["findings"], snapshot["suggestions"]], ensure_ascii=False)
    assert "干部" not in said  # how the test's officers are called
    texts = [row["text"] for row in snapshot["findings"]]
    assert len(texts) == len(set(texts))
    fields = {"visit", "township", "village", "month", "text"}
    assert all(set(row) == fields for row in snapshot["findings"])
