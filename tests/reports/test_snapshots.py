"""A snapshot freezes the month with the records behind each figure."""

import json
from datetime import date

import pytest
from django.db import connection

from contact_points.models import Household, Village
from feedback.models import Matter
from feedback.services.matters import note_villager
from feedback.services.suggestions import answer_suggestion
from outreach import clock
from reports import indicators, shortlist, snapshots
from reports.models import Report
from reports.snapshots.code import code_version
from reports.snapshots.records import frozen_list
from tests import factories as make
from tests.reports import small_county
from tests.reports.small_county import MAY, Place
from visits.models import Group, PlanLine, Visit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 5)


@pytest.fixture(autouse=True)
def today():
    with clock.at(make.moment(TODAY, 12)):
        yield


def take(county, month=MAY, revision=1):
    """A snapshot as the database gives it back."""
    taken = snapshots.take(Report(county=county, month=month, revision=revision))
    return json.loads(json.dumps(taken, sort_keys=True))


def ids(snapshot, name):
    """The frozen list; a figure of nothing has none."""
    found = frozen_list(snapshot, name)
    return found[1] if found else []


def test_each_figure_has_as_many_records_behind_it():
    county = small_county.build(1, visits=300)
    snapshot = take(county)
    (total,) = indicators.figures(county.pk, MAY)
    counted = {
        "done": total.done,
        "extra": total.extra,
        "visits": total.visits,
        "on_time": total.feedback_on_time,
        "overdue": total.overdue_feedback,
        "waiting_review": total.waiting_review,
        "returned": total.returned,
        "ate": total.ate,
        "lived": total.lived,
        "worked": total.worked,
        "together": total.together_visits,
        "exempt": total.exempt,
        "planned": total.planned_lines,
        "reached": total.households_reached,
        "units_visited": sum(
            row.visits > 0 for row in indicators.figures(county.pk, MAY, by="unit")
        ),
        "villages_visited": snapshot["villages_visited"],
        "held": total.groups_possible // 5,
    }
    found = {name: len(set(ids(snapshot, name))) for name in counted}
    assert found == counted
    assert [name for name, count in counted.items() if not count] == []
    assert set(ids(snapshot, "open")) == {row.line for row in indicators.unmet(county.pk, MAY)}
    due = PlanLine.objects.filter(pk__in=ids(snapshot, "due"))
    assert sum(line.required_visits for line in due) == total.due
    assert {line.month for line in due} == {MAY}


def test_a_line_kept_to_its_plan_is_behind_the_figure():
    place = Place()
    place.visit()
    assert place.figures().planned_kept == 1
    assert ids(take(place.county), "kept") == [place.line.pk]


def test_heads_contacts_and_topics_come_from_the_frozen_visits():
    county = small_county.build(2, visits=150)
    snapshot = take(county)
    (total,) = indicators.figures(county.pk, MAY)
    for group in Group.values:
        rows = Visit.objects.filter(pk__in=ids(snapshot, f"talks:{group}"))
        heads = sum(talk.people for row in rows for talk in row.talks.filter(group=group))
        assert heads == total.people_by_group[group]
    calls = [
        call
        for row in Visit.objects.filter(pk__in=ids(snapshot, "contacts"))
        for call in row.household_calls.filter(outcome="met")
    ]
    assert len(calls) == total.household_contacts
    for topic in snapshot["topics"]:
        for name, count in (("topic", "delivered"), ("topic_planned", "planned")):
            rows = ids(snapshot, f"{name}:{topic['topic']}")
            model = Visit if name == "topic" else PlanLine
            found = model.objects.filter(pk__in=rows)
            villages = set(found.values_list("contact_point__village", flat=True))
            assert len(villages) == topic[f"villages_{count}"]


def test_coverage_and_its_villages_come_from_frozen_contact_points():
    county = small_county.build(2, visits=150)
    snapshot = take(county)
    (total,) = indicators.figures(county.pk, MAY)
    covered, held = ids(snapshot, "covered"), ids(snapshot, "held")
    assert 0 < len(covered) <= total.groups_covered <= 5 * len(covered)
    assert set(covered) <= set(held)
    villages = Village.objects.filter(pk__in=ids(snapshot, "villages_held"))
    assert total.households_total == sum(
        row.households_count or row.households.count() for row in villages
    )


def test_households_of_the_year_are_those_of_the_countys_villages():
    county = small_county.build(1)
    homes = Household.objects.filter(pk__in=ids(take(county), "reached"))
    assert {home.village.county_id for home in homes} == {county.pk}


def test_each_id_is_kept_once_and_unknown_lists_are_none():
    snapshot = take(small_county.build(2))
    for kept in snapshot["records"].values():
        assert len(kept) == len(set(kept))
    assert frozen_list(snapshot, "wishes") is None
    assert frozen_list({"version": 1}, "due") is None


def test_code_is_named_by_its_text():
    assert take(make.programme_year(make.county(), 2026).county)["code"] == code_version()
    assert len(code_version()) == 12


def test_matters_of_the_month_with_rates_subjects_overdue_and_solved(world):
    category = make.matter_category(world.home.county)
    below = make.matter_category(world.home.county, parent=category)
    with clock.at(make.moment(date(2026, 5, 4), 9)):
        late = make.matter_in_work(world.own, category=below)
        make.matter(world.other)
        solved = make.matter_answered(world.own, category=category, text="机井电表计量不准")
        note_villager(matter=solved, actor=world.home.office, word="solved", satisfied=True)
    snapshot = take(world.home.county)
    matters = snapshot["matters"]
    assert [(row["name"], row["matters"]) for row in matters["raised"]] == [
        (category.name, 2),
        (None, 1),
    ]
    assert ids(snapshot, f"raised:{category.pk}") == [late.pk, solved.pk]
    assert len(ids(snapshot, "raised")) == 3
    assert matters["solved_count"] == 1
    assert matters["solved"][0]["text"] == "机井电表计量不准"
    assert matters["solved"][0]["village"] == world.own.village.name
    assert ids(snapshot, "solved") == [solved.pk]
    overdue = Matter.objects.filter(pk__in=ids(snapshot, "overdue_matters"))
    assert late in overdue
    assert {row["unit"] for row in matters["overdue"]} == {row.leader.name for row in overdue}
    for rate, (whole, met) in {
        "response": ("response_due", "responded"),
        "satisfaction": ("asked", "content"),
    }.items():
        assert len(ids(snapshot, rate)) == matters["figures"][whole] > 0
        assert len(ids(snapshot, f"{rate}:met")) == matters["figures"][met]


def test_suggestions_stand_with_what_the_county_replied(world):
    first = make.feedback(world.own.visit, world.own.cadre, suggestions="建议统一检修机井")
    make.feedback(world.other.visit, world.other.cadre, suggestions="建议增加班车")
    answer_suggestion(
        feedback=first, actor=world.home.office, decision="adopted", text="已列入年度检修"
    )
    snapshot = take(world.home.county)
    told = [(row["decision"], row["reply"]) for row in snapshot["suggestions"]]
    assert told == [("adopted", "已列入年度检修"), ("open", "")]
    assert snapshot["suggestions_counted"] == [["adopted", 1], ["open", 1]]
    assert ids(snapshot, "suggestions:adopted") == [str(world.own.visit.pk)]


def test_figures_of_the_month_a_year_before():
    place = Place()
    make.programme_year(place.county, 2027)
    place.visit()
    with clock.at(make.moment(date(2027, 6, 5))):
        snapshot = take(place.county, date(2027, 5, 1))
    assert snapshot["year_before"]["visits"] == 1
    assert snapshot["figures"]["visits"] == 0


# The shortlist of findings ----------------------------------------------------------------------


def found(county):
    return [(row.text, row.villages) for row in shortlist.shortlist(county.pk, MAY)]


OLD = "群众反映机井电费计量不准，希望尽快更换电表。"
NEW = "村小学旁的桥栏杆断了三处，孩子上下学要绕行两公里。"


def test_what_is_new_stands_before_what_was_said_the_month_before():
    place = Place()
    with clock.at(make.moment(date(2026, 4, 20))):
        make.feedback(place.visit(date(2026, 4, 10), send=False), place.writer, findings=OLD)
    make.feedback(place.visit(date(2026, 5, 8), send=False), place.writer, findings=OLD)
    make.feedback(place.visit(date(2026, 5, 9), send=False), place.writer, findings=NEW)
    rows = shortlist.shortlist(place.county.pk, MAY)
    assert [row.text for row in rows] == [NEW, OLD]
    assert rows[1].novelty == 0
    assert rows[0].novelty > 0.9


def test_what_several_villages_say_is_shown_once_and_first(world):
    text = "村里的机井电表坏了两个，浇地时电费对不上。"
    make.feedback(world.own.visit, world.own.cadre, findings=f"路灯换了新的，夜里亮堂多了。{text}")
    make.feedback(world.other.visit, world.other.cadre, findings=f"{text}乡里已经知道。")
    third = make.visit(world.own.contact_point, world.own.cadre)
    make.feedback(third, world.own.cadre, findings=NEW)
    rows = found(world.home.county)
    assert [villages for _text, villages in rows] == [2, 1]
    assert text in rows[0][0]
    assert rows[1][0] == NEW


def test_likeness_is_that_of_the_database():
    pairs = [(OLD, NEW), (OLD, OLD[:-4]), ("ABC 12个", "abc，13个"), ("3组-017户", "3组-018户")]
    for one, other in pairs:
        with connection.cursor() as cursor:
            cursor.execute("SELECT similarity(%s, %s)", [one, other])
            (wanted,) = cursor.fetchone()
        first, second = shortlist.grams(one), shortlist.grams(other)
        assert len(first & second) / len(first | second) == pytest.approx(wanted)


def test_numbers_of_people_and_stock_answers_are_not_on_the_shortlist(world):
    row = make.feedback(world.own.visit, world.own.cadre, findings="无新情况。")
    assert found(world.home.county) == []
    type(row).objects.filter(pk=row.pk).update(findings=f"{NEW}电话13803191234。")
    assert found(world.home.county) == []
    type(row).objects.filter(pk=row.pk).update(findings=NEW)
    assert found(world.home.county) == [(NEW, 1)]


def test_what_was_said_more_than_three_months_ago_is_new_again():
    place = Place()
    with clock.at(make.moment(date(2026, 1, 20))):
        make.feedback(place.visit(date(2026, 1, 10), send=False), place.writer, findings=OLD)
    make.feedback(place.visit(send=False), place.writer, findings=OLD)
    assert [row.novelty for row in shortlist.shortlist(place.county.pk, MAY)] == [1]
