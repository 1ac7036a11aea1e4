"""Ledgers leave as they are, and no text in them ever becomes a formula."""

import csv
import tempfile
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from outreach import exports
from outreach.audit import TAKEN, Note
from outreach.exports import Book, csv_ledger, csv_lines, ledger, width_of, write_xlsx

FORMULAS = [
    "=1+1",
    "==1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b＝1",
    "﹦1",
    "−1",
    '=HYPERLINK("http://evil.example","点")',
]
PLAIN = ["东河村", "3组-017", "a=b", "1-2", " x", "", "行1\n行2", '"', ","]


def read_csv(rows):
    text = "".join(csv_lines(rows))
    assert text.startswith("\ufeff")
    return list(csv.reader(text[1:].splitlines(keepends=True)))


def read_xlsx(rows):
    target = BytesIO()
    write_xlsx(target, "名单", rows)
    target.seek(0)
    return load_workbook(target).active


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_a_text_in_data_and_header(text):
    (header,), (cell,) = read_csv([[text], [text]])
    assert header[0] == cell[0] == "'"
    sheet = read_xlsx([[text], [text]])
    for row in sheet.iter_rows():
        assert [cell.data_type for cell in row] == ["s"]
        assert not row[0].hyperlink


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_stays_as_it_is(text):
    assert read_csv([["h"], [text]])[1] == [text]
    assert (read_xlsx([["h"], [text]])["A2"].value or "") == text


def test_numbers_and_days_keep_their_kind():
    moment = datetime(2026, 5, 1, 16, 30, tzinfo=UTC)
    row = [-5, Decimal("-1.25"), 0.5, date(2026, 5, 1), moment, None, True]
    assert read_csv([row])[0] == [
        "-5",
        "-1.25",
        "0.5",
        "2026-05-01",
        "2026-05-02 00:30",
        "",
        "True",
    ]
    cells = read_xlsx([row])[1]
    assert [cell.value for cell in cells[:3]] == [-5, -1.25, 0.5]
    assert cells[3].value.date() == date(2026, 5, 1)
    assert cells[4].value == datetime(2026, 5, 2, 0, 30)  # noqa: DTZ001 (a sheet knows no zone)
    assert cells[5].value is None


def test_an_empty_ledger_is_a_valid_file():
    assert read_csv([["村"]]) == [["村"]]
    assert [cell.value for cell in read_xlsx([["村"]])[1]] == ["村"]


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    text = read_xlsx([["h"], ["长" * 40_000]])["A2"].value
    assert len(text) == 32_767
    assert text.endswith("长…")


def test_rows_beyond_the_end_of_a_sheet_stand_on_the_next(monkeypatch):
    monkeypatch.setattr(exports, "ROWS_OF_A_SHEET", 3)
    for rows, shapes in ((3, [4]), (4, [4, 2]), (7, [4, 4, 2]), (0, [1])):
        target = BytesIO()
        book = Book(target)
        assert book.sheet("走访", [["村"], *([n] for n in range(rows))]) == rows
        book.close()
        target.seek(0)
        sheets = load_workbook(target).worksheets
        assert [sheet.max_row for sheet in sheets] == shapes
        assert {sheet["A1"].value for sheet in sheets} == {"村"}
        found = [row[0] for sheet in sheets for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert found == list(range(rows))


def test_columns_are_as_wide_as_what_they_hold():
    assert (width_of("东河村"), width_of("abc"), width_of("一\n二三"), width_of(None)) == (
        6,
        3,
        4,
        0,
    )
    sheet = read_xlsx([["村", "说明"], ["东河镇东河村村民委员会", "长" * 300]])
    widths = [sheet.column_dimensions[letter].width for letter in "AB"]
    assert 24 <= widths[0] < 26
    assert 60 <= widths[1] < 62


@pytest.mark.parametrize("title", ["=1+1", "＝cmd", "'=1", "+", "@SUM"])
def test_a_sheets_name_is_no_formula_either(title):
    target = BytesIO()
    write_xlsx(target, title, [["h"]])
    assert load_workbook(target).sheetnames[0][0] not in "=+-@＝'"


def test_sheets_of_one_name_are_told_apart():
    target = BytesIO()
    book = Book(target)
    for _n in range(3):
        book.sheet("长" * 40, [["h"]])
    book.close()
    assert len({name.lower() for name in load_workbook(target).sheetnames}) == 3


def test_the_memory_of_a_workbook_does_not_grow_with_its_rows():
    peaks = []
    for count in (2000, 12_000):
        with tempfile.TemporaryFile() as target:
            tracemalloc.start()
            write_xlsx(target, "走访", ([n, "东河村", date(2026, 5, 1)] for n in range(count)))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize("title", ["a/b:c*d?e[f]", "x" * 80, ""])
def test_any_title_makes_a_sheet(title):
    target = BytesIO()
    write_xlsx(target, title, [["h"]])
    assert load_workbook(target).active["A1"].value == "h"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_has_a_dated_name_and_is_never_shown_in_the_page(kind, db, fixed_clock):
    make = {"csv": csv_ledger, "xlsx": ledger}[kind]
    response = make([["村"], ["东河村"]], name="villages")
    assert b"".join(response)
    response.close()
    assert response["Content-Disposition"].startswith("attachment")
    assert f"villages-20260520.{kind}" in response["Content-Disposition"]


def test_a_ledger_is_streamed_row_by_row():
    asked = []

    def rows():
        for n in range(1000):
            asked.append(n)
            yield [n]

    lines = csv_lines(rows())
    next(lines)
    next(lines)
    assert len(asked) == 1


def test_of_what_a_reader_left_early_only_what_went_out_is_counted():
    note = Note(TAKEN)
    rows = exports.counted(note, [["Village"], ["甲村"], ["乙村"], ["丙村"]])
    for _header_and_two in range(3):
        next(rows)
    assert note.after["rows"] == 2
