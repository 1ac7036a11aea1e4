"""The chapters on what people said: findings, matters, suggestions."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from reports.documents.outline import Paragraph
from reports.documents.phrases import DECISIONS, cut, listed, rate, sentence, shown, village
from reports.documents.reading import Snapshot, body, until

TEXT_LENGTH = 150
REPLY_LENGTH = 100
SUBJECTS_SHOWN = 5
OVERDUE_SHOWN = 10


def findings(snapshot: Snapshot) -> Iterator[Paragraph]:
    """What was learnt, quoted with village and month only."""
    if not snapshot["findings"]:
        yield body("findings", "本月反馈中没有可供摘报的内容。")
    for n, row in enumerate(snapshot["findings"], 1):
        yield body("", f"{n}.{shown(_place(row), 'findings')}：{cut(row['text'], TEXT_LENGTH)}")


def _place(row: dict[str, Any]) -> str:
    return row["township"] + village(row["village"])


def raised_count(snapshot: Snapshot) -> int:
    return sum(row["matters"] for row in _matters(snapshot).get("raised", []))


def _matters(snapshot: Snapshot) -> dict[str, Any]:
    return snapshot.get("matters") or {}


def matters(snapshot: Snapshot) -> Iterator[Paragraph]:
    """The three rates, what was raised most, what is overdue, examples of what is solved."""
    told = _matters(snapshot)
    if not told:
        return
    rated = rates(told["figures"])
    if not rated and not raised_count(snapshot):
        yield body("matters", "本月没有收到群众诉求，也没有到期应办的诉求。")
    else:
        yield body("matters", rated or "本月没有到期应办的诉求。")
    yield body("matters_raised", _raised(told.get("raised", [])))
    yield body("matters_overdue", _overdue(snapshot, told.get("overdue", [])))
    yield from _solved(told)


def rates(row: dict[str, int]) -> str:
    """The rates that there are; what left the second one stands beside it (domain: indicators)."""
    due, answer, asked, out = (
        row[name] for name in ("response_due", "resolution_due", "asked", "excluded")
    )
    said = listed(
        [
            due
            and f"本月应受理诉求{shown(due, 'response')}件，及时受理率"
            f"{rate(row['responded'], due, 'response:met', 'response')}",
            answer
            and f"应答复诉求{shown(answer, 'resolution')}件，按期答复率"
            f"{rate(row['resolved'], answer, 'resolution:met', 'resolution')}",
            asked
            and f"回访群众{shown(asked, 'satisfaction')}件，群众认可率"
            f"{rate(row['content'], asked, 'satisfaction:met', 'satisfaction')}",
        ],
        "；",
    )
    share = rate(out, out + answer, "exclusion:met", "exclusion")
    left_out = (
        f"另有{shown(out, 'exclusion:met')}件经两人确认不属职责范围或不具备办理条件，"
        f"不计入按期答复率，占到期诉求的{share}。"
        if out
        else ""
    )
    return (f"{said}。" if said else "") + left_out


def _raised(rows: list[dict[str, Any]]) -> str:
    total = sum(row["matters"] for row in rows)
    if not total:
        return ""
    sorted_ = [row for row in rows if row["name"]]
    unsorted = sum(row["matters"] for row in rows if not row["name"])
    start = f"本月收到群众诉求{shown(total, 'raised')}件"
    if len(sorted_) == 1 and not unsorted:
        return f"{start}，{'均' if total > 1 else ''}为{sorted_[0]['name']}类。"
    subjects = listed(
        f"{row['name']}{shown(row['matters'], 'raised:' + str(row['key']))}件"
        for row in sorted_[:SUBJECTS_SHOWN]
    )
    most = "反映较多的是" if len(sorted_) > SUBJECTS_SHOWN else "涉及"
    return sentence(
        start,
        f"{most}{subjects}" if subjects else "",
        f"尚未分类{shown(unsorted, 'raised:')}件" if unsorted else "",
    )


def _overdue(snapshot: Snapshot, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    few = sorted(rows[:OVERDUE_SHOWN], key=lambda row: row["unit"])
    units = listed(
        f"{unit}（{listed(_late(row, snapshot) for row in of_unit)}）"
        for unit, of_unit in groupby(few, key=lambda row: row["unit"])
    )
    more = "等" if len(rows) > len(few) else "，共"
    count = shown(len(rows), "overdue_matters")
    return f"{until(snapshot)}，逾期未答复的诉求有：{units}{more}{count}件。"


def _late(row: dict[str, Any], snapshot: Snapshot) -> str:
    due = date.fromisoformat(row["due_on"])
    year = f"{due.year}年" if due.year != int(snapshot["counted_on"][:4]) else ""
    return f"{_place(row)}{year}{due.month}月{due.day}日到期"


def _solved(told: dict[str, Any]) -> Iterator[Paragraph]:
    if not told.get("solved_count"):
        return
    few = "例如：" if told["solved"] else ""
    count = shown(told["solved_count"], "solved")
    yield body("matters_solved", f"本月群众确认已经解决的诉求{count}件。{few}")
    for n, row in enumerate(told["solved"], 1):
        problem, answer = cut(row["text"], TEXT_LENGTH), cut(row["answer"], REPLY_LENGTH)
        yield body("", f"{n}.{_place(row)}：{problem}办理结果：{answer}")


def suggestions(snapshot: Snapshot) -> Iterator[Paragraph]:
    """What visitors suggest to the county, and what it replied."""
    counted = snapshot.get("suggestions_counted", [])
    total = sum(count for _name, count in counted)
    if total:
        parts = listed(
            f"{DECISIONS[name]}{shown(count, f'suggestions:{name}')}份" for name, count in counted
        )
        became = f"其中{parts}" if len(counted) > 1 else f"均{DECISIONS[counted[0][0]]}"
        start = f"本月提出意见建议的反馈{shown(total, 'suggestions')}份"
        yield body("suggestions", sentence(start, became))
    for n, row in enumerate(snapshot["suggestions"], 1):
        yield body("", f"{n}.{_place(row)}：{cut(row['text'], TEXT_LENGTH)}{_replied(row)}")


def _replied(row: dict[str, Any]) -> str:
    if not row.get("reply"):
        return ""
    # That it was answered the answer itself says.
    became = "" if row["decision"] == "answered" else f"（{DECISIONS[row['decision']]}）"
    return f"答复{became}：{cut(row['reply'], REPLY_LENGTH)}"
