"""The workbook: typed cells, the sheets of the report, the same bytes."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from reports.documents import workbook
from reports.documents.wording import compose
from tests.reports import frozen


def made(snapshot):
    return workbook.render(snapshot, compose(snapshot))


@pytest.fixture
def snapshot():
    units = [
        {"key": 1, "name": "=县水务局", "kind": "other", "figures": frozen.figures(due=3, done=2)},
        {"key": 2, "name": "县教育局", "kind": "other", "figures": frozen.figures()},
    ]
    township = frozen.figures(
        people=7, groups_covered=2, groups_possible=5, households_reached=9, households_total=8
    )
    township["people_by_group"][0][1] = 7
    return frozen.snapshot(
        {"due": 3, "done": 2},
        units=units,
        townships=[{"key": 1, "name": "官亭镇", "figures": township}],
        unmet=[frozen.owed(1)],
        exemptions=[["postponed", 1]],
        topics=[
            {
                "topic": 1,
                "title": "医保",
                "villages_planned": 3,
                "villages_delivered": 2,
                "people": 40,
            }
        ],
        findings=[
            {"township": "官亭镇", "village": "第1村委会", "month": "2026-10-01", "text": "+电表"}
        ],
    )


@pytest.fixture
def book(snapshot):
    return openpyxl.load_workbook(io.BytesIO(made(snapshot)))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_every_chapter_has_its_sheet_with_a_head_that_stays(book):
    assert book.sheetnames == [
        *("各单位", "各类单位", "各乡镇", "座谈与入户"),
        *("未完成任务", "免除任务", "宣传内容", "情况摘录"),
    ]
    for sheet in book:
        assert sheet["A1"].value == "巨鹿县2026年10月，第1版，2026年11月5日统计"
        assert sheet.freeze_panes == "C3"
        assert sheet.print_title_rows == "$2:$2"


def test_numbers_are_numbers_and_what_does_not_exist_is_empty(book):
    head, first, second, total = rows(book["各单位"])
    assert first[:5] == [1, "=县水务局", 3, 2, pytest.approx(2 / 3)]
    assert second[4] is None
    assert total[:4] == [None, "合计", 3, 2]
    cell = book["各单位"].cell(3, head.index("完成率") + 1)
    assert (cell.data_type, cell.number_format) == ("n", "0.0%")
    assert book["各单位"]["B3"].data_type == "s"  # no formula


def test_groups_and_households_stand_by_township(book):
    head, first, _total = rows(book["座谈与入户"])
    row = dict(zip(head, first, strict=True))
    assert (row["座谈（人次）"], row["党员（人次）"], row["村干部（人次）"]) == (7, 7, 0)
    assert row["今年层次覆盖率"] == pytest.approx(0.4)
    # More households than the registry knows of make no rate.
    assert row["今年逐户覆盖率"] is None


def test_lists_hold_the_rows_of_the_snapshot(book):
    assert rows(book["未完成任务"])[1:] == [[1, "县水务局", "观寨乡", "第1村", 1, 0]]
    assert rows(book["免除任务"])[1:] == [
        ["县里统一延期", 1],
        ["责任人请假、由本单位其他同志代为走访", 0],
    ]
    assert rows(book["宣传内容"])[1:] == [[1, "医保", 3, 2, 40]]
    assert rows(book["情况摘录"])[1:] == [["了解到的情况", "官亭镇", "第1村", "+电表", None]]


def test_matters_have_their_rates_by_unit_what_was_raised_and_what_is_overdue(snapshot):
    counts = {
        **{"response_due": 4, "responded": 3, "resolution_due": 2, "resolved": 2, "excluded": 1},
        **{"asked": 0, "content": 0},
    }
    snapshot["matters"] = {
        "figures": counts,
        "units": [{"key": 1, "name": "县水务局", "kind": "other", "figures": counts}],
        "raised": [
            {"key": 1, "name": "农田水利", "matters": 5},
            {"key": None, "name": None, "matters": 1},
        ],
        "overdue": [
            {
                "unit": "县水务局",
                "township": "官亭镇",
                "village": "第1村委会",
                "due_on": "2026-10-20",
            }
        ],
    }
    book = openpyxl.load_workbook(io.BytesIO(made(snapshot)))
    head, first, total = rows(book["诉求办理"])
    assert first[2:] == total[2:] == [4, 3, 0.75, 2, 2, 1, 1, 0, 0, None]
    assert len(head) == len(first)
    assert rows(book["诉求类别"])[1:] == [[1, "农田水利", 5], [2, "未分类", 1]]
    (late,) = rows(book["逾期诉求"])[1:]
    assert late == [1, "县水务局", "官亭镇", "第1村", datetime(2026, 10, 20)]  # noqa: DTZ001


def test_same_snapshot_gives_the_same_bytes(snapshot):
    first = made(snapshot)
    assert made(dict(reversed(snapshot.items()))) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
        assert b"2026-11-05T00:00:00Z" in archive.read("docProps/core.xml")


def test_an_empty_month_has_every_sheet():
    book = openpyxl.load_workbook(io.BytesIO(made(frozen.snapshot())))
    assert len(book.sheetnames) == 8
    assert rows(book["各单位"])[1][:4] == [None, "合计", 0, 0]
