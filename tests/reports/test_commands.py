"""The commands print what the pages show."""

import json
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from outreach import clock
from reports.indicators import figures
from tests import factories as make
from tests.reports import small_county
from tests.reports.small_county import MAY, Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with clock.at(make.moment(small_county.TODAY, 12)):
        yield


@pytest.fixture
def county():
    place = Place()
    place.visit()
    return place.county


def say(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("by", [None, "unit", "township", "village", "officer"])
def test_indicators(county, by):
    arguments = ["indicators", "--county", county.code, "--month", "2026-05"]
    arguments += ["--by", by] if by else []
    (row,) = json.loads(say(*arguments, "--json"))
    (expected,) = figures(county.pk, MAY, by=by)
    assert (row["key"], row["done"], row["rates"]["completion"]) == (expected.key, 1, 1.0)
    assert row["rates"]["repeat"] is None
    assert row["name"] in say(*arguments)


def test_monthly_report(county, tmp_path):
    arguments = ["monthly_report", "--county", county.code, "--month", "2026-05"]
    found = json.loads(say(*arguments, "--json", "--output", str(tmp_path / "out")))
    path = Path(found["file"])
    assert path.parent == tmp_path / "out"
    assert sha256(path.read_bytes()).hexdigest() == found["sha256"]
    assert found["figures"]["done"] == 1
    assert found["sha256"] not in say(*arguments)  # the second revision says so in its text


@pytest.mark.parametrize(
    "wrong",
    [
        ("--county", "999999"),
        ("--month", "2026-13"),
        ("--month", "2026-06"),
        ("--month", "2025-05"),
    ],
)
def test_wrong_arguments_are_named(county, wrong):
    arguments = {"--county": county.code, "--month": "2026-05"} | dict([wrong])
    with pytest.raises(CommandError):
        say("monthly_report", *[word for pair in arguments.items() for word in pair])
