"""A month's complete ledger: what one may see of the month and nothing else, as one workbook."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from feedback.models import Feedback, Matter
from feedback.services import review_feedback
from outreach.roles import Role
from reports import indicators
from tests import factories as make
from tests.conftest import MONTH
from visits.models import PlanLine
from visits.services.exemptions import exempt_line
from visits.services.recording import void_visit

URL = reverse("month_ledger")
SHEETS = ["应访任务", "走访记录", "谈话", "反馈", "群众诉求", "豁免与替代", "说明"]


def taken(browser, month=MONTH):
    """Sheet title: rows as {header: value}."""
    content = b"".join(browser.get(URL, {"month": f"{month:%Y-%m}"}))
    sheets = {}
    for sheet in load_workbook(BytesIO(content)):
        header, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(header, row, strict=True)) for row in rows]
    return sheets


@pytest.fixture
def month(world):
    """A month in which every sheet has rows of two units and of another county."""
    for place in (world.own, world.other, world.foreign):
        make.received(place.visit, place.cadre, findings=f"{place.village.name}的机井电费")
        make.matter(place, call_back="0319-4332211")
    exempt_line(line=world.own.line, actor=world.home.office, exemption="postponed", reason="防汛")
    return world


def test_the_county_office_takes_everything_of_its_county(month, sign_in):
    sheets = taken(sign_in(month.home.office))
    assert list(sheets) == SHEETS
    mine = {month.own.village.name, month.other.village.name}
    for title in SHEETS[:5]:
        assert {row["村"] for row in sheets[title]} == mine, title
    assert [row["村"] for row in sheets[SHEETS[5]]] == [month.own.village.name]
    assert [row["理由"] for row in sheets[SHEETS[5]]] == ["防汛"]


@pytest.mark.parametrize("role", [Role.CADRE, Role.COORDINATOR])
def test_a_unit_takes_its_own_rows(month, sign_in, role):
    sheets = taken(sign_in(month.person(role)))
    for title in SHEETS[:5]:
        assert {row["村"] for row in sheets[title]} == {month.own.village.name}, title


def test_cells_have_their_kinds(month, sign_in):
    sheets = taken(sign_in(month.own.coordinator))
    (visit,) = sheets["走访记录"]
    assert visit["走访日期"].date() == month.own.visit.day
    assert visit["人数"] == 8
    (talk,) = sheets["谈话"]
    assert talk["人数"] == 8


def test_a_call_back_number_stands_in_no_sheet(month, sign_in):
    for person in (month.home.office, month.own.coordinator):
        text = str(taken(sign_in(person)))
        assert "4332211" not in text
    assert Matter.objects.filter(village=month.own.village).exists()


def test_the_obligations_are_those_the_indicators_count(month, sign_in):
    sheets = taken(sign_in(month.home.office))
    (total,) = indicators.figures(month.home.county.pk, MONTH)
    owed = [row for row in sheets["应访任务"] if not row["豁免"]]
    assert sum(row["应走访次数"] for row in owed) == total.due
    assert (
        len(sheets["应访任务"])
        == PlanLine.objects.filter(county=month.home.county, month=MONTH).count()
    )


def test_what_was_not_sent_and_what_is_void_is_left_out(month, sign_in):
    row = Feedback.objects.get(visit=month.own.visit)
    review_feedback(feedback=row, actor=month.home.office, reason="请写具体")
    Feedback.objects.filter(pk=row.pk).update(findings="还没有写完")
    began = make.moment(date(2026, 5, 2))
    draft = make.visit(month.own.contact_point, month.own.cadre, started_at=began)
    make.feedback(draft, month.own.cadre, send=False, findings="草稿")
    gone = make.visit(month.other.contact_point, month.other.cadre, started_at=began)
    void_visit(visit=gone, actor=month.other.cadre, reason="重复录入")
    sheets = taken(sign_in(month.home.office))
    sent = {f"{place.village.name}的机井电费" for place in (month.own, month.other)}
    assert {feedback["了解的信息"] for feedback in sheets["反馈"]} == sent
    assert len(sheets["走访记录"]) == 4
    assert [visit["作废理由"] for visit in sheets["走访记录"]].count("重复录入") == 1
    assert len(sheets["谈话"]) == 3


def test_the_last_sheet_says_what_the_others_hold(month, sign_in):
    content = b"".join(sign_in(month.home.office).get(URL, {"month": "2026-05"}))
    about = load_workbook(BytesIO(content))["说明"]
    told = dict(about.iter_rows(min_row=2, max_col=2, values_only=True))
    assert told["月份"] == "2026年5月"
    assert told["范围"] == month.home.county.name
    assert told["“走访记录”行数"] == 2
    assert told["导出人"] == month.home.office.name


def test_a_month_without_anything_is_a_valid_file_too(world, sign_in):
    sheets = taken(sign_in(world.own.cadre), month=date(2031, 1, 1))
    assert all(rows == [] for title, rows in sheets.items() if title != "说明")
    assert sign_in(world.own.cadre).get(URL, {"month": "2026-13"}).status_code == 404
