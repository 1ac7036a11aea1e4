"""What may be uploaded, and what is refused with a sentence and nothing written."""

import io
import struct
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contact_points.columns import HEADERS
from contact_points.formats import RATIO, Unreadable, read
from contact_points.models import ImportRow, ImportRun
from contact_points.resources import read_list_file
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
