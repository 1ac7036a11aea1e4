"""The commands print what the pages show."""

import json
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest
from django.core.management import CommandError, call_command

from outreach import clock
from outreach.management.commands import monthly_report
from outreach.models import Job
from reports.asking import By
from reports.indicators import figures
from reports.models import MonthFigures, Report
from reports.tasks import make_report
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


@pytest.mark.parametrize("by", [None, *get_args(By)])
def test_indicators(county, by):
    arguments = ["indicators", "--county", county.code, "--month", "2026-05"]
    arguments += ["--by", by] if by else []
    (row,) = json.loads(say(*arguments, "--json"))
    (expected,) = figures(county.pk, MAY, by=by)
    assert (row["key"], row["done"], row["people_by_group"]["party_members"]) == (
        expected.key,
        1,
        8,
    )
    assert row["rates"]["completion"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert row["rates"]["repeat"] == {"numerator": 0, "denominator": 0, "value": "-"}
    assert row["name"] in say(*arguments)


def test_indicators_of_a_span_with_matters_and_topics(county):
    arguments = ["indicators", "--county", county.code, "--month", "2026-04", "--to", "2026-05"]
    (row,) = json.loads(say(*arguments, "--json"))
    assert (row["due"], row["done"]) == (1, 1)
    assert row["matters"]["response"] == {"numerator": 0, "denominator": 0, "value": "-"}
    assert [topic["villages_delivered"] for topic in row["topics"]] == [1]
    with pytest.raises(CommandError):
        say(*arguments[:-1], "2026-03")


def test_rollups_are_made_anew_and_compared(county):
    say("rebuild_rollups", "--county", county.code)
    assert "is what counting gives" in say("rebuild_rollups", "--check")
    MonthFigures.objects.filter(county_id=county.pk).update(done=0)
    with pytest.raises(CommandError, match="1 rows differ"):
        say("rebuild_rollups", "--check")
    say("rebuild_rollups")
    assert say("rebuild_rollups", "--check", "--county", county.code)


def test_monthly_report(county, tmp_path):
    arguments = ["monthly_report", "--county", county.code, "--month", "2026-05"]
    found = json.loads(say(*arguments, "--json", "--output", str(tmp_path / "out")))
    assert [Path(row["file"]).suffix for row in found["files"]] == [".docx", ".pdf", ".xlsx"]
    for row in found["files"]:
        path = Path(row["file"])
        assert path.parent == tmp_path / "out"
        assert sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert found["figures"]["done"] == 1
    # Nothing was issued and nothing happened in between, so the second draft says the same.
    again = json.loads(say(*arguments, "--json"))
    assert again["revision"] == 2
    said, before = ([row["sha256"] for row in each["files"]] for each in (again, found))
    assert said[:2] == before[:2]  # the workbook's first sheet names the revision


def test_a_worker_that_took_the_report_first_is_waited_for(county, monkeypatch):
    asked = []

    def taken_elsewhere(job_id):
        asked.append(job_id)
        has_it = len(asked) == 1
        Job.objects.filter(pk=job_id).update(state="running" if has_it else "sent", attempt=1)
        if not has_it:
            make_report(job_id)

    monkeypatch.setattr(monthly_report, "make_report", taken_elsewhere)
    monkeypatch.setattr(monthly_report, "PAUSE", 0)
    made = say("monthly_report", "--county", county.code, "--month", "2026-05", "--json")
    assert len(json.loads(made)["files"]) == 3
    assert len(asked) == 2


def test_monthly_reports_of_all_counties_are_made_by_workers(county):
    Place()
    make.county()  # its year is not open
    asked = json.loads(say("monthly_report", "--all-counties", "--month", "2026-05", "--json"))
    assert [row["revision"] for row in asked] == [1, 1]
    assert set(Job.objects.filter(task="reports.tasks.make_report").values_list("queue")) == {
        ("bulk",)
    }
    assert county.code in say("monthly_report", "--all-counties", "--month", "2026-05")
    assert Report.objects.count() == 2  # asking twice is asking once
    for wrong in (["--month", "2025-05"], ["--month", "2026-06"]):
        with pytest.raises(CommandError):
            say("monthly_report", "--all-counties", *wrong)
    with pytest.raises(CommandError, match="one county"):
        say("monthly_report", "--all-counties", "--month", "2026-05", "--output", "/tmp")


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
