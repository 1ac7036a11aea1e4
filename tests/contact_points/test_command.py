"""Lists through the command line: what is printed, how it ends, what is written."""

import json

import pytest
from django.core.management import CommandError, call_command

from contact_points.models import ContactPoint, ImportRun
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import row, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]
ROW = row(code="130529100001", unit="县教育局", officer="王建国", telephone="0319123456")
KEYS = [
    "sheet",
    "header_rows",
    "rows",
    "created",
    "changed",
    "unchanged",
    "closed",
    "dropped",
    "asks",
    "errors",
]


@pytest.fixture
def county():
    county = factories.county(code="130529", name="巨鹿县")
    township = factories.township(county, code="130529100", name="官亭镇")
    factories.village(township, code="130529100001", name="后辛庄村委会")
    factories.village(township, code="130529100002", name="前辛庄村委会")
    factories.unit(county, name="县教育局")
    return county


@pytest.fixture
def run(county, tmp_path, capsys):
    """Run it on these rows; returns the exit code and what it printed."""

    def run(*rows, **options):
        file = tmp_path / "名单.xlsx"
        file.write_bytes(xlsx(*rows))
        code = 0
        try:
            call_command("import_contact_points", file, county=county.code, json=True, **options)
        except SystemExit as end:
            code = end.code
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_clean_list_is_applied(run, county):
    code, dry = run(ROW, dry_run=True, year=2026)
    assert (code, dry["created"], list(dry)) == (0, 1, KEYS)
    assert not ImportRun.objects.exists()
    admin = factories.user(Role.ADMIN, county=county)
    code, report = run(ROW, username=admin.username, year=2025)
    assert (code, report["errors"], report["header_rows"]) == (0, [], [1])
    assert ContactPoint.objects.get().first_day.isoformat() == "2025-01-01"
    assert ImportRun.objects.get().created_by == admin
    assert run(ROW, year=2025)[1]["unchanged"] == 1


def test_a_rejected_row_stops_all_unless_told_otherwise(run):
    rows = [ROW, row(code="130529100002", unit="县教育局", officer="王建国", telephone="不详")]
    code, report = run(*rows)
    assert (code, len(report["errors"])) == (1, 1)
    error = report["errors"][0]
    assert (error["row"], error["column"], error["value"]) == (3, "telephone", "不详")
    assert not ContactPoint.objects.exists()
    assert run(*rows, allow_partial=True)[0] == 0
    assert ContactPoint.objects.count() == 1


def test_a_row_that_asks_is_not_clean_and_names_its_candidates(run):
    rows = [ROW, row(village="辛庄", township="官亭镇", unit="县教育局", officer="王建国")]
    code, report = run(*rows)
    assert (code, report["errors"]) == (1, [])
    (asked,) = report["asks"]
    assert (asked["row"], asked["column"], asked["value"]) == (3, "village", "辛庄")
    assert {text[:3] for text in asked["candidates"]} == {"后辛庄", "前辛庄"}
    assert not ContactPoint.objects.exists()


def test_what_the_list_leaves_out_is_closed_only_when_told(run):
    other = row(code="130529100002", unit="县教育局", officer="李爱民")
    run(ROW, other, year=2025)
    assert run(ROW, year=2026)[1]["closed"] == 0
    assert run(ROW, year=2026, dry_run=True, close_missing=True)[1]["closed"] == 1
    assert run(ROW, year=2026, close_missing=True)[1]["closed"] == 1
    closed = ContactPoint.objects.get(village__code="130529100002")
    assert closed.last_day.isoformat() == "2025-12-31"


def test_what_cannot_be_read_or_done_says_so(county, tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"<html>")
    with pytest.raises(CommandError) as refused:
        call_command("import_contact_points", file, county="130529")
    assert refused.value.returncode == 2
    cadre = factories.cadre(factories.unit(county))
    with pytest.raises(CommandError, match="no administrator"):
        call_command("import_contact_points", file, county="130529", username=cadre.username)
    with pytest.raises(CommandError, match="no county"):
        call_command("export_contact_points", county="000000", output=tmp_path / "b.xlsx")


def test_the_exported_columns_are_the_ten_in_their_order(run, county, tmp_path):
    run(ROW)
    file = tmp_path / "out.csv"
    call_command("export_contact_points", county=county.code, format="csv", output=file)
    header = file.read_text("utf-8-sig").splitlines()[0]
    assert header == "村代码,村名,乡镇,联系单位,责任人,职务,联系电话,起始日期,终止日期,备注"
