"""A list of households: numbers of villages and nothing else; whatever could be a name is gone."""

import json

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from contact_points import tasks
from contact_points.models import Household, ImportRun
from contact_points.reading.files import Unreadable
from contact_points.services.answers import correct_cell
from outreach.models import AuditEntry, Job
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, bring, outcomes, reasons, undo, upload, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def place():
    county = factories.county(name="巨鹿县")
    township = factories.township(county, name="官亭镇")

    class Place:
        admin = factories.user(Role.ADMIN, county=county)
        village = factories.village(township, name="后辛庄村委会")
        other = factories.village(township, name="赵家庄村委会")

    Place.county, Place.township = county, township
    factories.household(Place.village, "1组-001")
    return Place


def brought(place, *numbers, **cells):
    cells = {"village": "后辛庄", "township": "官亭镇"} | cells
    return bring(place.admin, "households", *({"household": n} | cells for n in numbers))


def test_new_numbers_are_added_and_taken_back(place):
    run = brought(place, "1组-001", "1组-002", "12组－0345", "3组-017 ")
    assert outcomes(run) == ["unchanged", "new", "new", "new"]
    run = apply(run, place.admin)
    assert set(place.village.households.values_list("number", flat=True)) == {
        "1组-001",
        "1组-002",
        "12组-0345",
        "3组-017",
    }
    place.village.refresh_from_db()
    assert place.village.households_count == 100
    entries = AuditEntry.objects.filter(bulk_id=run.bulk_id, action="Household added")
    assert entries.count() == 3
    assert set(entries.values_list("county", flat=True)) == {place.county.pk}
    assert "后辛庄村委会 3组-017" in entries.values_list("object_label", flat=True)
    assert undo(run, place.admin)
    assert list(place.village.households.values_list("number", flat=True)) == ["1组-001"]


def test_numbers_of_two_villages_do_not_meet(place):
    run = bring(
        place.admin,
        "households",
        {"village_code": place.village.code, "household": "1组-002"},
        {"village_code": place.other.code, "household": "1组-002"},
        {"village": "后辛庄", "household": "1组-002"},
    )
    assert outcomes(run) == ["new", "new", "rejected"]
    assert "Row 2 names this household already." in reasons(run)[4]


@pytest.mark.parametrize("number", ["3-017", "123组-001", "三户", ""])
def test_another_form_of_the_number_is_rejected(place, number):
    run = bring(place.admin, "households", village="后辛庄", township="官亭镇", household=number)
    assert outcomes(run) == ["rejected"]
    assert [note["column"] for note in run.rows.get().notes] == ["household"]


def test_a_village_that_is_not_known_asks_and_a_merged_one_is_rejected(place):
    assert outcomes(brought(place, "1组-002", village="后新庄")) == ["asks"]
    place.other.merged_into = place.village
    place.other.save(update_fields=["merged_into"])
    assert outcomes(brought(place, "1组-002", village="赵家庄")) == ["rejected"]


def test_a_household_that_was_called_on_stands_in_the_way(place):
    run = apply(brought(place, "1组-002"), place.admin)
    unit = factories.unit(place.county)
    cadre = factories.cadre(unit)
    factories.programme_year(place.county)
    point = factories.contact_point(unit, place.village, cadre.officer)
    household = Household.objects.get(number="1组-002")
    factories.visit(point, cadre, households={household.pk: "met"})
    assert not undo(run, place.admin)
    assert run.obstacles[0]["params"] == {"record": "后辛庄村委会 1组-002", "count": 1}


# Nobody's name ----------------------------------------------------------------------------------


def everything_kept(run):
    """All that the database and the disk hold of an import."""
    rows = [*ImportRun.objects.values(), *run.rows.values(), *AuditEntry.objects.values()]
    rows += [*Job.objects.values()]
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_a_name_in_place_of_a_number_is_kept_nowhere(place):
    run = brought(place, "1组-002", "张大山", "户主李爱民")
    assert outcomes(run) == ["new", "rejected", "rejected"]
    assert "not kept" in reasons(run)[3]
    assert "张大山" not in everything_kept(run)
    assert "李爱民" not in everything_kept(run)
    assert run.file == ""
    assert AuditEntry.objects.filter(action="Original of a list deleted").count() == 1
    run = apply(run, place.admin)
    assert Household.objects.count() == 2


def test_lines_that_are_no_rows_are_not_repeated(place):
    headers = ["村名", "乡镇", "户编号"]
    rows = [["后辛庄", "官亭镇", "1组-002"], ["备注：户主为张大山"]]
    run = upload(place.admin, xlsx(*rows, headers=headers), kind="households")
    assert run.understood["dropped"]
    assert "张大山" not in everything_kept(run)


def test_a_name_typed_as_a_correction_is_not_kept(place):
    run = brought(place, "3-017")
    run = correct_cell(run=run, number=2, column="household", text="张大山", actor=place.admin)
    assert outcomes(run) == ["rejected"]
    assert "张大山" not in everything_kept(run)
    run = correct_cell(run=run, number=2, column="household", text="3组-017", actor=place.admin)
    assert outcomes(run) == ["new"]


def test_a_file_that_is_refused_is_deleted_at_once(place, monkeypatch):
    def refuse(*args, **kwargs):
        raise Unreadable("The list has people's names.")

    monkeypatch.setattr(tasks, "read_file", refuse)
    content = xlsx(["后辛庄", "1组-002"], headers=["村名", "户编号"])
    for kind, kept in (("households", False), ("villages", True)):
        run = upload(place.admin, content, kind=kind, read=False)
        name = run.file.name
        tasks.read_list(str(run.job_id))
        run.refresh_from_db()
        assert run.state == ImportRun.State.REFUSED
        assert default_storage.exists(name) == kept
        assert bool(run.file) == kept


def test_the_command_line_keeps_no_names_either(place, tmp_path, capsys):
    file = tmp_path / "户.xlsx"
    file.write_bytes(xlsx(["后辛庄", "1组-002"], ["后辛庄", "张大山"], headers=["村名", "户编号"]))
    options = {"kind": "households", "county": place.county.code, "json": True}
    with pytest.raises(SystemExit):
        call_command("import_list", file, **options)
    call_command("import_list", file, allow_partial=True, **options)
    run = ImportRun.objects.get()
    assert "张大山" not in everything_kept(run) + capsys.readouterr().out
    assert run.file == ""
