"""What every kind of list promises: its page, template, preview, history, command and way back."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from contact_points import tasks
from contact_points.layouts import LAYOUTS
from contact_points.models import Household, ImportRun, Officer, Unit, Village
from contact_points.reading.lists import ListRow
from contact_points.resources import present_rows
from contact_points.services import imports, undoing
from contact_points.services.answers import name_columns
from contact_points.services.kinds import KINDS, plan_run
from outreach import clock
from outreach.models import AuditEntry, Job
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import (
    apply,
    bring,
    confirm,
    noted,
    outcomes,
    undo,
    upload,
    xlsx,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
RECORDS = [kind for kind in KINDS if kind != "contact_points"]
# kind: (a row that adds, a row that asks, a row that is rejected)
ROWS = {
    "villages": (
        {"village_code": "130529101009", "village": "新村", "population": 300},
        {"village": "赵家庄"},
        {"village_code": "130529101009"},
    ),
    "units": (
        {"unit": "县财政局", "unit_kind": "政府部门"},
        {"unit": "县水利局", "unit_kind": "某类"},
        {"unit": "县林业局", "unit_kind": "其他", "order": "x"},
    ),
    "officers": (
        {"officer": "李爱民", "unit": "县水务局", "username": "liaimin"},
        {"officer": "孙红", "unit": "县水利局"},
        {"officer": "周平", "unit": "县水务局", "telephone": "不详"},
    ),
    "households": (
        {"village": "后辛庄", "household": "9组-009"},
        {"village": "赵家庄", "household": "9组-009"},
        {"village": "后辛庄", "household": "9-9"},
    ),
}
MODELS = {"villages": Village, "units": Unit, "officers": Officer, "households": Household}


@pytest.fixture
def place():
    """A county with a little of everything, namesakes among it."""
    county = factories.county(code="130529", name="巨鹿县")
    guanting = factories.township(county, code="130529101", name="官亭镇")
    dicun = factories.township(county, code="130529201", name="堤村乡")

    class Place:
        admin = factories.user(Role.ADMIN, county=county)
        village = factories.village(guanting, code="130529101001", name="后辛庄村委会")
        unit = factories.unit(county, name="县水务局", order=3)

    Place.county = county
    for township, code in ((guanting, "130529101002"), (dicun, "130529201001")):
        factories.village(township, code=code, name="赵家庄村委会", population=0)
    factories.village(guanting, code="130529101003", name="城关居委会", households_count=None)
    factories.household(Place.village, "1组-001")
    factories.unit(county, name="官亭镇", kind=Unit.Kind.TOWNSHIP, township=guanting)
    factories.unit(county, name="县委办公室", kind=Unit.Kind.PARTY_DEPARTMENT)
    factories.unit(county, name="县政府办公室", kind=Unit.Kind.OTHER)
    cadre = factories.cadre(Place.unit, telephone="0319-1234567")
    factories.officer(Place.unit, name=cadre.name, left_on=date(2020, 1, 31))
    for _ in range(2):
        factories.officer(Place.unit, name="王 伟", post="局长  兼 书记")
    account = factories.user(Role.COORDINATOR, unit=Place.unit)
    factories.officer(Place.unit, name="王 伟", user=account)
    return Place


@pytest.fixture
def page(client, place):
    client.force_login(place.admin)
    return client


@pytest.mark.parametrize("kind", RECORDS)
def test_from_upload_to_history_and_back(place, page, kind):
    add, ask, reject = ROWS[kind]
    before = MODELS[kind].objects.count()
    run = bring(place.admin, kind, add, ask, reject)
    assert outcomes(run) == ["new", "asks", "rejected"], noted(run)
    shown = page.get(run.get_absolute_url())
    assert shown.context["questions"]
    assert b"".join(page.get(reverse("import_rejects", args=[run.pk])).streaming_content)
    assert MODELS[kind].objects.count() == before
    confirm(run, place.admin)
    run.refresh_from_db()
    tasks.apply_list(str(run.job_id))
    assert MODELS[kind].objects.count() == before + 1
    run.refresh_from_db()
    assert (run.state, run.job.state) == (ImportRun.State.APPLIED, Job.State.DONE)
    shown = page.get(run.get_absolute_url())
    assert reverse(shown.context["words"].home) in shown.content.decode()
    assert b'name="close"' not in shown.content
    history = page.get(reverse("import_list"), {"kind": kind})
    assert [row.record for row in history.context["table"].on_page] == [run]
    job = undoing.start_undo(run=run, actor=place.admin).job
    tasks.undo_list(str(job.pk))
    assert MODELS[kind].objects.count() == before
    assert page.get(run.get_absolute_url()).context["run"].state == "undone"


@pytest.mark.parametrize("kind", RECORDS)
def test_of_two_imports_at_once_the_second_is_shown_anew_and_writes_nothing(place, kind):
    add, _ask, _reject = ROWS[kind]
    first, second = bring(place.admin, kind, add), bring(place.admin, kind, add)
    confirm(first, place.admin), confirm(second, place.admin)
    for run in (first, second):
        run.refresh_from_db()
        tasks.apply_list(str(run.job_id))
    second.refresh_from_db()
    assert second.state == ImportRun.State.READY
    assert "changed since the preview" in second.message
    assert outcomes(second) == ["unchanged"]
    with pytest.raises(imports.NotPossible):
        confirm(second, place.admin)
    assert outcomes(bring(place.admin, kind, add)) == ["unchanged"]


@pytest.mark.parametrize("kind", RECORDS)
def test_an_apply_job_that_runs_twice_writes_once(place, kind):
    run = apply(bring(place.admin, kind, ROWS[kind][0]), place.admin)
    known, entries = MODELS[kind].objects.count(), AuditEntry.objects.count()
    Job.objects.filter(pk=run.job_id).update(state=Job.State.WAITING)
    tasks.apply_list(str(run.job_id))
    assert (MODELS[kind].objects.count(), AuditEntry.objects.count()) == (known, entries)


def test_a_preview_of_another_registry_is_not_applied(place):
    run = bring(place.admin, "villages", village_code=place.village.code, population=5)
    confirm(run, place.admin)
    Village.objects.filter(pk=place.village.pk).update(population=4)
    run.refresh_from_db()
    tasks.apply_list(str(run.job_id))
    run.refresh_from_db()
    assert run.state == ImportRun.State.READY
    assert run.rows.get().changes == [["population", "4", "5"]]
    place.village.refresh_from_db()
    assert place.village.population == 4


def test_a_record_changed_while_the_list_is_written_stops_it(place, monkeypatch):
    run = bring(place.admin, "villages", village_code=place.village.code, population=5)
    plan = KINDS["villages"].plan

    def planned_then_changed(*args):
        found = plan(*args)
        Village.objects.filter(pk=place.village.pk).update(name="另一个村")
        return found

    changed = replace(KINDS["villages"], plan=planned_then_changed)
    monkeypatch.setitem(KINDS, "villages", changed)
    run = apply(run, place.admin)
    assert run.state == ImportRun.State.READY
    assert "at the same moment" in run.message


@pytest.mark.parametrize("kind", RECORDS)
def test_only_administrators_of_the_county_do_any_of_it(place, kind):
    run = apply(bring(place.admin, kind, ROWS[kind][0]), place.admin)
    for stranger in (
        factories.user(Role.ADMIN, county=factories.county()),
        factories.user(Role.COUNTY, county=place.county),
    ):
        for step in (undoing.start_undo, undoing.undo_import):
            with pytest.raises(PermissionDenied):
                step(run=run, actor=stranger)
        with pytest.raises(PermissionDenied):
            imports.start_import(
                county=place.county,
                file_name="a.csv",
                content=b"a",
                first_day=clock.today(),
                actor=stranger,
                kind=kind,
            )
    assert undo(run, place.admin)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_registry_holds_comes_back_unchanged(place, page, kind):
    factories.contact_point(place.unit, place.village)
    response = page.get(reverse("import_template"), {"kind": kind, "filled": "1"})
    run = upload(place.admin, b"".join(response.streaming_content), kind=kind)
    assert outcomes(run) == ["unchanged"] * run.rows.count(), [
        (r.outcome, r.values, r.reason) for r in run.rows.all()
    ]
    assert run.rows.count() == len(list(present_rows(kind, place.county.pk))) - 1 > 0
    assert run.understood["unknown"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_page_and_template(place, page, kind):
    shown = page.get(reverse("import_create"), {"kind": kind})
    text = shown.content.decode()
    for header in LAYOUTS[kind].headers:
        assert header in text
    assert f"{reverse('import_template')}?kind={kind}" in text
    assert ("first_day" in shown.context["form"].fields) == (kind == "contact_points")
    response = page.get(reverse("import_template"), {"kind": kind})
    assert kind.replace("_", "-") in response["Content-Disposition"]
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    assert [cell.value for cell in sheet[1]] == LAYOUTS[kind].headers


def test_the_kind_of_the_address_is_the_kind_of_the_import(place, page):
    content = xlsx(["县财政局", "政府部门"], headers=["单位名称", "单位类别"])
    for kind, wanted in (("units", "units"), ("nothing", "contact_points")):
        file = BytesIO(content)
        file.name = "单位.xlsx"
        address = f"{reverse('import_create')}?kind={kind}"
        response = page.post(address, {"file": file, "first_day": "2026-01-01"})
        assert response.status_code == 302
        run = ImportRun.objects.get(pk=response["Location"].strip("/").split("/")[-1])
        assert (run.kind, run.county) == (wanted, place.county)


def test_lists_of_the_registry_lead_administrators_to_their_import(place, page, sign_in):
    office = sign_in(factories.user(Role.COUNTY, county=place.county))
    for name, kind in (
        ("village_list", "villages"),
        ("unit_list", "units"),
        ("officer_list", "officers"),
        ("contact_point_list", "contact_points"),
    ):
        link = f"{reverse('import_create')}?kind={kind}".encode()
        assert link in page.get(reverse(name)).content
        assert link not in office.get(reverse(name)).content


def test_a_hand_made_list_needs_no_template(place):
    content = xlsx(
        [1, "官亭镇", "后辛庄", 321, 1024.0],
        [2, "官亭镇", "城关居委会", "88户", ""],
        ["合计", "", "", 409, 1024],
        headers=["序号", "所属乡镇", "行政村", "总户数", "总人口"],
        above=[["巨鹿县行政村基本情况统计表"], []],
    )
    run = upload(place.admin, content, kind="villages")
    assert outcomes(run) == ["changed", "changed"]
    assert [r.changes for r in run.rows.all()] == [
        [["households_count", "100", "321"], ["population", "", "1024"]],
        [["households_count", "", "88"]],
    ]


# The same number of queries for any number of rows ------------------------------------------------

QUERIES = {"villages": 10, "units": 11, "officers": 11, "households": 10}


def one_more(kind, n):
    return {
        "villages": {"village_code": f"13052910102{n}", "village": f"村{n}", "population": "3"},
        "units": {"unit": f"单位甲乙{n}", "unit_kind": "其他"},
        "officers": {"officer": "张" + "一二三四五"[n], "unit": "县水务局", "username": f"new{n}"},
        "households": {"village": "后辛庄", "household": f"5组-00{n}"},
    }[kind]


@pytest.mark.parametrize("kind", RECORDS)
def test_planning_asks_the_database_no_more_for_more_rows(place, kind, django_assert_num_queries):
    run = ImportRun(county=place.county, kind=kind, first_day=clock.today())
    present = [
        dict(zip(LAYOUTS[kind].by_name, row, strict=True))
        for row in list(present_rows(kind, place.county.pk))[1:]
    ]
    known = [{n: "" if v is None else str(v) for n, v in row.items()} for row in present]
    for count in (1, 3):
        cells = [*known[:count], *(one_more(kind, n) for n in range(count))]
        rows = [ListRow(n, cells) for n, cells in enumerate(cells)]
        with django_assert_num_queries(QUERIES[kind]):
            plan_run(run, rows)


@pytest.mark.parametrize("kind", RECORDS)
def test_writing_and_undoing_ask_no_more_for_more_rows(place, kind):
    asked = []
    for count in (1, 4):
        run = bring(place.admin, kind, *(one_more(kind, n) for n in range(count)))
        confirm(run, place.admin)
        run.refresh_from_db()
        with CaptureQueriesContext(connection) as writing:
            tasks.apply_list(str(run.job_id))
        with CaptureQueriesContext(connection) as undoing_it:
            assert undo(run, place.admin)
        asked.append((len(writing), len(undoing_it)))
    assert asked[0] == asked[1]


def test_the_page_of_an_import_costs_the_same_for_more_rows(place, page, django_assert_num_queries):
    page.get(reverse("unit_list"))  # the first page also saves the session
    for count in (1, 4):
        run = bring(place.admin, "officers", *(one_more("officers", n) for n in range(count)))
        with django_assert_num_queries(6):
            page.get(run.get_absolute_url())
        run = apply(run, place.admin)
        with django_assert_num_queries(8):
            page.get(run.get_absolute_url())
        undo(run, place.admin)


# From the command line --------------------------------------------------------------------------


@pytest.fixture
def load(place, tmp_path, capsys):
    """Run `import_list` on these rows; returns the exit code and what it printed."""

    def run(kind, *rows, **options):
        names = list(LAYOUTS[kind].by_name)
        lines = [[cells.get(name, "") for name in names] for cells in rows]
        file = tmp_path / "名单.xlsx"
        file.write_bytes(xlsx(*lines, headers=LAYOUTS[kind].headers))
        code = 0
        try:
            call_command(
                "import_list", file, kind=kind, county=place.county.code, json=True, **options
            )
        except SystemExit as end:
            code = end.code
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("kind", RECORDS)
def test_the_command_line_does_the_same(place, load, kind):
    add, ask, reject = ROWS[kind]
    code, report = load(kind, add, dry_run=True)
    assert (code, report["created"], report["errors"]) == (0, 1, [])
    assert not ImportRun.objects.exists()
    code, report = load(kind, add, ask, reject)
    assert (code, report["created"], len(report["asks"])) == (1, 1, 1)
    assert report["errors"] and report["closed"] == 0
    assert not ImportRun.objects.exists()
    code, report = load(kind, add, ask, reject, allow_partial=True, username=place.admin.username)
    assert (code, ImportRun.objects.get().created_by) == (0, place.admin)
    code, report = load(kind, add)
    assert (code, report["unchanged"]) == (0, 1)


def test_the_command_line_says_what_it_cannot_read(place, tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"<html>")
    with pytest.raises(CommandError) as refused:
        call_command("import_list", file, kind="units", county=place.county.code)
    assert refused.value.returncode == 2
    file.write_bytes(xlsx(["政府部门", 1], headers=["单位类别", "排序"]))
    with pytest.raises(CommandError, match="单位名称"):
        call_command("import_list", file, kind="units", county=place.county.code)


# The uploaded file ------------------------------------------------------------------------------


def test_originals_are_deleted_after_thirty_days_and_the_history_stays(place, page):
    old = apply(bring(place.admin, "units", ROWS["units"][0]), place.admin)
    young = bring(place.admin, "units", ROWS["units"][1])
    ImportRun.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=30, hours=1))
    ImportRun.objects.filter(pk=young.pk).update(created_at=clock.now() - timedelta(days=29))
    names = old.file.name, young.file.name
    for _ in range(2):
        tasks.delete_old_originals()
    assert [default_storage.exists(name) for name in names] == [False, True]
    assert AuditEntry.objects.filter(action="Original of a list deleted").count() == 1
    old.refresh_from_db()
    assert (old.file, old.state, old.rows.count()) == ("", ImportRun.State.APPLIED, 1)
    page.cookies["django_language"] = "en"
    text = page.get(old.get_absolute_url()).content.decode()
    assert "the file itself was deleted" in text
    assert b"".join(page.get(reverse("import_rejects", args=[old.pk])).streaming_content)
    assert undo(old, place.admin)


def test_a_list_whose_file_is_gone_cannot_be_read_again(place, page):
    run = bring(place.admin, "units", ROWS["units"][0])
    imports.forget_file(run=run, actor=None)
    run.refresh_from_db()
    assert b'class="columns-form"' not in page.get(run.get_absolute_url()).content
    with pytest.raises(imports.NotPossible):
        name_columns(run=run, names={}, actor=place.admin)
    assert apply(run, place.admin).state == ImportRun.State.APPLIED


def test_beat_deletes_originals_daily():
    entry = settings.CELERY_BEAT_SCHEDULE["delete-import-originals"]
    assert entry["task"] == tasks.delete_old_originals.name
    assert entry["schedule"] == timedelta(days=1)
