"""A matter in any order of permitted actions: never lost, led by one, not closed unsolved."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from feedback.forms.deeds import DEEDS
from feedback.matter_states import RULES, State
from feedback.models import Matter
from feedback.permissions import actions_of
from feedback.services.matters import close_matter, note_villager, reopen_matter, say_done
from outreach import clock
from tests import factories as make
from tests.conftest import TODAY, Place, World
from visits.services.errors import NotPossible

# What a person may fill in; each form takes what it asks for.
ANSWERS = {
    "text": ["", "群众催得紧，请尽快。"],
    "outcome": ["solved", "explained", "not_possible", "out_of_remit"],
    "word": ["solved", "partly", "not_solved"],
    "satisfied": ["1", "0", ""],
    "days": ["1", "30"],
    "urgency": ["normal", "urgent"],
    "category": [""],
}


class _Undone(Exception):
    pass


class MatterLife(RuleBasedStateMachine):
    """Three units, the county office and one matter; days pass."""

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.day = TODAY
        self.time = clock.at(make.moment(TODAY, 12))
        self.time.__enter__()
        self.world = World()
        third = Place(self.world.home)
        make.unit(self.world.home.county, kind="township", township=self.world.home.township)
        places = (self.world.own, self.world.other, third)
        self.people = [person for p in places for person in (p.cadre, p.coordinator)]
        self.people.append(self.world.home.office)
        self.units = [place.unit.pk for place in places]
        # An earlier report that ours may be joined to.
        self.earlier = make.matter_in_work(self.world.own)
        self.codes = [self.earlier.code]
        self.pk = make.matter(self.world.own).pk
        self.read = None
        self.events = 1
        # Whether the villager's last word was "not solved".
        self.unsolved = False

    def teardown(self):
        self.time.__exit__(None, None, None)
        try:
            self.block.__exit__(_Undone, _Undone(), None)
        except _Undone:
            pass

    def matter(self):
        """As stored; read once a step, because five invariants look at it."""
        if self.read is None:
            self.read = Matter.objects.for_page().get(pk=self.pk)
        return self.read

    @rule(
        who=st.integers(0, 6), n=st.integers(0, 40), picks=st.lists(st.integers(0, 9), min_size=9)
    )
    def somebody_does_something(self, who, n, picks):
        """A person opens the page and uses one of the forms it offers, filled in somehow."""
        actor, matter = self.people[who], self.to_change()
        may = set(actions_of(actor, matter))
        deeds = [deed for deed in DEEDS if may & set(deed.actions)]
        if not deeds:
            return
        deed, picked = deeds[n % len(deeds)], iter(picks)
        choices = ANSWERS | {"unit": self.units, "code": self.codes}
        data = {
            name: values[next(picked) % len(values)]
            for name in deed.fields
            if (values := choices.get(name))
        }
        form = deed.form(data, matter=matter, actor=actor)
        if not form.is_valid():
            return
        try:
            done = form.do()
        except (NotPossible, ValidationError):
            return
        self.events += 1
        self.unsolved = data["word"] == "not_solved" if "word" in data else self.unsolved
        event = done.events.last()
        rule_ = RULES[event.kind]
        assert matter.state in rule_.before
        assert done.state in (rule_.after or (matter.state,))

    @rule(word=st.sampled_from(ANSWERS["word"]))
    def the_villager_answers_by_the_receipt(self, word):
        matter = self.to_change()
        if not actions_of(None, matter):
            return
        note_villager(matter=matter, actor=None, word=word, satisfied=False, text="还缺一盏灯。")
        self.events += 1
        self.unsolved = word == "not_solved"

    def to_change(self):
        """The matter for a step that writes: what is looked at afterwards is read anew."""
        matter, self.read = self.matter(), None
        return matter

    @rule(n=st.integers(0, 1))
    def the_earlier_report_goes_on(self, n):
        """Answered by its leader, then closed or opened again by the county office."""
        self.read = None
        matter, office = Matter.objects.for_page().get(pk=self.earlier.pk), self.world.home.office
        if matter.state == State.IN_WORK:
            say_done(matter=matter, actor=self.world.own.cadre, outcome="solved", text="修好了。")
        elif n and matter.state == State.ANSWERED:
            close_matter(matter=matter, actor=office, text="未联系上群众。")
        else:
            reopen_matter(matter=matter, actor=office, text="还有一处。")

    @rule(days=st.integers(1, 9))
    def days_pass(self, days):
        self.time.__exit__(None, None, None)
        self.day += timedelta(days=days)
        self.time = clock.at(make.moment(self.day, 12))
        self.time.__enter__()

    @invariant()
    def it_is_in_the_list_of_everybody_it_concerns(self):
        matter = self.matter()
        units = {matter.leader_id, self.world.own.unit.pk, matter.asked_unit_id}
        units |= {row.unit_id for row in matter.co_handling}
        for person in self.people:
            listed = Matter.objects.visible_to(person).filter(pk=self.pk).exists()
            assert listed == (person.unit_id is None or person.unit_id in units)

    @invariant()
    def one_unit_leads_and_somebody_can_go_on(self):
        matter = self.matter()
        assert matter.leader_id is not None
        if matter.state != State.CLOSED:
            waits = [p for p in self.people if any(RULES[a].after for a in actions_of(p, matter))]
            led_by_the_township = matter.leader_id not in self.units
            assert waits or led_by_the_township

    @invariant()
    def it_is_not_closed_while_not_solved_stands(self):
        matter = self.matter()
        stands_for_it = matter.main or matter
        assert not (self.unsolved and stands_for_it.state == State.CLOSED)

    @invariant()
    def whoever_leads_does_not_help_and_nobody_helps_twice(self):
        matter = self.matter()
        helping = [row.unit_id for row in matter.co_handling]
        assert len(set(helping)) == len(helping)
        assert matter.leader_id not in helping

    @invariant()
    def its_story_holds_every_step_and_ends_in_its_state(self):
        matter = self.matter()
        assert matter.events.count() == self.events
        assert matter.events.last().state == matter.state


@pytest.mark.django_db
def test_no_order_of_permitted_actions_loses_a_matter_or_closes_it_unsolved():
    run_state_machine_as_test(
        MatterLife,
        settings=settings(
            max_examples=4,
            database=None,
            phases=[Phase.generate],
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
