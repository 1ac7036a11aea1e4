"""What may be uploaded, and what is refused with a sentence and nothing written."""

import io
import json
import os
import resource
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from contact_points import formats, tasks
from contact_points.columns import HEADERS
from contact_points.formats import RATIO, Unreadable, read
from contact_points.models import ContactPoint, ImportRow, ImportRun
from contact_points.resources import read_list_file
from contact_points.services import imports
from outreach.jobs import MAX_ATTEMPTS
from outreach.models import Job
from outreach.roles import Role
from tests import factories
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


# Made when its test runs: one of them is 100 MB.
BAD = {
    "empty": ("a.xlsx", lambda: b"", "empty"),
    "html": ("a.xlsx", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "no Excel file"),
    "picture": ("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "no Excel file"),
    "old or locked": (
        "a.xlsx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
        "password",
    ),
    "program": ("a.exe", lambda: b"MZ" + b"\0" * 99, "Only .xlsx and .csv"),
    "macro workbook": ("a.xlsm", lambda: xlsx(ROW), "Only .xlsx and .csv"),
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
        "where its cells stand",
    ),
    "a far cell elsewhere": (
        "a.xlsx",
        lambda: under_another_name('<row r="3"><c r="XFD3"/></row>'),
        "far larger",
    ),
    "a tag without end": (
        "a.xlsx",
        lambda: sheet_with("<c " + os.urandom(2**20).hex()),
        "damaged",
    ),
    "no header": ("a.xlsx", lambda: xlsx(ROW, headers=["甲", "乙"]), "No header"),
    "no unit": (
        "a.xlsx",
        lambda: xlsx(["a", "b", "c"], headers=["村名", "乡镇", "责任人"]),
        "联系单位",
    ),
    "twice": ("a.xlsx", lambda: xlsx(ROW, headers=[*HEADERS, "单位"]), "Two columns"),
    "no rows": ("a.xlsx", lambda: xlsx(), "no row below"),
    "binary text": ("a.csv", lambda: b"\0\1\2", "neither UTF-8"),
    "html text": ("a.csv", lambda: b"<html>", "No header"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(case):
    name, made, sentence = BAD[case]
    content = made()
    with pytest.raises(Unreadable, match=sentence):
        read(name, content)


def test_more_rows_than_the_limit_are_refused(settings):
    settings.UPLOAD_MAX_ROWS = 3
    with pytest.raises(Unreadable, match="more than 3 rows"):
        read("a.xlsx", xlsx(*[ROW] * 4))
    assert len(read("a.xlsx", xlsx(*[ROW] * 3))) == 3


def test_cells_that_say_where_they_stand_are_none_of_those_that_do_not():
    rows = "".join(
        f"<x:row spans='1:3' r = '{n}' ><x:c t=\"n\" s='1'\n r=\"A{n}\"/><c r='B{n}'/></x:row>"
        for n in range(3, 20_000)
    )
    content = sheet_with(rows + "<row><c/></row>" * 50)
    formats.check_archive(content)
    with pytest.raises(Unreadable, match="where its cells stand"):
        formats.check_archive(sheet_with(rows + "<row><c/></row>" * 51))


@pytest.mark.django_db
def test_a_list_that_wants_too_much_memory_is_refused(monkeypatch):
    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux says how much memory a process has")
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(formats, "MEMORY", 2**26)
    monkeypatch.setattr(tasks, "read_list_file", lambda *args: bytearray(2**27))
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
    assert len(read("a.xlsx", content)) == 5000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_files_are_read_whatever_wrote_them(encoding, delimiter):
    text = "\r\n".join(delimiter.join(cells) for cells in (HEADERS, ROW))
    rows, _understood = read_list_file("名单.csv", text.encode(encoding))
    assert [(r.number, r.get("unit"), r.get("telephone")) for r in rows] == [
        (2, "县教育局", "0319123456")
    ]


def test_a_formula_is_read_by_its_last_value_and_never_evaluated():
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    book.active.append([*ROW[:-1], '=HYPERLINK("http://example.org","x")'])
    target = io.BytesIO()
    book.save(target)
    rows, _understood = read_list_file("a.xlsx", target.getvalue())
    assert rows[0].get("note") == ""


def test_the_first_visible_sheet_with_a_header_is_the_list():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["请按下列要求填写"])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(HEADERS)
    hidden.append(ROW)
    shown = book.create_sheet("名单")
    shown.cell(row=3, column=2, value="x")
    for x, header in enumerate(HEADERS, 2):
        shown.cell(row=4, column=x, value=header)
    for x, cell in enumerate(ROW, 2):
        shown.cell(row=6, column=x, value=cell)
    target = io.BytesIO()
    book.save(target)
    rows, understood = read_list_file("a.xlsx", target.getvalue())
    assert understood == {"sheet": "名单", "header_row": 4, "unknown": []}
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


@pytest.mark.django_db
class TestCommand:
    def run(self, file, county, capsys, **options):
        call_command("import_contact_points", file, county=county.code, json=True, **options)
        return json.loads(capsys.readouterr().out)

    @pytest.fixture
    def county(self):
        county = factories.county(code="130529")
        township = factories.township(county, code="130529100")
        factories.village(township, code="130529100001")
        factories.unit(county, name="县教育局")
        return county

    def test_a_clean_list_is_applied(self, county, tmp_path, capsys):
        file = tmp_path / "a.xlsx"
        file.write_bytes(xlsx(ROW))
        dry = self.run(file, county, capsys, dry_run=True)
        assert (dry["created"], dry["applied"]) == (1, False)
        assert not ImportRun.objects.exists()
        admin = factories.user(Role.ADMIN, county=county)
        report = self.run(file, county, capsys, username=admin.username)
        assert report["applied"] and report["errors"] == []
        assert ContactPoint.objects.count() == 1
        assert ImportRun.objects.get().created_by == admin

    def test_a_rejected_row_stops_all_unless_told_otherwise(self, county, tmp_path, capsys):
        file = tmp_path / "a.xlsx"
        file.write_bytes(xlsx(ROW, row(code="130529100001", unit="无此局", officer="甲")))
        with pytest.raises(SystemExit) as stop:
            self.run(file, county, capsys)
        assert stop.value.code == 1
        error = json.loads(capsys.readouterr().out)["errors"][0]
        assert (error["row"], error["column"], error["value"]) == (3, "unit", "无此局")
        assert not ContactPoint.objects.exists()
        assert self.run(file, county, capsys, allow_partial=True)["applied"]
        assert ContactPoint.objects.count() == 1

    def test_what_cannot_be_read_or_done_says_so(self, county, tmp_path):
        file = tmp_path / "a.xlsx"
        file.write_bytes(b"<html>")
        with pytest.raises(CommandError) as refused:
            call_command("import_contact_points", file, county="130529")
        assert refused.value.returncode == 2
        cadre = factories.cadre(factories.unit(county))
        with pytest.raises(CommandError, match="no administrator"):
            call_command("import_contact_points", file, county="130529", username=cadre.username)
        with pytest.raises(CommandError, match="no county"):
            call_command("export_contact_points", county="000000", output=tmp_path / "b.xlsx")
