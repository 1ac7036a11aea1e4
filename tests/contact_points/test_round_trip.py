"""What was exported comes back as unchanged, whatever the registry holds."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from contact_points.models import ContactPoint
from tests import factories

# Real names of villages, each of which a list has stumbled over.
HARD = (
    "赵家庄村委会",
    "赵家庄居委会",
    "小寨镇村村民委员会",
    "官亭镇虚拟社区",
    "平山县新龙基地社区",
    "大屯头一村村委会",
    "大屯头1村村委会",
    "十一队村",
    "１号井社区",
    "村村委会",
    "乡村",
)
NOTES = (
    "",
    "=1+1",
    "-3",
    "+86",
    "@李",
    "'引号",
    "两行\n第二行",
    "合计",
    "备注：长期",
    "3.0",
    "TRUE",
)


@pytest.fixture
def county(db):
    county = factories.county(name="平山县")
    townships = [factories.township(county, name=name) for name in ("官亭镇", "小寨镇", "官亭乡")]
    units = [factories.unit(county, name=name) for name in ("县委", "县委办公室", "平山县公安局")]
    for n, township in enumerate(townships):
        for name in HARD:
            village = factories.village(township, name=name)
            for unit in units[: n + 1]:
                hold(unit, village)
    return county


def hold(unit, village):
    """Contact points with everything a list can say of one, a former one among them."""
    n = ContactPoint.objects.count()
    officer = factories.officer(
        unit, name=f"王建{n % 7}" if n % 3 else "欧阳 建国", telephone=("", "0319-4332211")[n % 2]
    )
    point = factories.contact_point(
        unit,
        village,
        officer,
        first=date(2026, 1, 1 + n % 5),
        last=date(2026, 12, 31) if n % 4 == 0 else None,
        note=NOTES[n % len(NOTES)],
    )
    if n % 5 == 0:
        point.co_officers.add(factories.officer(unit, name=f"李秀{n}"))
    if n % 6 == 0:
        last = date(2025, 12, 31)
        factories.contact_point(unit, village, first=date(2025, 1, 1), last=last)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_every_exported_row_is_unchanged(county, tmp_path, kind):
    file = tmp_path / f"list.{kind}"
    options = ["--county", county.code, "--format", kind, "--output", str(file)]
    call_command("export_contact_points", *options, stdout=StringIO())
    said = StringIO()
    options = ["--county", county.code, "--year", "2026", "--dry-run", "--json"]
    try:
        call_command("import_contact_points", str(file), *options, stdout=said)
    except SystemExit:
        pass  # what it found stands in the report
    report = json.loads(said.getvalue())
    found = {name: report[name] for name in ("asks", "errors", "created", "changed")}
    assert found == {"asks": [], "errors": [], "created": 0, "changed": 0}
    assert report["unchanged"] == ContactPoint.objects.filter(county=county).count()
