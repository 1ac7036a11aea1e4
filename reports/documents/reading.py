"""What all chapters read from a snapshot, and the paragraphs they write."""

from datetime import date
from typing import Any

from reports.documents.outline import Paragraph, RedHeader
from reports.documents.phrases import plain, spans

Snapshot = dict[str, Any]


def month_in(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot["month"])


def counted_on(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot["counted_on"])


def runs(snapshot: Snapshot) -> bool:
    """Whether the month was not over when it was counted."""
    return counted_on(snapshot).replace(day=1) <= month_in(snapshot)


def until(snapshot: Snapshot) -> str:
    """截至11月5日."""
    counted = counted_on(snapshot)
    return f"截至{counted.month}月{counted.day}日"


def kind_of_county(snapshot: Snapshot) -> str:
    name = snapshot["county"]["name"]
    return name[-1] if name[-1:] in ("县", "区", "市", "旗") else "县"


def issuer(snapshot: Snapshot) -> str:
    """Who signs; the first snapshots froze no letterhead."""
    head = snapshot.get("letterhead") or {}
    return head.get("issuer") or f"{snapshot['county']['name']}“面对面”活动办公室"


def red_header(snapshot: Snapshot) -> RedHeader | None:
    head = snapshot.get("letterhead") or {}
    return RedHeader(head["office"], head["number"]) if head.get("office") else None


def body(key: str, *parts: str) -> Paragraph:
    """A paragraph that the office can edit by its key; without a key it is a quotation."""
    text = "".join(parts)
    return Paragraph("Body", plain(text), key=key, spans=spans(text))


def heading(number: int, text: str) -> Paragraph:
    """（一）各类单位完成情况."""
    return Paragraph("Heading 2", f"（{NUMERALS[number - 1]}）{text}")


NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
