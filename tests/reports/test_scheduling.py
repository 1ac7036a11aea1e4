"""Each county's report is asked for once its report day has come, and once only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from celery import current_app
from celery.beat import Scheduler
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.urls import reverse

from contact_points.models import County
from outreach import clock, jobs
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from reports import scheduling, services, tasks
from reports.models import Report
from tests import factories as make
from tests.reports.small_county import MAY, Place

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    with clock.at(make.moment(date(2026, 5, 20))):
        place = Place()
        place.visit()
    return place


def sweep(day, hour=0):
    with clock.at(make.moment(day, hour)):
        tasks.request_due_reports()
    return list(Report.objects.order_by("id").values_list("month", "revision"))


def run(report):
    tasks.make_report(str(report.job_id))
    report.refresh_from_db()
    return report


def test_the_report_is_asked_for_on_the_report_day_and_not_before(place):
    assert sweep(date(2026, 6, 4), hour=23) == []
    assert sweep(date(2026, 6, 5)) == [(MAY, 1)]
    job = Job.objects.get(task="reports.tasks.make_report")
    assert (job.queue, job.county, job.created_by) == ("bulk", place.county, None)
    assert run(Report.objects.get()).state == "made"


def test_each_county_has_its_own_report_day(place):
    other = Place()
    other.year.rules.update(report_day=9)
    assert len(sweep(date(2026, 6, 8))) == 1
    assert len(sweep(date(2026, 6, 9))) == 2


def test_the_report_day_is_that_of_the_rule_of_the_month_reported_on(place):
    place.year.rules.create(effective_month=date(2026, 6, 1), report_day=1)
    assert sweep(date(2026, 6, 4)) == []
    assert sweep(date(2026, 6, 5)) == [(MAY, 1)]


def test_a_beat_that_was_down_over_the_report_day_is_made_up_for(place):
    assert sweep(date(2026, 6, 29)) == [(MAY, 1)]


def test_even_in_the_month_after_until_the_next_report_is_due(place):
    assert sweep(date(2026, 7, 2)) == [(MAY, 1)]
    assert sweep(date(2026, 7, 5)) == [(MAY, 1)]  # in June nothing was planned and nobody went
    make.plan_line(place.point, date(2026, 6, 1))
    assert sweep(date(2026, 7, 5)) == [(MAY, 1), (date(2026, 6, 1), 1)]


def test_december_is_reported_in_january_by_the_rules_of_its_year(place):
    make.plan_line(place.point, date(2026, 12, 1))
    assert sweep(date(2027, 1, 4))[-1:] == []
    assert sweep(date(2027, 1, 5)) == [(date(2026, 12, 1), 1)]


def test_a_month_before_the_rules_is_none_of_the_programme(place):
    place.year.rules.update(effective_month=date(2026, 6, 1))
    assert sweep(date(2026, 6, 20)) == []


@pytest.mark.parametrize("state", ["made", "failed", "cancelled"])
def test_a_month_that_was_reported_in_any_way_is_left_to_people(place, state):
    sweep(date(2026, 6, 5))
    report = Report.objects.get()
    if state == "made":
        run(report)
    elif state == "failed":
        services.fail_report(report=report)
    else:
        services.cancel_report(report=report, actor=place.office)
    report.refresh_from_db()
    assert report.state == state
    assert sweep(date(2026, 6, 5), hour=1) == [(MAY, 1)]


def test_a_county_that_fails_stops_no_other(place, monkeypatch, caplog):
    Place()
    broken = place.county.pk
    ask = scheduling.request_due_report

    def breaks(*, county_id, month):
        assert county_id != broken
        return ask(county_id=county_id, month=month)

    monkeypatch.setattr(scheduling, "request_due_report", breaks)
    assert len(sweep(date(2026, 6, 5))) == 1
    assert f"county {broken}" in caplog.text


def test_counties_are_looked_at_in_chunks(place, monkeypatch, django_assert_num_queries):
    for _ in range(4):
        Place()
    monkeypatch.setattr(scheduling, "CHUNK", 2)
    with clock.at(make.moment(date(2026, 6, 5))):
        owed = list(scheduling.owed())
        assert owed == [
            (pk, MAY) for pk in County.objects.order_by("pk").values_list("pk", flat=True)
        ]
        monkeypatch.setattr(scheduling, "CHUNK", 200)
        with django_assert_num_queries(4):  # counties, years, rules, which of them have none
            assert list(scheduling.owed()) == owed


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_a_click_at_once_are_one_report(place):
    def beat(_n):
        try:
            sweep(date(2026, 6, 5))
        finally:
            connections.close_all()

    def click(_n):
        try:
            with clock.at(make.moment(date(2026, 6, 5))):
                services.request_report(county=place.county, month=MAY, actor=place.office)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda call: call(0), [beat, click, beat, click]))
    assert Report.objects.count() == 1
    assert Job.objects.filter(task="reports.tasks.make_report").count() == 1
    assert AuditEntry.objects.filter(action="Monthly report requested").count() == 1


def test_who_clicks_does_not_wait_for_the_night(place):
    sweep(date(2026, 6, 5))
    with clock.at(make.moment(date(2026, 6, 5), 1)):
        services.request_report(county=place.county, month=MAY, actor=place.office)
    job = Job.objects.get(task="reports.tasks.make_report")
    assert job.queue == "interactive"


def test_the_office_hears_of_a_report_that_was_made_by_itself(place):
    gone = make.user(Role.COUNTY, county=place.county, is_active=False)
    sweep(date(2026, 6, 5))
    report = run(Report.objects.get())
    assert [row.user for row in Notification.objects.filter(url=report.get_absolute_url())] == [
        place.office
    ]
    assert gone.pk


def test_beat_sends_the_sweep_every_hour_to_the_queue_of_the_night():
    scheduler = Scheduler(current_app, lazy=True)
    scheduler.setup_schedule()
    entry = scheduler.schedule["make-due-reports"]
    assert entry.options["queue"] == "bulk"
    assert entry.task in current_app.tasks
    assert (entry.schedule.hour, len(entry.schedule.minute)) == (set(range(24)), 1)


# Cancelling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_a_report_that_is_cancelled_while_it_is_made_stays_unmade(place, monkeypatch, stage):
    with clock.at(make.moment(date(2026, 6, 5))):
        report = services.request_report(county=place.county, month=MAY, actor=place.office)

    def watched(job):
        progress = progress_of(job)

        def step(text, done=0, total=0):
            if done == stage:
                services.cancel_report(report=report, actor=place.office)
            progress(text, done, total)

        return step

    progress_of = jobs.progress_of
    monkeypatch.setattr(jobs, "progress_of", watched)
    run(report)
    report.job.refresh_from_db()
    assert (report.state, report.job.state) == ("cancelled", "cancelled")
    assert report.document.name == ""
    assert AuditEntry.objects.last().action == "Monthly report cancelled"


def test_a_made_report_cannot_be_cancelled(place, sign_in):
    sweep(date(2026, 6, 5))
    report = run(Report.objects.get())
    before = AuditEntry.objects.count()
    answer = sign_in(place.office).post(reverse("report_cancel", args=[report.pk]), follow=True)
    assert services.cancel_report(report=report, actor=place.office).state == "made"
    assert AuditEntry.objects.count() == before
    assert "已经结束" in answer.content.decode()


def test_only_the_office_of_the_county_cancels(place):
    sweep(date(2026, 6, 5))
    for person in (place.writer, make.user(Role.COUNTY, county=make.county())):
        with pytest.raises(PermissionDenied):
            services.cancel_report(report=Report.objects.get(), actor=person)


def test_a_colleague_sees_how_far_it_is_stops_it_and_makes_it_again(place, sign_in):
    sweep(date(2026, 6, 5))
    report = Report.objects.get()
    browser, progress = sign_in(place.office), reverse("report_progress", args=[report.pk])
    fragment = browser.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in fragment
    page = browser.get(report.get_absolute_url()).content.decode()
    assert reverse("report_cancel", args=[report.pk]) in page
    browser.post(reverse("report_cancel", args=[report.pk]))
    over = browser.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "data-job-over" in over
    assert 'value="2026-05"' in over
    with clock.at(make.moment(date(2026, 6, 5))):
        browser.post(reverse("report_create"), {"month": "2026-05"})
    assert list(Report.objects.order_by("revision").values_list("state", flat=True)) == [
        "cancelled",
        "waiting",
    ]
