"""Every hand-made list is read as a person would, and no damage makes it be read wrongly."""

import io
import json
import random
import re
import unicodedata
import zipfile

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell

from contact_points.layouts import LAYOUTS
from contact_points.reading import Unreadable, read_list
from outreach.sentences import say
from tests.contact_points.corpus import CASES


def ids(case):
    return case.name


READ = [case for case in CASES if not case.refused]


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=ids)
def test_what_must_not_be_read_is_refused_with_a_sentence(case):
    with pytest.raises(Unreadable, match=case.refused):
        read_list(case.file, case.make(), **case.how)


@pytest.mark.parametrize("case", READ, ids=ids)
def test_a_list_is_read_as_a_person_would(case):
    reading = read_list(case.file, case.make(), **case.how)
    read = [
        (row.sheet_row or row.number, {name: row.get(name) for name in wanted})
        for row, (_number, wanted) in zip(reading.rows, case.rows, strict=False)
    ]
    if reading.hidden and any(row.sheet for row in reading.rows):
        read = [(row.number, cells) for row, (_n, cells) in zip(reading.rows, read, strict=True)]
    assert read == case.rows
    assert len(reading.rows) == len(case.rows)
    problems = {row.number: [p[0] for p in row.problems] for row in reading.rows if row.problems}
    assert problems == case.problems
    for name, found in (
        ("header_rows", reading.header_rows),
        ("dropped", [row.row for row in reading.dropped]),
        ("unknown", reading.unknown),
        ("sheet", reading.sheet),
        ("others", [name for name, _why in reading.other_sheets]),
        ("missing", reading.missing),
    ):
        if (wanted := getattr(case, name)) is not None:
            assert found == wanted, name
    if case.unsure is not None:
        assert any(not column.sure for column in reading.columns) == case.unsure
    assert case.told in " ".join(say(*sentence) for sentence in reading.hidden)
    check_form(reading)


def check_form(reading):
    """What holds of every list, damaged or not."""
    numbered = [row.number for row in reading.rows]
    assert numbered == sorted(set(numbered)) and numbered[0] > 0
    assert json.loads(json.dumps(reading.understood())) == reading.understood()
    names = set(reading.rows[0].values)
    assert all(set(row.values) == names for row in reading.rows) or any(
        "Another table" in sentence.text for sentence in reading.hidden
    )


def test_two_sheets_with_a_township_each_number_their_rows_on():
    case = next(case for case in CASES if case.name == "sheets by township")
    rows = read_list(case.file, case.make()).rows
    assert [(row.number, row.sheet, row.sheet_row) for row in rows] == [
        (2, "官亭镇", 2),
        (4, "苏家营镇", 2),
    ]


def numbers(reading):
    """The codes and telephones that were read."""
    columns = ("village_code", "telephone")
    return {row.get(name) for row in reading.rows for name in columns if row.get(name)}


@pytest.mark.parametrize("case", READ, ids=ids)
def test_flipped_bytes_are_refused_or_change_no_number(case):
    chance = random.Random(case.name)
    whole = case.make()
    true = numbers(read_list(case.file, whole, **case.how))
    for _ in range(12):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 9)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            reading = read_list(case.file, bytes(damaged), **case.how)
        except Unreadable:
            continue
        check_form(reading)
        # Archives carry checksums; in a text a changed digit is a digit.
        if case.file.endswith(("x", "m")):
            assert numbers(reading) <= true


@pytest.mark.parametrize("case", READ, ids=ids)
def test_a_list_of_one_kind_is_no_error_as_another(case):
    content = case.make()
    for layout in LAYOUTS.values():
        try:
            check_form(read_list(case.file, content, **case.how | {"layout": layout}))
        except Unreadable:
            continue


ARCHIVES = [case for case in READ if case.make().startswith(b"PK")]


@pytest.mark.parametrize("case", ARCHIVES, ids=ids)
def test_damage_inside_an_archive_is_refused_or_read(case):
    chance = random.Random(case.name)
    source = zipfile.ZipFile(io.BytesIO(case.make()))
    parts = {name: source.read(name) for name in source.namelist()}
    inside = [name for name in parts if re.search("sheet|content|workbook|String|styles", name)]
    for _ in range(6):
        name = chance.choice(inside)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for other, data in parts.items():
                archive.writestr(other, scrambled(data, chance) if other == name else data)
        try:
            check_form(read_list(case.file, target.getvalue(), **case.how))
        except Unreadable:
            continue


def scrambled(data, chance):
    """The bytes with pieces changed, taken out, doubled or moved."""
    data = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(data))
        piece = data[start : start + chance.randrange(1, 30)]
        other = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[start] = chance.randrange(256)
        elif kind == 1 and len(piece) < len(data):
            del data[start : start + len(piece)]
        elif kind == 2:
            data[start:start] = piece
        else:
            data[other : other + len(piece)] = piece
    return bytes(data)


WORKBOOKS = [case for case in READ if b"xl/workbook.xml" in case.make()]


@pytest.mark.parametrize("case", WORKBOOKS, ids=ids)
def test_cells_in_disorder_never_make_a_text_that_nobody_wrote(case):
    for book, reading in in_disorder(case, 5):
        check_form(reading)
        cells = [cell for sheet in book for row in sheet.values for cell in row]
        written = {re.sub(r"\D", "", squeezed(digits(cell))) for cell in cells}
        for number in numbers(reading):
            bare = re.sub(r"\D", "", number)
            assert bare in written or bare.removeprefix("0") in written
        texts = "|".join(squeezed(text) for text in (*map(str, cells), *book.sheetnames))
        for row in reading.rows:
            for name in ("village", "township", "unit", "officer", "unit_kind"):
                assert all(part in texts for part in squeezed(row.get(name)).split("、"))


SECTIONED = [
    case
    for case in WORKBOOKS
    if re.search(
        "units as lines|units and below|among units|on a line|nobody understands|officers below",
        case.name,
    )
]


@pytest.mark.parametrize("case", SECTIONED, ids=ids)
def test_rows_in_disorder_never_get_the_unit_of_another_line(case):
    """A unit stands in the row, else in the last line above that is no township and no village."""
    for book, reading in in_disorder(case, 30):
        for row in reading.rows:
            rows = book[reading.sheet].iter_rows(max_row=row.number, values_only=True)
            lines = [{squeezed(str(cell)) for cell in cells if cell} for cells in rows]
            unit = row.get("unit")
            if not unit or any(unit in text for text in lines[-1]):
                continue
            lonely = [
                text
                for texts in lines[:-1]
                for text in texts
                if len(texts - {"二"}) == 1 and not re.search("[镇乡村二]$", text)
            ]
            assert unit in lonely[-1]


def in_disorder(case, times):
    """(workbook, reading) of the list with its cells and rows in disorder, where it can be read."""
    chance = random.Random(case.name)
    whole = case.make()
    for _ in range(times):
        book = openpyxl.load_workbook(io.BytesIO(whole))
        for sheet in book.worksheets:
            disorder(sheet, chance)
        target = io.BytesIO()
        book.save(target)
        try:
            yield book, read_list(case.file, target.getvalue(), **case.how)
        except Unreadable:
            continue


def squeezed(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def digits(cell):
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def disorder(sheet, chance):
    """Shuffle, remove and double cells and rows of a sheet."""
    for _ in range(chance.randrange(1, 6)):
        rows, columns = max(sheet.max_row, 2), max(sheet.max_column, 2)
        y, x = chance.randrange(1, min(rows, 20) + 1), chance.randrange(1, columns + 1)
        kind = chance.randrange(4)
        if kind == 0 and not sheet.merged_cells.ranges:
            sheet.insert_rows(y)
        elif kind == 1 and not sheet.merged_cells.ranges:
            sheet.delete_rows(y)
        else:
            other = sheet.cell(chance.randrange(1, min(rows, 20) + 1), x)
            cell = sheet.cell(y, x)
            if not (isinstance(cell, MergedCell) or isinstance(other, MergedCell)):
                cell.value, other.value = (other.value, cell.value) if kind == 2 else (None, None)


def test_the_corpus_is_large_and_every_file_has_its_own_name():
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
