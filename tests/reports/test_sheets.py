"""A unit's and a township's monthly sheet: the own part of the month, as the report has it."""

import io
from datetime import date

import pytest
from django.urls import reverse
from docx import Document

from outreach import clock
from outreach.roles import Role
from reports import documents
from reports.documents.sheets import compose
from reports.issuing import issue_report
from reports.services import make_report, request_report
from reports.sheets import part_of, sheet
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.services.recording import void_visit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 5)
JUNE = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(TODAY, 12)):
        yield


@pytest.fixture
def place():
    return Place()


@pytest.fixture
def neighbour(place):
    """Another unit of the county, in a village of the same township, that did nothing."""
    row = make.unit(place.county)
    make.plan(place.year, row, state="approved")
    village = make.village(place.village.township)
    point = make.contact_point(row, village)
    make.plan_line(point, MAY)
    return point


def told(row, month=MAY):
    return "".join(part.text for part in compose(sheet(part_of(row), month)).paragraphs)


def issue(place):
    report = request_report(county=place.county, month=MAY, actor=place.office)
    report = make_report(report=report, progress=lambda *args: None)
    return issue_report(report=report, actor=place.office, sha256=report.sha256)


def test_a_unit_reads_of_itself_only(place, neighbour):
    place.visit()
    own, other = told(place.unit), told(neighbour.unit)
    assert "本月应完成的1次走访已全部完成" in own
    assert "均未完成" in other
    assert neighbour.village.name not in own
    assert place.village.name not in other


def test_what_is_late_returned_or_owed_next_is_named_with_its_village(place):
    make.plan_line(place.point, JUNE)
    place.visit(send=False)
    text = told(place.unit)
    assert "逾期未反馈的走访有" in text
    assert "5月8日" in text
    assert "6月应走访的联系点1个" in text
    assert "其中1个尚未确定走访日期" in text


def test_open_and_overdue_matters_of_the_leading_unit_are_told(place):
    place.coordinator = place.writer
    with clock.at(make.moment(date(2026, 5, 4), 9)):
        make.matter(place)
    assert "尚待答复的诉求1件" in told(place.unit)
    assert "其中逾期未答复1件" in told(place.village.township)


def test_a_township_reads_of_everybody_who_goes_there(place, neighbour):
    place.visit()
    found = sheet(part_of(place.village.township), MAY)
    assert (found["figures"]["due"], found["figures"]["done"]) == (2, 1)
    assert neighbour.unit.name in told(place.village.township)
    (table,) = compose(found).tables
    assert [row[-1] for row in table.rows] == ["已完成", "应完成1次、完成0次"]


def test_sheet_and_issued_report_agree_whatever_happens_later(place, neighbour):
    visit = place.visit()
    report = issue(place)
    before = {row: told(row) for row in (place.unit, place.village.township)}
    assert "数据与本月月报第1版一致" in before[place.unit]
    assert sheet(part_of(place.unit), MAY)["figures"] == report.snapshot["units"][0]["figures"]
    void_visit(visit=visit, actor=place.office, reason="重复")
    assert {row: told(row) for row in before} == before
    # A draft changes nothing; only what is issued does.
    make_report(
        report=request_report(county=place.county, month=MAY, actor=place.office),
        progress=lambda *args: None,
    )
    assert told(place.unit) == before[place.unit]


def test_a_unit_without_anything_in_the_month_has_a_sheet_that_says_so(place):
    text = told(make.unit(place.county))
    assert "本月没有应完成的走访任务" in text


def test_files_are_whole_and_the_same_each_time(place):
    place.visit()
    outline = compose(sheet(part_of(place.unit), MAY))
    first = documents.file_of(outline, "docx")
    assert first == documents.file_of(outline, "docx")
    lines = [row.text for row in Document(io.BytesIO(first)).paragraphs]
    assert f"{place.unit.name}“面对面”活动" in lines
    assert documents.file_of(outline, "pdf").startswith(b"%PDF")
    assert documents.file_of(outline, "xlsx") is None


def test_pages_and_files_of_the_own_part(place, neighbour, sign_in):
    place.visit()
    for person in (place.office, place.writer):
        browser = sign_in(person)
        assert browser.get(reverse("sheet_list")).context["month"] == MAY
        url = reverse("unit_sheet", args=[place.unit.pk])
        assert browser.get(url, {"month": "2026-05"}).status_code == 200
        for kind in ("docx", "pdf"):
            page = browser.get(url, {"month": "2026-05", "kind": kind})
            assert page["Content-Type"] == documents.FILE_TYPES[kind]
        for asked in ({"month": "2026-07"}, {"month": "2025-05"}, {"kind": "xlsx"}):
            assert browser.get(url, asked).status_code == 404
    assert browser.get(reverse("unit_sheet", args=[neighbour.unit.pk])).status_code == 404
    assert browser.get(reverse("sheet_list")).context["townships"].count() == 0


def test_a_townships_own_unit_reads_the_townships_sheet(place, sign_in):
    township = place.village.township
    unit = make.unit(place.county, kind="township", township=township)
    browser = sign_in(make.user(Role.COORDINATOR, unit=unit))
    url = reverse("township_sheet", args=[township.pk])
    assert browser.get(url, {"month": "2026-05"}).status_code == 200
    assert list(browser.get(reverse("sheet_list")).context["townships"]) == [township]
