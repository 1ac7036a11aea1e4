"""Units that help with a matter: named, heard, released; the leading unit stays the one that
answers. And a unit without a coordinator."""

from dataclasses import dataclass

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from feedback.matter_states import Action, State
from feedback.models import CoHandler, Matter
from feedback.permissions import actions_of, can_see_call_back
from feedback.services.co_handling import (
    hand_in_part,
    name_co_handler,
    note_progress,
    release_co_handler,
)
from feedback.services.matters import note_villager, say_done
from feedback.services.transfers import accept_transfer, ask_transfer, assign_matter, pass_up
from outreach import audit
from outreach.models import Notification
from tests import factories as make
from visits.services.errors import NotPossible

TASK = "请负责施工期间的电路改造。"


@pytest.fixture
def matter(world):
    """In work with the own unit; the other unit has nothing to do with it."""
    return make.matter_in_work(world.own)


@pytest.fixture
def helped(world, matter):
    return name_co_handler(
        matter=matter, actor=world.own.coordinator, unit=world.other.unit, text=TASK
    )


@dataclass
class Told:
    """How often somebody was told of something since."""

    person: object

    def of(self, happened):
        rows = Notification.objects.filter(user=self.person)
        return sum(row.params.get("happened", "").startswith(happened) for row in rows)


def seen(person, matter):
    return Matter.objects.visible_to(person).filter(pk=matter.pk).exists()


# Named ------------------------------------------------------------------------------------------


def test_a_named_unit_sees_the_matter_and_its_leader_stays(world, matter):
    assert not seen(world.other.cadre, matter)
    helped = name_co_handler(
        matter=matter, actor=world.own.coordinator, unit=world.other.unit, text=TASK
    )
    assert seen(world.other.cadre, helped)
    assert (helped.leader, helped.state) == (world.own.unit, State.IN_WORK)
    event = helped.events.last()
    assert (event.kind, event.to_unit, event.text) == (
        Action.NAME_CO_HANDLER,
        world.other.unit,
        TASK,
    )
    assert audit.history(helped)[0].after["unit"] == world.other.unit.name


def test_it_is_told_once_when_named_and_once_when_it_is_answered(world, helped):
    told = Told(world.other.coordinator)
    assert told.of("a co-handling unit named") == 1
    say_done(matter=helped, actor=world.own.cadre, outcome="solved", text="路灯全部修好。")
    assert told.of("the unit says: solved") == 1
    assert Told(world.other.cadre).of("") == 0


def test_the_county_names_too_and_a_cadre_or_another_unit_does_not(world, matter):
    for person in (world.own.cadre, world.other.coordinator, world.home.admin):
        with pytest.raises(PermissionDenied):
            name_co_handler(matter=matter, actor=person, unit=world.other.unit, text=TASK)
    name_co_handler(matter=matter, actor=world.home.office, unit=world.other.unit, text=TASK)
    assert CoHandler.objects.get().named_by == world.home.office


def test_what_it_is_to_do_is_said_and_nobody_is_named_twice(world, matter):
    def name(row, unit, text=TASK):
        return name_co_handler(matter=row, actor=world.home.office, unit=unit, text=text)

    for unit, text in ((world.other.unit, " "), (world.own.unit, TASK)):
        with pytest.raises(ValidationError):
            name(matter, unit, text)
    with pytest.raises(PermissionDenied):
        name(matter, world.foreign.unit)
    helped = name(matter, world.other.unit)
    with pytest.raises(ValidationError):
        name(helped, world.other.unit)
    with pytest.raises(NotPossible):
        name(matter, world.other.unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        CoHandler.objects.create(matter=helped, unit=world.other.unit, named_by=world.home.office)


# Helping ----------------------------------------------------------------------------------------


def test_it_writes_how_far_it_has_come_and_hands_its_part_in(world, helped):
    with pytest.raises(ValidationError):
        note_progress(matter=helped, actor=world.other.cadre, text=" ")
    going = note_progress(matter=helped, actor=world.other.cadre, text="电缆已敷设三百米。")
    assert going.events.last().text == "电缆已敷设三百米。"
    assert Told(world.own.coordinator).of("progress") == 1
    done = hand_in_part(matter=going, actor=world.other.coordinator, text="电路改造完成。")
    assert (done.state, done.outcome) == (State.IN_WORK, "")
    assert done.co_handling[0].done_at
    assert Action.PART_DONE not in actions_of(world.other.coordinator, done)
    assert Told(world.own.coordinator).of("a co-handling unit says") == 1


def test_it_never_answers_for_the_leader(world, helped):
    may = actions_of(world.other.coordinator, helped)
    assert may == [Action.NOTE_PROGRESS, Action.PART_DONE]
    for outcome in ("solved", "out_of_remit"):
        with pytest.raises(PermissionDenied):
            say_done(matter=helped, actor=world.other.coordinator, outcome=outcome, text="好了")
    assert not can_see_call_back(world.other.coordinator, helped)


def test_a_first_receiver_that_helps_does_not_ask_the_villager(world):
    matter = assign_matter(
        matter=make.matter(world.own), actor=world.home.office, unit=world.other.unit
    )
    matter = accept_transfer(matter=matter, actor=world.other.coordinator)
    helped = name_co_handler(
        matter=matter, actor=world.other.coordinator, unit=world.own.unit, text=TASK
    )
    done = say_done(matter=helped, actor=world.other.cadre, outcome="solved", text="修好了。")
    assert actions_of(world.own.coordinator, done) == []
    with pytest.raises(PermissionDenied):
        note_villager(matter=done, actor=world.own.coordinator, word="solved")
    assert Action.NOTE_WORD in actions_of(world.home.office, done)


def test_opened_again_its_part_is_not_done_any_more(world, helped):
    done = hand_in_part(matter=helped, actor=world.other.cadre, text="电路改造完成。")
    done = say_done(matter=done, actor=world.own.cadre, outcome="solved", text="修好了。")
    again = note_villager(
        matter=done, actor=world.home.office, word="not_solved", text="还有三盏不亮"
    )
    assert again.co_handling[0].done_at is None
    assert Action.PART_DONE in actions_of(world.other.cadre, again)
    assert Told(world.other.coordinator).of("the villager says: not solved") == 1


def test_a_unit_that_comes_to_lead_helps_no_more(world, helped):
    asked = ask_transfer(
        matter=helped, actor=world.own.coordinator, unit=world.other.unit, text="属供电"
    )
    taken = accept_transfer(matter=asked, actor=world.other.coordinator)
    assert (taken.leader, taken.co_handling) == (world.other.unit, [])
    assert CoHandler.objects.get().released_at


# Released ---------------------------------------------------------------------------------------


def test_released_for_a_reason_it_is_told_and_sees_it_no_more(world, helped):
    def release(text, unit=world.other.unit):
        return release_co_handler(matter=helped, actor=world.own.coordinator, unit=unit, text=text)

    for text, unit in ((" ", world.other.unit), ("不需要了", world.own.unit)):
        with pytest.raises(ValidationError):
            release(text, unit)
    with pytest.raises(PermissionDenied):
        release_co_handler(
            matter=helped, actor=world.other.coordinator, unit=world.other.unit, text="忙"
        )
    free = release("已由供电公司施工。")
    assert not seen(world.other.coordinator, free)
    assert Action.RELEASE_CO_HANDLER not in actions_of(world.own.coordinator, free)
    notice = Notification.objects.filter(user=world.other.coordinator).last()
    # It leads nowhere: the page is not theirs any more.
    assert (notice.params["happened"], notice.url) == ("a co-handling unit released", "")
    name_co_handler(matter=free, actor=world.home.office, unit=world.other.unit, text="再次协办")


# Pages ------------------------------------------------------------------------------------------


def listed(browser, **query):
    page = browser.get(reverse("matter_list"), query)
    return [row.record for row in page.context["table"].rows]


def test_the_list_shows_each_once_and_filters_what_a_unit_helps_with(world, helped, sign_in):
    third = make.unit(world.home.county)
    name_co_handler(matter=helped, actor=world.home.office, unit=third, text=TASK)
    led = make.matter(world.other)
    browser = sign_in(world.other.coordinator)
    assert sorted(row.pk for row in listed(browser)) == [helped.pk, led.pk]
    assert listed(browser, helping="on") == [helped]
    assert set(listed(browser, mine="on")) == {helped, led}
    hand_in_part(matter=Matter.objects.get(pk=helped.pk), actor=world.other.cadre, text="做完了。")
    assert listed(browser, mine="on") == [led]


def test_the_page_names_who_helps_and_takes_their_word(world, helped, sign_in):
    page = sign_in(world.home.office).get(helped.get_absolute_url()).content.decode()
    assert world.other.unit.name in page
    address = reverse("matter_act", args=[helped.pk, "part_done"])
    browser = sign_in(world.other.cadre)
    assert browser.post(address, {"text": "  "}).context["deeds"][0].errors["text"]
    assert browser.post(address, {"text": "电路改造完成。"}).status_code == 302
    assert CoHandler.objects.get().done_at


def test_the_forms_offer_units_that_make_sense(world, helped, sign_in):
    page = sign_in(world.home.office).get(helped.get_absolute_url())
    offered = {
        form.deed.name: set(form.fields["unit"].queryset)
        for form in page.context["deeds"]
        if form.deed.name in ("name_co_handler", "release_co_handler")
    }
    assert offered["release_co_handler"] == {world.other.unit}
    assert not offered["name_co_handler"] & {world.own.unit, world.other.unit, world.foreign.unit}


# A unit without a coordinator ------------------------------------------------------------------


def test_where_a_unit_has_no_coordinator_its_cadres_pass_matters_on(world, matter):
    assert Action.PASS_UP not in actions_of(world.own.cadre, matter)
    world.own.coordinator.is_active = False
    world.own.coordinator.save(update_fields=["is_active"])
    assert Action.PASS_UP in actions_of(world.own.cadre, matter)
    up = pass_up(matter=matter, actor=world.own.cadre, text="需县里协调")
    assert up.state == State.WITH_COUNTY


def test_asked_to_take_one_over_its_cadres_are_told_and_answer(world, matter):
    world.other.coordinator.is_active = False
    world.other.coordinator.save(update_fields=["is_active"])
    asked = assign_matter(matter=matter, actor=world.home.office, unit=world.other.unit)
    assert Told(world.other.cadre).of("assigned") == 1
    assert accept_transfer(matter=asked, actor=world.other.cadre).leader == world.other.unit
