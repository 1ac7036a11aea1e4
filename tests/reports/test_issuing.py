"""A draft is chosen for, edited and issued; an issued report never changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connections, transaction

from outreach import clock
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from reports.issuing import choose_findings, edit_paragraph, issue_report
from reports.models import FindingChoice, Report, ReportEdit
from reports.services import make_report, request_report
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.services.errors import NotPossible
from visits.services.recording import void_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("short_files")]
TODAY = date(2026, 6, 5)
NEW = "村小学旁的桥栏杆断了三处，孩子上下学要绕行两公里。"


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(TODAY)):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    return place


def drafted(place):
    report = request_report(county=place.county, month=MAY, actor=place.office)
    return make_report(report=report, progress=lambda *args: None)


def issue(report, place, **fields):
    return issue_report(
        **{"report": report, "actor": place.office, "sha256": report.sha256} | fields
    )


def outsiders(place):
    return [
        place.writer,
        make.user(Role.ADMIN, county=place.county),
        make.user(Role.COUNTY, county=make.county()),
    ]


# Issuing --------------------------------------------------------------------------------------


def test_issuing_is_audited_and_told_to_the_rest_of_the_office(place):
    colleague = make.user(Role.COUNTY, county=place.county)
    report = issue(drafted(place), place)
    assert (report.state, report.issued_by, report.issued_at) == (
        "issued",
        place.office,
        clock.now(),
    )
    entry = AuditEntry.objects.latest("id")
    assert entry.action == "Monthly report issued"
    assert entry.after["sha256"] == report.sha256
    assert Notification.objects.get(user=colleague).url == report.get_absolute_url()


def test_only_the_office_of_the_county_issues(place):
    report = drafted(place)
    for somebody in outsiders(place):
        with pytest.raises(PermissionDenied):
            issue(report, place, actor=somebody)
    report.refresh_from_db()
    assert report.state == "made"


def test_only_the_document_that_was_shown_is_issued(place):
    with pytest.raises(NotPossible):
        issue(drafted(place), place, sha256="0" * 64)


def test_issuing_twice_is_refused_and_leaves_one_entry(place):
    report = issue(drafted(place), place)
    with pytest.raises(NotPossible):
        issue(report, place)
    assert AuditEntry.objects.filter(action="Monthly report issued").count() == 1


def test_an_older_draft_is_not_issued_after_a_newer_one(place):
    first, second = drafted(place), drafted(place)
    issue(second, place)
    with pytest.raises(NotPossible):
        issue(first, place)
    assert Report.objects.issued().get() == second


def test_a_newer_issued_revision_is_in_force(place):
    first = issue(drafted(place), place)
    second = issue(drafted(place), place)
    third = drafted(place)
    standing = {
        row.pk: (row.state, row.is_superseded) for row in Report.objects.with_standing().all()
    }
    assert standing == {
        first.pk: ("issued", True),
        second.pk: ("issued", False),
        third.pk: ("made", False),
    }


@pytest.mark.django_db(transaction=True)
def test_two_people_issuing_at_once_issue_once(place):
    report = drafted(place)

    def click(_n):
        try:
            with clock.at(make.moment(TODAY)):
                issue(Report.objects.get(pk=report.pk), place)
                return "issued"
        except NotPossible:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, range(2))) == ["issued", "refused"]


@pytest.mark.parametrize(
    "change",
    [
        {"snapshot": {}},
        {"document": "other.docx"},
        {"sha256": "0" * 64},
        {"state": "made", "issued_at": None, "issued_by": None},
        {"revision": 9},
        {"made_at": None},
    ],
)
def test_the_database_refuses_to_change_an_issued_report(place, change):
    report = issue(drafted(place), place)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**change)


def test_the_database_refuses_to_delete_an_issued_report_but_lets_its_job_go(place):
    report, draft = issue(drafted(place), place), drafted(place)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        report.delete()
    Job.objects.filter(pk=report.job_id).delete()
    report.refresh_from_db()
    assert report.job is None
    draft.delete()


# What is quoted -------------------------------------------------------------------------------


def choose(place, rows, version=0, **fields):
    values = {"county": place.county, "month": MAY, "actor": place.office}
    return choose_findings(**values | {"findings": rows, "version": version} | fields)


def test_chosen_findings_are_quoted_in_the_next_draft_in_their_order(place):
    first = make.feedback(place.visit(date(2026, 5, 9), send=False), place.writer, findings=NEW)
    assert drafted(place).snapshot["findings_choice"] == 0
    other = type(first).objects.exclude(pk=first.pk).get()
    choose(place, [other.pk, first.pk])
    second = drafted(place)
    assert [row["text"] for row in second.snapshot["findings"]] == [other.findings, NEW]
    assert second.snapshot["findings_choice"] == 1
    choose(place, [], version=1)
    assert drafted(place).snapshot["findings"] == []


def test_second_to_choose_is_told_and_changes_nothing(place):
    row = type(place.visit(date(2026, 5, 9)).feedback).objects.first()
    choose(place, [row.pk])
    with pytest.raises(NotPossible, match=place.office.name):
        choose(place, [], version=0)
    assert FindingChoice.objects.get().findings == [row.pk]


def test_findings_of_others_or_void_cannot_be_chosen(place):
    foreign = Place()
    foreign.visit()
    row = make.feedback(foreign.visit(date(2026, 5, 9), send=False), foreign.writer)
    with pytest.raises(ValidationError):
        choose(place, [row.pk])
    for somebody in outsiders(place):
        with pytest.raises(PermissionDenied):
            choose(place, [], actor=somebody)
    assert not FindingChoice.objects.exists()


def test_chosen_finding_that_became_void_is_left_out_of_the_next_draft(place):
    visit = place.visit(date(2026, 5, 9), send=False)
    row = make.feedback(visit, place.writer, findings=NEW)
    choose(place, [row.pk])
    void_visit(visit=visit, actor=place.office, reason="重复")
    assert drafted(place).snapshot["findings"] == []


# What the office writes -----------------------------------------------------------------------


def write(report, place, text, version=0, **fields):
    values = {"report": report, "key": "done", "mode": "replace", "actor": place.office}
    return edit_paragraph(**values | {"text": text, "version": version} | fields)


def test_edit_is_carried_into_the_next_revision_with_the_text_it_was_written_over(place):
    report = drafted(place)
    edit = write(report, place, "五月走访任务全部完成。")
    assert edit.over.startswith("本月应完成的1次走访已全部完成")
    assert report.snapshot["edits"] == []
    for _n in range(2):
        (frozen,) = drafted(place).snapshot["edits"]
        assert (frozen["key"], frozen["text"]) == ("done", "五月走访任务全部完成。")
        assert frozen["over"] == edit.over
    assert AuditEntry.objects.filter(action="Paragraph of the report edited").count() == 1


def test_empty_text_takes_the_edit_back(place):
    report = drafted(place)
    write(report, place, "改写。")
    assert write(report, place, "  ", version=1) is None
    assert not ReportEdit.objects.exists()
    assert AuditEntry.objects.latest("id").before["text"] == "改写。"


def test_text_of_nothing_where_there_is_no_edit_is_refused(place):
    with pytest.raises(ValidationError):
        write(drafted(place), place, "")


def test_second_to_write_is_told_who_was_first_and_changes_nothing(place):
    report = drafted(place)
    write(report, place, "第一稿。")
    with pytest.raises(NotPossible, match=place.office.name):
        write(report, place, "第二稿。")
    assert ReportEdit.objects.get().text == "第一稿。"


def test_numbers_of_people_are_not_written_into_a_report(place):
    with pytest.raises(ValidationError):
        write(drafted(place), place, "联系电话13803191234。")


def test_paragraph_that_the_report_does_not_have_is_refused(place):
    with pytest.raises(ValidationError):
        write(drafted(place), place, "改写。", key="weather")


def test_only_the_office_of_the_county_writes(place):
    report = drafted(place)
    for somebody in outsiders(place):
        with pytest.raises(PermissionDenied):
            write(report, place, "改写。", actor=somebody)
