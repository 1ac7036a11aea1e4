"""A list of units: known by their short forms, near misses and unknown kinds asked, new ones."""

import pytest
from django.utils import translation

from contact_points.models import Alias, Unit
from contact_points.services.answers import answer_question
from contact_points.services.units import WORDS, UnitPlanner
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, bring, outcomes, reasons, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
Kind = Unit.Kind


@pytest.fixture
def place():
    county = factories.county(name="巨鹿县")

    class Place:
        admin = factories.user(Role.ADMIN, county=county)
        guanting = factories.township(county, name="官亭镇")
        dicun = factories.township(county, name="堤村乡")
        party = factories.unit(county, name="县委办公室", kind=Kind.PARTY_DEPARTMENT)
        farming = factories.unit(county, name="县农业农村局")
        town = factories.unit(county, name="官亭镇", kind=Kind.TOWNSHIP, township=guanting)

    Place.county = county
    return Place


def brought(place, *rows, **cells):
    return bring(place.admin, "units", *rows, **cells)


def answer(run, admin, text, n=0):
    return answer_question(run=run, key=run.questions[n]["key"], answer=text, actor=admin)


def test_new_units_are_written_with_kind_township_and_order(place):
    run = brought(
        place,
        {"unit": "县委宣传部", "unit_kind": "党委部门", "order": 3},
        {"unit": "县政府办公室", "unit_kind": "县政府部门"},
        {"unit": "县林业局", "unit_kind": "政府部门"},
        {"unit": "县总工会", "unit_kind": "群团组织", "township": "官亭镇"},
        {"unit": "堤村乡人民政府", "unit_kind": "乡（镇）"},
        {"unit": "县武装部", "unit_kind": "其他"},
    )
    assert outcomes(run) == ["new"] * 6, reasons(run) or run.questions
    assert "left out" in run.rows.get(number=5).reason
    run = apply(run, place.admin)
    made = {unit.name: unit for unit in Unit.objects.filter(county=place.county)}
    assert made["县委宣传部"].order == 3
    assert (made["县总工会"].kind, made["县总工会"].township) == (Kind.MASS_ORGANISATION, None)
    assert made["堤村乡人民政府"].township == place.dicun
    assert made["县武装部"].kind == Kind.OTHER
    actions = AuditEntry.objects.filter(bulk_id=run.bulk_id).values_list("action", flat=True)
    assert sorted(actions) == ["List applied"] + ["Unit added"] * 6
    assert undo(run, place.admin)
    assert Unit.objects.filter(county=place.county).count() == 3


@pytest.mark.parametrize("written", ["农业农村局", "县农业农村局", "巨鹿县农业农村局"])
def test_a_short_form_is_the_known_unit_and_an_empty_cell_changes_nothing(place, written):
    assert outcomes(brought(place, unit=written)) == ["unchanged"]
    assert outcomes(brought(place, unit=written, unit_kind="政府部门", order=0)) == ["unchanged"]


def test_kind_township_and_order_change(place):
    run = brought(
        place,
        {"unit": "县农业农村局", "unit_kind": "其他单位", "order": 12},
        {"unit": "官亭镇", "township": "堤村乡"},
    )
    assert [r.changes for r in run.rows.all()] == [
        [["unit_kind", "政府部门", "其他单位"], ["order", "0", "12"]],
        [["township", "官亭镇", "堤村乡"]],
    ]
    run = apply(run, place.admin)
    place.farming.refresh_from_db(), place.town.refresh_from_db()
    assert (place.farming.kind, place.farming.order) == (Kind.OTHER, 12)
    assert place.town.township == place.dicun
    assert undo(run, place.admin)
    place.farming.refresh_from_db(), place.town.refresh_from_db()
    assert (place.farming.kind, place.farming.order) == (Kind.GOVERNMENT_DEPARTMENT, 0)
    assert place.town.township == place.guanting


def test_a_unit_that_is_no_longer_a_townships_own_loses_it(place):
    run = brought(place, unit="官亭镇", unit_kind="其他")
    assert run.rows.get().changes == [
        ["unit_kind", "乡镇", "其他单位"],
        ["township", "官亭镇", ""],
    ]
    run = apply(run, place.admin)
    place.town.refresh_from_db()
    assert (place.town.kind, place.town.township) == (Kind.OTHER, None)
    assert undo(run, place.admin)
    place.town.refresh_from_db()
    assert place.town.township == place.guanting


def test_a_near_miss_asks_and_is_remembered(place):
    run = brought(place, unit="县农业局", unit_kind="政府部门", order=5)
    assert outcomes(run) == ["asks"]
    (question,) = run.questions
    assert [label for _pk, label in question["candidates"]] == ["县农业农村局", "a new unit"]
    again = brought(place, unit="县农业局", unit_kind="政府部门")
    run = answer(run, place.admin, str(place.farming.pk))
    assert run.rows.get().changes == [["order", "0", "5"]]
    assert Alias.objects.get().unit == place.farming
    assert outcomes(brought(place, unit="县农业局")) == ["unchanged"]
    Alias.objects.all().delete()
    again = answer(again, place.admin, "new")
    assert outcomes(again) == ["new"]
    apply(again, place.admin)
    assert Unit.objects.filter(name="县农业局").exists()
    assert not Alias.objects.exists()


@pytest.mark.parametrize("name", ["县林业局", "县政府办公室", "县委宣传部", "县财政局"])
def test_other_units_are_no_near_misses(place, name):
    assert outcomes(brought(place, unit=name, unit_kind="政府部门")) == ["new"]


def test_a_word_for_a_kind_is_asked_once_and_remembered(place):
    run = brought(
        place,
        {"unit": "县妇联", "unit_kind": "党群部门"},
        {"unit": "县残联", "unit_kind": "党群部门"},
        {"unit": "县水务局"},
    )
    assert outcomes(run) == ["asks"] * 3
    assert [question["rows"] for question in run.questions] == [[2, 3], [4]]
    run = answer(run, place.admin, Kind.MASS_ORGANISATION)
    assert outcomes(run) == ["new", "new", "asks"]
    run = answer(run, place.admin, Kind.GOVERNMENT_DEPARTMENT)
    apply(run, place.admin)
    assert Unit.objects.get(name="县残联").kind == Kind.MASS_ORGANISATION
    assert Unit.objects.get(name="县水务局").kind == Kind.GOVERNMENT_DEPARTMENT
    assert [(a.text, a.column) for a in Alias.objects.all()] == [("党群部门", "mass_organisation")]
    assert outcomes(brought(place, unit="县科协", unit_kind="党群部门")) == ["new"]


def test_another_answer_makes_another_preview(place):
    run = brought(place, unit="县水务局")
    first = answer(run, place.admin, Kind.OTHER)
    again = answer_question(run=first, key=next(iter(first.answers)), answer="", actor=place.admin)
    second = answer(again, place.admin, Kind.LEADING_BODY)
    assert first.plan_sha256 != second.plan_sha256


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"unit": "", "unit_kind": "其他"}, "unit"),
        ({"unit": "长" * 81, "unit_kind": "其他"}, "unit"),
        ({"unit": "县水务局", "unit_kind": "其他", "order": "第一"}, "order"),
        ({"unit": "县水务局", "unit_kind": "其他", "order": 40000}, "order"),
        ({"unit": "某某所", "unit_kind": "乡镇"}, "township"),
        ({"unit": "县水务局", "unit_kind": "很" * 101}, "unit_kind"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(place, cells, column):
    run = brought(place, **cells)
    assert outcomes(run) == ["rejected"]
    assert [note["column"] for note in run.rows.get().notes] == [column]


def test_the_same_unit_twice_is_told(place):
    run = brought(
        place,
        {"unit": "县民政局", "unit_kind": "政府部门"},
        {"unit": "民政局", "unit_kind": "政府部门"},
        {"unit": "县农业农村局", "order": 1},
        {"unit": "农业农村局", "order": 2},
    )
    assert outcomes(run) == ["new", "rejected", "changed", "rejected"]


def test_a_unit_with_officers_stands_in_the_way_of_an_undo(place):
    run = apply(brought(place, unit="县水务局", unit_kind="政府部门"), place.admin)
    factories.officer(Unit.objects.get(name="县水务局"))
    assert not undo(run, place.admin)
    assert run.obstacles[0]["params"] == {"record": "县水务局", "count": 1}
    assert Unit.objects.filter(name="县水务局").exists()


def test_every_kind_has_words_and_its_own_chinese_label_is_one_of_them(place):
    assert set(WORDS) == set(Kind)
    known = brought(place, unit="县农业农村局")
    planner = UnitPlanner(known, [])
    with translation.override("zh-hans"):
        for kind in Kind:
            assert planner._kinds[str(kind.label)] == kind
