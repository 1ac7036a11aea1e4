"""Who is reminded of what and when, by Shanghai's days; each thing once."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from feedback.services import review_feedback
from outreach import clock
from outreach.models import Job, Notification
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH
from visits import tasks
from visits.models import PlanLine
from visits.services.exemptions import exempt_line
from visits.services.plans import submit_plan
from visits.services.recording import void_visit
from visits.services.reminders import remind_county

JUNE = date(2026, 6, 1)


def at(text):
    """A moment of Shanghai."""
    return clock.at(datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI))


class Desk:
    """A unit with a cadre and a coordinator, one village, and its line of May."""

    def __init__(self):
        self.county = make.county()
        self.office = make.user(Role.COUNTY, county=self.county)
        self.year = make.programme_year(self.county, 2026)
        self.unit = make.unit(self.county)
        self.cadre = make.cadre(self.unit)
        self.coordinator = make.user(Role.COORDINATOR, unit=self.unit)
        self.township = make.township(self.county)
        self.village = make.village(self.township, name="东河村")
        self.point = make.contact_point(
            self.unit, self.village, self.cadre.officer, first=date(2026, 1, 1)
        )
        self.line = make.plan_line(self.point, MONTH)

    def plan(self, **fields):
        PlanLine.objects.filter(pk=self.line.pk).update(**fields)

    def visit(self, day, *, sent=False, point=None, cadre=None):
        """A visit recorded on its day, its feedback sent or not."""
        cadre = cadre or self.cadre
        with clock.at(make.moment(day, 12)):
            visit = make.visit(point or self.point, cadre)
            if sent:
                make.feedback(visit, cadre)
        return visit

    def told(self, moment, person=None):
        """What the person is told at this moment and was not told before: kinds."""
        person = person or self.cadre
        known = set(Notification.objects.values_list("pk", flat=True))
        with at(moment):
            remind_county(self.county.pk)
        rows = Notification.objects.filter(user=person).exclude(pk__in=known)
        return sorted(row.dedupe_key.split(":")[1] for row in rows)


@pytest.fixture
def desk(db):
    with at("2026-05-01 09:00"):
        return Desk()


# Planned visits -----------------------------------------------------------------------------------


def test_a_planned_visit_is_told_a_week_before_and_once(desk):
    desk.plan(planned_date=date(2026, 5, 20))
    assert desk.told("2026-05-13 23:59") == []
    assert desk.told("2026-05-14 00:00") == ["due"]
    assert desk.told("2026-05-14 01:00") == []
    assert desk.told("2026-05-20 23:59") == []


def test_a_new_day_is_a_new_thing(desk):
    desk.plan(planned_date=date(2026, 5, 20))
    assert desk.told("2026-05-18 09:00") == ["due"]
    desk.plan(planned_date=date(2026, 5, 22))
    assert desk.told("2026-05-18 10:00") == ["due"]
    unread = Notification.objects.unread().get(user=desk.cadre)
    assert unread.params["date"] == "2026-05-22"


def test_a_visit_planned_over_the_months_end_is_told(desk):
    make.plan_line(desk.point, JUNE, planned_date=date(2026, 6, 2))
    desk.visit(date(2026, 5, 1), sent=True)
    assert desk.told("2026-05-26 23:59") == []
    assert desk.told("2026-05-27 00:00") == ["due"]


def test_a_planned_day_that_passed_is_told_the_day_after(desk):
    desk.plan(planned_date=date(2026, 5, 12))
    desk.told("2026-05-12 23:59")
    assert desk.told("2026-05-13 00:00") == ["passed"]
    assert desk.told("2026-05-14 00:00") == []


def test_a_run_missed_for_a_day_is_made_up_for(desk):
    desk.plan(planned_date=date(2026, 5, 12))
    assert desk.told("2026-05-15 09:00") == ["passed"]


def test_a_month_that_ends_is_told_in_its_last_week(desk):
    assert desk.told("2026-05-24 23:59") == []
    assert desk.told("2026-05-25 00:00") == ["ending"]
    assert desk.told("2026-05-31 23:59") == []


def test_a_day_to_come_is_not_doubled_by_the_months_end(desk):
    desk.plan(planned_date=date(2026, 5, 29))
    assert desk.told("2026-05-25 09:00") == ["due"]
    assert desk.told("2026-05-30 09:00") == ["ending"]


def test_a_month_is_over_in_the_first_minute_of_the_next_by_shanghais_clock(desk):
    desk.told("2026-05-31 23:59")
    assert desk.told("2026-06-01 00:00") == ["over"]
    assert desk.told("2026-06-30 23:59") == []
    assert not Notification.objects.unread().filter(user=desk.cadre, text__contains="soon").exists()
    assert desk.told("2026-07-01 00:00") == []
    assert not Notification.objects.unread().filter(user=desk.cadre).exists()


def test_a_visit_settles_it_and_a_void_one_does_not(desk):
    desk.plan(planned_date=date(2026, 5, 12))
    visit = desk.visit(date(2026, 5, 10), sent=True)
    assert desk.told("2026-05-13 09:00") == []
    void_visit(visit=visit, actor=desk.office, reason="重复录入")
    assert desk.told("2026-05-13 10:00") == ["passed"]


def test_a_line_that_owes_two_visits_is_told_after_one(desk):
    desk.plan(required_visits=2)
    desk.visit(date(2026, 5, 10), sent=True)
    assert desk.told("2026-05-25 09:00") == ["ending"]


def test_an_exempt_line_reminds_nobody(desk):
    desk.plan(planned_date=date(2026, 5, 20))
    exempt_line(line=desk.line, actor=desk.office, exemption="postponed", reason="防汛")
    for moment in ("2026-05-18 09:00", "2026-05-21 09:00", "2026-05-28 09:00", "2026-06-02 09:00"):
        assert desk.told(moment) == []


def test_a_line_that_owes_nothing_or_is_not_held_reminds_nobody(desk):
    desk.plan(required_visits=0)
    other = make.contact_point(
        desk.unit,
        make.village(desk.township),
        desk.cadre.officer,
        first=date(2026, 1, 1),
        last=date(2026, 4, 15),
    )
    make.plan_line(other, MONTH)
    assert desk.told("2026-05-28 09:00") == []


# To whom ------------------------------------------------------------------------------------------


def test_the_substitute_is_told_too(desk):
    stand_in = make.cadre(desk.unit)
    desk.plan(planned_date=date(2026, 5, 20), substitute=stand_in.officer)
    assert desk.told("2026-05-18 09:00", stand_in) == ["due"]
    assert Notification.objects.filter(user=desk.cadre).count() == 1
    assert not Notification.objects.filter(user=desk.coordinator).exists()


@pytest.mark.parametrize("account", ["none", "disabled"])
def test_the_coordinator_is_told_for_an_officer_without_account(desk, account):
    desk.plan(planned_date=date(2026, 5, 20))
    if account == "none":
        desk.plan(officer=make.officer(desk.unit))
    else:
        desk.cadre.is_active = False
        desk.cadre.save(update_fields=["is_active"])
    assert desk.told("2026-05-18 09:00", desk.coordinator) == ["due"]
    assert not Notification.objects.filter(user=desk.cadre).exists()
    assert "没有账号" in str(Notification.objects.get(user=desk.coordinator))


def test_another_county_is_told_nothing(desk):
    other = Desk()
    other.plan(planned_date=date(2026, 5, 20))
    desk.told("2026-05-18 09:00")
    assert not Notification.objects.filter(user__county=other.county).exists()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "5月20日"), ("en", "2026-05-20")])
def test_a_reminder_says_what_and_why_in_the_readers_language(desk, language, words):
    desk.plan(planned_date=date(2026, 5, 20))
    desk.told("2026-05-18 09:00")
    with translation.override(language):
        sentence = str(Notification.objects.get(user=desk.cadre))
        assert words in sentence
        assert translation.gettext("You are responsible for this village.") in sentence
    assert "东河村" in sentence


# Feedback -----------------------------------------------------------------------------------------


def test_feedback_is_told_two_days_before_and_when_it_is_late(desk):
    desk.visit(date(2026, 5, 5))  # due on the 10th
    assert desk.told("2026-05-07 23:59") == []
    assert desk.told("2026-05-08 00:00") == ["feedback"]
    assert desk.told("2026-05-10 23:59") == []
    assert desk.told("2026-05-11 00:00") == ["unsent"]
    assert desk.told("2026-05-12 00:00") == []


def test_a_draft_is_not_sent_and_a_void_visit_owes_none(desk):
    visit = desk.visit(date(2026, 5, 5))
    with at("2026-05-06 09:00"):
        make.feedback(visit, desk.cadre, send=False)
    assert desk.told("2026-05-11 09:00") == ["unsent"]
    void_visit(visit=visit, actor=desk.office, reason="重复录入")
    desk.told("2026-05-11 10:00")
    assert not Notification.objects.unread().filter(user=desk.cadre).exists()


def test_feedback_that_came_back_is_told_after_three_days(desk):
    row = desk.visit(date(2026, 5, 5), sent=True).feedback
    with at("2026-05-06 18:00"):
        review_feedback(feedback=row, actor=desk.office, reason="请写具体事例")
    Notification.objects.all().delete()
    assert desk.told("2026-05-08 23:59") == []
    assert desk.told("2026-05-09 00:00") == ["returned"]
    assert desk.told("2026-05-12 00:00") == []
    assert "请写具体事例" not in str(Notification.objects.get(user=desk.cadre))


# Plans --------------------------------------------------------------------------------------------


def test_the_coordinator_is_told_of_next_months_lines_without_a_date(desk):
    make.plan_line(desk.point, JUNE)
    second = make.contact_point(desk.unit, make.village(desk.township), desk.cadre.officer)
    make.plan_line(second, JUNE, planned_date=date(2026, 6, 9))
    desk.visit(date(2026, 5, 2), sent=True)
    assert desk.told("2026-05-24 23:59", desk.coordinator) == []
    assert desk.told("2026-05-25 00:00", desk.coordinator) == ["undated"]
    assert desk.told("2026-05-30 00:00", desk.coordinator) == []
    notice = Notification.objects.get(user=desk.coordinator)
    assert (notice.params["count"], notice.url) == (1, desk.line.plan.get_absolute_url())


def test_the_county_office_is_told_of_a_plan_that_waits_for_more_than_five_working_days(desk):
    with at("2026-05-06 15:00"):  # a Wednesday; the 9th is a Saturday worked for the holiday
        submit_plan(plan=desk.line.plan, actor=desk.coordinator)
    assert desk.told("2026-05-12 23:59", desk.office) == []
    assert desk.told("2026-05-13 00:00", desk.office) == ["waiting"]
    assert desk.told("2026-05-20 00:00", desk.office) == []


# One run after another, and two at once -----------------------------------------------------------


def test_a_run_costs_the_same_for_three_villages_as_for_one(desk):
    def cost():
        with at("2026-05-28 09:00"), CaptureQueriesContext(connection) as seen:
            remind_county(desk.county.pk)
        return len(seen)

    cost()
    one = cost()
    for _ in range(2):
        unit = make.unit(desk.county)
        cadre = make.cadre(unit)
        point = make.contact_point(unit, make.village(desk.township), cadre.officer)
        make.plan_line(point, MONTH)
        desk.visit(date(2026, 5, 2), point=point, cadre=cadre)
    cost()
    assert cost() == one


def test_the_beat_goes_through_every_county(desk, monkeypatch):
    other = Desk()
    for each in (desk, other):
        each.plan(planned_date=date(2026, 5, 20))
    first = min(desk.county.pk, other.county.pk)
    honest = tasks.remind_county

    def fails_once(pk):
        if pk == first:
            raise ZeroDivisionError
        return honest(pk)

    monkeypatch.setattr(tasks, "remind_county", fails_once)
    with at("2026-05-18 09:00"):
        tasks.remind()
    assert Notification.objects.filter(
        user__county_id=max(desk.county.pk, other.county.pk)
    ).exists()


def test_the_beat_knows_its_tasks():
    names = {entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.remind.name in names


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_tell_once_and_send_one_email(settings):
    settings.EMAIL_ENABLED = True
    with at("2026-05-01 09:00"):
        desk = Desk()
        desk.cadre.email = "a@example.org"
        desk.cadre.save(update_fields=["email"])
        for n in range(10):
            point = make.contact_point(desk.unit, make.village(desk.township), desk.cadre.officer)
            make.plan_line(point, MONTH, planned_date=date(2026, 5, 20) + timedelta(days=n % 3))
    start, faults = threading.Barrier(4), []

    def run():
        try:
            start.wait()
            with at("2026-05-18 09:00"):
                remind_county(desk.county.pk)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Notification.objects.filter(user=desk.cadre).count() == 10
    job = Job.objects.get(task="outreach.tasks.send_reminders")
    assert len(job.args["notices"]) == 10
    assert not Notification.objects.filter(user=desk.cadre, mailed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_breaks_off_leaves_nothing_half_done(settings, monkeypatch):
    settings.EMAIL_ENABLED = True
    with at("2026-05-01 09:00"):
        desk = Desk()
    desk.cadre.email = "a@example.org"
    desk.cadre.save(update_fields=["email"])
    desk.plan(planned_date=date(2026, 5, 20))
    with monkeypatch.context() as patch, at("2026-05-18 09:00"):
        patch.setattr("outreach.reminders.mail_is_due", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remind_county(desk.county.pk)
    assert not Notification.objects.exists()
    assert not Job.objects.exists()
    assert desk.told("2026-05-18 10:00") == ["due"]
    assert Job.objects.count() == 1


def test_the_notice_leads_to_the_month_of_the_line(desk, sign_in):
    desk.told("2026-06-02 09:00")
    notice = Notification.objects.get(user=desk.cadre)
    assert notice.url == f"{reverse('my_month')}?month=2026-05"
    assert sign_in(desk.cadre).get(notice.url).status_code == 200
