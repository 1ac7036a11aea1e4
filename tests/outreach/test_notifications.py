"""Notices: in the page always, once per key, by e-mail only where that is configured."""

import smtplib

import pytest
from django.core import mail
from django.urls import reverse

from outreach import tasks
from outreach.models import Job, Notification
from outreach.notifications import notify
from outreach.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
TEXT = "%(village)s: your feedback was returned: %(reason)s"
PARAMS = {"village": "东河村", "reason": "请写具体事例"}


@pytest.fixture
def person():
    return make.user(Role.COUNTY, county=make.county(), email="a@example.org")


def test_the_same_key_tells_once(person):
    other = make.user(Role.COUNTY, county=person.county)
    for _ in range(2):
        notify([person, other], TEXT, params=PARAMS, key="report:1")
    assert Notification.objects.count() == 2
    for _ in range(2):
        notify([person], TEXT, params=PARAMS)
    assert Notification.objects.visible_to(person).count() == 3


def test_it_reads_in_the_readers_language(person, sign_in):
    notify([person], TEXT, params=PARAMS)
    browser = sign_in(person)
    for language, sentence in (("en", "your feedback was returned"), ("zh-hans", "退回")):
        browser.post(reverse("set_language"), {"language": language})
        page = browser.get(reverse("notification_list")).content.decode()
        assert sentence in page
        assert "请写具体事例" in page


def test_what_people_wrote_is_never_markup(person, sign_in):
    notify([person], TEXT, params={"village": "<b>村</b>", "reason": "<script>x</script>"})
    page = sign_in(person).get(reverse("notification_list")).content.decode()
    assert "<script>x" not in page
    assert "<b>村" not in page


def test_a_percent_sign_in_what_people_wrote_breaks_nothing(person, sign_in):
    notify([person], TEXT, params={"village": "100%村", "reason": "%(x)s %s %"})
    assert "%(x)s %s %" in sign_in(person).get(reverse("notification_list")).content.decode()


def test_opening_marks_one_as_read_and_leads_to_its_page(person, sign_in):
    notify([person], TEXT, params=PARAMS, url="/review/")
    notify([person], TEXT, params=PARAMS)
    row = Notification.objects.get(url="/review/")
    browser = sign_in(person)
    page = browser.post(reverse("notification_open", args=[row.pk]))
    assert page["Location"] == "/review/"
    assert Notification.objects.visible_to(person).unread().count() == 1
    assert browser.get(reverse("notification_list")).context["unread"] == 1
    browser.post(reverse("notifications_read"))
    assert not Notification.objects.visible_to(person).unread().exists()


def test_reading_marks_nothing_of_others(person, sign_in):
    other = make.user(Role.COUNTY, county=person.county)
    notify([person, other], TEXT, params=PARAMS)
    sign_in(person).post(reverse("notifications_read"))
    assert Notification.objects.visible_to(other).unread().count() == 1


def test_without_a_mail_server_nothing_is_queued(person, settings):
    settings.EMAIL_ENABLED = False
    notify([person], TEXT, params=PARAMS)
    assert not Job.objects.exists()


def test_with_a_mail_server_it_goes_to_those_with_an_address(person, settings):
    settings.EMAIL_ENABLED = True
    silent = make.user(Role.COUNTY, county=person.county)
    for _ in range(2):
        notify([person, silent], TEXT, params=PARAMS, key="report:1")
    job = Job.objects.get()
    tasks.send_mail_to(str(job.pk))
    (message,) = mail.outbox
    assert message.to == ["a@example.org"]
    assert "东河村" in message.body
    assert "%(" not in message.body
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_mail_that_was_sent_is_not_sent_again_for_the_same_key(person, settings):
    settings.EMAIL_ENABLED = True
    notify([person], TEXT, params=PARAMS, key="report:1")
    tasks.send_mail_to(str(Job.objects.get().pk))
    notify([person], TEXT, params=PARAMS, key="report:1")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPServerDisconnected("away"), Job.State.WAITING),
        (smtplib.SMTPConnectError(421, "busy"), Job.State.WAITING),
        (ConnectionRefusedError(), Job.State.WAITING),
        (TimeoutError(), Job.State.WAITING),
        (smtplib.SMTPAuthenticationError(535, "wrong password"), Job.State.FAILED),
    ],
)
def test_a_mail_waits_for_a_mail_server_that_is_away(person, settings, monkeypatch, error, state):
    def fails(*args):
        raise error

    settings.EMAIL_ENABLED = True
    notify([person], TEXT, params=PARAMS)
    job = Job.objects.get()
    monkeypatch.setattr(tasks, "send_mail", fails)
    tasks.send_mail_to(str(job.pk))
    job.refresh_from_db()
    assert job.state == state


def test_a_disabled_person_gets_no_mail(person, settings):
    settings.EMAIL_ENABLED = True
    notify([person], TEXT, params=PARAMS)
    person.is_active = False
    person.save(update_fields=["is_active"])
    tasks.send_mail_to(str(Job.objects.get().pk))
    assert mail.outbox == []
