"""A record's life in any order: no text is lost, no second row is made."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from feedback.models import Feedback, RecordVersion
from feedback.records import Record, merged, record_of, stamp_of
from feedback.services import Sending, receive_record, review_feedback
from outreach import clock
from tests import factories as make
from tests.conftest import TODAY, World
from visits.models import Group, Talk, Visit
from visits.services.errors import NotPossible, StaleVersion
from visits.services.recording import VisitContent, void_visit


class _Undone(Exception):
    pass


class Phone:
    """A client as static/js/queue.js behaves: it keeps what it has until the server confirms it."""

    def __init__(self, actor):
        self.actor = actor
        self.base, self.record, self.send = "", None, False
        self.edition: UUID | None = None
        self.after: set[UUID] = set()
        # The texts this person has had before their eyes.
        self.seen = {""}
        self.old: list[tuple[Record, Sending]] = []

    def sending(self):
        return Sending(self.edition, self.base, frozenset(self.after), self.send)


class RecordLife(RuleBasedStateMachine):
    """Two people of a unit, the county office, one record, a network that loses answers."""

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.time = clock.at(make.moment(TODAY, 12))
        self.time.__enter__()
        self.world, self.id = World(), uuid4()
        self.phones = [Phone(self.world.own.cadre), Phone(self.world.own.coordinator)]
        self.empty = Record(
            VisitContent(
                officer_id=self.world.own.officer.pk,
                started_at=make.moment(TODAY, 9),
                talks={(Group.CAPABLE, Talk.Form.GROUP_TALK): 3},
            ),
            dict.fromkeys(Feedback.TEXTS, ""),
        )
        # Every text whose saving the server confirmed.
        self.confirmed: set[str] = set()
        self.count = 0

    def teardown(self):
        self.time.__exit__(None, None, None)
        try:
            self.block.__exit__(_Undone, _Undone(), None)
        except _Undone:
            pass

    def visit(self):
        return Visit.objects.for_record().filter(pk=self.id).first()

    @rule(who=st.integers(0, 1), send=st.booleans())
    def writes(self, who, send):
        """Types a new text, on a page that may be older than what is stored."""
        phone = self.phones[who]
        self.count += 1
        known = phone.record or (record_of(self.visit()) if self.visit() else self.empty)
        if phone.record is None and self.visit():
            phone.base = stamp_of(self.visit())
            phone.seen.add(known.texts["findings"])
        if phone.edition:
            phone.after.add(phone.edition)
        phone.record = replace(known, texts=known.texts | {"findings": f"文{self.count}。"})
        phone.edition, phone.send = uuid4(), send
        phone.seen.add(phone.record.texts["findings"])

    @rule(who=st.integers(0, 1), answered=st.booleans())
    def sends(self, who, answered):
        """Sends what it has; the answer may be lost, then it stays in the queue."""
        phone = self.phones[who]
        if phone.record is None:
            return
        sending, before = phone.sending(), self.visit()
        phone.old.append((phone.record, sending))
        try:
            receipt = self.receive(phone, phone.record, sending)
        except StaleVersion as error:
            if answered:
                self.chooses(phone, error.current)
            return
        except NotPossible:
            assert not self.open_for(phone)
            return
        self.confirmed.add(phone.record.texts["findings"])
        if before and receipt.new:
            assert record_of(before).texts["findings"] in phone.seen, "overwritten unseen"
        if answered:
            phone.base, phone.record = "", None

    def chooses(self, phone, stored):
        """Sees both, keeps the own text beside the stored one, and takes the stored visit."""
        theirs = record_of(stored)
        both = theirs.texts["findings"] + phone.record.texts["findings"]
        phone.record = merged(phone.record, theirs, {"time", "talks"})
        phone.record = replace(phone.record, texts=phone.record.texts | {"findings": both})
        phone.base, phone.edition = stamp_of(stored), uuid4()
        phone.seen |= {theirs.texts["findings"], both}

    @rule(who=st.integers(0, 1), n=st.integers(0, 20))
    def an_old_message_arrives_again(self, who, n):
        phone = self.phones[who]
        if not phone.old:
            return
        record, sending = phone.old[n % len(phone.old)]
        before = RecordVersion.objects.filter(visit=self.id).count()
        heard = RecordVersion.objects.filter(visit=self.id, edition=sending.edition).exists()
        try:
            self.receive(phone, record, sending)
        except (StaleVersion, NotPossible):
            return
        if heard:
            assert RecordVersion.objects.filter(visit=self.id).count() == before
        else:
            self.confirmed.add(record.texts["findings"])

    def receive(self, phone, record, sending):
        with transaction.atomic():
            return receive_record(
                id=self.id,
                contact_point=self.world.own.contact_point,
                record=record,
                sending=sending,
                actor=phone.actor,
            )

    def open_for(self, phone):
        visit = self.visit()
        feedback = getattr(visit, "feedback", None)
        return not visit.is_void and (feedback is None or feedback.is_open)

    @precondition(lambda self: Feedback.objects.filter(visit=self.id, state="submitted").exists())
    @rule(back=st.booleans())
    def office_decides(self, back):
        try:
            with transaction.atomic():
                review_feedback(
                    feedback=Feedback.objects.get(visit=self.id),
                    actor=self.world.home.office,
                    reason="请写具体事例" if back else "",
                )
        except (NotPossible, PermissionDenied):
            assert self.visit().is_void

    @precondition(lambda self: self.count > 6 and self.visit() and not self.visit().is_void)
    @rule()
    def is_voided(self):
        with transaction.atomic():
            void_visit(visit=self.visit(), actor=self.world.home.office, reason="重复录入")

    @invariant()
    def there_is_one_row(self):
        assert Visit.objects.filter(pk=self.id).count() <= 1
        assert Visit.objects.filter(contact_point=self.world.own.contact_point).count() <= 2

    @invariant()
    def every_confirmed_text_is_kept_in_a_version(self):
        kept = {v.content["findings"] for v in RecordVersion.objects.filter(visit=self.id)}
        assert self.confirmed <= kept

    @invariant()
    def the_newest_version_is_what_is_stored(self):
        visit = self.visit()
        if visit is None:
            return
        newest = RecordVersion.objects.filter(visit=visit).order_by("number").last()
        assert newest.content["findings"] == record_of(visit).texts["findings"]
        numbers = RecordVersion.objects.filter(visit=visit).values_list("number", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.django_db
def test_no_order_of_events_loses_a_text_or_makes_a_second_row():
    run_state_machine_as_test(
        RecordLife,
        settings=settings(
            max_examples=8,
            database=None,
            # A failure is told as it was found: to make it smaller takes minutes of real rows.
            phases=[Phase.generate],
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
