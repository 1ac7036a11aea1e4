"""The year's summary adds up its months, those issued as their reports have them."""

import io
from datetime import date

import pytest
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from outreach import clock
from reports import indicators
from reports.documents.yearly import compose, workbook
from reports.issuing import issue_report
from reports.services import make_report, request_report
from reports.yearly import ADDED, summary
from tests import factories as make
from tests.reports.small_county import MAY, Place, build
from visits.services.recording import void_visit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(date(2026, 6, 5), 12)):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    return place


def text(found):
    return "".join(part.text for part in compose(found).paragraphs)


def test_sums_of_the_months_are_the_figures_of_the_year():
    county = build(4)
    found = summary(county, 2026)
    (year,) = indicators.figures(county.pk, date(2026, 1, 1), date(2026, 6, 1))
    assert {name: found["figures"][name] for name in ADDED} == {
        name: getattr(year, name) for name in ADDED
    }
    assert dict(found["figures"]["people_by_group"]) == year.people_by_group
    assert found["figures"]["households_reached"] == year.households_reached
    by_unit = indicators.figures(county.pk, date(2026, 1, 1), date(2026, 6, 1), by="unit")
    assert {row["key"]: row["figures"]["done"] for row in found["units"]} == {
        row.key: row.done for row in by_unit
    }


def test_an_issued_month_is_told_as_its_report_tells_it(place):
    report = request_report(county=place.county, month=MAY, actor=place.office)
    report = make_report(report=report, progress=lambda *args: None)
    issue_report(report=report, actor=place.office, sha256=report.sha256)
    void_visit(visit=place.point.visits.get(), actor=place.office, reason="重复")
    found = summary(place.county, 2026)
    assert found["months"][4]["figures"] == report.snapshot["figures"]
    assert found["figures"]["visits"] == 1
    assert "其余各月与已印发的月报一致" in text(found)


def test_what_does_not_exist_is_not_said():
    place = Place()
    place.line.delete()
    told = text(summary(place.county, 2026))
    assert "没有应完成的走访任务" in told
    assert "无" not in told.replace("无关", "")
    with clock.at(make.moment(date(2025, 12, 30))):
        assert summary(place.county, 2026) is None


def test_a_year_that_is_over_is_a_whole_one(place):
    assert "2026年1至6月情况小结" in text(summary(place.county, 2026))
    with clock.at(make.moment(date(2027, 1, 8))):
        found = summary(place.county, 2026)
    assert "2026年度情况总结" in text(found)
    assert len(found["months"]) == 12


def test_the_files_and_the_page(place, sign_in):
    url = reverse("year_summary")
    browser = sign_in(place.office)
    page = browser.get(url)
    assert "各月走访情况表" in page.content.decode()
    document = Document(io.BytesIO(browser.get(url, {"kind": "docx"}).content))
    assert [cell.text for cell in document.tables[0].rows[5].cells][:3] == ["5月", "1", "1"]
    assert browser.get(url, {"kind": "pdf"}).content.startswith(b"%PDF")
    book = load_workbook(io.BytesIO(browser.get(url, {"kind": "xlsx"}).content))
    assert book.sheetnames == ["各月", "各单位", "宣传内容", "群众诉求"]
    assert book["各月"]["C7"].value == 1
    assert browser.get(url, {"year": "2024"}).status_code == 404


def test_the_workbook_is_the_same_each_time(place):
    found = summary(place.county, 2026)
    assert workbook(found) == workbook(found)
