"""A new installation gets its registry and its first administrator from the command line."""

import gzip
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contact_points.models import County, Township, Village
from outreach.models import AuditEntry, User

HEADER = "village_code,village_name,township_code,township_name,county_code,county_name\n"
ROWS = (
    "130529100001,南街居委会,130529100,巨鹿镇,130529,巨鹿县\n"
    "130529101001,王虎寨村,130529101,王虎寨镇,130529,巨鹿县\n"
    "130530100001,东街居委会,130530100,新河镇,130530,新河县\n"
)


@pytest.fixture
def division_list(tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8-sig")
    return path


def test_villages_of_one_county_are_loaded_once(db, division_list):
    for _ in range(2):
        call_command("load_villages", division_list, county="130529", stdout=StringIO())
    assert County.objects.get().name == "巨鹿县"
    assert Township.objects.count() == 2
    assert [v.name for v in Village.objects.all()] == ["南街居委会", "王虎寨村"]


def test_a_packed_list_is_read_too(db, tmp_path):
    path = tmp_path / "villages.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROWS).encode()))
    call_command("load_villages", path, stdout=StringIO())
    assert County.objects.count() == 2


def test_a_list_without_its_columns_is_refused(db, tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text("code,name\n1,2\n")
    with pytest.raises(CommandError, match="lacks the columns"):
        call_command("load_villages", path)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_villages", tmp_path / "nothing.csv")


def test_the_first_administrator_must_change_the_password(db, division_list):
    call_command("load_villages", division_list, county="130529", stdout=StringIO())
    out = StringIO()
    call_command("create_account", "first", name="王浩", role="admin", county="130529", stdout=out)
    account = User.objects.get(username="first")
    password = out.getvalue().split("first password ")[1].split(",")[0]
    assert account.check_password(password)
    assert account.must_change_password
    assert AuditEntry.objects.filter(object_id=account.pk, actor=None).count() == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"role": "admin", "county": "999999"}, "No county"),
        ({"role": "cadre", "county": "130529", "unit": "没有的局"}, "no unit"),
        ({"role": "cadre", "county": "130529"}, "单位|unit"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(db, division_list, options, sentence):
    call_command("load_villages", division_list, county="130529", stdout=StringIO())
    with pytest.raises(CommandError, match=sentence):
        call_command("create_account", "someone", name="某人", **options)
    assert not User.objects.exists()
