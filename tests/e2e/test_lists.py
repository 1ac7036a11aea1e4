"""The other lists in the browser: choose the kind, upload, answer, apply, hand out slips."""

import re

import pytest
from openpyxl import load_workbook

from contact_points.layouts import LAYOUTS
from contact_points.models import ImportRun, Officer
from tests.contact_points.lists import bring, xlsx
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_every_kind_can_be_chosen_and_its_page_is_accessible(visitor, town, size, scheme):
    admin = visitor(town.admin, size, color_scheme=scheme)
    admin.go("imports/new")
    for kind in LAYOUTS:
        admin.page.locator(f".kinds a[href$='kind={kind}']").click()
        admin.page.locator(f".kinds a[aria-current][href$='kind={kind}']").wait_for()
        admin.check()


def test_from_a_list_of_officers_to_their_sign_in_slips(visitor, town, run_jobs, tmp_path):
    file = tmp_path / "干部.xlsx"
    rows = [
        ["李爱民", town.unit.name, "局长", "liaimin"],
        ["孙红", "县水利局", "科员", "sunhong"],
        ["周平", "水务局", "科员", ""],
    ]
    file.write_bytes(xlsx(*rows, headers=["姓名", "单位", "职务", "用户名"]))
    admin = visitor(town.admin)
    page = admin.page
    admin.go("officers")
    page.locator(".page-head a.btn-primary").click()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form.card button.btn-primary").click()
    page.locator("#job").wait_for()
    run_jobs()
    page.locator(".question .chips button").first.wait_for()
    admin.check()
    page.locator(".question select").select_option(label=town.unit.name)
    page.locator(".question .more button").click()
    page.locator(".question").wait_for(state="detached")
    page.locator("#confirm button.btn-primary").click()
    page.locator("#job").wait_for()
    run_jobs()
    page.locator("#slips button").wait_for()
    admin.check()
    with page.expect_download() as download:
        page.locator("#slips button").click()
    download.value.save_as(tmp_path / "slips.xlsx")
    slips = [*load_workbook(tmp_path / "slips.xlsx").active.iter_rows(values_only=True)][1:]
    assert [slip[2] for slip in slips] == ["liaimin", "sunhong"]
    newcomer = visitor(None)
    newcomer.go("login")
    newcomer.page.fill("#id_username", slips[0][2])
    newcomer.page.fill("#id_password", slips[0][3])
    newcomer.page.click("main button.btn-primary")
    newcomer.page.wait_for_url(re.compile("/password/"))
    assert Officer.objects.filter(name__in=["李爱民", "孙红", "周平"]).count() == 3


def test_a_preview_with_questions_fits_the_phone(visitor, town):
    run = bring(
        town.admin,
        "units",
        {"unit": "县水利局", "unit_kind": "某类"},
        {"unit": "县水务管理局", "unit_kind": "政府部门"},
        {"unit": "县财政局", "unit_kind": "政府部门", "order": "一"},
    )
    assert ImportRun.objects.get(pk=run.pk).questions
    person = visitor(town.admin, PHONE)
    assert person.go(f"imports/{run.pk}") == 200
    for opened in person.page.locator("details:not(.menu) > summary").all():
        opened.click()
    person.check()
