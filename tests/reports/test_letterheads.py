"""The county's header and numbers stand on its documents, each number on one."""

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from docx import Document

from outreach import clock
from reports.documents.sheets import compose
from reports.issuing import issue_report
from reports.letterheads import set_letterhead
from reports.models import Letterhead
from reports.services import make_report, request_report
from reports.sheets import part_of, sheet
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.services.errors import NotPossible

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
HEAD = {
    "issuer": "巨鹿县“面对面”活动领导小组办公室",
    "office": "巨鹿县“面对面”活动办公室文件",
    "code": "巨面办",
    "last_number": 4,
    "bulletin_name": "简报",
    "copies": "",
}


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(date(2026, 6, 5), 12)):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    set_head(place)
    return place


def set_head(place, version=0, **fields):
    values = {"county": place.county, "actor": place.office, "version": version}
    return set_letterhead(**values | HEAD | fields)


def drafted(place, month=MAY):
    report = request_report(county=place.county, month=month, actor=place.office)
    return make_report(report=report, progress=lambda *args: None)


def issue(report, place):
    return issue_report(report=report, actor=place.office, sha256=report.sha256)


def number(report):
    return report.snapshot["letterhead"]["number"]


def lines(report):
    with report.document.open() as file:
        return [row.text for row in Document(io.BytesIO(file.read())).paragraphs]


def test_a_report_has_the_red_header_the_next_number_and_the_issuer(place):
    report = drafted(place)
    assert lines(report)[:2] == [HEAD["office"], "巨面办〔2026〕5号"]
    assert HEAD["issuer"] in lines(report)
    assert compose(sheet(part_of(place.unit), MAY)).issuer == HEAD["issuer"]


def test_without_a_letterhead_documents_are_as_plain_as_before():
    place = Place()
    place.visit()
    report = drafted(place)
    assert lines(report)[0] == f"{place.county}“面对面”活动"
    assert f"{place.county}“面对面”活动办公室" in lines(report)


def test_a_new_revision_keeps_the_number_and_the_next_month_has_the_next(place):
    issue(drafted(place), place)
    assert number(drafted(place)) == "巨面办〔2026〕5号"
    assert number(drafted(place, APRIL)) == "巨面办〔2026〕6号"
    assert Letterhead.objects.get().last_number == 5


def test_of_two_drafts_with_one_number_the_second_is_refused(place):
    first, second = drafted(place), drafted(place, APRIL)
    assert number(first) == number(second)
    issue(first, place)
    with pytest.raises(NotPossible, match="5号"):
        issue(second, place)
    second.refresh_from_db()
    assert second.state == "made"
    assert issue(drafted(place, APRIL), place).state == "issued"


def test_numbers_begin_anew_each_year(place):
    make.programme_year(place.county, 2027)
    with clock.at(make.moment(date(2027, 2, 5))):
        assert number(drafted(place)) == "巨面办〔2027〕1号"


def test_what_is_issued_keeps_its_letterhead(place):
    report = issue(drafted(place), place)
    set_head(place, version=1, office="另一红头", code="")
    report.refresh_from_db()
    assert report.snapshot["letterhead"]["office"] == HEAD["office"]
    assert "serial" not in drafted(place).snapshot["letterhead"]


def test_only_the_office_sets_it_and_the_second_is_told(place):
    with pytest.raises(PermissionDenied):
        set_head(place, version=1, actor=place.writer)
    with pytest.raises(NotPossible):
        set_head(place, version=0)
    with pytest.raises(ValidationError):
        set_head(place, version=1, issuer="")


def test_the_page_sets_it(place, sign_in):
    browser, url = sign_in(place.office), reverse("letterhead")
    assert "巨面办" in browser.get(url).content.decode()
    browser.post(url, HEAD | {"code": "巨办", "version": "1"})
    assert Letterhead.objects.get().code == "巨办"
