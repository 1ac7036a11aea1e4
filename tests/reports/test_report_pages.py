"""The pages of a report: its text, the records behind its figures, and what the office does."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import Feedback
from outreach import clock
from reports.issuing import choose_findings, edit_paragraph, issue_report
from reports.models import FindingChoice, Report, ReportEdit
from reports.services import make_report, request_report
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.models import Visit, VisitHousehold
from visits.services.recording import void_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_files")]


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(date(2026, 6, 5))):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    return place


@pytest.fixture
def office(place, sign_in):
    return sign_in(place.office)


def drafted(place):
    report = request_report(county=place.county, month=MAY, actor=place.office)
    return make_report(report=report, progress=lambda *args: None)


def page(browser, report):
    return browser.get(report.get_absolute_url()).content.decode()


def records(browser, report, name, **asked):
    """The records of a list, as a set of ids, and its page."""
    response = browser.get(reverse("report_records", args=[report.pk, name]), asked)
    return {row.record.pk for row in response.context["table"].on_page}, response.content.decode()


def test_every_figure_of_the_text_opens_the_records_that_were_counted(place, office):
    report = drafted(place)
    counted = Visit.objects.get()
    late = place.visit(date(2026, 5, 20))
    said = page(office, report)
    for name, found in {
        "visits": {counted.pk},
        "done": {counted.pk},
        "due": {place.line.pk},
        "talks": {counted.pk},
        "units_visited": {place.unit.pk},
        "villages_visited": {place.village.pk},
        "covered": {place.point.pk},
        "held": {place.point.pk},
    }.items():
        address = reverse("report_records", args=[report.pk, name])
        assert f'href="{address}"' in said
        assert records(office, report, name)[0] == found
    assert late.pk not in records(office, report, "visits")[0]


def test_links_of_a_page_all_lead_somewhere(place, office):
    report = drafted(place)
    response = office.get(report.get_absolute_url())
    addresses = {url for line in response.context["lines"] for _text, url in line.pieces if url}
    assert len(addresses) > 5
    for address in addresses:
        assert office.get(address).status_code == 200, address


def test_a_record_that_is_gone_is_said(place, office):
    report = drafted(place)
    assert "现已不存在" not in records(office, report, "visits")[1]
    visit = Visit.objects.get()
    Feedback.objects.all().delete()
    visit.talks.all().delete()
    visit.topics.clear()
    visit.delete()
    found, said = records(office, report, "visits")
    assert found == set()
    assert "当时计入的 1 条记录现已不存在" in said


def test_a_visit_that_became_void_is_still_shown_with_its_state(place, office):
    report = drafted(place)
    visit = Visit.objects.get()
    void_visit(visit=visit, actor=place.office, reason="重复")
    found, said = records(office, report, "visits")
    assert found == {visit.pk}
    assert "作废" in said


def test_lists_are_narrowed_to_a_unit_and_to_a_kind_of_unit(place, office):
    other = make.unit(place.county, kind="township", township=place.village.township)
    point = make.contact_point(other, make.village(place.village.township), make.officer(other))
    line = make.plan_line(point, MAY)
    report = drafted(place)
    assert records(office, report, "due")[0] == {place.line.pk, line.pk}
    assert records(office, report, "due", unit=other.pk)[0] == {line.pk}
    assert records(office, report, "due", kind="township")[0] == {line.pk}
    strange = reverse("report_records", args=[report.pk, "due"])
    for asked in ({"unit": "x"}, {"unit": 0}, {"kind": "zzz"}):
        assert office.get(strange, asked).status_code == 404


def test_matters_and_households_have_their_lists(place, office):
    class Own:
        coordinator, village = place.writer, place.village

    with clock.at(make.moment(date(2026, 5, 5))):
        matter = make.matter_in_work(Own)
    home = make.household(place.village)
    visit = Visit.objects.get()
    VisitHousehold.objects.create(visit=visit, household=home, outcome="met")
    report = drafted(place)
    for name in ("raised", "response", "response:met"):
        assert records(office, report, name)[0] == {matter.pk}, name
    assert records(office, report, "response", unit=place.unit.pk)[0] == {matter.pk}
    assert records(office, report, "reached")[0] == {home.pk}
    assert "各单位诉求办理" in page(office, report)


def test_report_from_before_the_lists_is_shown_without_links(place, office):
    report = drafted(place)
    old = report.snapshot | {"version": 2}
    for name in ("lists", "records", "edits", "year_before", "findings_choice"):
        del old[name]
    old["matters"] = {name: old["matters"][name] for name in ("figures", "units")}
    Report.objects.filter(pk=report.pk).update(snapshot=old)
    said = page(office, report)
    assert "本月应完成的1次走访已全部完成" in said
    assert "/records/" not in said
    assert office.get(reverse("report_records", args=[report.pk, "due"])).status_code == 404


# Issuing --------------------------------------------------------------------------------------


def test_issuing_asks_once_with_revision_checksum_and_who_is_told(place, office):
    colleague = make.user("county", county=place.county)
    report = drafted(place)
    address = reverse("report_issue", args=[report.pk])
    asked = office.get(address).content.decode()
    assert report.sha256 in asked
    assert "印发第 1 版" in asked
    assert colleague.name in asked
    report.refresh_from_db()
    assert report.state == "made"
    response = office.post(address, {"sha256": report.sha256}, follow=True)
    report.refresh_from_db()
    assert report.state == "issued"
    said = response.content.decode()
    assert "已印发，现行" in said
    assert address not in said
    assert office.get(address).status_code == 302


def test_the_list_says_which_revision_is_in_force(place, office):
    for _n in range(2):
        row = drafted(place)
        issue_report(report=row, actor=place.office, sha256=row.sha256)
    drafted(place)
    said = office.get(reverse("report_list")).content.decode()
    assert [said.count(words) for words in ("已印发，现行", "已印发，已被替代", "草稿")] == [
        1,
        1,
        1,
    ]


def test_a_document_that_is_not_the_one_shown_is_not_issued(place, office):
    report = drafted(place)
    address = reverse("report_issue", args=[report.pk])
    response = office.post(address, {"sha256": "0" * 64}, follow=True)
    assert "这不是您刚才看到的文档" in response.content.decode()
    report.refresh_from_db()
    assert report.state == "made"


# Choosing and editing -------------------------------------------------------------------------


def test_office_chooses_findings_and_the_draft_says_that_it_does_not_hold_them(place, office):
    report, row = drafted(place), Feedback.objects.get()
    address = reverse("report_findings", args=[report.pk])
    assert row.findings in office.get(address).content.decode()
    assert "还没有包含" not in page(office, report)
    response = office.post(address, {"findings": [row.pk], "version": 0}, follow=True)
    assert FindingChoice.objects.get().findings == [row.pk]
    assert "有 1 处改动" in response.content.decode()
    assert "还没有包含" not in page(office, drafted(place))


def test_second_to_choose_keeps_the_ticks_and_is_told(place, office):
    report, row = drafted(place), Feedback.objects.get()
    choose_findings(county=place.county, month=MAY, findings=[], version=0, actor=place.office)
    address = reverse("report_findings", args=[report.pk])
    response = office.post(address, {"findings": [row.pk], "version": 0})
    said = response.content.decode()
    assert "先行保存" in said
    assert f'value="{row.pk}" id="finding-{row.pk}" checked' in said


def test_office_edits_a_paragraph_beside_its_generated_text(place, office):
    report = drafted(place)
    address = reverse("report_paragraph", args=[report.pk, "done"])
    assert "本月应完成的1次走访已全部完成" in office.get(address).content.decode()
    text = {"mode": "replace", "text": "五月任务全部完成。", "version": 0}
    said = office.post(address, text, follow=True).content.decode()
    assert "有 1 处改动" in said
    second = drafted(place)
    said = page(office, second)
    assert "五月任务全部完成。" in said
    assert "办公室撰写" in said
    assert "自动生成的文字现已不同" not in said
    place.visit(date(2026, 5, 21))
    make.plan_line(
        make.contact_point(place.unit, make.village(place.village.township), place.officer), MAY
    )
    assert "自动生成的文字现已不同" in page(office, drafted(place))


def test_text_that_is_refused_is_not_lost(place, office):
    report = drafted(place)
    address = reverse("report_paragraph", args=[report.pk, "done"])
    text = {"mode": "replace", "text": "联系电话13803191234。", "version": 0}
    said = office.post(address, text).content.decode()
    assert "联系电话13803191234。" in said
    assert not ReportEdit.objects.exists()


def test_second_to_write_sees_what_the_first_wrote_and_keeps_the_own_text(place, office):
    report = drafted(place)
    edit_paragraph(
        report=report, key="done", mode="replace", text="第一稿。", version=0, actor=place.office
    )
    address = reverse("report_paragraph", args=[report.pk, "done"])
    said = office.post(address, {"mode": "add", "text": "第二稿。", "version": 0}).content.decode()
    assert "先行保存" in said
    assert "第一稿。" in said
    assert "第二稿。" in said


def test_edit_whose_paragraph_is_not_there_any_more_is_shown_and_not_lost(place, office):
    report = drafted(place)
    ReportEdit.objects.create(
        county=place.county, month=MAY, key="matters_overdue", text="已督办。", by=place.office
    )
    said = page(office, drafted(place))
    assert "没有位置" in said
    assert "已督办。" in said
    assert report.snapshot["edits"] == []


def test_issued_report_offers_no_editing(place, office):
    report = drafted(place)
    assert reverse("report_paragraph", args=[report.pk, "done"]) in page(office, report)
    issue_report(report=report, actor=place.office, sha256=report.sha256)
    assert "/text/" not in page(office, report)


def test_paragraph_that_does_not_exist_is_not_found(place, office):
    report = drafted(place)
    assert office.get(reverse("report_paragraph", args=[report.pk, "zzz"])).status_code == 404


def queries(browser, url):
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


def test_pages_cost_the_same_for_one_record_and_for_four(place, office):
    def cost():
        report = drafted(place)
        lists = reverse("report_records", args=[report.pk, "due"])
        return queries(office, report.get_absolute_url()), queries(office, lists)

    office.get(reverse("report_list"))  # the session is seen
    one = cost()
    for _n in range(3):
        point = make.contact_point(place.unit, make.village(place.village.township), place.officer)
        make.plan_line(point, MAY)
    assert cost() == one
