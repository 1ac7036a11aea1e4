"""The report in official Chinese. Its sentences differ with the situation of the month.

A figure that does not exist is never written: the sentence is left out.
"""

from collections.abc import Iterable, Iterator

from reports.documents import chapters, heard
from reports.documents.annex import annexes
from reports.documents.changes import changes
from reports.documents.evaluation import evaluation
from reports.documents.outline import Outline, Paragraph
from reports.documents.phrases import listed, month, rate, shown
from reports.documents.reading import (
    NUMERALS,
    Snapshot,
    body,
    counted_on,
    issuer,
    kind_of_county,
    month_in,
    red_header,
    runs,
)

# A chapter of which nothing can be said is left out, and the others are numbered on.
CHAPTERS = (
    ("总体情况", chapters.overall),
    ("完成情况", chapters.completion),
    ("群众座谈与逐户走访", chapters.talks),
    ("宣传内容", chapters.topics),
    ("了解到的情况", heard.findings),
    ("群众诉求办理情况", heard.matters),
    ("意见建议及答复", heard.suggestions),
    ("群众测评", evaluation),
    ("下月安排", chapters.next_month),
)


def compose(snapshot: Snapshot) -> Outline:
    """The whole report; every word of it comes from the snapshot."""
    county, kind = snapshot["county"]["name"], kind_of_county(snapshot)
    title = [f"{county}“面对面”活动", f"{month(month_in(snapshot))}情况报告"]
    return Outline(
        paragraphs=[
            *(Paragraph("Title", line) for line in title),
            Paragraph("Addressee", f"{kind}委、{kind}政府："),
            *_edited(_paragraphs(snapshot), snapshot),
        ],
        issuer=issuer(snapshot),
        issued_on=counted_on(snapshot),
        annexes=annexes(snapshot),
        red_header=red_header(snapshot),
    )


def generated(snapshot: Snapshot) -> dict[str, str]:
    """The paragraphs that the office can edit, by their keys, as they are without its edits."""
    return {row.key: row.text for row in _paragraphs(snapshot) if row.key}


def _paragraphs(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield _opening(snapshot)
    written = [(title, list(_said(chapter(snapshot)))) for title, chapter in CHAPTERS]
    if old := snapshot["replaces"]:
        written.append((f"与第{old['revision']}版相比的变化", list(_said(changes(snapshot, old)))))
    for numeral, (title, paragraphs) in zip(
        NUMERALS, ((title, said) for title, said in written if said), strict=False
    ):
        yield Paragraph("Heading 1", f"{numeral}、{title}")
        yield from paragraphs


def _said(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    return (row for row in paragraphs if row.text)


def _edited(paragraphs: Iterable[Paragraph], snapshot: Snapshot) -> Iterator[Paragraph]:
    """With what the office wrote instead of a paragraph, or after it."""
    edits = {row["key"]: row for row in snapshot.get("edits", [])}
    for paragraph in paragraphs:
        edit = edits.get(paragraph.key) if paragraph.key else None
        if edit is None or edit["mode"] == "add":
            yield paragraph
        if edit:
            yield Paragraph("Body", edit["text"], key=paragraph.key, edited=edit["mode"])


def _opening(snapshot: Snapshot) -> Paragraph:
    """The month in one paragraph."""
    first, counted = month_in(snapshot), counted_on(snapshot)
    when = f"{month(first)}1日至{counted.day}日" if runs(snapshot) else month(first)
    row = snapshot["figures"]
    raised = heard.raised_count(snapshot)
    if not row["visits"]:
        heard_of = f"收到群众诉求{shown(raised, 'raised')}件。" if raised else ""
        now = f"现将{when}“面对面”活动情况报告如下："
        return body("opening", f"{when}，{heard_of}{now}" if heard_of else now)
    units = sum(each["figures"]["visits"] > 0 for each in snapshot["units"])
    told = listed(
        [
            row["people"] and f"与群众座谈{shown(row['people'], 'talks')}人次",
            row["household_contacts"]
            and f"逐户走访{shown(row['household_contacts'], 'contacts')}户次",
            raised and f"收到群众诉求{shown(raised, 'raised')}件",
        ],
        "，",
    )
    rated = rate(row["done"], row["due"], "done", "due")
    return body(
        "opening",
        f"{when}，全{kind_of_county(snapshot)}{shown(units, 'units_visited')}个单位在"
        f"{shown(snapshot['villages_visited'], 'villages_visited')}个村（社区）开展“面对面”走访"
        f"{shown(row['visits'], 'visits')}次",
        f"，走访任务完成率{rated}" if row["due"] else "",
        f"；{told}。" if told else "。",
        "现将有关情况报告如下：",
    )
