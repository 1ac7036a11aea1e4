"""The monthly report's files, from its snapshot alone."""

import logging
from typing import Any

from outreach.exports import XLSX_TYPE
from reports.documents import fonts, pdf, workbook
from reports.documents.layout import render
from reports.documents.outline import Outline
from reports.documents.wording import compose

__all__ = ["FILE_TYPES", "file_of", "files", "files_of", "pdf_hindrance"]

FILE_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": XLSX_TYPE,
}

log = logging.getLogger(__name__)
pdf_hindrance = fonts.hindrance


def files(snapshot: dict[str, Any]) -> dict[str, bytes]:
    """Word, PDF and Excel by their kind; the same snapshot gives the same bytes.

    The PDF's also depend on this machine's fonts. Without a Chinese one there is none
    (`pdf_hindrance` says so): the report never waits for it.
    """
    outline = compose(snapshot)
    return files_of(outline) | {"xlsx": workbook.render(snapshot, outline)}


def file_of(outline: Outline, kind: str) -> bytes | None:
    """One file of the outline, Word or PDF; None where there is no such kind here."""
    if kind == "docx":
        return render(outline)
    if kind == "pdf" and not pdf_hindrance():
        return pdf.render(outline)
    return None


def files_of(outline: Outline) -> dict[str, bytes]:
    """Word and, where there is a Chinese font, PDF of one outline."""
    made = {"docx": render(outline)}
    try:
        made["pdf"] = pdf.render(outline)
    except fonts.NoChineseFont:
        log.warning("no PDF of %s: no Chinese font is installed", outline.title)
    return made
