"""The layout of official documents (GB/T 9704-2012) with python-docx.

A4 with margins of 37/35/28/26 mm leaves 156 x 225 mm for 22 lines of 28 characters of 16 points:
exactly 28.95 points a line, and each character drawn 0.25 points nearer, as 28 would be too wide.
A grid of characters would be right in Word but gives two cells to each character in LibreOffice.
"""

import io
import zipfile
from copy import deepcopy
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Twips
from lxml import etree

from reports.documents.outline import Annex, Column, Outline
from reports.documents.phrases import day
from reports.documents.styles import STYLES

LINE = 579  # twentieths of a point: 225 mm / 22
CHARACTER = 320  # 16 points
TEXT_WIDTH = 8844  # 156 mm
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

# The three bold lines of an official table, with thin ones between rows for the eye.
TABLE = """
<w:tbl {ns}>
  <w:tblPr>
    <w:tblW w:w="{width}" w:type="dxa"/>
    <w:jc w:val="center"/>
    <w:tblBorders>
      <w:top w:val="single" w:sz="12" w:space="0" w:color="000000"/>
      <w:bottom w:val="single" w:sz="12" w:space="0" w:color="000000"/>
      <w:insideH w:val="single" w:sz="2" w:space="0" w:color="A6A6A6"/>
    </w:tblBorders>
    <w:tblLayout w:type="fixed"/>
    <w:tblCellMar>
      <w:left w:w="57" w:type="dxa"/>
      <w:right w:w="57" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblGrid>{grid}</w:tblGrid>
</w:tbl>"""
ROW = "<w:tr {ns}><w:trPr><w:cantSplit/>{header}</w:trPr>{cells}</w:tr>"
CELL = """
<w:tc>
  <w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{border}<w:vAlign w:val="center"/></w:tcPr>
  <w:p>
    <w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{align}"/></w:pPr>
    <w:r><w:t xml:space="preserve"></w:t></w:r>
  </w:p>
</w:tc>"""
RULE = """<w:tcBorders>
  <w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>
</w:tcBorders>"""

PAGE_NUMBER = """
<w:p {ns}>
  <w:pPr><w:pStyle w:val="Footer"/><w:ind w:{side}="280"/><w:jc w:val="{side}"/></w:pPr>
  <w:r><w:t xml:space="preserve">— </w:t></w:r>
  <w:r><w:fldChar w:fldCharType="begin"/></w:r>
  <w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>
  <w:r><w:fldChar w:fldCharType="separate"/></w:r>
  <w:r><w:t>1</w:t></w:r>
  <w:r><w:fldChar w:fldCharType="end"/></w:r>
  <w:r><w:t xml:space="preserve"> —</w:t></w:r>
</w:p>"""


def render(outline: Outline) -> bytes:
    """The bytes of a Word file; they depend on the outline alone."""
    document = Document()
    _set_styles(document)
    _set_page(document)
    _set_properties(document, outline)
    _write_body(document, outline)
    many = len(outline.annexes) > 1
    for n, annex in enumerate(outline.annexes, 1):
        _write_annex(document, annex, f"附件{n}" if many else "附件")
    file = io.BytesIO()
    document.save(file)
    return _without_time(file)


def _set_styles(document: Any) -> None:
    root = document.styles.element
    for child in list(root):
        root.remove(child)
    for child in parse_xml(STYLES.format(ns=nsdecls("w"))):
        root.append(child)
    document.settings.odd_and_even_pages_header_footer = True


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance = Mm(15)
    section.footer_distance = Mm(23)  # the number stands 7 mm below the text
    grid = section._sectPr.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(LINE))
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        element = footer._element
        for paragraph in list(element):
            element.remove(paragraph)
        element.append(parse_xml(PAGE_NUMBER.format(ns=nsdecls("w"), side=side)))


def _set_properties(document: Any, outline: Outline) -> None:
    moment = datetime.combine(outline.issued_on, time())
    properties = document.core_properties
    properties.title = "".join(p.text for p in outline.paragraphs if p.style == "Title")
    properties.author = properties.last_modified_by = outline.issuer
    properties.created = properties.modified = moment
    properties.revision, properties.language = 1, "zh-CN"
    properties.comments = properties.keywords = ""


def _write_body(document: Any, outline: Outline) -> None:
    before = None
    for paragraph in outline.paragraphs:
        if before == "Title" != paragraph.style:
            document.add_paragraph()
        document.add_paragraph(paragraph.text, paragraph.style)
        before = paragraph.style
    # Date and office must not stand on a page without a line of the text.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    document.add_paragraph().paragraph_format.keep_with_next = True
    for n, annex in enumerate(outline.annexes, 1):
        # The second begins below the number of the first.
        begins = "附件：" if n == 1 else "\u3000" * 3
        number = f"{n}. " if len(outline.annexes) > 1 else ""
        row = document.add_paragraph(f"{begins}{number}{annex.title}", "Closing")
        row.paragraph_format.keep_with_next = True
    if outline.annexes:
        document.add_paragraph().paragraph_format.keep_with_next = True
    # Both end two characters or more from the right; the date begins two after the office.
    issuer, date = outline.issuer, day(outline.issued_on)
    start = TEXT_WIDTH - max(_width(issuer), _width(date) + 2 * CHARACTER) - 2 * CHARACTER
    for text, left in ((issuer, start), (date, start + 2 * CHARACTER)):
        paragraph = document.add_paragraph(text, "Signature")
        paragraph.paragraph_format.left_indent = Twips(max(left, 0))
    document.paragraphs[-2].paragraph_format.keep_with_next = True


def _width(text: str) -> int:
    """The width of body text: a digit takes half a character."""
    return sum(CHARACTER // 2 if letter.isascii() else CHARACTER for letter in text)


def _write_annex(document: Any, annex: Annex, name: str) -> None:
    label = document.add_paragraph(name, "Annex Label")
    label.paragraph_format.page_break_before = True
    document.add_paragraph(annex.title, "Annex Title")
    widths = [round(column.width * 1440 / 25.4) for column in annex.columns]
    table = parse_xml(
        TABLE.format(
            ns=nsdecls("w"),
            width=sum(widths),
            grid="".join(f'<w:gridCol w:w="{width}"/>' for width in widths),
        )
    )
    table.append(_filled(_row(annex.columns, widths, "head"), [c.head for c in annex.columns]))
    row = _row(annex.columns, widths, "body")
    # Copies of one parsed row: adding rows and cells one by one takes ten times as long.
    table.extend(_filled(deepcopy(row), cells) for cells in annex.rows[:-1])
    table.append(_filled(_row(annex.columns, widths, "total"), annex.rows[-1]))
    document.paragraphs[-1]._element.addnext(table)
    document.add_paragraph("", "After Table")  # Word wants a paragraph after a table


def _row(columns: list[Column], widths: list[int], kind: str) -> Any:
    sides = {"head": "bottom", "total": "top"}
    border = RULE.format(side=sides[kind]) if kind in sides else ""
    cells = "".join(
        CELL.format(
            width=width,
            border=border,
            style="TableText" if kind == "body" else "TableHead",
            align="center" if kind == "head" else column.align,
        )
        for column, width in zip(columns, widths, strict=True)
    )
    header = "<w:tblHeader/>" if kind == "head" else ""
    return parse_xml(ROW.format(ns=nsdecls("w"), header=header, cells=cells))


def _filled(row: Any, cells: list[str]) -> Any:
    for element, text in zip(row.iter(qn("w:t")), cells, strict=True):
        element.text = text
    etree.cleanup_namespaces(row)
    return row


def _without_time(file: io.BytesIO) -> bytes:
    """The same archive with a constant date on every part."""
    target = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(info, old.read(name))
    return target.getvalue()
