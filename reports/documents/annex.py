"""The tables of all units that are attached to the report."""

from typing import Any

from reports.documents.outline import Annex, Column
from reports.documents.phrases import share

COLUMNS = [
    Column("序号", 11, "center"),
    Column("单位", 56, "left"),
    Column("应完成（次）", 16),
    Column("完成（次）", 16),
    Column("任务外（次）", 16),
    Column("完成率", 17),
    Column("及时反馈率", 24),
]


MATTER_COLUMNS = [
    Column("序号", 10, "center"),
    Column("单位", 42, "left"),
    Column("应受理（件）", 14),
    Column("及时受理率", 17),
    Column("应答复（件）", 14),
    Column("按期答复率", 17),
    Column("除外（件）", 11),
    Column("已回访（件）", 14),
    Column("群众认可率", 17),
]


def annexes(snapshot: dict[str, Any]) -> list[Annex]:
    """What is attached; a snapshot of before the rates of matters has none of them."""
    return [found for found in (_completion(snapshot), _matters(snapshot)) if found]


def _matters(snapshot: dict[str, Any]) -> Annex | None:
    """The rates of matters with what each is a rate of, one row a unit, then the county."""
    matters = snapshot.get("matters")
    if not matters or not matters["units"]:
        return None
    rows = [
        [str(n), row["name"], *_rates(row["figures"])] for n, row in enumerate(matters["units"], 1)
    ]
    rows.append(["", "合计", *_rates(matters["figures"])])
    return Annex("各单位群众诉求办理情况表", MATTER_COLUMNS, rows)


def _rates(row: dict[str, int]) -> list[str]:
    return [
        str(row["response_due"]),
        share(row["responded"], row["response_due"]),
        str(row["resolution_due"]),
        share(row["resolved"], row["resolution_due"]),
        str(row["excluded"]),
        str(row["asked"]),
        share(row["content"], row["asked"]),
    ]


def _completion(snapshot: dict[str, Any]) -> Annex | None:
    """One row a unit in the order of units, then the county; None without units."""
    units = snapshot["units"]
    if not units:
        return None
    rows = [[str(n), row["name"], *_cells(row["figures"])] for n, row in enumerate(units, 1)]
    rows.append(["", "合计", *_cells(snapshot["figures"])])
    return Annex("各单位完成情况表", COLUMNS, rows)


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        str(row["due"]),
        str(row["done"]),
        str(row["extra"]),
        share(row["done"], row["due"]),
        share(row["feedback_on_time"], row["visits"]),
    ]
