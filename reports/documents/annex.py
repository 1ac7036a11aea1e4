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


def annexes(snapshot: Row) -> list[Table | Chart]:
    """The units' table, the townships' table and the chart of kinds; none without units."""
    if not snapshot["units"]:
        return []
    tables = [_table("各单位完成情况表", UNITS, "units", _of_unit, snapshot)]
    if snapshot["townships"]:
        tables.append(_table("各乡镇完成情况表", TOWNSHIPS, "townships", _of_township, snapshot))
    kinds = [row for row in snapshot["kinds"] if row["figures"]["due"]]
    # One pair of bars compares nothing.
    return [*tables, _chart(kinds)] if len(kinds) > 1 else list(tables)


def _table(
    title: str, columns: list[Column], level: str, cells: Callable[[Row], list[str]], snapshot: Row
) -> Table:
    """A row each in the order of the registry, then the county."""
    rows = [
        [str(n), row["name"], *cells(row["figures"])] for n, row in enumerate(snapshot[level], 1)
    ]
    rows.append(["", "合计", *cells(snapshot["figures"])])
    return Table(title, columns, rows)


def _of_unit(row: Row) -> list[str]:
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
