"""Each role does its step of the programme in a real browser."""

import re
from datetime import date

import pytest

from feedback.models import Feedback
from outreach import clock
from reports.models import Report
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE
from visits.models import AnnualPlan, Visit

pytestmark = pytest.mark.slow


def test_cadre_records_a_visit_and_its_feedback_on_a_phone(visitor, town):
    cadre = visitor(town.cadre, PHONE)
    page = cadre.page
    page.get_by_role("article").filter(has_text="后辛庄村").get_by_role("link", name="记录").click()
    page.locator("input[name=together][value=ate]").check()
    for _ in range(3):
        page.locator(".counter").first.locator("[data-step='1']").click()
    page.locator(".household").first.locator("input[value=met]").check()
    page.fill("#id_findings", "三组机井电表老化，浇一亩地电费比邻村高，群众希望统一更换。")
    page.click("button[name=send]")
    page.wait_for_url("**/month/")
    cadre.check()
    visit = Visit.objects.with_totals().get()
    assert (visit.people_total, visit.households_met, visit.ate) == (3, 1, True)
    assert [topic.title for topic in visit.topics.all()] == ["秋冬季防火"]
    assert visit.feedback.state == Feedback.State.SUBMITTED


def test_a_tapped_twice_form_is_one_record(visitor, town):
    page = visitor(town.cadre, PHONE).page
    page.get_by_role("article").filter(has_text="姚庄村").get_by_role("link", name="记录").click()
    page.locator("button[name=keep]").dblclick()
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]{36}/$"))
    assert Visit.objects.count() == 1


def test_office_returns_with_a_reason_author_corrects_office_accepts(visitor, town):
    visit = make.visit(town.points[0], town.cadre, topics=[town.topic])
    make.feedback(visit, town.cadre)
    office = visitor(town.office)
    office.go("review")
    office.page.get_by_role("link", name="后辛庄村").click()
    office.check()
    office.page.fill("#id_reason", "请写清是哪几眼机井。")
    office.page.click("button[value=return]")
    office.page.wait_for_url("**/review/")

    cadre = visitor(town.cadre, PHONE)
    assert cadre.page.get_by_text("请写清是哪几眼机井。").first.is_visible()
    cadre.page.locator(".month-card a.btn-primary").first.click()
    cadre.page.fill("#id_findings", "三组东头两眼机井电表老化，电费比邻村高三成。")
    cadre.page.click("button[name=send]")
    cadre.page.wait_for_url("**/month/")

    office.page.reload()
    office.page.get_by_role("link", name="后辛庄村").click()
    office.page.click("button[value=accept]")
    office.page.wait_for_url("**/review/")
    assert Feedback.objects.get().state == Feedback.State.ACCEPTED
    office.check()


def test_coordinator_plans_and_submits_office_approves(visitor, town):
    coordinator = visitor(town.coordinator)
    coordinator.go(f"plans/{town.plan.pk}")
    page = coordinator.page
    page.locator("table.plan td a").first.click()
    coordinator.check()
    last = clock.add_months(clock.this_month(), 1) - clock.ONE_DAY
    page.fill("[name=day]", str(last.day))
    page.select_option("[name=group]", "capable")
    page.locator(".plan-panel button.btn-primary").click()
    page.locator("#plan-said", has_text="已保存").wait_for()
    page.locator(".actions button.btn-primary").click()
    page.wait_for_load_state()
    coordinator.check()

    office = visitor(town.office)
    office.go(f"plans/{town.plan.pk}")
    office.page.click("button[value=approve]")
    office.page.wait_for_load_state()
    plan = AnnualPlan.objects.get()
    assert plan.state == AnnualPlan.State.APPROVED
    assert plan.lines.get(contact_point=town.points[0]).planned_date == last
    office.check()


def test_office_makes_the_report_of_a_past_month(visitor, town, run_jobs):
    office = visitor(town.office)
    office.go("reports")
    office.page.get_by_role("button", name="月报").click()
    office.page.wait_for_url(re.compile(r"/reports/\d+/"))
    office.check()
    run_jobs()
    office.page.get_by_role("link", name="Word").wait_for(timeout=8000)
    office.check()
    with office.page.expect_download() as download:
        office.page.get_by_role("link", name="Word").click()
    assert download.value.suggested_filename.endswith(".docx")
    report = Report.objects.get()
    assert report.month == clock.add_months(clock.this_month(), -1)
    with report.document.open() as stored:
        assert download.value.path().read_bytes() == stored.read()


def test_administrator_imports_a_list(visitor, town, run_jobs, tmp_path):
    rows = "村代码,村名,乡镇,联系单位,责任人,职务,起始日期\n"
    fresh = make.village(town.township, name="大屯头村")
    rows += (
        f"{fresh.code},大屯头村,官亭镇,县水务局,赵新民,副局长,{date(clock.today().year, 1, 1)}\n"
    )
    rows += ",没有的村,官亭镇,县水务局,赵新民,副局长,\n"
    path = tmp_path / "名单.csv"
    path.write_text(rows, encoding="gb18030")
    admin = visitor(town.admin)
    admin.go("imports/new")
    admin.page.set_input_files("input[type=file]", path)
    admin.page.locator("main form button.btn-primary").click()
    admin.page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/"))
    run_jobs()
    apply = admin.page.get_by_role("button", name="1")
    apply.wait_for(timeout=8000)
    admin.check()
    apply.click()
    admin.page.wait_for_load_state()
    run_jobs()
    admin.page.wait_for_timeout(1500)
    point = fresh.contact_points.get()
    assert (str(point.unit), str(point.officer)) == ("县水务局", "赵新民")
    admin.check()


def test_forms_work_without_javascript(visitor, town):
    cadre = visitor(town.cadre, PHONE, java_script_enabled=False)
    cadre.go(f"contact-points/{town.points[0].pk}/record")
    cadre.page.fill("#id_people_party_members", "6")
    cadre.page.fill("#id_findings", "党员反映村室网络不通。")
    cadre.page.click("button[name=send]")
    assert Feedback.objects.get().state == Feedback.State.SUBMITTED


def test_language_and_theme_are_chosen_in_the_header(visitor, town):
    office = visitor(town.office, DESK)
    html = office.page.locator("html")
    assert html.get_attribute("lang") == "zh-CN"
    office.page.get_by_role("button", name="EN").click()
    assert html.get_attribute("lang") == "en"
    assert office.page.get_by_role("link", name="Monthly reports").is_visible()
    office.page.get_by_role("button", name="Dark").click()
    assert html.get_attribute("data-bs-theme") == "dark"
    office.check()
