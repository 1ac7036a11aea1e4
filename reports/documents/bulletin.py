"""The bulletin: its own red head with number, issuer and date, and the office's text."""

import re
from datetime import date
from typing import Any

from reports.documents.outline import Outline, Paragraph, RedHeader, Style
from reports.documents.phrases import day

# How the office writes a heading: by its number, as official documents do.
HEADINGS: tuple[tuple[re.Pattern[str], Style], ...] = (
    (re.compile(r"[一二三四五六七八九十]{1,3}、"), "Heading 1"),
    (re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]"), "Heading 2"),
)
LONGEST_HEADING = 28  # one line; what is longer is a sentence


def compose(
    *, title: str, text: str, head: dict[str, Any], number: str, issued_on: date
) -> Outline:
    """`number` is 第5期, or what stands in its place on a draft."""
    lines = (line.strip() for line in text.splitlines())
    return Outline(
        paragraphs=[
            Paragraph("Title", title),
            *(Paragraph(_style(line), line) for line in lines if line),
        ],
        issuer=head["issuer"],
        issued_on=issued_on,
        red_header=RedHeader(head["bulletin_name"], number, head["issuer"], day(issued_on)),
        signed=False,
        imprint=head["copies"],
    )


def _style(line: str) -> Style:
    for pattern, style in HEADINGS:
        if pattern.match(line) and len(line) <= LONGEST_HEADING and not line.endswith("。"):
            return style
    return "Body"
