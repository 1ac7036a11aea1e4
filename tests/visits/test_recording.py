"""Recording a visit: once and only once, in its month, by those who may, and never lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from feedback.services import review_feedback
from outreach import audit, clock
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories as make
from tests.conftest import TODAY, World
from visits.models import Group, Talk, Visit, VisitHousehold
from visits.services.errors import NotPossible, StaleVersion
from visits.services.recording import (
    VisitContent,
    content_of,
    correct_visit,
    record_visit,
    void_visit,
)

GROUP_TALK = (Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK)


@pytest.fixture
def content(world):
    return VisitContent(
        officer_id=world.own.officer.pk,
        started_at=make.moment(TODAY, 9),
        ended_at=make.moment(TODAY, 11, 30),
        ate=True,
        topic_ids=frozenset({world.home.topic.pk}),
        talks={GROUP_TALK: 8},
        households={world.own.household.pk: VisitHousehold.Outcome.MET},
    )


def send(world, content, *, id=None, actor=None):
    return record_visit(
        id=id or uuid4(),
        contact_point=world.own.contact_point,
        content=content,
        actor=actor or world.own.cadre,
    )


def refusal(world, content, **who):
    """The sentences with which the service refuses, by field."""
    with pytest.raises(ValidationError) as caught:
        send(world, content, **who)
    return caught.value.message_dict


def test_a_visit_keeps_everything_that_was_said(world, content):
    visit, new = send(world, content)
    assert new
    stored = Visit.objects.for_detail().get(pk=visit.pk)
    assert content_of(stored) == content
    assert (stored.county, stored.unit) == (world.home.county, world.own.unit)
    assert stored.plan_line == world.own.line
    assert stored.feedback_due_on == TODAY + timedelta(days=5)
    assert (stored.people_total, stored.households_met) == (8, 1)


def test_the_same_record_sent_twice_is_one_record(world, content):
    id = uuid4()
    first, _new = send(world, content, id=id)
    entries = AuditEntry.objects.count()
    again, new = send(world, content, id=id)
    assert (again.pk, new) == (first.pk, False)
    assert Visit.objects.filter(pk=id).count() == 1
    assert again.talks.count() == 1
    assert AuditEntry.objects.count() == entries


def test_the_same_number_with_other_content_is_shown_and_changes_nothing(world, content):
    id = uuid4()
    send(world, content, id=id)
    with pytest.raises(StaleVersion) as caught:
        send(world, replace(content, talks={GROUP_TALK: 9}), id=id)
    assert content_of(caught.value.current) == content
    assert content_of(Visit.objects.for_detail().get(pk=id)) == content


def test_the_number_of_another_units_record_gives_nothing_away(world, content):
    with pytest.raises(NotPossible):
        send(world, content, id=world.other.visit.pk)
    assert Visit.objects.get(pk=world.other.visit.pk).unit == world.other.unit


@pytest.mark.django_db(transaction=True)
def test_six_phones_sending_one_record_at_once_make_one_record():
    world = World()
    content = VisitContent(
        officer_id=world.own.officer.pk,
        started_at=make.moment(clock.today(), 0, 0),
        talks={GROUP_TALK: 8},
    )
    id, barrier = uuid4(), Barrier(6)

    def phone(_number):
        try:
            barrier.wait()
            return send(world, content, id=id)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(phone, range(6)))
    assert answers == [False] * 5 + [True]
    assert Visit.objects.get(pk=id).talks.count() == 1


@pytest.mark.parametrize(
    ("began", "month", "due"),
    [
        (datetime(2026, 4, 30, 23, 59, tzinfo=clock.SHANGHAI), date(2026, 4, 1), date(2026, 5, 5)),
        (datetime(2026, 5, 1, 0, 1, tzinfo=clock.SHANGHAI), date(2026, 5, 1), date(2026, 5, 6)),
    ],
)
def test_a_visit_belongs_to_the_shanghai_month_in_which_it_began(world, content, began, month, due):
    visit, _new = send(world, replace(content, started_at=began, ended_at=None))
    visit.refresh_from_db()
    assert (visit.month, visit.feedback_due_on) == (month, due)
    assert visit.plan_line == (world.own.line if month.month == 5 else None)


def test_a_day_to_come_is_refused(world, content):
    tomorrow = make.moment(TODAY + clock.ONE_DAY, 0, 0)
    assert "day" in refusal(world, replace(content, started_at=tomorrow, ended_at=None))


def test_a_visit_can_be_recorded_for_31_days(world, content):
    early = replace(content, started_at=make.moment(TODAY - timedelta(days=31)), ended_at=None)
    assert send(world, early)[1]
    too_early = replace(early, started_at=make.moment(TODAY - timedelta(days=32)))
    assert "day" in refusal(world, too_early)


def test_a_day_outside_the_contact_points_period_is_refused(world, content):
    point = world.own.contact_point
    first, last = date(2026, 5, 10), date(2026, 5, 18)
    point.period = make.DateRange(first, last + clock.ONE_DAY)
    point.save(update_fields=["period"])
    for day, fits in ((9, False), (10, True), (18, True), (19, False)):
        said = replace(content, started_at=make.moment(date(2026, 5, day)), ended_at=None)
        if fits:
            assert send(world, said)[1]
        else:
            assert "day" in refusal(world, said)


def test_a_household_of_another_village_is_refused(world, content):
    strange = replace(content, households={world.other.household.pk: "met"})
    assert "households" in refusal(world, strange)


def test_an_officer_of_another_unit_is_refused(world, content):
    strange = replace(content, officer_id=world.other.officer.pk)
    assert "officer" in refusal(world, strange, actor=world.own.coordinator)
    with pytest.raises(PermissionDenied):
        send(world, strange)


def test_a_year_that_is_not_open_is_said_so(world, content):
    with clock.at(make.moment(date(2027, 1, 4), 12)), pytest.raises(NotPossible, match="2027"):
        said = replace(content, started_at=make.moment(date(2027, 1, 4)), ended_at=None)
        send(world, said)


def test_a_cadre_records_for_nobody_else(world, content):
    colleague = make.officer(world.own.unit)
    with pytest.raises(PermissionDenied):
        send(world, replace(content, officer_id=colleague.pk))
    visit, _new = send(
        world, replace(content, officer_id=colleague.pk), actor=world.own.coordinator
    )
    assert (visit.officer, visit.recorded_by) == (colleague, world.own.coordinator)


@pytest.mark.parametrize("role", [Role.COUNTY, Role.ADMIN])
def test_who_does_not_visit_records_none(world, content, role):
    with pytest.raises(PermissionDenied):
        send(world, content, actor=world.person(role))


def test_written_time_never_lies_after_arrival(world, content):
    visit, _new = record_visit(
        id=uuid4(),
        contact_point=world.own.contact_point,
        content=content,
        actor=world.own.cadre,
        written_at=clock.now() + timedelta(days=900),
    )
    assert visit.written_at == visit.received_at == clock.now()


# Correcting -----------------------------------------------------------------------------------


def test_a_correction_replaces_and_leaves_both_states_in_the_trail(world, content):
    visit, _new = send(world, content)
    other = replace(content, talks={GROUP_TALK: 3}, lived=True, households={})
    corrected = correct_visit(visit=visit, content=other, actor=world.own.cadre, version=1)
    assert content_of(Visit.objects.for_detail().get(pk=visit.pk)) == other
    assert corrected.version == 2
    entry = audit.history(visit)[0]
    assert entry.before["talks"] == {"party_members/group_talk": 8}
    assert entry.after["talks"] == {"party_members/group_talk": 3}


def test_a_correction_of_an_older_version_overwrites_nothing(world, content):
    visit, _new = send(world, content)
    theirs = replace(content, talks={GROUP_TALK: 3})
    correct_visit(visit=visit, content=theirs, actor=world.own.coordinator, version=1)
    mine = replace(content, talks={GROUP_TALK: 5})
    with pytest.raises(StaleVersion) as caught:
        correct_visit(visit=visit, content=mine, actor=world.own.cadre, version=1)
    assert content_of(caught.value.current) == theirs
    assert content_of(Visit.objects.for_detail().get(pk=visit.pk)) == theirs


def test_a_correction_moves_month_line_and_due_day(world, content):
    visit, _new = send(world, content)
    earlier = replace(content, started_at=make.moment(date(2026, 4, 28)), ended_at=None)
    correct_visit(visit=visit, content=earlier, actor=world.own.cadre, version=1)
    visit = Visit.objects.get(pk=visit.pk)
    assert (visit.month, visit.plan_line) == (date(2026, 4, 1), None)
    assert visit.feedback_due_on == date(2026, 5, 3)


@pytest.mark.parametrize("state", ["submitted", "accepted"])
def test_what_the_county_holds_is_not_corrected(world, content, state):
    visit, _new = send(world, content)
    row = make.feedback(visit, world.own.cadre)
    if state == "accepted":
        review_feedback(feedback=row, actor=world.home.office)
    with pytest.raises(PermissionDenied):
        correct_visit(visit=visit, content=content, actor=world.own.coordinator, version=1)


def test_what_the_county_returned_can_be_corrected(world, content):
    visit, _new = send(world, content)
    row = make.feedback(visit, world.own.cadre)
    review_feedback(feedback=row, actor=world.home.office, reason="请核对人数")
    other = replace(content, talks={GROUP_TALK: 3})
    visit = Visit.objects.get(pk=visit.pk)
    assert correct_visit(visit=visit, content=other, actor=world.own.cadre, version=1)


def test_a_colleague_corrects_no_visit_of_others(world, content):
    visit, _new = send(world, content)
    colleague = make.cadre(world.own.unit)
    with pytest.raises(PermissionDenied):
        correct_visit(visit=visit, content=content, actor=colleague, version=1)


# Voiding --------------------------------------------------------------------------------------


def test_a_void_visit_stays_with_its_reason_and_counts_nowhere(world):
    visit = void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    assert (visit.state, visit.void_reason) == ("void", "重复录入")
    assert visit not in Visit.objects.counted()
    with pytest.raises(NotPossible):
        void_visit(visit=visit, actor=world.own.cadre, reason="重复录入")


def test_voiding_needs_a_reason(world):
    with pytest.raises(ValidationError):
        void_visit(visit=world.own.visit, actor=world.own.cadre, reason="  ")
    assert not Visit.objects.get(pk=world.own.visit.pk).is_void


def test_after_sending_only_the_county_voids(world):
    visit = world.own.visit
    make.feedback(visit, world.own.cadre)
    visit = Visit.objects.get(pk=visit.pk)
    with pytest.raises(PermissionDenied):
        void_visit(visit=visit, actor=world.own.coordinator, reason="重复录入")
    with pytest.raises(PermissionDenied):
        void_visit(visit=visit, actor=world.abroad.office, reason="重复录入")
    assert void_visit(visit=visit, actor=world.home.office, reason="重复录入").is_void


def test_of_two_who_void_at_once_one_is_told(world):
    mine, theirs = (Visit.objects.get(pk=world.own.visit.pk) for _ in range(2))
    void_visit(visit=theirs, actor=world.own.coordinator, reason="重复录入")
    with pytest.raises(NotPossible):
        void_visit(visit=mine, actor=world.home.office, reason="另一个原因")
    assert Visit.objects.get(pk=mine.pk).void_reason == "重复录入"


def test_an_accepted_visit_is_not_voided_by_its_author_with_an_old_page(world):
    old_page = Visit.objects.for_detail().get(pk=world.own.visit.pk)
    row = make.feedback(world.own.visit, world.own.cadre)
    review_feedback(feedback=row, actor=world.home.office)
    with pytest.raises(PermissionDenied):
        void_visit(visit=old_page, actor=world.own.cadre, reason="重复录入")


def test_a_reason_for_voiding_holds_no_telephone(world):
    with pytest.raises(ValidationError):
        void_visit(visit=world.own.visit, actor=world.own.cadre, reason="找138 1234 5678")


# Late answers -------------------------------------------------------------------------------------


def test_a_retry_of_five_weeks_is_still_the_same_record(world, content):
    visit, _new = send(world, content)
    with clock.at(make.moment(TODAY + timedelta(days=36))):
        again, new = send(world, content, id=visit.pk)
    assert (again.pk, new) == (visit.pk, False)


def test_a_returned_visit_is_corrected_whenever_it_came_back(world, content):
    visit, _new = send(world, content)
    other = replace(content, ate=not content.ate)
    with clock.at(make.moment(TODAY + timedelta(days=36))):
        row = correct_visit(visit=visit, content=other, actor=world.own.cadre, version=1)
    assert row.ate == other.ate


def test_the_same_correction_sent_twice_is_one(world, content):
    visit, _new = send(world, content)
    other = replace(content, ate=not content.ate)
    for _ in range(2):
        row = correct_visit(visit=visit, content=other, actor=world.own.cadre, version=1)
    assert row.version == 2


def test_an_id_used_for_another_village_is_no_retry(world, content):
    visit, _new = send(world, content)
    point = make.contact_point(world.own.unit, make.village(world.home.township), world.own.officer)
    with pytest.raises(StaleVersion):
        record_visit(id=visit.pk, contact_point=point, content=content, actor=world.own.cadre)


def test_a_visit_sent_in_the_meantime_is_not_corrected(world, content):
    visit, _new = send(world, content)
    old_page = Visit.objects.for_detail().get(pk=visit.pk)
    make.feedback(visit, world.own.cadre)
    other = replace(content, ate=not content.ate)
    with pytest.raises(PermissionDenied):
        correct_visit(visit=old_page, content=other, actor=world.own.cadre, version=1)
