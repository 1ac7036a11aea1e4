"""The indicators against an independent count, and the cases people argue about."""

from datetime import date, timedelta
from itertools import product
from typing import get_args

import pytest
from django.utils import timezone

from outreach import clock
from reports import indicators
from tests import factories as make
from tests.reports import naive, small_county
from tests.reports.small_county import MAY, Place
from visits.models import Group, Talk, VisitHousehold
from visits.services.exemptions import exempt_line
from visits.services.recording import void_visit

pytestmark = pytest.mark.django_db

TALK = {(Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK): 8}


@pytest.fixture(autouse=True)
def today():
    with clock.at(make.moment(small_county.TODAY, 12)):
        yield


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def server_zone(request):
    with timezone.override(request.param):
        yield


@pytest.fixture
def place():
    return Place()


@pytest.mark.parametrize("seed", range(2))
def test_figures_are_those_of_an_independent_count(seed):
    county = small_county.build(seed)
    small_county.build(seed + 100, units=1, villages=3, visits=5)  # another county
    counted = naive.County(county)
    spans = [(MAY, MAY), (date(2025, 11, 1), date(2026, 6, 1))]
    for by, (first, last) in product([None, *get_args(indicators.By)], spans):
        found = {row.key: row for row in indicators.figures(county.pk, first, last, by)}
        assert found == counted.figures(first, last, by)
        for row in found.values():
            assert list(row.people_by_group) == list(Group.values)
            assert row.done <= row.due
            assert row.extra >= 0


def test_number_of_queries_does_not_grow(django_assert_num_queries):
    county = small_county.build(1)
    for by in (None, "unit", "village"):
        with django_assert_num_queries(5):
            indicators.figures(county.pk, MAY, by=by)
    with django_assert_num_queries(3):
        indicators.status_tiles(county.pk, MAY)
    with django_assert_num_queries(1):
        indicators.attention(county.pk, MAY)


def test_one_row_for_a_county_without_anything():
    (row,) = indicators.figures(make.county().pk, MAY)
    assert row.due == row.done == row.visits == 0
    rates = [row.completion, row.on_time, row.adherence, row.household_coverage, row.repeat]
    assert [rate.value for rate in rates] == [None] * 5
    assert row.burden_minutes is None


def test_late_evening_belongs_to_its_own_month(place, server_zone):
    june = make.plan_line(place.point, date(2026, 6, 1))
    with clock.at(make.moment(date(2026, 6, 3))):
        place.visit(moment=make.moment(date(2026, 5, 31), 23, 59))
        assert (place.figures().done, place.figures(june.month).done) == (1, 0)
        place.visit(moment=make.moment(date(2026, 6, 1), 0, 1))
        assert (place.figures().done, place.figures(june.month).done) == (1, 1)


def test_void_visit_counts_nowhere(place):
    row = place.visit(ate=True)
    void_visit(visit=row, actor=place.office, reason="重复记录")
    figures = place.figures()
    assert (figures.done, figures.visits, figures.people, figures.ate) == (0, 0, 0, 0)


def test_returned_is_not_done_until_sent_again(place):
    row = place.visit()
    row.feedback.state, row.feedback.return_reason = "returned", "内容太少"
    row.feedback.save()
    assert (place.figures().done, place.figures().returned) == (0, 1)


def test_recorded_without_feedback_is_not_done(place):
    place.visit(send=False)
    assert (place.figures().visits, place.figures().done) == (1, 0)


def test_extra_visits_stand_beside_and_never_exceed_the_whole(place):
    for day in (6, 8, 12):
        place.visit(date(2026, 5, day))
    figures = place.figures()
    assert (figures.due, figures.done, figures.extra) == (1, 1, 2)
    assert figures.completion.value == 1.0


def test_exempt_line_owes_nothing_and_its_visit_is_extra(place):
    exempt_line(line=place.line, actor=place.office, exemption="postponed", reason="防汛")
    assert place.figures().completion.value is None
    place.visit()
    figures = place.figures()
    assert (figures.due, figures.done, figures.extra, figures.exempt) == (0, 0, 1, 1)


def test_visit_without_talk_or_household_is_not_done(place):
    place.visit(talks={})
    assert place.figures().done == 0


def test_household_not_at_home_is_no_contact(place):
    row = place.visit(talks={})
    call = VisitHousehold.objects.create(
        visit=row, household=make.household(place.village), outcome="not_home"
    )
    assert (place.figures().done, place.figures().household_contacts) == (0, 0)
    call.outcome = "met"
    call.save()
    assert (place.figures().done, place.figures().household_contacts) == (1, 1)


def test_visit_without_topic_is_not_done(place):
    place.visit(topics=[])
    assert place.figures().done == 0


def test_months_already_gone_stay_with_the_officer_of_then(place):
    place.visit()
    successor = make.officer(place.unit)
    place.point.officer = successor
    place.point.save()
    make.plan_line(place.point, date(2026, 6, 1))
    by_officer = {row.key: row for row in place.figures(MAY, date(2026, 6, 1), "officer")}
    assert (by_officer[place.officer.pk].due, by_officer[place.officer.pk].done) == (1, 1)
    assert (by_officer[successor.pk].due, by_officer[successor.pk].done) == (1, 0)


def test_colleague_who_stands_in_fulfils_the_obligation_of_the_responsible_officer(place):
    place.visit(officer_id=make.officer(place.unit).pk)
    (row,) = place.figures(by="officer")
    assert (row.key, row.done, row.planned_kept) == (place.officer.pk, 1, 0)


def test_line_of_a_month_the_contact_point_no_longer_holds_owes_nothing(place):
    place.point.period = type(place.point.period)(date(2026, 1, 1), date(2026, 5, 1))
    place.point.save()
    assert place.figures().due == 0


@pytest.mark.parametrize(("days", "on_time"), [(5, 1), (6, 0)])
def test_feedback_is_on_time_until_the_end_of_its_last_day(place, days, on_time):
    row = place.visit(send=False)
    with clock.at(make.moment(row.day + timedelta(days=days), 23, 59)):
        make.feedback(row, place.writer)
    assert place.figures().feedback_on_time == on_time


def test_plan_is_kept_when_the_planned_officer_explained_every_planned_topic(place):
    second = make.topic(place.year)
    place.line.topics.add(second)
    place.visit()
    assert place.figures().planned_kept == 0
    place.visit(date(2026, 5, 9), topics=[second])
    assert (place.figures().planned_lines, place.figures().planned_kept) == (1, 1)


def test_household_met_again_is_a_repeat_and_is_reached_once(place):
    home = make.household(place.village)
    for day in (6, 8):
        row = place.visit(date(2026, 5, day))
        VisitHousehold.objects.create(visit=row, household=home)
    figures = place.figures()
    assert (figures.household_contacts, figures.household_repeats) == (2, 1)
    assert (figures.households_reached, figures.households_total) == (1, 100)


def _tile(place, month=MAY):
    return next(
        tile
        for tile in indicators.status_tiles(place.county.pk, month)
        if tile.village == place.village.pk
    )


def test_tile_follows_the_obligation(place):
    empty = make.village(place.village.township)
    states = {tile.village: tile.state for tile in indicators.status_tiles(place.county.pk, MAY)}
    assert states == {place.village.pk: "due", empty.pk: "none"}
    with clock.at(make.moment(date(2026, 6, 1), 0, 1)):
        assert _tile(place).state == "late"
    row = place.visit(send=False)
    assert _tile(place).state == "late"  # visited on 8 May, no feedback by the 20th
    make.feedback(row, place.writer)
    assert (_tile(place).state, _tile(place).done) == ("done", 1)
    exempt_line(line=place.line, actor=place.office, exemption="postponed", reason="防汛")
    assert _tile(place).state == "exempt"


def test_merged_village_has_a_tile_only_while_it_owes(place):
    other = make.village(place.village.township, merged_into=place.village)
    tiles = indicators.status_tiles(place.county.pk, MAY)
    assert other.pk not in [tile.village for tile in tiles]


def test_attention_names_what_waits(place):
    found = indicators.attention(place.county.pk, MAY)
    assert found.undated_lines == [place.line.pk]
    late = place.visit(send=False)
    found = indicators.attention(place.county.pk, MAY)
    assert (found.undated_lines, found.overdue_feedback) == ([], [late.pk])
    make.feedback(late, place.writer)
    place.line.plan.state = "submitted"
    place.line.plan.save()
    found = indicators.attention(place.county.pk, MAY)
    assert (found.overdue_feedback, found.waiting_review) == ([], [late.pk])
    assert found.waiting_plans == [place.line.plan_id]
    late.feedback.state, late.feedback.return_reason = "returned", "内容太少"
    late.feedback.save()
    found = indicators.attention(place.county.pk, MAY)
    assert (found.waiting_review, found.returned) == ([], [late.pk])


def test_compared_with_the_same_day_of_the_month_before(place):
    assert indicators.compared(place.county.pk, MAY).before is None
    april = make.plan_line(place.point, date(2026, 4, 1), required_visits=3).month
    assert indicators.compared(place.county.pk, MAY).difference == 0
    for day in (10, 20, 21):
        with clock.at(make.moment(date(2026, 4, day), 18)):
            place.visit(date(2026, 4, day))
    found = indicators.compared(place.county.pk, MAY)
    assert (found.done, found.before, found.until) == (0, 2, date(2026, 4, 20))
    with clock.at(make.moment(date(2026, 6, 2))):
        found = indicators.compared(place.county.pk, MAY)
    assert (found.before, found.until) == (3, None)
    assert place.figures(april).done == 3


def test_compared_on_the_last_day_takes_the_whole_month_before(place):
    make.plan_line(place.point, date(2026, 4, 1))
    with clock.at(make.moment(date(2026, 5, 31))):
        assert indicators.compared(place.county.pk, MAY).until == date(2026, 4, 30)
    with clock.at(make.moment(date(2026, 3, 30))):
        march = indicators.compared(place.county.pk, date(2026, 3, 1))
    assert march.until == date(2026, 2, 28)


def test_unmet_and_topic_reach(place):
    (owed,) = indicators.unmet(place.county.pk, MAY)
    assert (owed.village, owed.officer, owed.due, owed.done) == (
        place.village.name,
        place.officer.name,
        1,
        0,
    )
    place.visit()
    assert indicators.unmet(place.county.pk, MAY) == []
    (reach,) = indicators.topic_reach(place.county.pk, MAY)
    assert (reach.villages_planned, reach.villages_delivered, reach.people) == (1, 1, 8)
