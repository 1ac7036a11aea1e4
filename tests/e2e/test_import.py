"""A messy list in the browser: questions, a correction, applying, undoing; on both screens."""

import re

import pytest

from tests.contact_points.lists import row, upload, xlsx
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(town):
    unit = town.unit.name
    return upload(
        town.admin,
        xlsx(
            row(village="后辛庄", township="官亭镇", unit="水务局", officer="王建国、李爱民"),
            row(village="姚家庄", township="官亭镇", unit=unit, officer="孙红"),
            row(village="姚庄", township="官亭", unit="农业局", officer="周平"),
            row(village="姚庄", township="官亭镇", unit="水务局", officer="周平", telephone="不详"),
        ),
    )


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_the_preview_fits_and_is_accessible(visitor, town, run, size, scheme):
    person = visitor(town.admin, size, color_scheme=scheme)
    assert person.go(f"imports/{run.pk}") == 200
    for opened in person.page.locator("details:not(.menu) > summary").all():
        opened.click()
    person.check()


def test_from_questions_to_the_registry_and_back(visitor, town, run, run_jobs):
    admin = visitor(town.admin)
    page = admin.page
    admin.go(f"imports/{run.pk}")
    page.locator(".question button", has_text="姚庄村").click()
    page.wait_for_url(re.compile("#questions"))
    page.locator(".question select").select_option(label=town.unit.name)
    page.locator(".question .more button").click()
    page.locator(".question").wait_for(state="detached")
    admin.check()
    page.locator("#confirm button.btn-primary").click()
    page.locator("#job").wait_for()
    run_jobs()
    page.locator(".note.done").wait_for()
    admin.check()
    page.locator("summary.btn-outline-danger").click()
    page.locator(".sheet button.btn-outline-danger").click()
    page.locator("#job").wait_for()
    run_jobs()
    page.locator(".note:not(#job, .done)").wait_for()
    admin.check()
    run.refresh_from_db()
    assert run.state == "undone"
