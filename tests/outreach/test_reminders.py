"""Reminders are told once, and e-mails take them along as often as each person chose."""

import smtplib
from datetime import datetime

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from outreach import clock, tasks
from outreach.models import AuditEntry, Job, Notification, User
from outreach.reminders import Reminder, off_token, tell
from outreach.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
Choice = User.Reminders


def at(text):
    """A moment of Shanghai; 2026-05-18 is a Monday."""
    return clock.at(datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI))


@pytest.fixture
def person(settings):
    settings.EMAIL_ENABLED = True
    return make.user(Role.COUNTY, county=make.county(), email="a@example.org")


def choose(person, choice):
    person.reminders = choice
    person.save(update_fields=["reminders"])


def remind(person, *names):
    with transaction.atomic():
        return tell(
            county_id=person.county_id,
            reminders=[
                Reminder(person, name, "%(village)s waits.", "/month/", {"village": name})
                for name in names
            ],
        )


def mails():
    return Job.objects.filter(task="outreach.tasks.send_reminders")


def deliver():
    """Send what is queued, as the worker does."""
    before = len(mail.outbox)
    for job in mails().filter(state=Job.State.WAITING):
        tasks.send_reminders(str(job.pk))
    return mail.outbox[before:]


# In the page --------------------------------------------------------------------------------------


def test_one_thing_is_told_once(person):
    with at("2026-05-18 07:00"):
        assert remind(person, "due:1") == 1
        assert remind(person, "due:1", "due:2") == 1
    assert Notification.objects.filter(user=person).count() == 2


def test_what_holds_no_more_asks_nobody(person):
    with at("2026-05-18 07:00"):
        remind(person, "due:1", "due:2")
        other = Notification.objects.create(user=person, text="x")
        remind(person, "due:2")
    unread = Notification.objects.unread().filter(user=person)
    assert [row.params.get("village") for row in unread if row != other] == ["due:2"]
    assert other in unread


def test_another_countys_run_settles_nothing_here(person):
    stranger = make.user(Role.COUNTY, county=make.county())
    with at("2026-05-18 07:00"):
        remind(person, "due:1")
        remind(stranger)
    assert Notification.objects.unread().filter(user=person).count() == 1


# When an e-mail goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "moment", "sent"),
    [
        (Choice.AT_ONCE, "2026-05-17 00:00", 1),
        (Choice.DAILY, "2026-05-18 07:59", 0),
        (Choice.DAILY, "2026-05-18 08:00", 1),
        (Choice.DAILY, "2026-05-18 23:59", 1),
        (Choice.DAILY, "2026-05-17 09:00", 0),  # a Sunday
        (Choice.DAILY, "2026-10-10 09:00", 1),  # a Saturday worked for the holiday
        (Choice.DAILY, "2026-10-01 09:00", 0),
        (Choice.WEEKLY, "2026-05-18 07:59", 0),
        (Choice.WEEKLY, "2026-05-18 08:00", 1),
        (Choice.WEEKLY, "2026-05-19 09:00", 0),
        (Choice.WEEKLY, "2026-10-05 09:00", 0),  # a Monday, and a holiday
        (Choice.WEEKLY, "2026-10-08 09:00", 1),  # the first day offices work that week
        (Choice.NONE, "2026-05-18 09:00", 0),
    ],
)
def test_an_email_goes_when_the_person_chose(person, choice, moment, sent):
    choose(person, choice)
    with at(moment):
        remind(person, "due:1")
        assert len(deliver()) == sent


def test_daily_is_one_email_a_day_at_most(person):
    with at("2026-05-18 08:10"):
        remind(person, "a", "b")
        assert len(deliver()) == 1
    with at("2026-05-18 09:10"):
        remind(person, "a", "b", "c")
        assert deliver() == []
    with at("2026-05-19 08:10"):
        remind(person, "a", "b", "c")
        (message,) = deliver()
    assert "c waits" in message.body
    assert "a waits" not in message.body


def test_at_once_is_one_email_a_run_with_what_is_new(person):
    choose(person, Choice.AT_ONCE)
    with at("2026-05-18 08:10"):
        remind(person, "a", "b")
        assert len(deliver()) == 1
        remind(person, "a", "b")
        assert deliver() == []
        remind(person, "a", "b", "c")
        assert len(deliver()) == 1


def test_a_missed_monday_is_made_up_for(person):
    choose(person, Choice.WEEKLY)
    with at("2026-05-16 09:00"):
        remind(person, "a")
    with at("2026-05-19 10:00"):  # nothing ran on Monday
        remind(person, "a", "b")
        (message,) = deliver()
    assert "a waits" in message.body
    with at("2026-05-20 10:00"):
        remind(person, "a", "b", "c")
        assert deliver() == []
    with at("2026-05-25 08:10"):
        remind(person, "a", "b", "c")
        assert len(deliver()) == 1


def test_what_was_settled_or_read_before_the_digest_is_not_sent(person):
    with at("2026-05-17 12:00"):
        remind(person, "甲村", "乙村", "丙村")
    with at("2026-05-17 13:00"):
        Notification.objects.filter(params__village="乙村").update(read_at=clock.now())
    with at("2026-05-18 08:10"):
        remind(person, "乙村", "丙村")
        (message,) = deliver()
    assert "丙村 waits" in message.body
    assert "甲村" not in message.body
    assert "乙村" not in message.body


def test_nobody_without_an_address_or_an_account_gets_an_email(person):
    silent = make.user(Role.COUNTY, county=person.county)
    gone = make.user(Role.COUNTY, county=person.county, email="g@example.org", is_active=False)
    with at("2026-05-18 09:00"), transaction.atomic():
        tell(
            county_id=person.county_id,
            reminders=[Reminder(user, "a", "x", "/") for user in (silent, gone)],
        )
    assert not mails().exists()


def test_without_a_mail_server_it_stays_in_the_page(person, settings):
    settings.EMAIL_ENABLED = False
    with at("2026-05-18 09:00"):
        remind(person, "a")
    assert not mails().exists()
    assert Notification.objects.unread().filter(user=person).exists()


# What stands in it --------------------------------------------------------------------------------


def test_an_email_says_why_and_where_to_turn_it_off(person, settings):
    settings.SITE_URL = "https://outreach.example.org"
    with at("2026-05-18 09:00"):
        remind(person, "东河村")
        (message,) = deliver()
    (html, kind), *_more = message.alternatives
    assert kind == "text/html"
    off = settings.SITE_URL + reverse("reminders_off", args=[off_token(person)])
    for text in (message.body, html):
        assert "东河村" in text
        assert "每天一次" in text
        assert settings.SITE_URL + reverse("my_account") in text
        assert off in text
    assert message.extra_headers["List-Unsubscribe"] == f"<{off}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.extra_headers["Message-ID"].endswith("@outreach.example.org>")
    assert off in str(message.message()["List-Unsubscribe"])


def test_what_people_wrote_is_never_markup_in_an_email(person):
    with at("2026-05-18 09:00"):
        remind(person, "<b>村</b>")
        (message,) = deliver()
    assert "<b>村" in message.body
    assert "<b>村" not in message.alternatives[0][0]


# Never lost, never twice --------------------------------------------------------------------------


def test_while_one_email_has_not_left_the_next_waits_for_it(person):
    with at("2026-05-18 09:00"):
        remind(person, "a")
    with at("2026-05-19 09:00"):  # the broker was down all day
        remind(person, "a", "b")
        assert mails().count() == 1
        assert len(deliver()) == 1
        remind(person, "a", "b")
        (message,) = deliver()
    assert "b waits" in message.body


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        smtplib.SMTPRecipientsRefused({"a@example.org": (451, b"try again later")}),
    ],
)
def test_an_email_the_server_did_not_take_is_tried_again(person, monkeypatch, error):
    def fails(*args, **kwargs):
        raise error

    with at("2026-05-18 09:00"):
        remind(person, "a")
        with monkeypatch.context() as patch:
            patch.setattr(mail.EmailMultiAlternatives, "send", fails)
            deliver()
        assert mails().get().state == Job.State.FAILED
    with at("2026-05-18 10:00"):
        remind(person, "a")
        assert len(deliver()) == 1


def test_a_mail_given_back_while_its_job_still_runs_is_not_taken_for_queued(person):
    with at("2026-05-18 09:00"):
        remind(person, "a")
        mails().update(state=Job.State.RUNNING)
        tasks.give_back(mails().get())
        remind(person, "a")
        mails().update(state=Job.State.FAILED)
        remind(person, "a")
        assert len(deliver()) == 1


def test_a_mail_server_away_for_long_loses_nothing(person, monkeypatch):
    def away(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("away")

    with at("2026-05-18 09:00"):
        remind(person, "a")
        with monkeypatch.context() as patch:
            patch.setattr(mail.EmailMultiAlternatives, "send", away)
            for _ in range(4):
                deliver()
        assert mails().get().state == Job.State.FAILED
        remind(person, "a")
        assert len(deliver()) == 1
        remind(person, "a")
        assert deliver() == []


def test_an_address_that_does_not_exist_is_tried_once(person, monkeypatch):
    def refused(*args, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no such user")})

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refused)
    with at("2026-05-18 09:00"):
        remind(person, "a")
        deliver()
    with at("2026-05-19 09:00"):
        remind(person, "a")
    assert mails().count() == 1


def test_an_email_sent_twice_by_a_dying_worker_is_the_same_email(person):
    with at("2026-05-18 09:00"):
        remind(person, "a")
        (first,) = deliver()
        mails().update(state=Job.State.WAITING)
        (second,) = deliver()
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


# The choice ---------------------------------------------------------------------------------------


def test_a_person_chooses_in_the_account(person, sign_in):
    browser = sign_in(person)
    assert browser.get(reverse("my_account")).status_code == 200
    data = {"reminders": "weekly", "email": "b@example.org"}
    assert browser.post(reverse("my_account"), data).status_code == 302
    person.refresh_from_db()
    assert (person.reminders, person.email) == ("weekly", "b@example.org")
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.actor, entry.object_type) == (person, "outreach.user")
    for wrong in ({"reminders": "hourly"}, data | {"email": "no address"}):
        assert browser.post(reverse("my_account"), wrong).status_code == 200
    person.refresh_from_db()
    assert (person.reminders, person.email) == ("weekly", "b@example.org")


def test_the_notices_say_what_is_chosen_and_where_to_change_it(person, sign_in):
    page = sign_in(person).get(reverse("notification_list")).content.decode()
    assert "每天一次" in page
    assert reverse("my_account") in page


def test_turning_off_needs_no_sign_in_and_get_only_asks(person):
    url = reverse("reminders_off", args=[off_token(person)])
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(url)
    assert page.status_code == 200
    assert f'action="{url}"' in page.content.decode()
    person.refresh_from_db()
    assert person.reminders == "daily"
    entries = AuditEntry.objects.count()
    for _ in range(2):  # as a mail program sends it: no cookie, no token, perhaps twice
        assert browser.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    person.refresh_from_db()
    assert person.reminders == "none"
    assert AuditEntry.objects.count() == entries + 1


def test_a_token_nobody_signed_turns_nothing_off(person):
    token = off_token(person)
    for wrong in (token[:-2] + "xx", "x", str(person.pk)):
        for method in ("GET", "POST"):
            url = reverse("reminders_off", args=[wrong])
            assert Client().generic(method, url).status_code == 404
    person.refresh_from_db()
    assert person.reminders == "daily"


def test_an_email_that_waits_does_not_go_after_turning_off(person):
    with at("2026-05-18 09:00"):
        remind(person, "a")
        Client().post(reverse("reminders_off", args=[off_token(person)]))
        assert deliver() == []


def test_other_choices_change_nothing_else_of_the_account(person, sign_in):
    data = {"reminders": "none", "email": "", "role": "admin", "name": "别人", "county": "1"}
    sign_in(person).post(reverse("my_account"), data)
    person.refresh_from_db()
    assert (person.role, person.name == "别人", person.email) == ("county", False, "")
