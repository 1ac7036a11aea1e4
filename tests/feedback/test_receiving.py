"""Receiving a record: once and only once, in any order, and no text is ever lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from feedback.models import Feedback, Matter, RecordVersion
from feedback.records import Record, merged, record_of, stamp_of
from feedback.services import Sending, receive_record, review_feedback
from outreach import audit, clock
from outreach.models import AuditEntry
from tests import factories as make
from tests.conftest import TODAY, World
from visits.models import Group, Talk, Visit
from visits.services.errors import NotPossible, StaleVersion
from visits.services.recording import VisitContent

FINDINGS = "群众反映机井电费计量不准。"
NO_TEXTS = dict.fromkeys(Feedback.TEXTS, "")


@pytest.fixture
def record(world):
    return record_at(world, TODAY)


def record_at(world, day):
    content = VisitContent(
        officer_id=world.own.officer.pk,
        started_at=make.moment(day, 0, 5),
        talks={(Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK): 8},
        topic_ids=frozenset({world.home.topic.pk}),
    )
    return Record(content, NO_TEXTS | {"findings": FINDINGS}, ("机井电表老化",))


def receive(world, record, id, *, actor=None, edition=None, **how):
    return receive_record(
        id=id,
        contact_point=world.own.contact_point,
        record=record,
        sending=Sending(edition=edition or uuid4(), **how),
        actor=actor or world.own.cadre,
    )


def with_findings(record, text):
    return replace(record, texts=record.texts | {"findings": text})


def versions(id):
    return [row.number for row in RecordVersion.objects.filter(visit=id)]


def stored(id):
    return record_of(Visit.objects.for_record().get(pk=id))


# Once and only once -----------------------------------------------------------------------------


def test_a_record_is_stored_whole_and_its_version_keeps_it(world, record):
    receipt = receive(world, record, uuid4(), send=True)
    assert receipt.new
    assert stored(receipt.visit.pk) == record
    assert (receipt.feedback.state, receipt.stamp) == ("submitted", "1.1")
    (version,) = RecordVersion.objects.all()
    assert version.content["findings"] == FINDINGS
    assert version.content["talks"] == {"party_members/group_talk": 8}
    assert version.sent


def test_the_same_saving_arriving_again_is_answered_and_changes_nothing(world, record):
    id, edition = uuid4(), uuid4()
    first = receive(world, record, id, edition=edition, send=True)
    entries = AuditEntry.objects.count()
    with clock.at(clock.now() + timedelta(days=7)):
        again = receive(world, record, id, edition=edition, send=True)
    assert (again.new, again.received_at) == (False, first.received_at)
    assert versions(id) == [1]
    assert AuditEntry.objects.count() == entries


def test_the_same_content_from_another_page_is_the_same_record(world, record):
    id = uuid4()
    receive(world, record, id, send=True)
    assert not receive(world, record, id, send=True).new
    assert versions(id) == [1]


def test_a_saving_that_comes_late_does_not_undo_the_next(world, record):
    id, first = uuid4(), uuid4()
    receive(world, record, id, edition=first)
    receive(world, with_findings(record, "补充"), id, after=frozenset({first}))
    late = receive(world, record, id, edition=first)
    assert not late.new
    assert stored(id).texts["findings"] == "补充"


def test_a_phone_that_never_heard_the_answer_goes_on_from_its_own_saving(world, record):
    id, first = uuid4(), uuid4()
    receive(world, record, id, edition=first)
    receipt = receive(world, with_findings(record, "补充"), id, after=frozenset({first}), send=True)
    assert receipt.new
    assert versions(id) == [1, 2]
    assert Feedback.objects.get().findings == "补充"


def test_what_somebody_else_saved_since_is_never_overwritten_unseen(world, record):
    id, first = uuid4(), uuid4()
    visit = receive(world, record, id, edition=first).visit
    theirs = with_findings(record, "同事写的")
    receive(world, theirs, id, actor=world.own.coordinator, base=stamp_of(visit))
    with pytest.raises(StaleVersion) as caught:
        receive(world, with_findings(record, "我写的"), id, after=frozenset({first}))
    assert record_of(caught.value.current).texts["findings"] == "同事写的"
    assert stored(id) == theirs


def test_problems_that_somebody_added_since_are_never_overwritten_unseen(world, record):
    id = uuid4()
    base = receive(world, record, id).stamp
    theirs = replace(record, problems=("机井电表老化", "村口路灯不亮"))
    assert receive(world, theirs, id, base=base).stamp != base
    with pytest.raises(StaleVersion):
        receive(world, record, id, actor=world.own.coordinator, base=base)
    assert stored(id) == theirs


def test_of_a_refused_record_nothing_is_written(world, record):
    id = uuid4()
    bad = with_findings(record, "请打13812345678")
    with pytest.raises(ValidationError):
        receive(world, bad, id, send=True)
    assert not Visit.objects.filter(pk=id).exists()
    assert not Matter.objects.exists()


def test_a_strangers_record_number_gives_nothing_away(world, record):
    with pytest.raises(NotPossible):
        receive(world, record, world.other.visit.pk)
    with pytest.raises(PermissionDenied):
        receive(world, record, uuid4(), actor=world.other.cadre)


@pytest.mark.django_db(transaction=True)
def test_ten_retries_in_parallel_make_one_record_and_one_version():
    world = World()
    record, id, edition = record_at(world, clock.today()), uuid4(), uuid4()
    barrier = Barrier(10)

    def phone(_number):
        try:
            barrier.wait()
            return receive(world, record, id, edition=edition, send=True).new
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = sorted(pool.map(phone, range(10)))
    assert answers == [False] * 9 + [True]
    assert versions(id) == [1]
    visit = Visit.objects.get(pk=id)
    assert visit.talks.count() == visit.matters.count() == 1
    assert Feedback.objects.filter(visit=id).count() == 1


# What it writes ---------------------------------------------------------------------------------


def test_texts_alone_do_not_make_a_new_version_of_the_visit(world, record):
    visit = receive(world, record, uuid4()).visit
    after = receive(world, with_findings(record, "补充"), visit.pk, base=stamp_of(visit)).visit
    assert (after.version, after.feedback.version) == (visit.version, visit.feedback.version + 1)


def test_problems_are_replaced_as_a_whole_and_leave_their_trail(world, record):
    visit = receive(world, record, uuid4()).visit
    changed = replace(record, problems=("村口路灯不亮", "机井电表老化"))
    receive(world, changed, visit.pk, base=stamp_of(visit))
    assert [m.text for m in visit.matters.all()] == ["村口路灯不亮", "机井电表老化"]
    entry = audit.history(visit)[0]
    assert (entry.before, entry.after) == ({"problems": 1}, {"problems": 2})


def test_minutes_add_up_over_the_savings_until_it_is_sent(world, record):
    id, now = uuid4(), clock.now()
    on_the_spot = {"opened_at": now - timedelta(minutes=2), "written_at": now}
    visit = receive(world, record, id, **on_the_spot).visit
    with clock.at(now + timedelta(hours=9)):
        evening = clock.now()
        receive(
            world,
            with_findings(record, "补充"),
            id,
            base=stamp_of(visit),
            send=True,
            opened_at=evening - timedelta(minutes=5),
            written_at=evening,
        )
    assert Feedback.objects.get().sent_minutes == 7


@pytest.mark.parametrize("years", [-30, 30])
def test_a_phone_whose_clock_is_wrong_by_years_is_believed_about_nothing_but_length(
    world, record, years
):
    wrong = clock.now() + timedelta(days=365 * years)
    receipt = receive(
        world,
        record,
        uuid4(),
        send=True,
        opened_at=wrong - timedelta(minutes=3),
        written_at=wrong,
    )
    assert receipt.feedback.sent_minutes == 3
    assert receipt.visit.received_at == receipt.feedback.received_at == clock.now()
    assert receipt.visit.written_at <= clock.now()


def test_a_form_left_open_over_night_counts_four_hours_at_most(world, record):
    now = clock.now()
    receipt = receive(
        world, record, uuid4(), send=True, opened_at=now - timedelta(days=3), written_at=now
    )
    assert receipt.feedback.sent_minutes == 240


def test_a_returned_record_is_corrected_and_sent_again(world, record):
    receipt = receive(world, record, uuid4(), send=True)
    review_feedback(feedback=receipt.feedback, actor=world.home.office, reason="请写具体事例")
    visit = Visit.objects.for_record().get(pk=receipt.visit.pk)
    corrected = with_findings(record, "三组东头两眼机井电表老化。")
    again = receive(world, corrected, visit.pk, base=stamp_of(visit), send=True)
    assert again.feedback.state == "submitted"
    assert versions(visit.pk) == [1, 2]


def test_what_the_county_has_is_not_changed_behind_its_back(world, record):
    receipt = receive(world, record, uuid4(), send=True)
    with pytest.raises(NotPossible):
        receive(world, with_findings(record, "改"), receipt.visit.pk, base=receipt.stamp)
    assert stored(receipt.visit.pk) == record


# Choosing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["time", "officer", "together", "topics", "talks", "households"])
def test_what_is_taken_is_the_stored_and_the_rest_is_mine(world, record, part):
    moved = replace(
        record.content,
        officer_id=world.own.officer.pk + 1,
        started_at=record.content.started_at + timedelta(minutes=1),
        lived=True,
        topic_ids=frozenset(),
        talks={},
        households={7: "met"},
    )
    theirs = replace(record, content=moved)
    both = merged(record, theirs, {part})
    assert both != record
    assert merged(both, record, {part}) == record
    assert merged(record, theirs, set()) == record
