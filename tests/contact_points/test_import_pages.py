"""The page of an import: what it shows, asks, corrects and takes back, in the browser's words."""

from datetime import date

import pytest
from django.urls import reverse

from contact_points import tasks
from contact_points.models import Alias, ContactPoint, ImportRun
from contact_points.reading.lists import ListRow
from contact_points.services.previews import plan_list
from tests import factories
from tests.contact_points.lists import outcomes, row, upload, xlsx
from tests.contact_points.test_matching import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def town(client):
    town = Town()
    client.force_login(town.admin)
    return town


def post(client, run, name, **data):
    """Post one of the page's forms; returns the page that follows and the import."""
    response = client.post(reverse(f"import_{name}", args=[run.pk]), data, follow=True)
    assert response.status_code == 200
    return response, ImportRun.objects.select_related("job").get(pk=run.pk)


def test_from_a_messy_list_to_the_registry_and_back(client, town):
    factories.contact_point(town.units["县委办公室"], town.villages["苏家营镇", "刘家庄村委会"])
    run = town.read(
        row(village="后辛庄", township="官亭镇", unit="民政局", officer="王建国"),
        row(village="赵家庄", unit="民政局", officer="王建国"),
        row(village="苏家营", township="苏营镇", unit="民政局", officer="李爱民、孙红"),
        row(
            village="大屯头1村",
            township="官亭镇",
            unit="发展改革局",
            officer="周平",
            telephone="无",
        ),
    )
    assert outcomes(run) == ["new", "asks", "asks", "rejected"]
    page = client.get(run.get_absolute_url())
    questions = {q["column"]: q for q in page.context["questions"]}
    assert set(questions) == {"village", "township", "unit"}
    assert len(page.context["left"]) == 1
    for wanted in ("苏家营镇", "张王疃乡", "县发展和改革局", 'name="close"', "Apply 1 row"):
        wanted = {"Apply 1 row": run.plan_sha256}.get(wanted, wanted)
        assert wanted in page.content.decode()
    while run.questions:
        question = run.questions[0]
        page, run = post(
            client, run, "answer", key=question["key"], answer=question["candidates"][0][0]
        )
    assert outcomes(run) == ["new", "new", "new", "rejected"]
    assert page.context["answered"]
    page, run = post(client, run, "correct", number=5, column="telephone", text="0319 4332211")
    assert outcomes(run) == ["new"] * 4
    page, run = post(
        client, run, "confirm", sha256=run.sha256, plan_sha256=run.plan_sha256, close="all"
    )
    tasks.apply_list(str(run.job_id))
    assert ContactPoint.objects.count() == 5
    assert client.get(run.get_absolute_url()).status_code == 200
    page, run = post(client, run, "undo")
    tasks.undo_list(str(run.job_id))
    assert ContactPoint.objects.count() == 1
    page = client.get(run.get_absolute_url())
    assert page.context["run"].state == "undone"


def test_what_is_not_possible_is_said_on_the_page(client, town):
    run = town.one()
    for name, data in (
        ("answer", {"key": "x", "answer": "1"}),
        ("correct", {"number": "9", "column": "unit", "text": "x"}),
        ("correct", {"number": "x"}),
        ("undo", {}),
        ("confirm", {"sha256": "0", "plan_sha256": "0", "close": "x"}),
    ):
        page, _run = post(client, run, name, **data)
        assert len(page.context["messages"]) == 1


def test_a_column_named_by_a_person_is_remembered(client, town):
    headers = ["哪个村", "乡镇", "联系单位", "责任人", "说不清"]
    cells = ["后辛庄", "官亭镇", "县民政局", "王建国", "甲"]
    run = upload(town.admin, xlsx(cells, headers=headers))
    columns = {c["header"]: c["index"] for c in run.understood["columns"]}
    names = {str(c["index"]): c["name"] or "" for c in run.understood["columns"]}
    names[str(columns["哪个村"])], names[str(columns["说不清"])] = "village", "note"
    page = client.get(run.get_absolute_url())
    assert "哪个村" in page.content.decode()
    page, run = post(client, run, "columns", **names)
    tasks.read_list(str(run.job_id))
    assert [r.values["note"] for r in run.rows.all()] == ["甲"]
    assert outcomes(run) == ["new"]
    assert set(Alias.objects.values_list("column", flat=True)) == {"village", "note"}
    again = upload(town.admin, xlsx(cells, headers=headers))
    assert (outcomes(again), again.understood["unknown"]) == (["new"], [])
    page, _run = post(client, again, "columns", **dict.fromkeys(names, "note"))
    assert len(page.context["messages"]) == 1


def test_rows_that_stay_out_come_in_the_columns_of_the_list(client, town):
    headers = ["联系村", "所属乡镇", "单 位", "联系领导"]
    run = upload(
        town.admin,
        xlsx(
            ["后辛庄", "官亭镇", "县民政局", "王建国"],
            ["后辛庄", "官亭镇", "无此单位", "王建国"],
            ["后辛庄", "官亭镇", "", "王建国"],
            headers=headers,
        ),
    )
    response = client.get(reverse("import_rejects", args=[run.pk]))
    again = upload(town.admin, b"".join(response.streaming_content))
    assert again.rows.count() == 2
    assert again.understood["unknown"] == []
    assert again.rows.first().values["unit"] == "无此单位"


def test_the_history_tells_file_person_counts_and_state(client, town):
    town.one(unit="无此单位")
    page = client.get(reverse("import_list"))
    (found,) = page.context["table"].on_page
    assert (found.get_cell("asks"), found.get_cell("created_by")) == (1, town.admin.name)


def test_planning_asks_the_database_no_more_for_more_rows(town, django_assert_num_queries):
    cells = {"township": "官亭镇", "unit": "县民政局", "officer": "王建国"}
    for villages in (["后辛庄"], ["后辛庄", "赵家庄", "新庄", "大屯头1村"]):
        rows = [ListRow(n, cells | {"village": name}) for n, name in enumerate(villages)]
        with django_assert_num_queries(8):
            plan_list(county_id=town.county.pk, rows=rows, first_day=date(2026, 1, 1))


def test_rows_that_stay_out_keep_the_unit_that_a_line_above_them_named(client):
    town = Town()
    client.force_login(town.admin)
    headers = ["乡镇", "村名", "责任人", "联系电话"]
    rows = (["县民政局"], ["官亭镇", "后辛庄", "王建国", "不详"])
    run = upload(town.admin, xlsx(*rows, headers=headers))
    assert outcomes(run) == ["rejected"]
    response = client.get(reverse("import_rejects", args=[run.pk]))
    content = b"".join(response.streaming_content)
    again = upload(town.admin, content, name="补正.xlsx")
    assert again.rows.get().values["unit"] == "县民政局"
