"""A matter's way through the offices: who leads, what the clock says, whose word counts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from feedback.matter_states import RULES, Action, State, Who
from feedback.models import Matter, MatterEvent, MatterRoute
from feedback.permissions import actions_of
from feedback.records import record_of, stamp_of
from feedback.services import Sending, receive_record, review_feedback
from feedback.services import matters as matter_services
from feedback.services.matters import (
    accept_matter,
    close_matter,
    confirm_second,
    note_villager,
    raise_matter,
    reopen_matter,
    say_done,
    sort_matter,
)
from feedback.services.routes import proposed_unit, write_category
from feedback.services.time_limits import ask_extension, decide_extension, resume, wait_for
from feedback.services.transfers import (
    accept_transfer,
    ask_transfer,
    assign_matter,
    decide_transfer,
    pass_down,
    pass_up,
    refuse_transfer,
)
from outreach import audit, clock
from outreach.models import Notification
from tests import factories as make
from tests.conftest import TODAY, World
from tests.feedback.test_receiving import record_at
from visits.models import Visit
from visits.services.errors import NotPossible
from visits.services.recording import void_visit


@pytest.fixture
def matter(world):
    return make.matter(world.own)


@pytest.fixture
def in_work(world):
    return make.matter_in_work(world.own)


@pytest.fixture
def answered(world):
    return make.matter_answered(world.own)


def told(person):
    return Notification.objects.filter(user=person).count()


# From a record ----------------------------------------------------------------------------------


def send(world, record, id, **how):
    how = {"send": True} | how
    return receive_record(
        id=id,
        contact_point=world.own.contact_point,
        record=record,
        sending=Sending(edition=uuid4(), **how),
        actor=world.own.cadre,
    )


def test_a_problem_is_nobodys_matter_until_its_record_is_sent(world):
    record = record_at(world, TODAY)
    visit = send(world, record, uuid4(), send=False).visit
    assert Matter.objects.get().is_draft
    assert not Matter.objects.visible_to(world.home.office).exists()
    send(world, record, visit.pk, base=stamp_of(visit))
    matter = Matter.objects.visible_to(world.home.office).get()
    assert (matter.state, matter.leader, matter.origin) == ("received", *[world.own.unit] * 2)
    assert (matter.village, matter.source) == (world.own.village, "visit")
    assert [event.kind for event in matter.events.all()] == [Action.RAISE]


def test_sending_twice_makes_no_second_matter(world):
    record, id = record_at(world, TODAY), uuid4()
    send(world, record, id)
    send(world, record, id)
    assert Matter.objects.count() == 1


def test_a_returned_record_keeps_what_was_taken_up_and_adds_what_is_new(world):
    receipt = send(world, record_at(world, TODAY), uuid4())
    taken = accept_matter(matter=Matter.objects.get(), actor=world.own.cadre)
    review_feedback(feedback=receipt.feedback, actor=world.home.office, reason="请写具体事例")
    visit = Visit.objects.for_record().get(pk=receipt.visit.pk)
    # The writer takes the old problem out of the text and names another one.
    without = replace(record_of(visit), problems=("机井电价不透明",))
    send(world, without, visit.pk, base=stamp_of(visit))
    kept, new = Matter.objects.filter(visit=visit).order_by("position")
    assert (kept.pk, kept.state) == (taken.pk, State.IN_WORK)
    assert (new.text, new.state) == ("机井电价不透明", State.RECEIVED)
    visit = Visit.objects.for_record().get(pk=visit.pk)
    assert record_of(visit).problems == (kept.text, new.text)
    assert visit.record_versions.last().content["problems"] == [kept.text, new.text]


def test_a_retry_that_does_not_know_the_matter_yet_is_the_same_record(world):
    record, id, edition = record_at(world, TODAY), uuid4(), uuid4()
    for _ in range(2):
        receipt = receive_record(
            id=id,
            contact_point=world.own.contact_point,
            record=record,
            sending=Sending(edition=edition, send=True),
            actor=world.own.cadre,
        )
    assert not receipt.new
    assert send(world, replace(record, problems=()), id).new is False


def test_the_form_of_a_returned_record_shows_matters_and_offers_none_of_them_for_change(
    world, sign_in
):
    receipt = send(world, record_at(world, TODAY), uuid4())
    review_feedback(feedback=receipt.feedback, actor=world.home.office, reason="请写具体事例")
    page = sign_in(world.own.cadre).get(reverse("record", args=[receipt.visit.pk]))
    assert Matter.objects.get().get_absolute_url() in page.content.decode()
    assert page.context["form"].initial["problems"] == ""


def test_a_voided_visit_leaves_its_matters_to_their_offices(world, sign_in):
    visit = send(world, record_at(world, TODAY), uuid4()).visit
    void_visit(visit=visit, actor=world.home.office, reason="重复录入")
    matter = Matter.objects.visible_to(world.own.cadre).get()
    assert matter.is_open
    page = sign_in(world.own.cadre).get(matter.get_absolute_url()).content.decode()
    assert "作废" in page


def test_a_draft_of_a_voided_visit_stays_a_draft(world):
    visit = send(world, record_at(world, TODAY), uuid4(), send=False).visit
    void_visit(visit=visit, actor=world.home.office, reason="重复录入")
    assert Matter.objects.get().is_draft


# At a desk --------------------------------------------------------------------------------------


def test_the_unit_that_receives_it_leads(world):
    matter = make.matter(world.own)
    assert (matter.leader, matter.origin, matter.state) == (world.own.unit,) * 2 + ("received",)
    assert matter.due_on == date(2026, 6, 3)  # ten working days after 20 May
    assert matter.respond_by == date(2026, 5, 22)


def test_the_trail_tells_units_and_steps_by_name(world, in_work):
    ask_transfer(
        matter=in_work, actor=world.own.coordinator, unit=world.other.unit, text="属其职责"
    )
    (entry,) = audit.history(in_work)[:1]
    told = {str(what): after for what, _before, after in entry.concealed}
    assert told["被请单位"] == world.other.unit.name
    assert told["步骤"] == "请其他单位接办"
    accepted = {str(what): after for what, _before, after in audit.history(in_work)[1].concealed}
    assert accepted["受理时间"] == "2026-05-20 12:00"


def test_the_county_office_names_who_receives_it(world):
    values = {"actor": world.home.office, "village": world.own.village, "text": "路灯不亮"}
    with pytest.raises(ValidationError):
        raise_matter(**values)
    assert raise_matter(**values, leader=world.other.unit).leader == world.other.unit


def test_nobody_raises_for_another_county_and_administrators_raise_nothing(world):
    for actor, village in (
        (world.own.cadre, world.foreign.village),
        (world.home.admin, world.own.village),
    ):
        with pytest.raises(PermissionDenied):
            raise_matter(actor=actor, village=village, text="路灯不亮", leader=world.own.unit)


def test_a_telephone_number_is_taken_out_first(world):
    with pytest.raises(ValidationError, match="13812345678"):
        make.matter(world.own, text="请打13812345678")


def test_a_code_is_six_letters_that_sound_apart(matter):
    assert len(matter.code) == 6
    assert not set(matter.code) & set("01ILOBDGMNQSUVZ5")


# Who leads --------------------------------------------------------------------------------------


def test_the_first_receiver_leads_until_another_has_accepted(world, in_work):
    own, other = world.own.coordinator, world.other.coordinator
    asked = ask_transfer(matter=in_work, actor=own, unit=world.other.unit, text="属供电")
    assert (asked.leader, asked.asked_unit) == (world.own.unit, world.other.unit)
    assert Matter.objects.visible_to(other).filter(pk=asked.pk).exists()
    taken = accept_transfer(matter=asked, actor=other)
    assert (taken.leader, taken.asked_unit, taken.taken_by) == (world.other.unit, None, other)
    assert taken.due_on == in_work.due_on
    event = taken.events.get(kind=Action.ACCEPT_TRANSFER)
    assert event.to_unit == world.other.unit
    # The first receiver sees what becomes of it.
    assert Matter.objects.visible_to(world.own.cadre).filter(pk=asked.pk).exists()


def refused(world, matter):
    asked = ask_transfer(
        matter=matter, actor=world.own.coordinator, unit=world.other.unit, text="属供电"
    )
    return refuse_transfer(matter=asked, actor=world.other.coordinator, text="不属我局")


@pytest.mark.parametrize("stood", ["received", "in_work"])
def test_refused_it_is_back_where_it_was_and_after_two_the_county_decides(world, stood):
    make_it = {"received": make.matter, "in_work": make.matter_in_work}[stood]
    matter = refused(world, make_it(world.own))
    assert (matter.state, matter.leader, matter.refusals) == (stood, world.own.unit, 1)
    matter = refused(world, matter)
    assert (matter.state, matter.leader) == (State.WITH_COUNTY, world.own.unit)
    assert told(world.home.office) == 2
    matter = decide_transfer(
        matter=matter, actor=world.home.office, unit=world.other.unit, text="由你局办理"
    )
    assert (matter.state, matter.leader, matter.refusals) == ("received", world.other.unit, 0)


def test_a_refusal_needs_a_reason(world, in_work):
    asked = ask_transfer(
        matter=in_work, actor=world.own.coordinator, unit=world.other.unit, text="属供电"
    )
    with pytest.raises(ValidationError):
        refuse_transfer(matter=asked, actor=world.other.coordinator, text=" ")


def test_it_goes_up_to_the_county_and_down_to_the_township(world, matter):
    with pytest.raises(PermissionDenied):
        pass_up(matter=matter, actor=world.own.cadre, text="需县里协调")
    up = pass_up(matter=matter, actor=world.own.coordinator, text="需县里协调")
    assert (up.state, up.leader) == (State.WITH_COUNTY, world.own.unit)
    with pytest.raises(NotPossible):
        pass_down(matter=up, actor=world.home.office, text="镇里先办")
    township = make.unit(world.home.county, kind="township", township=world.home.township)
    down = pass_down(matter=up, actor=world.home.office, text="镇里先办")
    assert (down.state, down.leader) == (State.RECEIVED, township)
    assert [event.kind for event in down.events.all()] == ["raise", "pass_up", "pass_down"]


def test_nobody_is_asked_to_take_what_they_lead_or_across_a_county(world, in_work):
    with pytest.raises(ValidationError):
        assign_matter(matter=in_work, actor=world.home.office, unit=world.own.unit)
    with pytest.raises(PermissionDenied):
        assign_matter(matter=in_work, actor=world.home.office, unit=world.foreign.unit)


def test_the_table_proposes_the_nearest_unit(world):
    county, village = world.home.county, world.own.village
    top = make.matter_category(county)
    leaf = make.matter_category(county, parent=top)
    assert proposed_unit(leaf, village) is None
    MatterRoute.objects.create(county=county, category=top, unit=world.own.unit)
    assert proposed_unit(leaf, village) == world.own.unit
    MatterRoute.objects.create(county=county, category=leaf, unit=world.other.unit)
    assert proposed_unit(leaf, village) == world.other.unit
    township = make.unit(county, kind="township", township=village.township)
    MatterRoute.objects.create(county=county, category=leaf, township=village.township)
    assert proposed_unit(leaf, village) == township
    assert proposed_unit(leaf, make.village(make.township(county))) == world.other.unit


def test_categories_have_two_levels_and_one_name_each(world):
    office = world.home.office
    top = write_category(actor=office, name="道路", limit_days=10)
    leaf = write_category(actor=office, name="村内道路", parent=top, limit_days=5)
    for wrong in (
        {"parent": leaf, "name": "路灯", "limit_days": 5},
        {"parent": top, "name": "村内道路", "limit_days": 5},
        {"name": "长", "limit_days": 121},
        {"category": top, "parent": leaf, "name": "道路", "limit_days": 10},
    ):
        with pytest.raises(ValidationError), transaction.atomic():
            write_category(actor=office, **wrong)
    with pytest.raises(PermissionDenied):
        write_category(actor=world.own.coordinator, name="水", limit_days=5)


# The clock --------------------------------------------------------------------------------------


def test_a_category_gives_its_limit_from_the_first_day(world, matter):
    category = make.matter_category(world.home.county, limit_days=3)
    with clock.at(clock.now() + timedelta(days=2)):
        sorted_ = sort_matter(
            matter=matter, actor=world.own.cadre, category=category, urgency="urgent"
        )
    assert sorted_.due_on == sorted_.first_due_on == date(2026, 5, 25)
    assert sorted_.urgency == "urgent"


def test_more_time_is_asked_before_the_day_and_decided_by_another(world, in_work):
    asked = ask_extension(matter=in_work, actor=world.own.cadre, days=5, text="等设备到货")
    assert asked.due_on == in_work.due_on
    assert Action.ASK_EXTENSION not in actions_of(world.own.cadre, asked)
    with pytest.raises(PermissionDenied):
        decide_extension(matter=asked, actor=world.own.coordinator, grant=True)
    granted = decide_extension(matter=asked, actor=world.home.office, grant=True)
    assert granted.due_on == granted.first_due_on == date(2026, 6, 10)
    assert granted.extension_days is None


def test_after_the_day_no_more_time_is_asked(world, in_work):
    with clock.at(make.moment(in_work.due_on + timedelta(days=1))), pytest.raises(NotPossible):
        ask_extension(matter=in_work, actor=world.own.cadre, days=5, text="等设备到货")


def test_time_refused_leaves_the_day(world, in_work):
    asked = ask_extension(matter=in_work, actor=world.own.cadre, days=5, text="等设备到货")
    refused = decide_extension(matter=asked, actor=world.home.office, grant=False, text="不可")
    assert (refused.due_on, refused.extension_days) == (in_work.due_on, None)


def test_while_somebody_is_waited_for_the_clock_stands_still(world, in_work):
    waiting = wait_for(matter=in_work, actor=world.own.cadre, text="等供电所停电检修")
    with clock.at(make.moment(in_work.due_on + timedelta(days=9))):
        assert not Matter.objects.get(pk=waiting.pk).is_overdue
    with clock.at(make.moment(TODAY + timedelta(days=7))):
        going = resume(matter=waiting, actor=world.own.cadre)
    assert going.more_days == 5  # a week has five working days
    assert going.due_on == date(2026, 6, 10)


# Two truths -------------------------------------------------------------------------------------


def test_not_solved_opens_it_again_for_the_same_leader_and_everybody_hears(world, answered):
    before = told(world.own.coordinator)
    again = note_villager(
        matter=answered, actor=world.home.office, word="not_solved", text="还是不亮"
    )
    assert (again.state, again.leader, again.reopened) == ("in_work", world.own.unit, 1)
    assert (again.outcome, again.answer, again.answered_at) == ("", "", None)
    assert told(world.own.coordinator) == before + 1
    assert told(world.home.office) == 1  # the answer; of its own note the office needs no notice


def test_while_not_solved_stands_nobody_closes_it(world, answered):
    again = note_villager(
        matter=answered, actor=world.home.office, word="not_solved", text="还是不亮"
    )
    told_done = say_done(matter=again, actor=world.own.cadre, outcome="solved", text="换了线")
    with pytest.raises(NotPossible):
        close_matter(matter=told_done, actor=world.home.office, text="不再询问")
    heard = note_villager(matter=told_done, actor=world.home.office, word="solved", satisfied=True)
    assert close_matter(matter=heard, actor=world.home.office).state == State.CLOSED


def test_the_handling_unit_does_not_note_the_villagers_word(world, answered):
    with pytest.raises(PermissionDenied):
        note_villager(matter=answered, actor=world.own.coordinator, word="solved")


def test_the_first_receiver_may_note_it_when_another_handled_it(world):
    asked = assign_matter(
        matter=make.matter(world.own), actor=world.home.office, unit=world.other.unit
    )
    taken = accept_transfer(matter=asked, actor=world.other.coordinator)
    done = say_done(matter=taken, actor=world.other.cadre, outcome="explained", text="已说明")
    assert note_villager(matter=done, actor=world.own.cadre, word="partly").villager_at


def test_unasked_it_is_closed_only_with_a_reason(world, answered):
    with pytest.raises(ValidationError):
        close_matter(matter=answered, actor=world.home.office)
    assert close_matter(matter=answered, actor=world.home.office, text="群众外出").closed_at


@pytest.mark.parametrize("outcome", ["not_possible", "out_of_remit"])
def test_what_leaves_the_rates_needs_a_second_person(world, outcome):
    said = make.matter_answered(world.own, outcome)
    assert said.state == State.TO_CONFIRM
    with pytest.raises(PermissionDenied):
        confirm_second(matter=said, actor=world.own.cadre, agree=True)
    agreed = confirm_second(matter=said, actor=world.home.office, agree=True)
    assert (agreed.state, agreed.is_excluded) == (State.ANSWERED, True)


def test_not_confirmed_the_work_goes_on(world):
    said = make.matter_answered(world.own, "not_possible")
    again = confirm_second(matter=said, actor=world.home.office, agree=False, text="可以办")
    assert (again.state, again.outcome) == (State.IN_WORK, "")


def test_a_reopened_matter_has_new_time_for_work_and_none_for_the_rate(world, answered):
    with clock.at(clock.now() + timedelta(days=7)):
        again = reopen_matter(matter=answered, actor=world.home.office, text="又坏了")
    assert (again.due_on, again.first_due_on) == (date(2026, 6, 10), date(2026, 6, 3))


# The database ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"leader": None},
        {"state": "closed"},
        {"state": "in_work"},
        {"state": "transfer_asked"},
        {"state": "waiting"},
        {"state": "answered"},
        {"state": "draft"},
        {"due_on": None},
        {"extension_days": 3},
        {"source": "visit"},
    ],
)
def test_the_database_refuses_half_a_matter(matter, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(**wrong)


def test_the_database_refuses_to_close_what_is_not_solved_or_excluded_by_one_alone(world, answered):
    rows = Matter.objects.filter(pk=answered.pk)
    for wrong in (
        {"state": "closed", "closed_at": clock.now(), "villager_word": "not_solved"},
        {"outcome": "not_possible"},
        {"outcome": "not_possible", "confirmed_by": answered.answered_by},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_the_story_is_never_rewritten(matter):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        MatterEvent.objects.filter(matter=matter).update(text="anders")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        matter.events.all().delete()


# The table --------------------------------------------------------------------------------------


def test_every_state_but_closed_is_left_by_somebody_and_every_state_is_reached():
    left = {state for rule in RULES.values() if rule.after for state in rule.before}
    reached = {state for rule in RULES.values() for state in rule.after}
    assert left == set(State)  # a closed one by the villager's "not solved"
    assert reached == set(State) - {State.DRAFT}


def test_the_picture_in_the_docs_is_current():
    call_command("matter_states", check=True)


def test_every_action_is_somebodys_but_raising_which_is_the_records():
    assert [rule.action for rule in RULES.values() if not rule.who] == [Action.RAISE]
    assert set(RULES) == set(Action)


def test_the_handling_unit_never_has_the_villagers_word_nor_the_second_persons():
    others = (Action.NOTE_WORD, Action.NOTE_NOT_SOLVED, Action.CLOSE, Action.CONFIRM)
    for action in (*others, Action.GRANT_EXTENSION):
        assert not set(RULES[action].who) & {Who.LEADER, Who.LEADERS_OFFICE}


# Notices ----------------------------------------------------------------------------------------


def test_each_step_is_told_once_to_whom_it_concerns_and_not_to_who_did_it(world, matter):
    Notification.objects.all().delete()
    assign_matter(matter=matter, actor=world.home.office, unit=world.other.unit)
    people = Notification.objects.values_list("user", flat=True).order_by("user")
    assert list(people) == sorted([world.own.coordinator.pk, world.other.coordinator.pk])


# Sent again -------------------------------------------------------------------------------------


def test_a_form_sent_again_raises_nothing_new(world):
    form = uuid4()
    first = make.matter(world.own, form_id=form, text="村口路灯不亮")
    told = Notification.objects.count()
    assert make.matter(world.own, form_id=form, text=" 村口路灯不亮 ") == first
    assert (first.events.count(), audit.history(first).count()) == (1, 1)
    assert Notification.objects.count() == told


def test_a_form_that_was_gone_back_to_and_filled_in_anew_raises_another(world):
    form = uuid4()
    first = make.matter(world.own, form_id=form, text="村口路灯不亮")
    another = make.matter(world.own, form_id=form, text="机井不出水")
    assert another.pk != first.pk
    assert another.text == "机井不出水"
    village = make.village(world.own.village.township)
    assert make.matter(world.own, form_id=form, village=village).pk not in (first.pk, another.pk)


def test_the_number_of_another_persons_form_opens_nothing(world):
    form = uuid4()
    theirs = make.matter(world.other, form_id=form)
    mine = make.matter(world.other, form_id=form, actor=world.own.cadre)
    assert (mine.pk != theirs.pk, mine.leader) == (True, world.own.unit)


def test_what_else_the_database_refuses_is_no_form_sent_again(world, monkeypatch):
    first = make.matter(world.own)
    monkeypatch.setattr(matter_services, "new_code", lambda: first.code)
    with pytest.raises(IntegrityError):
        make.matter(world.own)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_matter():
    world, form = World(), uuid4()
    barrier = Barrier(2)

    def send(_n):
        try:
            barrier.wait()
            return make.matter(world.own, form_id=form).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(send, range(2)))) == 1
    assert Matter.objects.count() == 1


def test_a_page_that_sends_its_form_itself_is_told_where_to_go_on(sign_in, world):
    browser = sign_in(world.own.coordinator)
    page = browser.get(reverse("matter_create"))
    data = {
        "village": world.own.village.pk,
        "text": "村口路灯不亮",
        "source": "desk",
        "urgency": "normal",
        "form_id": page.context["form"]["form_id"].value(),
    }
    for _time in range(2):
        answer = browser.post(
            reverse("matter_create"), data, headers={"accept": "application/json"}
        )
        assert answer.json() == {"at": Matter.objects.get().get_absolute_url()}
    matter = Matter.objects.get()
    answer = browser.post(
        reverse("matter_act", args=[matter.pk, "accept"]),
        {"version": matter.version},
        headers={"accept": "application/json"},
    )
    assert answer.json() == {"at": matter.get_absolute_url()}


# Two at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_offices_at_once_one_wins_and_the_other_hears_what_happened():
    world = World()
    matter = Matter.objects.for_page().get(pk=make.matter_in_work(world.own).pk)
    asked = assign_matter(matter=matter, actor=world.home.office, unit=world.other.unit)
    barrier = Barrier(2)

    def office(act):
        mine = Matter.objects.for_page().get(pk=asked.pk)
        try:
            barrier.wait()
            act(mine)
        except NotPossible as error:
            return str(error)
        finally:
            connection.close()
        return "won"

    acts = (
        lambda row: accept_transfer(matter=row, actor=world.other.coordinator),
        lambda row: refuse_transfer(matter=row, actor=world.other.coordinator, text="不属"),
    )
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(office, acts))
    (lost,) = [answer for answer in answers if answer != "won"]
    assert "won" in answers
    assert world.other.coordinator.name in lost
    assert asked.events.count() == 4


# Pages ------------------------------------------------------------------------------------------


def act(browser, matter, deed, **data):
    return browser.post(reverse("matter_act", args=[matter.pk, deed]), data)


def test_the_page_offers_what_the_table_allows_and_nothing_else(world, sign_in, matter):
    names = {}
    for person in (world.own.cadre, world.own.coordinator, world.home.office):
        page = sign_in(person).get(matter.get_absolute_url())
        names[person] = {form.deed.name for form in page.context["deeds"]}
    assert names[world.own.cadre] == {"accept", "sort", "join"}
    assert names[world.own.coordinator] == {
        *("accept", "sort", "join", "ask_transfer", "pass_up", "name_co_handler")
    }
    assert names[world.home.office] == {"sort", "join", "assign", "name_co_handler"}


def test_who_saw_an_older_state_is_told_and_loses_no_word(world, sign_in, in_work):
    wait_for(matter=in_work, actor=world.own.coordinator, text="等供电所")
    page = act(
        sign_in(world.own.cadre),
        in_work,
        "say_solved",
        version=in_work.version,
        outcome="solved",
        text="已经换好了",
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert "已经换好了" in text
    assert world.own.coordinator.name in text
    assert f"{TODAY:%Y-%m-%d} " in text  # when, beside who and what
    assert Matter.objects.get().state == State.WAITING
    tried = page.context["deeds"][0]
    assert tried.is_over  # what was typed stays, there is nothing to send


def test_who_was_told_that_it_moved_on_may_send_it_as_it_is_now(world, sign_in, in_work):
    ask_extension(matter=in_work, actor=world.own.cadre, days=3, text="等配件")
    browser, old = sign_in(world.own.coordinator), {"version": in_work.version}
    said = {"outcome": "solved", "text": "已经换好了"}
    tried = act(browser, in_work, "say_solved", **said, **old).context["deeds"][0]
    assert not tried.is_over
    again = {"version": tried["version"].value()}
    assert act(browser, in_work, "say_solved", **said, **again).status_code == 302


def test_a_missing_reason_is_asked_for_on_the_page(world, sign_in, matter):
    page = act(sign_in(world.own.coordinator), matter, "pass_up", text="")
    assert page.context["deeds"][0].errors["text"]
    assert Matter.objects.get().state == State.RECEIVED


def test_after_refusing_the_unit_is_back_at_its_list(world, sign_in, in_work):
    asked = assign_matter(matter=in_work, actor=world.home.office, unit=world.other.unit)
    answer = act(sign_in(world.other.coordinator), asked, "refuse_transfer", text="不属我局")
    assert answer.url == reverse("matter_list")


def test_what_nobody_knows_is_not_found(world, sign_in, matter):
    assert act(sign_in(world.own.cadre), matter, "explode").status_code == 404


def test_the_county_that_names_nobody_gets_the_unit_of_its_table(world, sign_in):
    category = make.matter_category(world.home.county)
    MatterRoute.objects.create(county=world.home.county, category=category, unit=world.other.unit)
    data = {"village": world.own.village.pk, "text": "路灯不亮", "source": "desk"}
    browser = sign_in(world.home.office)
    page = browser.post(reverse("matter_create"), data | {"urgency": "normal"})
    assert page.context["form"].errors["leader"]
    browser.post(reverse("matter_create"), data | {"urgency": "normal", "category": category.pk})
    assert Matter.objects.get().leader == world.other.unit


def test_the_list_filters_and_the_board_shows_the_same(world, sign_in, in_work):
    make.matter(world.other, text="村北机井电缆被盗")
    browser = sign_in(world.home.office)
    for query, count in (
        ({}, 2),
        ({"state": "in_work"}, 1),
        ({"state": "open"}, 2),
        ({"q": "机井"}, 1),
        ({"q": in_work.code.lower()}, 1),
        ({"unit": world.other.unit.pk}, 1),
        ({"due": "over"}, 0),
        ({"village": world.own.village.pk}, 1),
        ({"mine": "on"}, 0),
    ):
        page = browser.get(reverse("matter_list"), query)
        assert len(page.context["table"].rows) == count, query
        board = browser.get(reverse("matter_board"), query)
        assert sum(column[3] for column in board.context["columns"]) == count, query


def test_the_side_bar_counts_what_waits(world, sign_in, matter):
    page = sign_in(world.own.cadre).get(reverse("matter_list"))
    (entry,) = [e for e in page.context["navigation"] if e.url_name == "matter_list"]
    assert entry.waiting == 1
