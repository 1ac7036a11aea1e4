"""An issued report goes to each recipient once, whatever happens on the way."""

import smtplib
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from feedback.models import Feedback
from outreach import clock
from outreach.models import AuditEntry, Job, Notification
from outreach.roles import Role
from reports import mailing, tasks
from reports.bulletins import begin_bulletin, issue_bulletin
from reports.documents import fonts, pdf
from reports.issuing import issue_report
from reports.mailing import add_recipient, remove_recipient, send_again
from reports.models import Delivery, Recipient
from reports.services import make_report, request_report
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.services.errors import NotPossible

pytestmark = pytest.mark.django_db
NOON = make.moment(date(2026, 6, 5), 12)


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT, settings.EMAIL_ENABLED = tmp_path, True
    with clock.at(NOON):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    add(place, name="县委办公室", email="xwb@example.org")
    return place


def add(place, **who):
    return add_recipient(county=place.county, actor=place.office, **who)


def issued(place):
    report = request_report(county=place.county, month=MAY, actor=place.office)
    report = make_report(report=report, progress=lambda *args: None)
    return issue_report(report=report, actor=place.office, sha256=report.sha256)


def work(times=1):
    """Let the worker do what waits, as often as a broker may deliver it."""
    for _n in range(times):
        for job in Job.objects.filter(task="reports.tasks.send_report").order_by("created_at"):
            tasks.send_report(str(job.pk))


def states(report):
    return list(report.deliveries.values_list("address", "state"))


def failing(monkeypatch, where, error):
    """A mail server at which this step fails."""

    def fails(self, *args):
        raise error

    monkeypatch.setattr(EmailBackend, where, fails)


# The list -------------------------------------------------------------------------------------


def test_an_account_or_an_address_is_added_once(place):
    add(place, user=place.office)
    for again in ({"user": place.office}, {"name": "重复", "email": "XWB@example.org"}, {}):
        with pytest.raises(ValidationError):
            add(place, **again)
    assert Recipient.objects.count() == 2


def test_only_the_office_of_the_county_keeps_the_list(place):
    row, foreign = Recipient.objects.get(), make.county()
    for somebody in (place.writer, make.user(Role.COUNTY, county=foreign)):
        with pytest.raises(PermissionDenied):
            add_recipient(county=place.county, actor=somebody, name="甲", email="b@example.org")
        with pytest.raises(PermissionDenied):
            remove_recipient(recipient=row, actor=somebody)
    with pytest.raises(PermissionDenied):
        add(place, user=make.user(Role.COUNTY, county=foreign))


# Sending --------------------------------------------------------------------------------------


def test_the_pdf_of_an_issued_report_goes_to_everybody_once(place):
    place.office.email = "office@example.org"
    place.office.save()
    add(place, user=place.office)
    add(place, name="同一个人", email="Office@example.org")
    report = issued(place)
    assert mail.outbox == []
    work(times=3)
    assert sorted(m.to[0] for m in mail.outbox) == ["office@example.org", "xwb@example.org"]
    assert {state for _address, state in states(report)} == {"sent"}
    message = next(m for m in mail.outbox if m.to == ["xwb@example.org"])
    ((name, content, kind),) = message.attachments
    assert (name, kind) == (report.file_name("pdf"), "application/pdf")
    assert content == Path(report.pdf.path).read_bytes()
    assert "5月情况报告" in message.subject
    assert message.body.startswith("县委办公室：")
    order = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert order.index("Monthly report issued") < order.index("Monthly report sent by e-mail")


def test_where_there_is_no_pdf_the_word_file_goes(place, monkeypatch):
    def none(outline):
        raise fonts.NoChineseFont

    monkeypatch.setattr(pdf, "render", none)
    report = issued(place)
    work()
    assert mail.outbox[0].attachments[0][0] == report.file_name("docx")


def test_a_draft_and_an_account_without_address_get_nothing(place):
    Recipient.objects.all().delete()
    add(place, user=place.office)
    report = issued(place)
    assert not report.deliveries.exists()


def test_without_a_mail_server_nothing_is_sent_and_the_page_says_so(place, settings, sign_in):
    settings.EMAIL_ENABLED = False
    report = issued(place)
    assert not report.deliveries.exists()
    page = sign_in(place.office).get(report.get_absolute_url()).content.decode()
    assert "EMAIL_URL" in page
    with pytest.raises(NotPossible):
        send_again(document=report, actor=place.office)


def test_a_new_revision_goes_to_everybody_again_and_says_what_it_replaces(place):
    first, second = issued(place), issued(place)
    work()
    assert len(mail.outbox) == 2
    assert "第 2 版" in mail.outbox[1].body or "第2版" in mail.outbox[1].body
    with pytest.raises(NotPossible):
        send_again(document=first, actor=place.office)
    assert states(second) == [("xwb@example.org", "sent")]


# Bulletins ------------------------------------------------------------------------------------


def issued_bulletin(place):
    row = begin_bulletin(
        county=place.county,
        month=MAY,
        title="群众反映的用水问题",
        findings=[Feedback.objects.get().pk],
        actor=place.office,
    )
    return issue_bulletin(bulletin=row, version=1, actor=place.office)


def test_each_gets_what_the_list_says_once(place):
    add(place, name="报社", email="news@example.org", gets="bulletins")
    add(place, name="督查室", email="dcs@example.org", gets="reports")
    report, bulletin = issued(place), issued_bulletin(place)
    work(times=3)
    assert {address for address, _state in states(report)} == {"xwb@example.org", "dcs@example.org"}
    assert states(bulletin) == [("xwb@example.org", "sent"), ("news@example.org", "sent")]
    assert len(mail.outbox) == 4
    message = next(m for m in mail.outbox if m.to == ["news@example.org"])
    ((name, content, _kind),) = message.attachments
    assert (name, content) == (bulletin.file_name("pdf"), Path(bulletin.pdf.path).read_bytes())
    assert message.subject.endswith("：群众反映的用水问题")
    assert AuditEntry.objects.filter(action="Bulletin sent by e-mail").count() == 2


def test_a_bulletin_that_did_not_arrive_is_said_and_goes_again_from_its_page(
    place, monkeypatch, sign_in
):
    bulletin, browser = issued_bulletin(place), sign_in(place.office)
    with monkeypatch.context() as patch:
        failing(patch, "send_messages", smtplib.SMTPDataError(554, b"no"))
        work()
    assert Notification.objects.filter(user=place.office, text=mailing.OF_BULLETIN.missed).exists()
    assert browser.get(bulletin.get_absolute_url()).context["unsent"] == 1
    browser.post(reverse("bulletin_send", args=[bulletin.pk]))
    work(times=2)
    assert states(bulletin) == [("xwb@example.org", "sent")]
    assert len(mail.outbox) == 1


# What may go wrong ----------------------------------------------------------------------------


def test_a_server_that_is_away_is_tried_every_hour_for_a_day(place, monkeypatch):
    report = issued(place)
    with monkeypatch.context() as patch:
        failing(patch, "open", ConnectionRefusedError())
        work(times=4)
        delivery = report.deliveries.get()
        assert (delivery.state, delivery.problem) == ("waiting", mailing.UNREACHABLE)
        assert not delivery.job.is_open
        with clock.at(NOON + timedelta(hours=25)):
            tasks.send_waiting_mail()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == ("failed", mailing.GIVEN_UP)
    assert Notification.objects.filter(user=place.office, text__contains="did not reach").exists()
    assert send_again(document=report, actor=place.office) == 1
    work()
    assert len(mail.outbox) == 1


def test_a_server_that_comes_back_sends_what_waited(place, monkeypatch):
    report = issued(place)
    with monkeypatch.context() as patch:
        failing(patch, "open", TimeoutError())
        work(times=4)
    tasks.send_waiting_mail()
    tasks.send_waiting_mail()
    work()
    assert states(report) == [("xwb@example.org", "sent")]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("error", "state", "problem"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), "failed", mailing.REFUSED_ADDRESS),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), "waiting", mailing.UNREACHABLE),
        (smtplib.SMTPDataError(554, b"too large"), "failed", mailing.REFUSED),
        (smtplib.SMTPDataError(451, b"later"), "waiting", mailing.UNREACHABLE),
        (smtplib.SMTPServerDisconnected(), "failed", mailing.UNSURE),
        (TimeoutError(), "failed", mailing.UNSURE),
    ],
)
def test_what_the_server_answers_decides(place, monkeypatch, error, state, problem):
    report = issued(place)
    failing(monkeypatch, "send_messages", error)
    work()
    delivery = report.deliveries.get()
    assert (delivery.state, delivery.problem) == (state, problem)


def test_a_worker_killed_while_sending_sends_nothing_twice_by_itself(place, monkeypatch):
    report = issued(place)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        failing(patch, "send_messages", KeyboardInterrupt())
        work()
    assert states(report) == [("xwb@example.org", "sending")]
    Job.objects.update(lease_until=NOON - timedelta(days=300))
    work(times=2)
    delivery = report.deliveries.get()
    assert (delivery.state, delivery.problem) == ("failed", mailing.UNSURE)
    assert mail.outbox == []
    # The slow worker was alive after all: its word is the last one.
    mailing._sent(delivery)
    assert send_again(document=report, actor=place.office) == 0


def test_a_spoilt_file_does_not_leave(place):
    report = issued(place)
    Path(report.pdf.path).write_bytes(b"%PDF-1.7 another")
    work()
    assert report.deliveries.get().problem == mailing.SPOILT
    assert mail.outbox == []


# The pages ------------------------------------------------------------------------------------


def test_the_page_shows_the_failure_and_sends_again_also_to_newcomers(place, monkeypatch, sign_in):
    report, browser = issued(place), sign_in(place.office)
    with monkeypatch.context() as patch:
        failing(patch, "send_messages", smtplib.SMTPDataError(554, b"no"))
        work()
    browser.post(
        reverse("recipient_list"), {"name": "县政府办", "email": "zfb@example.org", "gets": "both"}
    )
    page = browser.get(report.get_absolute_url())
    assert page.context["unsent"] == 2
    assert "邮件服务器拒收" in page.content.decode()
    browser.post(reverse("report_send", args=[report.pk]))
    work()
    assert {state for _address, state in states(report)} == {"sent"}
    assert Delivery.objects.count() == len(mail.outbox) == 2
    assert browser.get(report.get_absolute_url()).context["unsent"] == 0


def test_a_wrong_address_is_said_beside_its_field_and_nothing_is_lost(place, sign_in):
    page = sign_in(place.office).post(
        reverse("recipient_list"), {"name": "甲", "email": "nobody", "gets": "both"}
    )
    assert page.context["form"].errors.keys() == {"email"}
    assert 'value="nobody"' in page.content.decode()
