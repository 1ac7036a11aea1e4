"""The tables and the chart that are attached to the report."""

from collections.abc import Callable
from typing import Any

from reports.documents.outline import Chart, Column, Table
from reports.documents.phrases import KINDS, share

Row = dict[str, Any]

UNITS = [
    Column("序号", 11, "center"),
    Column("单位", 56, "left"),
    Column("应完成（次）", 16),
    Column("完成（次）", 16),
    Column("任务外（次）", 16),
    Column("完成率", 17),
    Column("及时反馈率", 24),
]
TOWNSHIPS = [
    Column("序号", 11, "center"),
    Column("乡镇", 30, "left"),
    Column("应完成（次）", 16),
    Column("完成（次）", 16),
    Column("完成率", 17),
    Column("座谈（人次）", 21),
    Column("本月入户（户次）", 21),
    Column("逐户覆盖率", 24),
]
MATTERS = [
    Column("序号", 11, "center"),
    Column("单位", 34, "left"),
    Column("应受理（件）", 15),
    Column("及时受理率", 17),
    Column("应答复（件）", 15),
    Column("按期答复率", 17),
    Column("除外（件）", 15),
    Column("已回访（件）", 15),
    Column("群众认可率", 17),
]


def annexes(snapshot: Row) -> list[Table | Chart]:
    """Tables of units, townships and matters, and the chart of kinds: those there are rows for."""
    found: list[Table | Chart] = []
    if snapshot["units"]:
        found.append(_table("各单位完成情况表", UNITS, of_unit, snapshot, snapshot["units"]))
    if snapshot["townships"]:
        rows = snapshot["townships"]
        found.append(_table("各乡镇完成情况表", TOWNSHIPS, _of_township, snapshot, rows))
    matters = snapshot.get("matters")  # those of the first snapshots were not frozen
    if matters and matters["units"]:
        title = "各单位群众诉求办理情况表"
        found.append(_table(title, MATTERS, _of_matters, matters, matters["units"]))
    kinds = [row for row in snapshot["kinds"] if row["figures"]["due"]]
    # One pair of bars compares nothing.
    return [*found, _chart(kinds)] if len(kinds) > 1 else found


def _table(
    title: str,
    columns: list[Column],
    cells: Callable[[Row], list[str]],
    whole: Row,
    rows: list[Row],
) -> Table:
    """A row each in the order of the registry, then the county."""
    lines = [[str(n), row["name"], *cells(row["figures"])] for n, row in enumerate(rows, 1)]
    return Table(title, columns, [*lines, ["", "合计", *cells(whole["figures"])]])


def of_unit(row: Row) -> list[str]:
    """What stands beside a unit's name under the heads of `UNITS`."""
    return [
        str(row["due"]),
        str(row["done"]),
        str(row["extra"]),
        share(row["done"], row["due"]),
        share(row["feedback_on_time"], row["visits"]),
    ]


def _of_township(row: Row) -> list[str]:
    return [
        str(row["due"]),
        str(row["done"]),
        share(row["done"], row["due"]),
        str(row["people"]),
        str(row["household_contacts"]),
        share(row["households_reached"], row["households_total"]),
    ]


def _of_matters(row: Row) -> list[str]:
    return [
        str(row["response_due"]),
        share(row["responded"], row["response_due"]),
        str(row["resolution_due"]),
        share(row["resolved"], row["resolution_due"]),
        str(row["excluded"]),
        str(row["asked"]),
        share(row["content"], row["asked"]),
    ]


def _chart(kinds: list[Row]) -> Chart:
    return Chart(
        "各类单位完成情况图",
        "次",
        [KINDS[row["key"]] for row in kinds],
        [
            ("应完成", [row["figures"]["due"] for row in kinds]),
            ("完成", [row["figures"]["done"] for row in kinds]),
        ],
    )
