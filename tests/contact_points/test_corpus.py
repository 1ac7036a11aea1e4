"""Every hand-made list is read as a person would, and no damage makes it be read wrongly."""

import random
import re

import pytest

from contact_points.reading import Unreadable, read_list
from outreach.sentences import say
from tests.contact_points.corpus import CASES


def ids(case):
    return case.name


@pytest.mark.parametrize("case", CASES, ids=ids)
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
    ):
        if (wanted := getattr(case, name)) is not None:
            assert found == wanted, name
    if case.unsure is not None:
        assert any(not column.sure for column in reading.columns) == case.unsure
    assert case.told in " ".join(say(*sentence) for sentence in reading.hidden)


def test_the_corpus_is_large_and_every_file_has_its_own_name():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
