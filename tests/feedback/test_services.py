"""Feedback: a draft, sent once, judged by the day it arrived, returned or accepted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from feedback.models import Feedback, Review
from feedback.services import review_feedback, save_feedback
from outreach import audit, clock
from outreach.models import AuditEntry, Job, Notification, User
from outreach.privacy import private_number
from outreach.reminders import tell
from outreach.roles import Role
from tests import factories as make
from tests.conftest import TODAY, World
from visits.models import Visit
from visits.services.errors import NotPossible, StaleVersion
from visits.services.recording import void_visit

FINDINGS = "群众反映机井电费计量不准。"


def save(world, *, actor=None, version=0, send=False, minutes=0, **texts):
    return save_feedback(
        visit=Visit.objects.get(pk=world.own.visit.pk),
        actor=actor or world.own.cadre,
        texts={"findings": FINDINGS} | texts,
        version=version,
        minutes=minutes,
        send=send,
    )


@pytest.fixture
def sent(world):
    return save(world, send=True)


def test_a_draft_is_kept_and_was_not_received(world):
    row = save(world, findings="", reflections="还没写完")
    assert (row.state, row.received_at, row.received_on) == ("draft", None, None)
    assert (row.reflections, row.version) == ("还没写完", 1)
    assert row not in Feedback.objects.waiting_for_review()


def test_sending_fixes_when_it_arrived(world):
    sent_at = clock.now() + timedelta(minutes=7)
    with clock.at(sent_at):
        row = save(world, send=True, minutes=7, findings=f"  {FINDINGS}  ")
    assert (row.state, row.findings) == ("submitted", FINDINGS)
    assert (row.received_at, row.sent_minutes) == (sent_at, 7)
    assert list(Feedback.objects.waiting_for_review()) == [row]


@pytest.mark.parametrize(
    ("hour", "minute", "days", "late"),
    [(23, 59, 5, False), (0, 0, 6, True), (0, 1, 6, True)],
)
def test_it_is_late_by_the_shanghai_day_of_its_arrival(world, hour, minute, days, late):
    with clock.at(make.moment(TODAY + timedelta(days=days), hour, minute)):
        row = save(world, send=True)
    row = Feedback.objects.select_related("visit").get(pk=row.pk)
    assert row.is_late is late
    assert Feedback.objects.late().exists() is late


def test_nothing_without_findings_is_sent(world):
    with pytest.raises(ValidationError) as caught:
        save(world, findings="   ", send=True)
    assert "findings" in caught.value.message_dict
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "number", ["13812345678", "110101199003071234", "11010119900307123X", "11010119900307123x"]
)
def test_private_numbers_are_refused_on_sending_in_every_text(world, number):
    for name in Feedback.TEXTS:
        with pytest.raises(ValidationError) as caught:
            save(world, send=True, **{name: f"联系人{number}，在家"})
        assert number in caught.value.message_dict[name][0]
    assert not Feedback.objects.exists()
    with pytest.raises(ValidationError):
        save(world, findings=f"联系人{number}")  # the trail would keep a draft's number for ever


@pytest.mark.parametrize(
    "text", ["投资1234567890元", "面积20260520亩", "2026年5月20日", "编号12345678901", "3组-017"]
)
def test_other_numbers_are_let_through(text):
    assert not private_number(text)


def test_the_second_to_save_is_told_and_nothing_is_overwritten(world):
    save(world, suggestions="甲")
    with pytest.raises(StaleVersion) as caught:
        save(world, version=0, suggestions="乙", actor=world.own.coordinator)
    assert caught.value.current.suggestions == "甲"
    assert Feedback.objects.get().suggestions == "甲"
    assert save(world, version=1, suggestions="乙", actor=world.own.coordinator).version == 2


@pytest.mark.django_db(transaction=True)
def test_two_first_saves_at_once_make_one_row():
    world, barrier = World(), Barrier(2)

    def phone(text):
        try:
            barrier.wait()
            save(world, suggestions=text)
            return "saved"
        except StaleVersion:
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(phone, ["甲", "乙"])) == ["saved", "told"]
    assert Feedback.objects.count() == 1


def test_what_was_sent_waits_for_the_county(world, sent):
    with pytest.raises(PermissionDenied):
        save(world, version=1)


def test_others_write_no_feedback(world):
    for actor in (make.cadre(world.own.unit), world.other.coordinator, world.home.office):
        with pytest.raises(PermissionDenied):
            save(world, actor=actor)


def test_a_void_visit_takes_no_feedback(world):
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    with pytest.raises(PermissionDenied):
        save(world)


# Review -----------------------------------------------------------------------------------------


def test_a_return_tells_author_and_officer_why(world):
    row = save(world, send=True, actor=world.own.coordinator)
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    assert (row.state, row.return_reason) == ("returned", "请写具体事例")
    told = Notification.objects.all()
    assert {each.user for each in told} == {world.own.cadre, world.own.coordinator}
    assert all("请写具体事例" in str(each) for each in told)


def test_sending_again_does_not_move_the_day_of_arrival(world, sent):
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    with clock.at(make.moment(TODAY + timedelta(days=20))):
        again = save(world, version=2, send=True, findings="补充：三户电表计量不准。")
    again.refresh_from_db()
    assert (again.state, again.received_at) == ("submitted", sent.received_at)
    assert again.received_on == TODAY
    assert again.sent_minutes == sent.sent_minutes


@pytest.mark.parametrize(
    ("choice", "at_once", "with_reminders"),
    [("at_once", 1, 0), ("daily", 0, 1), ("weekly", 0, 1), ("none", 0, 0)],
)
def test_a_return_is_mailed_as_often_as_the_author_chose(
    world, sent, settings, choice, at_once, with_reminders
):
    settings.EMAIL_ENABLED = True
    User.objects.filter(pk=world.own.cadre.pk).update(reminders=choice, email="a@example.org")
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    told = Notification.objects.filter(user=world.own.cadre, text__contains="was returned")
    assert "请写具体事例" in str(told.get())
    assert Job.objects.filter(task="outreach.tasks.send_mail_to").count() == at_once
    with clock.at(make.moment(date(2026, 5, 25), 9)):  # a Monday, when both e-mails go
        for _ in range(2):
            with transaction.atomic():
                tell(county_id=world.home.county.pk, reminders=[])
    jobs = Job.objects.filter(task="outreach.tasks.send_reminders")
    assert [job.args["notices"] for job in jobs] == [[told.get().pk]] * with_reminders
    assert told.get().read_at is None


def test_a_return_that_was_read_in_the_page_is_not_mailed(world, sent, settings):
    settings.EMAIL_ENABLED = True
    User.objects.filter(pk=world.own.cadre.pk).update(email="a@example.org")
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    Notification.objects.filter(user=world.own.cadre).update(read_at=clock.now())
    with clock.at(make.moment(date(2026, 5, 25), 9)), transaction.atomic():
        tell(county_id=world.home.county.pk, reminders=[])
    assert not Job.objects.filter(task="outreach.tasks.send_reminders").exists()


def test_a_returned_text_may_be_kept_as_a_draft_meanwhile(world, sent):
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    kept = save(world, version=2, findings="补充到一半")
    assert (kept.state, kept.return_reason) == ("returned", "请写具体事例")


def test_accepting_ends_the_story(world, sent):
    accepted = review_feedback(feedback=sent, actor=world.home.office)
    assert accepted.state == "accepted"
    with pytest.raises(PermissionDenied):
        save(world, version=2)
    with pytest.raises(PermissionDenied):
        review_feedback(feedback=accepted, actor=world.home.office, reason="后悔了")
    assert not Notification.objects.exists()


def test_every_decision_is_kept(world, sent):
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    row = save(world, version=2, send=True)
    review_feedback(feedback=row, actor=world.home.office)
    kept = list(Review.objects.values_list("decision", "reason", "by"))
    office = world.home.office.pk
    assert kept == [("returned", "请写具体事例", office), ("accepted", "", office)]


def test_of_two_reviewers_at_once_one_wins(world, sent):
    mine, theirs = (Feedback.objects.get(pk=sent.pk) for _ in range(2))
    second = make.user(Role.COUNTY, county=world.home.county)
    review_feedback(feedback=theirs, actor=second)
    entries = AuditEntry.objects.count()
    with pytest.raises(NotPossible):
        review_feedback(feedback=mine, actor=world.home.office, reason="请写具体事例")
    assert Feedback.objects.get(pk=sent.pk).state == "accepted"
    assert Review.objects.count() == 1
    assert AuditEntry.objects.count() == entries


def test_only_the_own_countys_office_reviews(world, sent):
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        with pytest.raises(PermissionDenied):
            review_feedback(feedback=sent, actor=actor)


def test_feedback_of_a_void_visit_is_not_reviewed(world, sent):
    void_visit(visit=world.own.visit, actor=world.home.office, reason="重复录入")
    row = Feedback.objects.get(pk=sent.pk)
    assert row not in Feedback.objects.waiting_for_review()
    with pytest.raises(PermissionDenied):
        review_feedback(feedback=row, actor=world.home.office)


def test_the_trail_tells_that_a_text_changed_and_keeps_its_length_not_its_words(world, sent):
    review_feedback(feedback=sent, actor=world.home.office, reason="请写具体事例")
    save(world, version=2, send=True, findings="三户电表计量不准。")
    entry = audit.history(sent)[0]
    assert (entry.before["state"], entry.after["state"]) == ("returned", "submitted")
    assert [change[1:] for change in entry.changes][-1] == ("13 个字的文本", "9 个字的文本")
    assert entry.at.date() == date(2026, 5, 20)


def test_the_same_feedback_sent_twice_is_one(world):
    for _ in range(2):
        row = save(world, send=True)
    assert row.version == 1


def test_a_void_visit_gets_no_feedback_from_an_old_page(world):
    old_page = Visit.objects.for_detail().get(pk=world.own.visit.pk)
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    with pytest.raises(PermissionDenied):
        make.feedback(old_page, world.own.cadre)


def test_the_office_accepts_only_what_it_read(world):
    row = save(world, send=True)
    seen = row.version
    row = review_feedback(feedback=row, actor=world.home.office, reason="请写具体事例")
    save(world, send=True, version=row.version, findings="另外的内容")
    with pytest.raises(NotPossible):
        review_feedback(feedback=row, actor=world.home.office, version=seen)
