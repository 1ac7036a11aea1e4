"""A report is asked for once, made once, and never changes afterwards."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.utils import timezone

from outreach import clock, jobs
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from reports import documents, services, storing, tasks
from reports.issuing import issue_report
from reports.models import Report
from reports.services import make_report, request_report
from tests import factories as make
from tests.reports.small_county import MAY, Place

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 5)


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


def ask(place, month=MAY):
    return request_report(county=place.county, month=month, actor=place.office)


def nothing(stage, done=0, total=0):
    """A progress nobody watches."""


def actions():
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_asking_twice_is_asking_once(place):
    before = len(actions())
    first = ask(place)
    assert ask(place) == first
    assert (first.revision, first.state) == (1, "waiting")
    assert Job.objects.get().args == {"report": first.pk}
    assert actions()[before:] == ["Monthly report requested"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_report_that_is_made(place):
    def click(_n):
        try:
            with clock.at(make.moment(TODAY)):
                return ask(place).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(click, range(2))
    assert first == second
    # Outside a test's transaction the figures are counted in one of their own, read only.
    assert run(Report.objects.get()).state == "made"


def test_months_to_come_and_years_not_opened_are_refused(place):
    for month in (date(2026, 7, 1), date(2025, 5, 1), date(2026, 5, 2)):
        with pytest.raises(ValidationError):
            ask(place, month)
    assert ask(place, date(2026, 6, 1)).month == date(2026, 6, 1)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN, Role.COUNTY])
def test_only_the_office_of_the_county_may_ask(place, role):
    own_unit = {"unit": place.unit} if role == Role.COORDINATOR else {"county": place.county}
    other = {"county": make.county()}
    somebody = make.user(role, **(other if role == Role.COUNTY else own_unit))
    with pytest.raises(PermissionDenied):
        request_report(county=place.county, month=MAY, actor=somebody)


def test_made_report_is_whole_audited_and_told(place):
    report = ask(place)
    before = len(actions())
    make_report(report=report, progress=nothing)
    report.refresh_from_db()
    assert report.state == "made"
    again = documents.files(report.snapshot)
    assert [kind for kind, _file, _digest in report.files] == ["docx", "pdf", "xlsx"]
    for kind, file, digest in report.files:
        content = Path(file.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert again[kind] == content
    assert report.snapshot["figures"]["done"] == 1
    assert actions()[before:] == ["Monthly report made"]
    told = Notification.objects.get(user=place.office)
    assert told.url == report.get_absolute_url()


def test_making_twice_changes_nothing(place):
    report = make_report(report=ask(place), progress=nothing)
    before = len(actions()), report.sha256, report.made_at
    stale = Report.objects.get(pk=report.pk)
    stale.state = "waiting"  # a twin that read the row before the first one finished
    make_report(report=stale, progress=nothing)
    report.refresh_from_db()
    assert (len(actions()), report.sha256, report.made_at) == before
    assert len(list(Path(report.document.path).parent.iterdir())) == 3


def test_interrupted_report_goes_on_from_its_frozen_figures(place, monkeypatch):
    report = ask(place)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(storing, "write_whole", _interrupt)
        make_report(report=report, progress=nothing)
    with clock.at(make.moment(date(2026, 5, 20))):
        place.visit(date(2026, 5, 12))
    report = make_report(report=Report.objects.get(pk=report.pk), progress=nothing)
    assert report.snapshot["figures"]["visits"] == 1


def _interrupt(*args):
    raise KeyboardInterrupt


def test_next_revision_is_compared_with_the_one_issued_and_leaves_it_alone(place):
    first = make_report(report=ask(place), progress=nothing)
    issue_report(report=first, actor=place.office, sha256=first.sha256)
    with clock.at(make.moment(date(2026, 5, 20))):
        place.visit(date(2026, 5, 12))
    draft = make_report(report=ask(place), progress=nothing)
    third = make_report(report=ask(place), progress=nothing)
    assert [row.revision for row in (first, draft, third)] == [1, 2, 3]
    assert third.snapshot["replaces"]["revision"] == 1
    assert third.snapshot["replaces"]["figures"]["visits"] == 1
    assert third.snapshot["figures"]["visits"] == 2
    assert len({row.document.name for row in (first, draft, third)}) == 3
    content = Path(first.document.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == first.sha256


def run(report):
    tasks.make_report(str(report.job_id))
    report.refresh_from_db()
    report.job.refresh_from_db()
    return report


def test_task_makes_the_report_and_shows_its_page(place):
    report = run(ask(place))
    assert (report.state, report.job.state) == ("made", "done")
    assert report.job.result_url == report.get_absolute_url()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device"), "No space left"),
        (ZeroDivisionError(), "unexpected"),
    ],
)
def test_failure_ends_report_and_job_with_a_sentence(place, monkeypatch, error, sentence):
    def fails(*args):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(storing, "write_whole", fails)
        report = run(ask(place))
    assert (report.state, report.job.state) == ("failed", "failed")
    assert sentence in (report.job.message + str(report.job.message_params))
    assert Notification.objects.get(user=place.office).url == report.get_absolute_url()
    again = run(ask(place))
    assert (again.revision, again.state) == (2, "made")


def test_full_disk_leaves_no_half_file(place, monkeypatch, tmp_path):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storing.os, "fsync", full)
    report = run(ask(place))
    assert report.state == "failed"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_report_whose_job_ended_without_it_does_not_block_the_next(place):
    report = ask(place)
    Job.objects.filter(pk=report.job_id).update(state="failed")
    before = len(actions())
    again = ask(place)
    report.refresh_from_db()
    assert (report.state, again.revision) == ("failed", 2)
    assert actions()[before:] == ["Monthly report failed", "Monthly report requested"]
    assert Notification.objects.get(user=place.office).url == report.get_absolute_url()


def lose_the_lease(report):
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=report.job_id).update(lease_until=past)


def test_report_whose_job_gave_up_is_failed_and_told(place):
    report = ask(place)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(str(report.job_id))
        lose_the_lease(report)
    report = run(report)
    assert (report.state, report.job.state) == ("failed", "failed")
    assert actions()[-1] == "Monthly report failed"
    assert Notification.objects.get(user=place.office).url == report.get_absolute_url()


def test_worker_that_stumbles_after_losing_its_lease_fails_nothing(place, monkeypatch):
    report = ask(place)

    def taken_over(snapshot):
        lose_the_lease(report)
        assert jobs.claim(str(report.job_id)).attempt == 2
        raise MemoryError

    monkeypatch.setattr(services.documents, "files", taken_over)
    report = run(report)
    assert (report.state, report.job.state) == ("waiting", "running")


def test_worker_that_lost_its_lease_writes_nothing_more(place):
    report = ask(place)
    job = Job.objects.get()

    def taken_over(stage, done=0, total=0):
        if done == 2:
            Job.objects.filter(pk=job.pk).update(attempt=7)
            raise tasks.jobs.LeaseLost(str(job.pk))

    with pytest.raises(tasks.jobs.LeaseLost):
        make_report(report=report, progress=taken_over)
    report.refresh_from_db()
    assert (report.state, report.document.name) == ("waiting", "")


def test_snapshot_keeps_the_rules_in_force(place):
    place.year.rules.create(effective_month=date(2026, 5, 1), feedback_due_days=9)
    report = make_report(report=ask(place), progress=nothing)
    assert report.snapshot["rules"]["feedback_due_days"] == 9
    assert report.made_at - clock.now() < timedelta(minutes=1)
