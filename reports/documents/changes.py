"""What changed since the revision that this one replaces (domain: the year, 7)."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from reports.documents.outline import Paragraph
from reports.documents.phrases import EXEMPTIONS, day, listed, village
from reports.documents.reading import Snapshot, body

FIGURES = {
    "due": "应完成次数",
    "done": "完成次数",
    "extra": "任务外走访次数",
    "exempt": "免除任务的联系点",
    "visits": "走访次数",
    "feedback_on_time": "及时反馈次数",
    "planned_kept": "按计划完成的任务",
    "people": "座谈人次",
    "household_contacts": "逐户走访户次",
    "households_reached": "今年走访到户数",
}
MATTERS = {
    "response_due": "应受理诉求",
    "responded": "及时受理诉求",
    "resolution_due": "应答复诉求",
    "resolved": "按期答复诉求",
    "excluded": "除外诉求",
    "asked": "回访诉求",
    "content": "群众认可诉求",
}
SHOWN = 30


def changes(snapshot: Snapshot, old: dict[str, Any]) -> Iterator[Paragraph]:
    """Figures, obligations not met, exemptions and matters, each against the older revision."""
    issued = day(date.fromisoformat(old["counted_on"]))
    number = snapshot["revision"]
    figures = _differences(FIGURES, old["figures"], snapshot["figures"])
    yield body(
        "changes",
        f"本报告为第{number}版，替代{issued}的第{old['revision']}版。",
        f"主要数据变化：{figures}。" if figures else "主要数据没有变化。",
    )
    # What an older version of the snapshot did not keep cannot be compared.
    if "unmet" in old:
        yield body("changes_unmet", _unmet(old, snapshot))
        yield body("changes_exempt", _exempt(old, snapshot))
    if "matters" in old and "matters" in snapshot:
        now = snapshot["matters"]["figures"]
        matters = _differences(MATTERS, old["matters"]["figures"], now, "件")
        yield body("changes_matters", f"群众诉求变化：{matters}。" if matters else "")


def _differences(
    names: dict[str, str], then: dict[str, Any], now: dict[str, Any], measure: str = ""
) -> str:
    return listed(
        (
            f"{label}由{then[name]}{measure}改为{now[name]}{measure}"
            for name, label in names.items()
            if now[name] != then[name]
        ),
        "，",
    )


def _unmet(old: dict[str, Any], snapshot: Snapshot) -> str:
    """By the obligations themselves: one that was exempted since is not listed any more either."""
    now = {row["line"] for row in snapshot["unmet"]}
    then = {row["line"] for row in old["unmet"]}
    gone = _places([row for row in old["unmet"] if row["line"] not in now])
    come = _places([row for row in snapshot["unmet"] if row["line"] not in then])
    number = old["revision"]
    return listed(
        [
            gone and f"第{number}版列为未完成、本版不再列入的联系点有：{gone}。",
            come and f"第{number}版未列入、本版列为未完成的联系点有：{come}。",
        ],
        "",
    )


def _places(rows: list[dict[str, Any]]) -> str:
    """县水务局（第1村、第2村），共2个."""
    if not rows:
        return ""
    few = rows[:SHOWN]
    units = listed(
        f"{unit}（{listed(village(row['village']) for row in of_unit)}）"
        for unit, of_unit in groupby(few, key=lambda row: row["unit"])
    )
    return f"{units}{'等' if len(rows) > SHOWN else '，共'}{len(rows)}个"


def _exempt(old: dict[str, Any], snapshot: Snapshot) -> str:
    then, now = dict(old["exemptions"]), dict(snapshot["exemptions"])
    parts = [
        f"因{reason}免除的由{then.get(code, 0)}个改为{now.get(code, 0)}个"
        for code, reason in EXEMPTIONS.items()
        if then.get(code, 0) != now.get(code, 0)
    ]
    if old["substituted"] != snapshot["substituted"]:
        parts.append(f"由他人代为走访的由{old['substituted']}个改为{snapshot['substituted']}个")
    return f"联系点变化：{listed(parts, '，')}。" if parts else ""
