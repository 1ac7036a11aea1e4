"""A list from upload to registry, through the services and the tasks."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from contact_points import tasks
from contact_points.models import ContactPoint, ImportRun, Officer
from contact_points.resources import read_list_file
from contact_points.services import imports
from outreach import clock
from outreach.models import AuditEntry, Job
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, confirm, outcomes, reasons, row, upload, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def place():
    """A county with two townships that both have a 赵家庄, one unit and its administrator."""
    county = factories.county()

    class Place:
        guanting = factories.township(county, name="官亭镇")
        dicun = factories.township(county, name="堤村乡")
        one = factories.village(guanting, name="赵家庄村委会")
        other = factories.village(dicun, name="赵家庄村委会")
        alone = factories.village(guanting, name="南街居委会")
        unit = factories.unit(county, name="县农业农村局")
        admin = factories.user(Role.ADMIN, county=county)

    Place.county = county
    return Place


def full_row(place, **cells):
    values = {"code": place.one.code, "village": place.one.name, "township": "官亭镇"}
    return row(**values | {"unit": place.unit.name, "officer": "王建国"} | cells)


def test_a_list_becomes_a_preview_then_the_registry(place):
    run = upload(place.admin, xlsx(full_row(place, post="副局长", telephone="03191234567")))
    assert run.state == ImportRun.State.READY
    assert (run.understood["sheet"], run.understood["header_row"]) == ("2026年", 1)
    assert (run.counts["new"], sum(run.counts.values())) == (1, 1)
    assert not ContactPoint.objects.exists()

    run = apply(run, place.admin)
    assert run.state == ImportRun.State.APPLIED
    assert run.job.state == Job.State.DONE
    point = ContactPoint.objects.get()
    assert (point.village, point.unit, point.first_day, point.last_day) == (
        place.one,
        place.unit,
        NEW_YEAR,
        None,
    )
    officer = point.officer
    assert (officer.name, officer.post, officer.telephone) == ("王建国", "副局长", "03191234567")
    assert officer.sort_key == "wang jian guo"
    assert list(run.trail.content["opened"]) == [str(point.pk)]


def test_every_written_record_has_one_audit_entry_of_one_bulk_action(place):
    rows = [full_row(place), full_row(place, code=place.alone.code, village="")]
    run = apply(upload(place.admin, xlsx(*rows)), place.admin)
    entries = AuditEntry.objects.filter(bulk_id=run.bulk_id).values_list("action", "object_type")
    assert sorted(entries) == [
        ("Contact point opened", "contact_points.contactpoint"),
        ("Contact point opened", "contact_points.contactpoint"),
        ("List applied", "contact_points.importrun"),
        ("Officer added", "contact_points.officer"),
    ]


def test_the_header_may_stand_below_titles_and_use_other_words(place):
    content = xlsx(
        [1, "赵家庄", "官亭镇", "县农业农村局", "王 建\n国", "甲"],
        headers=["序号", "联系村", "所属乡镇", "单 位", "联系领导", "备考"],
        above=[["巨鹿县2026年联系点安排表"], []],
    )
    run = upload(place.admin, content)
    assert run.understood["header_row"] == 3
    assert run.understood["unknown"] == []
    planned = run.rows.get()
    assert (planned.number, planned.outcome) == (4, "new")
    assert planned.values["officer"] == "王建国"
    assert planned.values["note"] == "甲"


def test_a_village_name_that_two_villages_share_is_never_guessed(place):
    run = upload(place.admin, xlsx(full_row(place, code="", village="赵家庄", township="")))
    assert outcomes(run) == ["asks"]
    (question,) = run.questions
    assert [int(pk) for pk, _label in question["candidates"]] == [place.one.pk, place.other.pk]
    told = upload(place.admin, xlsx(full_row(place, code="", village="赵家庄", township="堤村乡")))
    apply(told, place.admin)
    assert ContactPoint.objects.get().village == place.other


@pytest.mark.parametrize("written", ["西一村", "西一村村委会", "西一", "西一村村民委员会"])
def test_the_official_ending_of_a_village_may_be_left_out(place, written):
    village = factories.village(place.dicun, name="西一村村委会")
    factories.village(place.dicun, name="西二村村委会")
    apply(
        upload(place.admin, xlsx(full_row(place, code="", village=written, township=""))),
        place.admin,
    )
    assert ContactPoint.objects.get().village == village


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"unit": ""}, "unit"),
        ({"officer": ""}, "officer"),
        ({"code": "1.30529E+11"}, "village_code"),
        ({"code": "999999999999"}, "village_code"),
        ({"first": "某日"}, "first_day"),
        ({"first": "2026-02-30"}, "first_day"),
        ({"first": date(2026, 5, 1), "last": date(2026, 4, 1)}, "last_day"),
        ({"telephone": "不详"}, "telephone"),
        ({"note": "长" * 201}, "note"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_stays_out(place, cells, column):
    good = full_row(place, code=place.alone.code, village="", officer="李爱民")
    run = upload(place.admin, xlsx(full_row(place, **cells), good))
    assert outcomes(run) == ["rejected", "new"]
    rejected = run.rows.get(number=2)
    assert [note["column"] for note in rejected.notes] == [column]
    apply(run, place.admin)
    assert [point.village for point in ContactPoint.objects.all()] == [place.alone]


def test_every_problem_of_a_row_is_told_at_once(place):
    run = upload(place.admin, xlsx(full_row(place, unit="无此局", first="不日", telephone="无")))
    columns = [note["column"] for note in run.rows.get().notes]
    assert columns == ["first_day", "telephone", "unit"]


@pytest.mark.parametrize(
    "written",
    [date(2026, 3, 5), 46086, "46086", "2026-03-05", "2026.3.5", "2026/3/5", "２０２６年３月５日"],
)
def test_a_day_is_read_in_every_usual_writing(place, written):
    run = upload(place.admin, xlsx(full_row(place, first=written)))
    assert run.rows.get().values["first_day"] == "2026-03-05"


def test_numbers_stay_the_numbers_they_were(place):
    run = upload(
        place.admin, xlsx(full_row(place, code=int(place.one.code), telephone=13800001111))
    )
    values = run.rows.get().values
    assert (values["village_code"], values["telephone"]) == (place.one.code, "13800001111")


def test_text_that_looks_like_a_formula_stays_text(place):
    run = apply(upload(place.admin, xlsx(full_row(place, note="=1+1"))), place.admin)
    assert run.state == ImportRun.State.APPLIED
    assert ContactPoint.objects.get().note == "=1+1"


def test_the_same_list_twice_changes_nothing_the_second_time(place):
    content = xlsx(full_row(place, post="局长", telephone="0319-123456", note="备注"))
    apply(upload(place.admin, content), place.admin)
    again = upload(place.admin, content)
    assert outcomes(again) == ["unchanged"]
    with pytest.raises(imports.NotPossible):
        confirm(again, place.admin)
    assert (ContactPoint.objects.count(), Officer.objects.count()) == (1, 1)


def test_of_two_imports_at_once_the_second_is_shown_anew_and_writes_nothing(place):
    content = xlsx(full_row(place))
    first, second = upload(place.admin, content), upload(place.admin, content)
    confirm(first, place.admin), confirm(second, place.admin)
    for run in (first, second):
        run.refresh_from_db()
        tasks.apply_list(str(run.job_id))
    second.refresh_from_db()
    assert second.state == ImportRun.State.READY
    assert "changed since the preview" in second.message
    assert outcomes(second) == ["unchanged"]
    assert ContactPoint.objects.count() == 1


def test_an_apply_job_that_runs_twice_writes_once(place):
    run = apply(upload(place.admin, xlsx(full_row(place))), place.admin)
    entries = AuditEntry.objects.count()
    Job.objects.filter(pk=run.job_id).update(state=Job.State.WAITING)
    tasks.apply_list(str(run.job_id))
    assert ContactPoint.objects.count() == 1
    assert AuditEntry.objects.count() == entries


def test_a_right_taken_away_after_the_preview_stops_the_apply(place):
    run = upload(place.admin, xlsx(full_row(place)))
    confirm(run, place.admin)
    run.refresh_from_db()
    place.admin.is_active = False
    place.admin.save(update_fields=["is_active"])
    tasks.apply_list(str(run.job_id))
    run.refresh_from_db()
    assert run.state == ImportRun.State.READY
    assert run.job.state == Job.State.FAILED
    assert "no longer" in run.job.message
    assert not ContactPoint.objects.exists()


def test_only_the_previewed_file_and_plan_can_be_confirmed(place):
    run = upload(place.admin, xlsx(full_row(place)))
    for sha256, plan in ((run.sha256, "0" * 64), ("0" * 64, run.plan_sha256)):
        with pytest.raises(imports.NotPossible):
            imports.confirm_import(run=run, sha256=sha256, plan_sha256=plan, actor=place.admin)
    stranger = factories.user(Role.ADMIN, county=factories.county())
    with pytest.raises(PermissionDenied):
        confirm(run, stranger)


def test_another_officer_from_a_later_day_is_a_handover(place):
    old = factories.officer(place.unit, name="张老")
    point = factories.contact_point(place.unit, place.one, old, first=NEW_YEAR - timedelta(365))
    run = upload(place.admin, xlsx(full_row(place, first=NEW_YEAR)))
    assert outcomes(run) == ["changed"]
    apply(run, place.admin)
    before, after = ContactPoint.objects.order_by("period")
    assert (before.pk, before.officer, before.last_day) == (
        point.pk,
        old,
        NEW_YEAR - clock.ONE_DAY,
    )
    assert (after.officer.name, after.first_day) == ("王建国", NEW_YEAR)


def test_an_empty_cell_changes_nothing(place):
    officer = factories.officer(place.unit, name="王建国", post="局长", telephone="13800001111")
    factories.contact_point(place.unit, place.one, officer, note="老村")
    run = upload(place.admin, xlsx(full_row(place)))
    assert outcomes(run) == ["unchanged"]


def test_a_changed_cell_shows_old_and_new(place):
    officer = factories.officer(place.unit, name="王建国", post="科员")
    factories.contact_point(place.unit, place.one, officer)
    run = upload(place.admin, xlsx(full_row(place, post="局长", note="新")))
    assert run.rows.get().changes == [["note", "", "新"], ["post", "科员", "局长"]]
    apply(run, place.admin)
    officer.refresh_from_db()
    assert officer.post == "局长"
    entry = AuditEntry.objects.get(action="Officer corrected")
    assert entry.changes == [("post", "科员", "局长")]


def test_the_same_village_twice_in_one_list_is_rejected_the_second_time(place):
    run = upload(place.admin, xlsx(full_row(place), full_row(place, officer="李爱民")))
    assert outcomes(run) == ["new", "rejected"]
    assert "Row 2" in reasons(run)[3]
    apply(run, place.admin)
    assert [officer.name for officer in Officer.objects.all()] == ["王建国"]


def test_rejected_rows_come_as_a_file_that_can_be_loaded_again(place, client):
    client.force_login(place.admin)
    run = upload(place.admin, xlsx(full_row(place, unit="无此局", first="某日")))
    response = client.get(reverse("import_rejects", args=[run.pk]))
    rows, understood = read_list_file("rejects.xlsx", b"".join(response.streaming_content))
    assert understood["unknown"] == []
    assert rows[0].values["unit"] == "无此局"
    assert rows[0].values["first_day"] == "某日"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_exported_comes_back_unchanged(place, tmp_path, kind, capsys):
    left = factories.officer(place.unit, name="张老", left_on=NEW_YEAR)
    factories.contact_point(
        place.unit, place.one, left, first=date(2020, 1, 1), last=date(2020, 12, 31), note="=甲"
    )
    namesakes = [factories.officer(place.unit, name="王 伟", telephone="") for _ in range(2)]
    factories.contact_point(place.unit, place.one, namesakes[1], first=date(2021, 1, 1))
    factories.contact_point(
        place.unit,
        place.other,
        factories.officer(place.unit, name="单雄信", telephone="+86 10-1"),
        note="-3 组，（西）",
    )
    file = tmp_path / f"list.{kind}"
    code = place.county.code
    call_command("export_contact_points", county=code, format=kind, output=file)
    capsys.readouterr()
    call_command("import_contact_points", file, county=code)
    assert (
        "0 new, 0 changed, 3 unchanged, 0 asks, 0 rejected, 0 closed; applied"
        in capsys.readouterr().out
    )
