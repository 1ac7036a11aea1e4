"""The layout of official documents (GB/T 9704-2012) with python-docx.

A4 with margins of 37/35/28/26 mm leaves 156 x 225 mm for 22 lines of 28 characters of 16 points:
exactly 28.95 points a line, and each character drawn 0.25 points nearer, as 28 would be too wide.
A grid of characters would be right in Word but gives two cells to each character in LibreOffice.
"""

import io
import zipfile
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, Twips

from reports.documents.annex_pages import write_annex
from reports.documents.outline import Outline, RedHeader
from reports.documents.phrases import day
from reports.documents.styles import STYLES, write

LINE = 579  # twentieths of a point: 225 mm / 22
CHARACTER = 320  # 16 points
TEXT_WIDTH = 8844  # 156 mm
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

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
    for label, annex in zip(outline.annex_labels(), outline.annexes, strict=True):
        write_annex(document, label, annex)
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
    properties.title = outline.title
    properties.author = properties.last_modified_by = outline.issuer
    properties.created = properties.modified = moment
    properties.revision, properties.language = 1, "zh-CN"
    properties.comments = properties.keywords = ""


def _write_red_header(document: Any, header: RedHeader) -> None:
    office = write(document, header.office, "Red Office").runs[0]
    office.font.size = Pt(min(42, TEXT_WIDTH // 20 // len(header.office)))  # on one line
    write(document, header.number, "Red Number")
    if header.left:
        write(document, f"{header.left}\t{header.right}", "Red Sides")
    write(document, "", "Red Rule")
    for _line in range(2):
        write(document)


def _write_body(document: Any, outline: Outline) -> None:
    if outline.red_header:
        _write_red_header(document, outline.red_header)
    before = None
    for paragraph in outline.paragraphs:
        if before == "Title" != paragraph.style:
            write(document)
        write(document, paragraph.text, paragraph.style)
        before = paragraph.style
    if outline.signed:
        _write_signature(document, outline)
    if outline.imprint:
        write(document)
        for line in outline.imprint:
            write(document, line, "Imprint")


def _write_signature(document: Any, outline: Outline) -> None:
    # Date and office must not stand on a page without a line of the text.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    write(document).paragraph_format.keep_with_next = True
    if outline.annexes:
        _write_annex_notes(document, outline)
        write(document).paragraph_format.keep_with_next = True
    # Both end two characters or more from the right; the date begins two after the office.
    issuer, date = outline.issuer, day(outline.issued_on)
    widest = max(_width(issuer), _width(date) + 2 * CHARACTER) + 2 * CHARACTER
    start = max(TEXT_WIDTH - widest, 0)
    for text, left in ((issuer, start), (date, start + 2 * CHARACTER)):
        paragraph = write(document, text, "Signature")
        paragraph.paragraph_format.left_indent = Twips(left)
    if not start:
        last = document.paragraphs[-1].paragraph_format
        last.alignment, last.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Twips(2 * CHARACTER)
    document.paragraphs[-2].paragraph_format.keep_with_next = True


def _write_annex_notes(document: Any, outline: Outline) -> None:
    """The list of annexes: a long title goes on below its own first character."""
    titles = (2 + 3) * CHARACTER  # two empty, then 附件：
    for number, title in outline.annex_notes():
        paragraph = write(document, number + title, "Closing")
        own = _width(number.removeprefix("附件："))
        paragraph.paragraph_format.left_indent = Twips(titles + own)
        first = 3 * CHARACTER + own if number.startswith("附") else own
        paragraph.paragraph_format.first_line_indent = Twips(-first)


def _width(text: str) -> int:
    """The width of body text: a digit takes half a character."""
    return sum(CHARACTER // 2 if letter.isascii() else CHARACTER for letter in text)


def _without_time(file: io.BytesIO) -> bytes:
    """The same archive with a constant date on every part."""
    target = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(info, old.read(name))
    return target.getvalue()
