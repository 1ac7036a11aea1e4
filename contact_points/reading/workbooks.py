""".xlsx and .xlsm: values by calamine, everything else from the XML."""

import io
import re
import zipfile
from datetime import date
from functools import partial
from posixpath import basename, join, normpath
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

from contact_points.reading import archives
from contact_points.reading.files import broken
from contact_points.reading.grids import Book, Grid, Sheet, calamine
from contact_points.reading.sheet_xml import Facts, SheetScan

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
# What a number is shown by: years and months only, or digits filled with zeros.
MONTH = -1


def safe_xml(data: bytes) -> Any:
    """The root of a small part; nothing is expanded or fetched. Raises Unreadable."""
    archives.check_xml(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        broken()


def read_workbook(content: bytes, *, macros: bool = False) -> Book:
    """The sheets of a workbook. Raises Unreadable."""
    with archives.opened(content) as archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
            broken()
        archives.check_links(names, macros=macros)
        parts = _sheet_parts(archive, names)
        shown = _number_formats(archive, names)
        facts: dict[str, Facts] = {}
        for name in names:
            if name in parts.values() or archives.is_sheet(name):
                facts[name] = SheetScan(shown).run(archives.blocks(archive, name))
            else:
                archives.skim(archive, name)
        if any(said.trimmed is not None for said in facts.values()):
            content = _rebuilt(archive, facts)
    with calamine():
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = []
    for meta in book.sheets_metadata:
        said = facts.get(parts.get(meta.name, ""))
        if said is None:  # a chart
            continue
        visible = not str(meta.visible).endswith("Hidden")
        sheets.append(Sheet(meta.name, partial(_grid, book, meta.name, said, shown), visible))
    return Book(sheets)


def _sheet_parts(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    """Sheet name -> part, as the workbook relates them."""
    if "xl/_rels/workbook.xml.rels" not in names:
        broken()
    targets: dict[str, str] = {}
    for relation in safe_xml(archives.proved(archive, "xl/_rels/workbook.xml.rels")):
        if not isinstance(relation.tag, str):
            continue
        name, target = relation.get("Id", ""), relation.get("Target", "")
        if name in targets:
            broken()
        path = target[1:] if target.startswith("/") else target
        targets[name] = path if path.startswith("xl/") else normpath(join("xl", path))
    parts: dict[str, str] = {}
    for sheet in safe_xml(archives.proved(archive, "xl/workbook.xml")).iterfind(
        ".//{*}sheets/{*}sheet"
    ):
        relation_id = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
        name, part = sheet.get("name", ""), targets.get(relation_id, "")
        if name in parts:
            broken()
        if part in names and "chartsheet" not in part:
            parts[name] = part
    if not parts:
        broken()
    return parts


def _number_formats(archive: zipfile.ZipFile, names: set[str]) -> dict[int, int]:
    """Cell style -> MONTH or the number of digits, for styles that show less or more than a value.

    "2026年3月" is stored as 1 March 2026, and 03194332211 as a number without its first zero.
    """
    if "xl/styles.xml" not in names:
        return {}
    root = safe_xml(archives.proved(archive, "xl/styles.xml"))
    meanings: dict[str, int] = {"55": MONTH, "57": MONTH}
    for item in root.iterfind("{*}numFmts/{*}numFmt"):
        code = _QUOTED.sub("", item.get("formatCode", "")).split(";")[0].strip()
        if re.fullmatch(r"0{3,20}", code):
            meanings[item.get("numFmtId")] = len(code)
        elif set("ym") <= set(code.lower()) and not set("dhs") & set(code.lower()):
            meanings[item.get("numFmtId")] = MONTH
    cells = root.findall("{*}cellXfs/{*}xf")
    found = {n: meanings.get(cell.get("numFmtId"), 0) for n, cell in enumerate(cells)}
    return {style: meaning for style, meaning in found.items() if meaning}


def _rebuilt(archive: zipfile.ZipFile, facts: dict[str, Facts]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as smaller:
        for name in archive.namelist():
            trimmed = facts[name].trimmed if name in facts else None
            if trimmed is not None:
                smaller.writestr(name, trimmed)
            elif name.endswith((".xml", ".rels")) or "." not in basename(name):
                smaller.writestr(name, archive.read(name))
    return target.getvalue()


def _grid(book: CalamineWorkbook, name: str, facts: Facts, shown: dict[int, int]) -> Grid:
    with calamine():
        sheet = book.get_sheet_by_name(name)
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
    for (row, column), text in facts.instead.items():
        _fit(rows, row, column)
        rows[row][column] = text
    for (row, column), style in facts.styled.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = _as_shown(rows[row][column], shown[style])
    return Grid(rows, merged, facts.hidden_rows, facts.hidden_columns)


def _fit(rows: list[list[Any]], row: int, column: int) -> None:
    # An error may stand outside of the rectangle of values.
    if row >= 2**20 or column >= 2**14:
        broken()
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([""] * (column + 1 - len(rows[row])))


def _as_shown(value: Any, meaning: int) -> Any:
    if meaning == MONTH:
        return f"{value.year}年{value.month}月" if isinstance(value, date) else value
    if isinstance(value, float) and value.is_integer() and value >= 0:
        return str(int(value)).zfill(meaning)
    return value
