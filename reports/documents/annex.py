"""The table of all units that is attached to the report."""

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


def annex(snapshot: dict[str, Any]) -> Annex | None:
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
