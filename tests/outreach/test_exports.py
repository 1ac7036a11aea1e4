"""Ledgers leave as they are, and no text in them ever becomes a formula."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from outreach.exports import csv_lines, ledger, write_xlsx

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


def test_a_text_longer_than_a_cell_does_no_harm():
    sheet = read_xlsx([["h"], ["长" * 40_000]])
    assert sheet.max_row in (1, 2)


@pytest.mark.parametrize("title", ["a/b:c*d?e[f]", "x" * 80, ""])
def test_any_title_makes_a_sheet(title):
    target = BytesIO()
    write_xlsx(target, title, [["h"]])
    assert load_workbook(target).active["A1"].value == "h"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_has_a_dated_name_and_is_never_shown_in_the_page(kind, db, fixed_clock):
    response = ledger([["村"], ["东河村"]], name="villages", kind=kind)
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
