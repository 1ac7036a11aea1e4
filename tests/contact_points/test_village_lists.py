"""A list of villages: found by code or name, renamed, counted, new ones with their township."""

import pytest

from contact_points.models import Alias, ContactPoint, Township, Village
from contact_points.services.answers import answer_question
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, bring, noted, outcomes, reasons, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def place():
    county = factories.county(code="130529", name="巨鹿县")

    class Place:
        admin = factories.user(Role.ADMIN, county=county)
        guanting = factories.township(county, code="130529101", name="官亭镇")
        dicun = factories.township(county, code="130529201", name="堤村乡")
        zhao = factories.village(guanting, code="130529101001", name="赵家庄村委会")
        zhao_too = factories.village(dicun, code="130529201001", name="赵家庄村委会")
        street = factories.village(guanting, code="130529101002", name="南街居委会")

    Place.county = county
    return Place


def brought(place, *rows, **cells):
    return bring(place.admin, "villages", *rows, **cells)


def one(place, **cells):
    run = brought(place, **cells)
    return run, run.rows.get()


def state_of(village):
    village.refresh_from_db()
    return village.name, village.households_count, village.population


def test_counts_are_written_to_the_village_that_the_code_names(place):
    run, row = one(place, village_code=place.zhao.code, households_count=312, population="1,204")
    assert row.outcome == "changed"
    assert row.changes == [["households_count", "100", "312"], ["population", "", "1204"]]
    run = apply(run, place.admin)
    assert state_of(place.zhao) == ("赵家庄村委会", 312, 1204)
    entry = AuditEntry.objects.get(bulk_id=run.bulk_id, object_type="contact_points.village")
    assert entry.action == "Village corrected"
    assert sorted(entry.changes) == [("households", 100, 312), ("population", None, 1204)]


@pytest.mark.parametrize(
    "cells",
    [
        {"village": "赵家庄", "township": "官亭镇"},
        {"village": "官亭镇赵家庄村"},
        {"village_code": "130529101001", "village": "赵家庄", "township": "官亭"},
        {"village_code": "130529101001", "village": "官亭镇赵家庄村", "households_count": 100},
    ],
)
def test_an_empty_cell_and_a_usual_writing_change_nothing(place, cells):
    _run, row = one(place, **cells)
    assert (row.outcome, row.changes, row.notes) == ("unchanged", [], [])


def test_a_village_is_renamed_by_its_code_and_sorts_by_the_new_name(place):
    run, row = one(place, village_code=place.zhao.code, village="和平村")
    assert (row.outcome, row.changes) == ("changed", [["village", "赵家庄村委会", "和平村"]])
    apply(run, place.admin)
    place.zhao.refresh_from_db()
    assert (place.zhao.name, place.zhao.sort_key) == ("和平村", "he ping cun")


def test_a_village_that_became_a_community_is_renamed(place):
    _run, row = one(place, village_code=place.zhao.code, village="赵家庄社区居委会")
    assert row.changes == [["village", "赵家庄村委会", "赵家庄社区居委会"]]


def test_a_code_and_the_name_of_another_village_ask(place):
    run, row = one(place, village_code=place.zhao.code, village="南街居委会", population=9)
    assert row.outcome == "asks"
    (question,) = run.questions
    assert [int(pk) for pk, _label in question["candidates"]] == [place.zhao.pk, place.street.pk]
    run = answer_question(
        run=run, key=question["key"], answer=str(place.street.pk), actor=place.admin
    )
    row = run.rows.get()
    assert row.changes == [["population", "", "9"]]
    assert row.remarks == [("Village code", "南街居委会 keeps its code 130529101002.")]
    apply(run, place.admin)
    assert state_of(place.street) == ("南街居委会", 100, 9)
    assert not Alias.objects.exists()


def test_a_name_that_two_villages_share_asks(place):
    run, row = one(place, village="赵家庄", population=5)
    assert row.outcome == "asks"
    assert len(run.questions[0]["candidates"]) == 2


def test_a_new_village_needs_code_and_name(place):
    run, row = one(
        place, village_code="130529101003", village="新村", township="官亭镇", households_count=7
    )
    assert (row.outcome, row.notes) == ("new", [])
    run = apply(run, place.admin)
    village = Village.objects.get(code="130529101003")
    assert (village.township, village.name, village.sort_key) == (place.guanting, "新村", "xin cun")
    assert (village.county, village.households_count, village.population) == (place.county, 7, None)
    assert undo(run, place.admin)
    assert not Village.objects.filter(code="130529101003").exists()


def test_a_new_township_comes_with_its_first_village(place):
    run = brought(
        place,
        {"village_code": "130529301001", "village": "甲村", "township": "新乡"},
        {"village_code": "130529301002", "village": "乙村", "township": "新乡"},
        {"village_code": "130529301003", "village": "丙村", "township": "旧乡"},
        {"village_code": "130529302001", "village": "丁村"},
        {"village_code": "130529302002", "village": "戊村", "township": "官亭镇"},
    )
    assert outcomes(run) == ["new", "new", "rejected", "rejected", "rejected"]
    assert noted(run)[2] == ["township"]
    assert "is new" in run.rows.get(number=2).remarks[0][1]
    run = apply(run, place.admin)
    township = Township.objects.get(code="130529301")
    assert (township.name, township.villages.count()) == ("新乡", 2)
    assert AuditEntry.objects.filter(bulk_id=run.bulk_id, action="Township added").count() == 1
    assert undo(run, place.admin), run.obstacles
    assert not Township.objects.filter(code="130529301").exists()


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"village_code": "130528101003", "village": "外村"}, ["village_code"]),
        ({"village_code": "130529101003"}, ["village"]),
        ({"village_code": "1305291010", "village": "赵家庄"}, ["village_code"]),
        ({"village_code": "130529101003", "village": "新村", "township": "堤村乡"}, ["township"]),
        ({"village_code": "130529101001", "township": "堤村乡"}, ["township"]),
        ({"village": "无此名", "township": "官亭镇"}, ["village", "village_code"]),
        ({"village": "赵家庄", "township": "官亭镇", "population": "约三百"}, ["population"]),
        ({"village": "赵家庄", "township": "官亭镇", "population": "100001"}, ["population"]),
        ({"village": "赵家庄", "township": "官亭镇", "population": "-3"}, ["population"]),
        (
            {
                "village": "赵家庄",
                "township": "官亭镇",
                "population": "3.5",
                "households_count": "x",
            },
            ["households_count", "population"],
        ),
        ({"village_code": "130529101001", "village": "长" * 81}, ["village"]),
    ],
)
def test_a_row_that_cannot_be_taken_says_every_reason(place, cells, columns):
    _run, row = one(place, **cells)
    assert row.outcome == "rejected"
    assert [note["column"] for note in row.notes] == columns


def test_the_same_name_with_another_code_is_asked_about(place):
    cells = {"village_code": "130529101009", "village": "赵家庄", "population": 8}
    run, row = one(place, **cells)
    assert row.outcome == "asks"
    (question,) = run.questions
    again, _row = one(place, **cells)
    run = answer_question(
        run=run, key=question["key"], answer=str(place.zhao.pk), actor=place.admin
    )
    assert run.rows.get().changes == [["population", "", "8"]]
    again = answer_question(run=again, key=question["key"], answer="new", actor=place.admin)
    assert outcomes(again) == ["new"]
    apply(again, place.admin)
    assert Village.objects.filter(township=place.guanting).count() == 3


def test_the_same_village_twice_is_told(place):
    run = brought(
        place,
        {"village_code": place.zhao.code, "population": 5},
        {"village": "赵家庄", "township": "官亭镇", "population": 6},
        {"village_code": "130529101005", "village": "新村"},
        {"village_code": "130529101005", "village": "新村"},
    )
    assert outcomes(run) == ["changed", "rejected", "new", "rejected"]
    assert reasons(run)[3] == "Village: Row 2 names this village already."


def test_a_village_that_is_held_since_stands_in_the_way(place):
    run, _row = one(place, village_code="130529101003", village="新村")
    run = apply(run, place.admin)
    village = Village.objects.get(code="130529101003")
    point = factories.contact_point(factories.unit(place.county), village)
    assert not undo(run, place.admin)
    assert run.obstacles == [
        {
            "text": "%(record)s is used by other records: %(count)s.",
            "params": {"record": "新村", "count": 1},
        }
    ]
    ContactPoint.objects.filter(pk=point.pk).delete()
    Village.objects.filter(pk=village.pk).update(population=4)
    assert not undo(run, place.admin)
    assert run.obstacles[0]["text"] == "%(record)s was changed since."
    assert Village.objects.filter(pk=village.pk).exists()


def test_what_was_changed_is_put_back_with_its_sort_key(place):
    before = state_of(place.zhao)
    run, _row = one(place, village_code=place.zhao.code, village="和平村", population=9)
    run = apply(run, place.admin)
    assert state_of(place.zhao) != before
    assert undo(run, place.admin)
    assert state_of(place.zhao) == before
    assert place.zhao.sort_key == "zhao jia zhuang cun wei hui"
    entry = AuditEntry.objects.get(action="Village put back")
    assert entry.before == {"name": "和平村", "population": 9}
    assert entry.after == {"name": "赵家庄村委会", "population": None}
