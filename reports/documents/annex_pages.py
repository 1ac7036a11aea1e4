"""The annexes in Word: each on pages of its own, a table or a picture."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from lxml import etree

from reports.documents.drawing import draw
from reports.documents.emf import emf
from reports.documents.outline import Chart, Column, Table
from reports.documents.styles import CHART, write

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

PICTURE = """
<w:r {ns} xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
     xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
     xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"
     xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
  <w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">
    <wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="" descr=""/>
    <a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
      <pic:pic>
        <pic:nvPicPr><pic:cNvPr id="{number}" name=""/><pic:cNvPicPr/></pic:nvPicPr>
        <pic:blipFill><a:blip r:embed="{link}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
        <pic:spPr>
          <a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
          <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
        </pic:spPr>
      </pic:pic>
    </a:graphicData></a:graphic>
  </wp:inline></w:drawing>
</w:r>"""


def write_annex(document: Any, label: str, annex: Table | Chart) -> None:
    """The annex at the end of the document, on a new page."""
    write(document, label, "Annex Label").paragraph_format.page_break_before = True
    title = write(document, annex.title, "Annex Title").paragraph_format
    title.left_indent = title.right_indent = Pt(_beside(annex.title))
    if isinstance(annex, Chart):
        _write_chart(document, annex)
    else:
        _write_table(document, annex)


def _beside(title: str) -> int:
    """Points to leave at both sides, so that its lines are about as long; a letter has 22."""
    count = -(-len(title) // 20)
    return max((442 - 22 * (len(title) // count + 2)) // 2, 0) if count > 1 else 0


def _write_chart(document: Any, chart: Chart) -> None:
    drawing = draw(chart)
    package = document.part.package
    number = len(document.inline_shapes) + 1
    name = PackURI(f"/word/media/chart{number}.emf")
    part = Part(name, "image/x-emf", emf(drawing, CHART), package)
    picture = parse_xml(
        PICTURE.format(
            ns=nsdecls("w"),
            width=Mm(drawing.width / 100),
            height=Mm(drawing.height / 100),
            number=number,
            link=document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE),
        )
    )
    described = picture.find(f".//{qn('wp:docPr')}")
    described.set("name", chart.title)
    described.set("descr", in_words(chart))
    write(document, "", "Chart")._element.append(picture)


def in_words(chart: Chart) -> str:
    """What the chart shows, for those who cannot see it."""
    rows = [
        f"{label}：" + "、".join(f"{name}{values[n]}{chart.unit}" for name, values in chart.series)
        for n, label in enumerate(chart.labels)
    ]
    return "；".join(rows)


def _write_table(document: Any, annex: Table) -> None:
    widths = [round(column.width * 1440 / 25.4) for column in annex.columns]
    table = parse_xml(
        TABLE.format(
            ns=nsdecls("w"),
            width=sum(widths),
            grid="".join(f'<w:gridCol w:w="{width}"/>' for width in widths),
        )
    )
    table.append(
        _filled(
            _row(annex.columns, widths, "head"), ["\n".join(c.head_lines) for c in annex.columns]
        )
    )
    row = _row(annex.columns, widths, "body")
    # Copies of one parsed row: adding rows and cells one by one takes ten times as long.
    rows = annex.rows[:-1] if annex.total else annex.rows
    table.extend(_filled(deepcopy(row), cells) for cells in rows)
    if annex.total:
        # The total does not stand alone on a page.
        for style in table[-1].iter(qn("w:pStyle")):
            style.set(qn("w:val"), "TableLast" if rows else "TableHead")
        table.append(_filled(_row(annex.columns, widths, "total"), annex.rows[-1]))
    document.paragraphs[-1]._element.addnext(table)
    write(document, "", "After Table")  # Word wants a paragraph after a table


def _row(columns: Sequence[Column], widths: Sequence[int], kind: str) -> Any:
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


def _filled(row: Any, cells: Sequence[str]) -> Any:
    for element, text in zip(list(row.iter(qn("w:t"))), cells, strict=True):
        element.text, *further = text.split("\n")
        for line in further:
            below = deepcopy(element)
            below.text = line
            element.getparent().extend([element.makeelement(qn("w:br")), below])
    etree.cleanup_namespaces(row)
    return row
