"""What may be uploaded, and what is refused with a sentence and nothing written."""

import io
import json
import os
import resource
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contact_points import tasks
from contact_points.formats import ROW as ROW_NUMBER
from contact_points.formats import CalamineXLSX, ListCSV
from contact_points.layouts import CONTACT_POINTS
from contact_points.models import ImportRow, ImportRun
from contact_points.reading import Unreadable, memory, read_list
from contact_points.reading.archives import RATIO
from contact_points.resources import read_list_file
from contact_points.services import imports
from outreach.jobs import MAX_ATTEMPTS
from outreach.models import Job
from outreach.roles import Role
from tests import factories
from tests.contact_points.corpus.making import ods, xls
from tests.contact_points.lists import row, upload, xlsx

ROW = row(code="130529100001", unit="县教育局", officer="王建国", telephone="0319123456")


def with_parts(**parts):
    """The good list with zip members added or replaced."""
    target = io.BytesIO()
    good = zipfile.ZipFile(io.BytesIO(xlsx(ROW)))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in good.namelist():
            if name not in parts:
                archive.writestr(name, good.read(name))
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def far_cell(place):
    cell = f'<row r="{place[-1]}"><c r="{place}" t="str"><v>x</v></c></row></sheetData>'
    sheet = zipfile.ZipFile(io.BytesIO(xlsx(ROW))).read("xl/worksheets/sheet1.xml").decode()
    return with_parts(**{"xl/worksheets/sheet1.xml": sheet.replace("</sheetData>", cell)})


def sheet_with(more, **parts):
    """The good list with something more in its sheet."""
    sheet = zipfile.ZipFile(io.BytesIO(xlsx(ROW))).read("xl/worksheets/sheet1.xml").decode()
    sheet = sheet.replace("</sheetData>", more + "</sheetData>")
    return with_parts(**{"xl/worksheets/sheet1.xml": sheet}, **parts)


def under_another_name(more):
    """The same, where the workbook says that the sheet is elsewhere."""
    name = "xl/_rels/workbook.xml.rels"
    content = sheet_with(more)
    relations = zipfile.ZipFile(io.BytesIO(content)).read(name).decode()
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    return with_parts(
        **{name: relations.replace("worksheets/sheet1.xml", "a.xml"), "xl/a.xml": sheet}
    )


def lying():
    """A member of 50 MB whose directory entry speaks of 1,000 bytes."""
    size = 50 * 2**20
    content = with_parts(**{"xl/a.bin": b"\0" * size})
    return content.replace(struct.pack("<I", size), struct.pack("<I", 1000))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""
OUTSIDE = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>"""
)


def compound(name):
    """A compound file of two sectors with one stream of this name."""
    head = OLE + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + b"\0" * 10
    head += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *[0xFFFFFFFF] * 109)
    title = name.encode("utf-16-le") + b"\0\0"
    entry = title.ljust(64, b"\0") + struct.pack("<H", len(title)) + b"\0" * 50
    entry += struct.pack("<III", 2, 9000, 0)
    return (head[:76] + struct.pack("<I", 0) + head[80:]).ljust(512, b"\0") + (
        struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126) + entry.ljust(512, b"\0")
    )


def unfolding(rows, columns):
    more = (
        f'<table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    return ods(("a", [CONTACT_POINTS.headers, ROW]), extra=more)


def ods_with(content):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", content)
    return target.getvalue()


def old_workbook(record, at, value):
    """An .xls with one number of the first such record replaced."""
    content = bytearray(xls(CONTACT_POINTS.headers, ROW))
    start = 512
    while (head := struct.unpack_from("<HH", content, start))[0] != record:
        start += 4 + head[1]
    struct.pack_into("<I", content, start + 4 + at, value)
    return bytes(content)


# Made when its test runs: one of them is 100 MB.
BAD = {
    "empty": ("a.xlsx", lambda: b"", "empty"),
    "html": ("a.xlsx", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "no Excel file"),
    "picture": ("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "no Excel file"),
    "locked .xlsx": ("a.xlsx", lambda: compound("EncryptedPackage"), "protected by a password"),
    "locked": ("a.xls", lambda: compound("EncryptedPackage"), "protected by a password"),
    "no workbook inside": ("a.xls", lambda: compound("WordDocument"), "damaged"),
    "room for backwards rows in .xls": ("a.xls", lambda: old_workbook(0x200, 0, 9), "damaged"),
    "room for 4 billion rows in .xls": (
        "a.xls",
        lambda: old_workbook(0x200, 4, 0xFFFFFFFF),
        "far larger",
    ),
    "room for 4 billion texts in .xls": ("a.xls", lambda: old_workbook(0xFC, 4, 2**32 - 1), "dama"),
    "html named .xls": ("a.xls", lambda: b"<html><table></table></html>", "no Excel file"),
    "cut off .xls": ("a.xls", lambda: OLE + b"\0" * 99, "damaged"),
    "program": ("a.exe", lambda: b"MZ" + b"\0" * 99, "Only .xlsx"),
    "plain zip": ("a.xlsx", lambda: b"PK\x03\x04" + b"\0" * 99, "damaged"),
    "cut off": ("a.xlsx", lambda: xlsx(ROW)[:-100], "damaged"),
    "bomb": (
        "a.xlsx",
        lambda: with_parts(**{"xl/media/a.bin": b"\0" * (101 * 2**20)}),
        "far larger",
    ),
    "folded tightly": ("a.xlsx", lambda: with_parts(**{"xl/a.bin": b"\0" * 2**23}), "far larger"),
    "lying": ("a.xlsx", lying, "damaged"),
    "many parts": (
        "a.xlsx",
        lambda: with_parts(**{f"xl/{n}": b"" for n in range(300)}),
        "far larger",
    ),
    "macro": ("a.xlsx", lambda: with_parts(**{"xl/vbaProject.bin": b"x"}), "macros"),
    "links": (
        "a.xlsx",
        lambda: with_parts(**{"xl/externalLinks/externalLink1.xml": b"x"}),
        "macros",
    ),
    "last column": ("a.xlsx", lambda: far_cell("XFD2"), "far larger"),
    "last row": ("a.xlsx", lambda: far_cell("A1048576"), "far larger"),
    "cells without a place": (
        "a.xlsx",
        lambda: sheet_with('<row r="3">' + "<c><v>1</v></c>" * 101 + "</row>"),
        "where its cells stand",
    ),
    "prefixed cells without a place": (
        "a.xlsx",
        lambda: sheet_with('<row r="3">' + "<x:c t='n'/>" * 101 + "</row>"),
        "where its cells stand",
    ),
    "cells whose place is no attribute": (
        "a.xlsx",
        lambda: sheet_with('<row r="3">' + '<c t=" r=&#39;A1&#39;"/>' * 101 + "</row>"),
        "where its cells stand",
    ),
    "rows without a place": ("a.xlsx", lambda: sheet_with("<row/>" * 101), "where its cells stand"),
    "a sheet elsewhere": (
        "a.xlsx",
        lambda: under_another_name("<row><c/></row>" * 60),
        "damaged",
    ),
    "a far cell elsewhere": (
        "a.xlsx",
        lambda: under_another_name('<row r="3"><c r="XFD3"/></row>'),
        "damaged",
    ),
    "a tag without end": (
        "a.xlsx",
        lambda: sheet_with("<c " + os.urandom(2**20).hex()),
        "damaged",
    ),
    "no header": ("a.xlsx", lambda: xlsx(ROW, headers=["甲", "乙"]), "No header"),
    "wide": (
        "a.xlsx",
        lambda: xlsx(["x"] * 16_384, headers=[*CONTACT_POINTS.headers, *"x" * 9000]),
        "far larger",
    ),
    "unfolding cells": ("a.ods", lambda: unfolding(1_000_000, 16_384), "far larger"),
    "unfolding rows": ("a.ods", lambda: unfolding(1_000_000_000, 7), "far larger"),
    "entities": (
        "a.xlsx",
        lambda: with_parts(**{"xl/sharedStrings.xml": LAUGHS}),
        "damaged",
    ),
    "entities in ods": ("a.ods", lambda: ods_with(LAUGHS), "damaged"),
    "outside": ("a.xlsx", lambda: with_parts(**{"xl/workbook.xml": OUTSIDE}), "damaged"),
    "commas": ("a.csv", lambda: b"," * 9_000_000, "far larger"),
    "empty lines": ("a.csv", lambda: b"\n" * 9_000_000, "far larger"),
    "no rows": ("a.xlsx", lambda: xlsx(), "no row below"),
    "binary text": ("a.csv", lambda: b"\0\1\2", "neither UTF-8"),
    "html text": ("a.csv", lambda: b"<html>", "No header"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(case):
    name, made, sentence = BAD[case]
    content = made()
    before, started = rss(), time.process_time()
    with pytest.raises(Unreadable, match=sentence):
        read_list(name, content)
    assert time.process_time() - started < 2
    assert rss() - before < 150 * 2**20


def rss():
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_million_formatted_rows_below_a_list_are_left_out():
    empty = "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>'
        for n in range(3, 1_000_001)
    )
    sheet = zipfile.ZipFile(io.BytesIO(xlsx(ROW))).read("xl/worksheets/sheet1.xml").decode()
    content = with_parts(
        **{"xl/worksheets/sheet1.xml": sheet.replace("</sheetData>", f"{empty}</sheetData>")}
    )
    before, started = rss(), time.process_time()
    assert [r.number for r in read_list("a.xlsx", content).rows] == [2]
    assert time.process_time() - started < 2
    assert rss() - before < 150 * 2**20


def test_a_list_without_a_needed_column_says_which():
    content = xlsx(["a", "b", "c"], headers=["村名", "乡镇", "责任人"])
    assert read_list("a.xlsx", content).missing == ("unit",)
    with pytest.raises(Unreadable, match="联系单位"):
        read_list_file("a.xlsx", content)


def test_the_formats_of_the_library_stand_on_the_same_reading():
    book = CalamineXLSX().create_dataset(xlsx(ROW))
    assert (book.headers[:3], book.reading.sheet) == ([ROW_NUMBER, "村代码", "村名"], "2026年")
    text = ",".join(CONTACT_POINTS.headers) + "\n" + ",".join(ROW)
    assert list(ListCSV().create_dataset(text.encode())[0]) == list(book[0])


def test_more_rows_than_the_limit_are_refused(settings):
    settings.UPLOAD_MAX_ROWS = 3
    with pytest.raises(Unreadable, match="more than 3 rows"):
        read_list("a.xlsx", xlsx(*[ROW] * 4))
    assert len(read_list("a.xlsx", xlsx(*[ROW] * 3)).rows) == 3


@pytest.mark.django_db
def test_a_list_that_wants_too_much_memory_is_refused(monkeypatch):
    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux says how much memory a process has")
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(memory, "MEMORY", 2**26)
    monkeypatch.setattr(tasks, "_read", lambda *args: bytearray(2**27))
    run = upload(factories.user(Role.ADMIN, county=factories.county()), xlsx(ROW))
    assert run.state == ImportRun.State.REFUSED
    assert "far larger" in run.message
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["read_list", "apply_list"])
def test_a_list_whose_worker_dies_each_time_does_not_wait_for_ever(name):
    admin = factories.user(Role.ADMIN, county=factories.county(code="130529"))
    factories.village(factories.township(admin.county, code="130529100"), code="130529100001")
    factories.unit(admin.county, name="县教育局")
    run = upload(admin, xlsx(ROW), read=name == "apply_list")
    if name == "apply_list":
        run = imports.confirm_import(
            run=run, sha256=run.sha256, plan_sha256=run.plan_sha256, actor=admin
        )
    Job.objects.filter(pk=run.job_id).update(attempt=MAX_ATTEMPTS)
    getattr(tasks, name)(str(run.job_id))
    run.refresh_from_db()
    assert run.state == {"read_list": "refused", "apply_list": "ready"}[name]
    assert "could not be" in run.message


def test_an_ordinary_full_list_is_far_from_the_limits():
    content = xlsx(*[ROW] * 5000)
    parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    ratio = sum(p.file_size for p in parts) / sum(p.compress_size for p in parts)
    assert ratio < RATIO / 2
    assert len(read_list("a.xlsx", content).rows) == 5000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_files_are_read_whatever_wrote_them(encoding, delimiter):
    text = "\r\n".join(delimiter.join(cells) for cells in (CONTACT_POINTS.headers, ROW))
    rows, _understood = read_list_file("名单.csv", text.encode(encoding))
    assert [(r.number, r.get("unit"), r.get("telephone")) for r in rows] == [
        (2, "县教育局", "0319123456")
    ]


def test_a_formula_is_read_by_its_last_value_and_never_evaluated():
    book = openpyxl.Workbook()
    book.active.append(CONTACT_POINTS.headers)
    book.active.append([*ROW[:-1], '=HYPERLINK("http://example.org","x")'])
    target = io.BytesIO()
    book.save(target)
    rows, _understood = read_list_file("a.xlsx", target.getvalue())
    assert rows[0].get("note") == ""
    assert [problem[0] for problem in rows[0].problems] == ["note"]


def test_the_first_visible_sheet_with_a_header_is_the_list():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["请按下列要求填写"])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(CONTACT_POINTS.headers)
    hidden.append(ROW)
    shown = book.create_sheet("名单")
    shown.cell(row=3, column=2, value="x")
    for x, header in enumerate(CONTACT_POINTS.headers, 2):
        shown.cell(row=4, column=x, value=header)
    for x, cell in enumerate(ROW, 2):
        shown.cell(row=6, column=x, value=cell)
    target = io.BytesIO()
    book.save(target)
    rows, understood = read_list_file("a.xlsx", target.getvalue())
    assert (understood["sheet"], understood["header_rows"]) == ("名单", [4])
    assert [other["sheet"] for other in understood["other_sheets"]] == ["说明", "旧"]
    assert json.loads(json.dumps(understood)) == understood
    assert [r.number for r in rows] == [6]


@pytest.mark.django_db
def test_a_refused_file_tells_its_owner_and_writes_nothing():
    admin = factories.user(Role.ADMIN, county=factories.county())
    run = upload(admin, b"PK\x03\x04 not really")
    assert run.state == ImportRun.State.REFUSED
    assert "damaged" in run.message
    assert (run.job.state, run.job.message) == (Job.State.FAILED, run.message)
    assert not ImportRow.objects.exists()


@pytest.mark.django_db
def test_the_form_refuses_at_once_what_it_can_see_without_parsing(client, settings):
    client.force_login(factories.user(Role.ADMIN, county=factories.county()))
    settings.UPLOAD_MAX_BYTES = 1000
    for name, content in (("a.xlsx", b"<html>"), ("a.exe", b"MZ"), ("a.csv", b"x" * 1001)):
        data = {"file": SimpleUploadedFile(name, content), "first_day": "2026-05-01"}
        response = client.post(reverse("import_create"), data)
        assert response.status_code == 200
        assert response.context["form"].errors["file"]
        assert b"2026-05-01" in response.content
    assert not ImportRun.objects.exists()
