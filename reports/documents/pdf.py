"""The PDF of an outline: `official.typ` with the outline as data, set by typst.

Texts go in as JSON strings, so nothing that somebody wrote is ever markup.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst

from reports.documents import fonts
from reports.documents.annex_pages import in_words
from reports.documents.drawing import draw, svg
from reports.documents.outline import Chart, Outline, Table
from reports.documents.phrases import day

TEMPLATE = Path(__file__).with_name("official.typ")


def render(outline: Outline) -> bytes:
    """The bytes of a PDF; they depend on the outline and the installed fonts. NoChineseFont."""
    chains = fonts.chains()
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(),
        font_paths=fonts.installed(),
        sys_inputs={"outline": json.dumps(_data(outline, chains)), "fonts": json.dumps(chains)},
    )
    moment = datetime.combine(outline.issued_on, time(), UTC)
    content = compiler.compile(format="pdf", timestamp=moment)
    assert isinstance(content, bytes)
    _forget()
    return content


def _forget() -> None:
    """Let typst drop what it keeps of the last ten compilations: 190 MB against 5 ms."""
    compiler = typst.Compiler(font_paths=typst.Fonts(False, False))
    for _compilation in range(12):
        compiler.compile(b" ", format="svg")


def _data(outline: Outline, chains: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "title": outline.title,
        "issuer": outline.issuer,
        "date": day(outline.issued_on),
        "red_header": outline.red_header and asdict(outline.red_header),
        "signed": outline.signed,
        "imprint": list(outline.imprint),
        "paragraphs": [{"style": part.style, "text": part.text} for part in outline.paragraphs],
        "notes": outline.annex_notes() if outline.annexes else [],
        "annexes": [
            {"label": label, "title": annex.title, **_annex(annex, chains)}
            for label, annex in zip(outline.annex_labels(), outline.annexes, strict=True)
        ],
    }


def _annex(annex: Table | Chart, chains: dict[str, list[str]]) -> dict[str, Any]:
    if isinstance(annex, Chart):
        family = ", ".join(f"'{name}'" for name in chains["song"])
        return {"svg": svg(draw(annex), family), "words": in_words(annex)}
    return {
        "columns": [asdict(column) | {"head": column.head_lines} for column in annex.columns],
        "rows": annex.rows,
        "total": annex.total,
    }
