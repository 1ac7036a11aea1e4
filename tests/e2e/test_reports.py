"""The county office at its desk: a paragraph is edited, drafted anew and issued."""

import re

import pytest

from outreach import clock
from reports.mailing import add_recipient
from reports.models import Report
from reports.services import make_report, request_report

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "各单位按要求走访，情况总体平稳。"


def test_from_the_edited_paragraph_to_the_issued_report(visitor, town, run_jobs, settings):
    settings.EMAIL_ENABLED = True
    add_recipient(county=town.county, actor=town.office, name="县委办", email="a@example.org")
    month = clock.this_month()
    report = request_report(county=town.county, month=month, actor=town.office)
    make_report(report=report, progress=lambda *args: None)
    office = visitor(town.office)
    page = office.page
    office.go(f"reports/{report.pk}")
    office.check()
    page.locator(".report-edit").first.click()
    page.wait_for_load_state()
    office.check()
    page.fill("[name=text]", TEXT)
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/reports/\d+/$"))
    page.locator("form.note .btn-primary").click()
    page.wait_for_url(lambda url: str(report.pk) not in url.rstrip("/").split("/")[-1])
    run_jobs()
    page.get_by_role("link", name="Word").wait_for(timeout=8000)
    assert TEXT in page.locator(".report").inner_text()
    page.locator(".actions .btn-primary").click()
    page.wait_for_url(re.compile(r"/issue/$"))
    assert "县委办" in page.locator("main").inner_text()
    assert page.locator("main code").count() == 3
    office.check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/reports/\d+/$"))
    office.check()
    issued = Report.objects.get(state="issued")
    assert (issued.revision, issued.issued_by) == (2, town.office)
    run_jobs()
    page.reload()
    assert "a@example.org" in page.locator("main").inner_text()
    assert issued.deliveries.get().state == "sent"
