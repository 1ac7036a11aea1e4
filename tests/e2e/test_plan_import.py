"""A coordinator exports the plan, changes two cells, loads the sheet, and takes it back."""

import re

import pytest
from openpyxl import load_workbook

from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_two_cells_change_and_change_back(visitor, town, run_jobs, tmp_path, size, scheme):
    month = town.lines[0].month.month
    person = visitor(town.coordinator, size, color_scheme=scheme)
    page = person.page
    person.go(f"plans/{town.plan.pk}")
    page.locator(f'a[href$="/plans/{town.plan.pk}/import/"]').click()
    person.check()
    with page.expect_download() as download:
        page.locator('main a[href$="/export/"]').click()
    path = tmp_path / "方案.xlsx"
    download.value.save_as(path)
    book = load_workbook(path)
    book.active.cell(2, 4 + month).value = "15日 党员 | 秋冬季防火"
    book.active.cell(3, 4 + month).value = f"16日 村干部 {town.cadre.name}"
    book.save(path)
    page.set_input_files("#id_file", path)
    page.locator("main form button.btn-primary").click()
    page.locator("#job").wait_for()
    run_jobs()
    page.locator("#confirm").wait_for()
    assert page.locator("main tbody tr").count() == 2
    person.check()
    page.locator("#confirm button").click()
    page.locator(".note.done").wait_for()
    person.check()
    assert [str(line.planned_date.day) for line in town.plan.lines.order_by("pk")] == ["15", "16"]
    person.go(f"plans/{town.plan.pk}")
    grid = page.locator("main table").first
    assert "15" in grid.inner_text()
    page.go_back()
    page.locator("#undo button").click()
    page.wait_for_url(re.compile("plan-imports"))
    page.locator("#undo").wait_for(state="detached")
    person.check()
    assert set(town.plan.lines.values_list("planned_date", flat=True)) == {None}
