"""Several reports of one problem: what stands beside a matter, joining it, taking it apart."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.matter_states import Action, State
from feedback.models import Matter
from feedback.permissions import actions_of
from feedback.services.joining import join_matter, take_apart
from feedback.services.matters import close_matter, note_villager, say_done
from feedback.services.time_limits import ask_extension
from feedback.similar import similar_matters
from outreach import clock
from outreach.models import AuditEntry, Notification
from outreach.workdays import add_workdays
from reports.indicators import matter_figures
from tests import factories as make
from tests.conftest import MONTH, TODAY, Place
from visits.services.errors import NotPossible

LAMP = "村口路灯不亮，晚上看不见路"
LAMPS = "村口的路灯不亮，晚上走路看不见"


@pytest.fixture
def first(world):
    return make.matter_in_work(world.own, text=LAMP)


@pytest.fixture
def second(world, first):
    return make.matter(world.other, text=LAMPS)


@pytest.fixture
def joined(world, first, second):
    return join_matter(matter=second, actor=world.home.office, main=first)


def told(person, text=""):
    rows = Notification.objects.filter(user=person)
    return sum(text in row.params.get("happened", "") for row in rows)


# Similar matters --------------------------------------------------------------------------------


def test_a_text_alike_in_the_township_stands_beside_and_another_subject_does_not(
    world, first, second
):
    make.matter(world.other, text="自来水每天只来两个小时")
    assert similar_matters(first, world.home.office) == [second]
    assert similar_matters(second, world.home.office) == [first]


def test_elsewhere_only_the_same_category_is_compared(world, first):
    place = Place(world.home)
    place.village.township = make.township(world.home.county)
    place.village.save(update_fields=["township"])
    light = make.matter_category(world.home.county)
    there = make.matter(place, text=LAMPS)
    assert similar_matters(first, world.home.office) == []
    Matter.objects.update(category=light)
    first.refresh_from_db()
    assert similar_matters(first, world.home.office) == [there]


def test_what_was_closed_long_ago_and_what_is_joined_is_left_out(world, first, second):
    Matter.objects.filter(pk=second.pk).update(raised_at=clock.now() - timedelta(days=400))
    assert similar_matters(first, world.home.office) == [second]
    done = make.matter_answered(world.other, text=LAMPS)
    Matter.objects.filter(pk=done.pk).update(raised_at=clock.now() - timedelta(days=400))
    assert similar_matters(first, world.home.office) == [second]
    late = make.matter(world.other, text=LAMPS)
    join_matter(matter=late, actor=world.home.office, main=first)
    assert similar_matters(first, world.home.office) == [second]


def test_nobody_is_shown_what_they_do_not_see_and_never_another_county(world, first, second):
    make.matter(world.foreign, text=LAMP)
    assert similar_matters(first, world.own.coordinator) == []
    assert similar_matters(first, world.home.office) == [second]


def test_six_alike_show_five_and_cost_what_one_costs(world, first, sign_in):
    browser = sign_in(world.home.office)
    page = first.get_absolute_url()
    counts = []
    for more in (1, 5):
        for _n in range(more):
            make.matter(Place(world.home), text=LAMPS)
        browser.get(page)
        with CaptureQueriesContext(connection) as seen:
            response = browser.get(page)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert len(response.context["similar"]) == 5


# Joining ----------------------------------------------------------------------------------------


def test_a_joined_matter_keeps_its_receipt_and_waits_for_nobody(world, second, joined):
    assert (joined.state, joined.code, joined.leader) == (
        State.JOINED,
        second.code,
        world.other.unit,
    )
    assert joined not in Matter.objects.open()
    assert joined in Matter.objects.visible_to(world.other.coordinator)
    assert actions_of(world.home.office, joined) == [Action.TAKE_APART]


def test_its_page_says_how_the_earlier_one_stands_also_to_those_who_do_not_see_that(
    world, first, joined, sign_in
):
    say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    page = sign_in(world.other.coordinator).get(joined.get_absolute_url()).content.decode()
    assert "灯头已更换。" in page
    assert first.get_absolute_url() not in page
    other_way = sign_in(world.home.office).get(first.get_absolute_url()).content.decode()
    assert joined.get_absolute_url() in other_way


def test_the_people_of_both_are_told_once(world, joined):
    assert told(world.other.coordinator, "earlier") == 1
    assert told(world.own.coordinator, "earlier") == 1


def test_answered_closed_and_opened_again_reach_those_who_reported_it_too(world, first, joined):
    reporter = world.other.coordinator
    done = say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    assert told(reporter, "the unit says: solved") == 1
    closed = close_matter(matter=done, actor=world.home.office, text="找不到人")
    assert told(reporter, "closed") == 1
    note_villager(matter=closed, actor=world.home.office, word="not_solved", text="又灭了")
    assert told(reporter, "not solved") == 1
    urls = Notification.objects.filter(user=reporter).values_list("url", flat=True)
    assert set(urls) == {joined.get_absolute_url()}


def test_whoever_is_told_of_the_earlier_one_is_not_told_again_for_the_joined(world, first):
    late = make.matter(world.own, text=LAMPS)
    join_matter(matter=late, actor=world.home.office, main=first)
    say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    close_matter(matter=Matter.objects.get(pk=first.pk), actor=world.home.office, text="找不到人")
    assert told(world.own.coordinator, "closed") == 1


def test_a_step_that_decides_nothing_is_not_told_to_the_joined(world, first, joined):
    before = Notification.objects.filter(user=world.other.coordinator).count()
    ask_extension(matter=first, actor=world.own.cadre, days=3, text="等设备")
    assert Notification.objects.filter(user=world.other.coordinator).count() == before


def test_joining_to_a_joined_one_joins_to_its_main(world, first, joined):
    third = make.matter(world.own, text=LAMPS)
    third = join_matter(matter=third, actor=world.home.office, main=joined)
    assert third.main == first


def test_those_joined_to_it_go_along(world, first, second):
    place = Place(world.home)
    third = make.matter(place, text=LAMPS)
    third = join_matter(matter=third, actor=world.home.office, main=second)
    join_matter(matter=second, actor=world.home.office, main=first)
    third.refresh_from_db()
    assert third.main == first
    assert third.events.last().kind == Action.JOIN
    assert told(place.coordinator, "earlier") == 2  # its own joining, then this
    one_action = AuditEntry.objects.exclude(bulk_id=None).values_list("object_id", "bulk_id")
    assert {row for row, _bulk in one_action} == {str(second.pk), str(third.pk)}
    assert len({bulk for _row, bulk in one_action}) == 1


def test_the_later_report_joins_the_earlier_and_not_the_other_way(world, first, second):
    with pytest.raises(ValidationError):
        join_matter(matter=first, actor=world.home.office, main=second)
    assert not Matter.objects.filter(state=State.JOINED).exists()


def test_a_unit_joins_among_its_own_only(world, first, second):
    with pytest.raises(ValidationError):
        join_matter(matter=second, actor=world.other.coordinator, main=first)
    with pytest.raises(PermissionDenied):
        join_matter(matter=second, actor=world.own.coordinator, main=first)
    own = make.matter(world.own, text=LAMPS)
    assert join_matter(matter=own, actor=world.own.cadre, main=first).main == first


def test_what_has_its_answer_takes_nobody_in(world, first, second):
    done = say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    with pytest.raises(ValidationError):
        join_matter(matter=second, actor=world.home.office, main=done)


def test_another_countys_matter_is_refused(world, second):
    with pytest.raises(PermissionDenied):
        join_matter(matter=second, actor=world.home.office, main=make.matter(world.foreign))


def test_the_database_refuses_a_joined_one_without_a_main_one(world, first, joined):
    for values in ({"main": None}, {"main": joined}, {"state": State.RECEIVED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Matter.objects.filter(pk=joined.pk).update(**values)


# Taking apart -----------------------------------------------------------------------------------


def test_taken_apart_it_is_with_its_leader_again_and_needs_a_reason(world, joined):
    with pytest.raises(ValidationError):
        take_apart(matter=joined, actor=world.other.cadre, text=" ")
    again = take_apart(matter=joined, actor=world.other.cadre, text="是另一盏灯")
    assert (again.state, again.main, again.leader) == (State.RECEIVED, None, world.other.unit)
    assert told(world.own.coordinator, "taken apart") == 1
    with pytest.raises(NotPossible):
        take_apart(matter=again, actor=world.home.office, text="晚了一步")


def test_its_clock_stood_still_while_it_followed_another(world, first):
    late = make.matter_in_work(world.other, text=LAMPS)
    join_matter(matter=late, actor=world.home.office, main=first)
    with clock.at(make.moment(TODAY + timedelta(days=7))):
        joined = Matter.objects.for_page().get(pk=late.pk)
        again = take_apart(matter=joined, actor=world.home.office, text="是另一盏灯")
    assert (again.state, again.more_days) == (State.IN_WORK, 5)  # a week has five working days
    assert again.due_on == again.first_due_on == add_workdays(late.due_on, 5)


def test_whoever_leads_the_earlier_one_sees_the_joined_and_takes_it_apart(world, joined):
    person = world.own.cadre
    assert Matter.objects.visible_to(person).filter(pk=joined.pk).exists()
    assert actions_of(person, joined) == [Action.TAKE_APART]
    again = take_apart(matter=joined, actor=person, text="不是同一盏灯")
    assert again.leader == world.other.unit
    assert not Matter.objects.visible_to(person).filter(pk=joined.pk).exists()


# The villager's word on a joined report --------------------------------------------------------


@pytest.fixture
def answered_together(world, first, joined):
    """The joined report after the earlier one was answered."""
    say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    return Matter.objects.for_page().get(pk=joined.pk)


def test_before_the_earlier_one_is_answered_there_is_no_word(world, joined):
    for person in (None, world.home.office):
        assert Action.NOTE_WORD not in actions_of(person, joined)


def test_solved_is_kept_as_the_word_of_that_report(world, first, answered_together):
    done = note_villager(matter=answered_together, actor=None, word="solved", satisfied=True)
    assert (done.state, done.main, done.villager_word) == (State.JOINED, first, "solved")
    first.refresh_from_db()
    assert first.villager_word == ""
    assert told(world.own.coordinator, "solved or partly") == 1


def test_not_solved_takes_it_apart_into_work_and_everybody_is_told(world, first, answered_together):
    again = note_villager(
        matter=answered_together, actor=None, word="not_solved", text="我家门口还是不亮"
    )
    assert (again.state, again.main, again.leader) == (State.IN_WORK, None, world.other.unit)
    assert (again.reopened, again.villager_word) == (1, "not_solved")
    for person in (world.own.coordinator, world.other.coordinator, world.home.office):
        assert told(person, "not solved") == 1
    first.refresh_from_db()
    assert first.state == State.ANSWERED


def test_while_not_solved_stands_it_is_not_joined_again(world, answered_together):
    again = note_villager(
        matter=answered_together, actor=None, word="not_solved", text="我家门口还是不亮"
    )
    open_one = make.matter(world.own, text=LAMP)
    Matter.objects.filter(pk=open_one.pk).update(raised_at=clock.now() - timedelta(days=9))
    assert Action.JOIN not in actions_of(world.home.office, again)
    with pytest.raises(NotPossible):
        join_matter(matter=again, actor=world.home.office, main=open_one)


def test_the_unit_that_answered_does_not_ask_about_its_own_answer(world, first):
    """The first receiver of the joined report leads the earlier one itself."""
    moved = make.matter_in_work(world.own, text=LAMPS)
    Matter.objects.filter(pk=moved.pk).update(leader=world.other.unit)
    join_matter(matter=Matter.objects.get(pk=moved.pk), actor=world.home.office, main=first)
    say_done(matter=first, actor=world.own.cadre, outcome="solved", text="灯头已更换。")
    joined = Matter.objects.for_page().get(pk=moved.pk)
    assert Action.NOTE_WORD not in actions_of(world.own.coordinator, joined)
    assert Action.NOTE_WORD in actions_of(world.home.office, joined)


# Rates ------------------------------------------------------------------------------------------


def test_one_problem_reported_twice_is_counted_once_by_its_first_report(world, first, second):
    later = make.moment(TODAY + timedelta(days=60))
    with clock.at(later):
        assert _due(world) == {world.own.unit.pk: 1, world.other.unit.pk: 1}
    joined = join_matter(matter=second, actor=world.home.office, main=first)
    with clock.at(later):
        assert _due(world) == {world.own.unit.pk: 1}
    take_apart(matter=joined, actor=world.home.office, text="是另一盏灯")
    with clock.at(later):
        assert _due(world) == {world.own.unit.pk: 1, world.other.unit.pk: 1}


def _due(world):
    last = clock.add_months(MONTH, 2)
    rows = matter_figures(world.home.county.pk, MONTH, last, "unit")
    return {row.key: row.resolution_due for row in rows if row.resolution_due}


# The pages --------------------------------------------------------------------------------------


def test_a_button_beside_a_similar_one_joins_to_it(world, first, second, sign_in):
    browser = sign_in(world.home.office)
    page = browser.get(second.get_absolute_url()).content.decode()
    assert f'name="code" value="{first.code}"' in page
    # The earlier one offers no button: the later report joins it.
    assert f'value="{second.code}"' not in browser.get(first.get_absolute_url()).content.decode()
    spoken = f" {first.code[:3].lower()} {first.code[3:]} "
    browser.post(reverse("matter_act", args=[second.pk, "join"]), {"code": spoken})
    assert Matter.objects.get(pk=second.pk).main == first


def test_a_code_nobody_has_is_said_in_a_sentence(world, second, sign_in):
    address = reverse("matter_act", args=[second.pk, "join"])
    for code in ("ZZZZZZ", second.code, make.matter(world.foreign).code):
        response = sign_in(world.home.office).post(address, {"code": code})
        assert response.status_code == 200
        assert response.context["deeds"][0].errors["code"]
