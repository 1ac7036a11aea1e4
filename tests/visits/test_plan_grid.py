"""The plan's grid: a cell is what the page shows, answers by status, the sheet reads back."""

import re
from datetime import date
from io import BytesIO
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from contact_points.models import ContactPoint
from contact_points.services.handover import hand_over
from outreach.roles import Role
from tests import factories as make
from visits.models import AnnualPlan, Group, PlanLine
from visits.services.exemptions import decide_exemption_request, exempt_line
from visits.services.obligations import follow_registry
from visits.services.recording import void_visit
from visits.sheets import officer_names, quoted

HTMX = {"HX-Request": "true"}


def text(response):
    return response.content.decode()


def squeezed(html):
    return re.sub(r"\s+", " ", html).strip()


def cell_in(page, line):
    """The cell of a line, out of the whole page."""
    return re.search(rf'<td role="gridcell" id="line-{line.pk}".*?</td>', text(page), re.S)[0]


def values(world, **more):
    return {
        "version": "1",
        "planned_date": "2026-06-12",
        "group": "capable",
        "officer": world.own.officer.pk,
        "topics": [world.home.topic.pk],
        **more,
    }


@pytest.fixture
def june(world):
    """June of the own village: nothing visited, not over."""
    return make.plan_line(world.own.contact_point, date(2026, 6, 1))


@pytest.fixture
def save(sign_in, june):
    """Save June's cell as the grid does."""

    def post(account, data):
        url = reverse("plan_line", args=[june.pk])
        return sign_in(account).post(url, data, headers=HTMX)

    return post


def test_a_saved_cell_is_what_a_reload_shows(world, sign_in, june, save):
    saved = save(world.own.coordinator, values(world))
    assert saved.status_code == 200
    browser = sign_in(world.own.coordinator)
    page = browser.get(reverse("plan_detail", args=[world.own.plan.pk]))
    alone = browser.get(reverse("plan_line", args=[june.pk]), headers=HTMX)
    assert squeezed(text(saved)) == squeezed(cell_in(page, june)) == squeezed(text(alone))
    for part in ("12日", "经济能人", world.home.topic.title, world.own.officer.name):
        assert part in text(saved)
    assert 'data-version="2"' in text(saved)


def test_a_colleagues_change_comes_back_with_both_values(world, june, save):
    colleague = make.user(Role.COORDINATOR, unit=world.own.unit, name="周立")
    save(colleague, values(world))
    answer = save(world.own.coordinator, values(world, planned_date="2026-06-26", group=""))
    assert answer.status_code == 409
    for part in ("周立", "6月12日", "6月26日", 'data-version="2"', 'data-date="2026-06-12"'):
        assert part in text(answer)
    assert PlanLine.objects.get(pk=june.pk).planned_date.day == 12
    again = values(world, planned_date="2026-06-26", group="", version="2")
    assert save(world.own.coordinator, again).status_code == 200
    assert PlanLine.objects.get(pk=june.pk).planned_date.day == 26


def test_a_change_whose_answer_got_lost_is_one_change(world, june, save):
    for _ in range(2):
        assert save(world.own.coordinator, values(world)).status_code == 200
    assert PlanLine.objects.get(pk=june.pk).version == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"planned_date": "2026-06-31"},
        {"planned_date": "2026-07-01"},
        {"group": "everybody"},
        {"officer": "999999999"},
        {"topics": ["999999999"]},
        {"version": "x"},
    ],
)
def test_a_mistake_comes_back_as_sentences(world, june, save, wrong):
    answer = save(world.own.coordinator, values(world, **wrong))
    assert answer.status_code == 422
    assert "<li>" in text(answer)
    assert "<html" not in text(answer)
    assert PlanLine.objects.get(pk=june.pk).version == 1


def test_who_may_not_write_gets_no_cell(world, june, save):
    assert save(world.own.cadre, values(world)).status_code == 403
    assert save(world.home.office, values(world)).status_code == 403
    assert save(world.other.coordinator, values(world)).status_code == 404
    AnnualPlan.objects.filter(pk=world.own.plan.pk).update(state="submitted")
    assert save(world.own.coordinator, values(world)).status_code == 403


def test_what_a_browser_kept_is_not_sent_by_somebody_else(world, june, save):
    colleague = make.user(Role.COORDINATOR, unit=world.own.unit)
    kept = values(world, writer=colleague.pk)
    assert save(world.own.coordinator, kept).status_code == 403
    assert PlanLine.objects.get(pk=june.pk).version == 1
    assert save(colleague, kept).status_code == 200


def test_a_topic_of_another_unit_is_not_offered(world, sign_in, june, save):
    theirs = make.topic(world.home.year)
    theirs.units.add(world.other.unit)
    ours = make.topic(world.home.year)
    ours.units.add(world.own.unit, world.other.unit)
    page = sign_in(world.own.coordinator).get(reverse("plan_detail", args=[world.own.plan.pk]))
    assert [topic for topic, _months in page.context["topics"]] == [world.home.topic, ours]
    assert save(world.own.coordinator, values(world, topics=[theirs.pk])).status_code == 422
    assert save(world.own.coordinator, values(world, topics=[ours.pk])).status_code == 200


# An approved plan ---------------------------------------------------------------------------------


def test_an_approved_month_with_a_visit_says_why_it_stays(world, sign_in, june):
    AnnualPlan.objects.filter(pk=world.own.plan.pk).update(state="approved")
    april = make.plan_line(world.own.contact_point, date(2026, 4, 1))
    browser = sign_in(world.own.coordinator)
    page = browser.get(reverse("plan_detail", args=[world.own.plan.pk]))
    shut = {"April": cell_in(page, april), "May": cell_in(page, world.own.line)}
    assert "该月已过" in shut["April"]
    assert "已有记录" in shut["May"]
    assert 'data-shut=""' in cell_in(page, june)
    for line in (april, world.own.line):
        page = browser.get(reverse("plan_line", args=[line.pk]))
        assert page.context["shut"] in text(page)
        assert 'name="planned_date"' not in text(page)
        answer = browser.post(
            reverse("plan_line", args=[line.pk]),
            values(world, planned_date=line.month.isoformat(), reason="补写"),
            headers=HTMX,
        )
        assert answer.status_code == 422
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    page = browser.get(reverse("plan_line", args=[world.own.line.pk]))
    assert 'name="planned_date"' in text(page)


def test_an_approved_cell_asks_for_its_reason(world, june, save):
    AnnualPlan.objects.filter(pk=world.own.plan.pk).update(state="approved")
    assert save(world.own.coordinator, values(world)).status_code == 422
    answer = save(world.own.coordinator, values(world, reason="村里改了集日"))
    assert answer.status_code == 200


# What others change -------------------------------------------------------------------------------


def look(browser, plan, page, **more):
    asked = {"since": page.context["since"], "state": plan.state} | more
    return browser.get(reverse("plan_detail", args=[plan.pk]), asked, headers=HTMX)


def test_a_grid_that_is_in_step_gets_nothing(world, sign_in):
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    answer = look(browser, plan, page)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_grid_hears_which_cells_a_colleague_changed(world, sign_in, june, save):
    others = [make.plan_line(world.own.contact_point, date(2026, n, 1)) for n in (7, 8)]
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    colleague = make.user(Role.COORDINATOR, unit=world.own.unit, name="周立")
    save(colleague, values(world))
    answer = look(browser, plan, page)
    assert answer.status_code == 200
    assert f'id="line-{june.pk}"' in text(answer)
    assert "周立刚刚修改" in text(answer)
    assert f'data-since="{page.context["since"] + 1}"' in text(answer)
    assert not [line for line in others if f'id="line-{line.pk}"' in text(answer)]
    # The own change is not told as somebody else's.
    assert "刚刚修改" not in text(look(sign_in(colleague), plan, page))


def test_a_grid_hears_of_a_handover_and_a_leave(world, sign_in, june):
    july = make.plan_line(world.own.contact_point, date(2026, 7, 1))
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    colleague = make.officer(world.own.unit, name="郑和")
    asked = make.exemption_request(
        june, world.own.cadre, kind="leave", reason="住院", substitute=colleague
    )
    decide_exemption_request(request=asked, actor=world.home.office, grant=True)
    hand_over(
        contact_points=[world.own.contact_point],
        officer=make.officer(world.own.unit, name="吴用"),
        first_day=date(2026, 7, 1),
        actor=world.home.office,
        reason="岗位调整",
    )
    follow_registry(county_id=world.home.county.pk)
    answer = look(browser, plan, page)
    assert "由郑和代去" in squeezed(cell_in(answer, june))
    assert "吴用" in cell_in(answer, july)
    new = PlanLine.objects.get(pk=july.pk).contact_point_id
    assert f'data-point="{new}"' in cell_in(answer, july)
    reloaded = browser.get(reverse("plan_detail", args=[plan.pk]))
    assert look(browser, plan, reloaded).status_code == 204
    assert "由郑和代去" in cell_in(reloaded, june)


def test_two_rows_of_a_village_say_from_when_to_when(world, sign_in, june):
    browser, url = sign_in(world.own.coordinator), reverse("plan_detail", args=[world.own.plan.pk])
    assert [span for _point, span, _cells in browser.get(url).context["rows"]] == [""]
    for day, officer in ((date(2026, 6, 15), "吴用"), (date(2026, 9, 1), "郑和")):
        make.plan_line(world.own.contact_point, day.replace(month=day.month + 1, day=1))
        hand_over(
            contact_points=ContactPoint.objects.filter(village=world.own.village).open_on(day),
            officer=make.officer(world.own.unit, name=officer),
            first_day=day,
            actor=world.home.office,
            reason="岗位调整",
        )
    follow_registry(county_id=world.home.county.pk)
    rows = browser.get(url).context["rows"]
    assert {point.officer.name: span for point, span, _cells in rows} == {
        world.own.officer.name: "至6月14日",
        "吴用": "6月15日 – 8月31日",
        "郑和": "9月1日起",
    }


def test_a_grid_hears_that_the_plan_was_decided(world, sign_in):
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    answer = look(browser, plan, page, state="approved")
    assert answer.status_code == 200
    assert 'data-state="draft"' in text(answer)


@pytest.mark.parametrize("since", ["", "x", "-1", "0", "999999999", "9" * 5000, "١٢"])
def test_nonsense_of_a_grid_does_no_harm(world, sign_in, since):
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    assert look(browser, plan, page, since=since).status_code == 200


def test_looking_costs_the_same_whatever_changed(world, sign_in, save):
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    costs = []
    for month in (7, 8, 9):
        line = make.plan_line(world.own.contact_point, date(2026, month, 1))
        browser.post(
            reverse("plan_line", args=[line.pk]), values(world, planned_date=f"2026-0{month}-12")
        )
        with CaptureQueriesContext(connection) as seen:
            look(browser, plan, page)
        costs.append(len(seen))
    page = browser.get(reverse("plan_detail", args=[plan.pk]))
    with CaptureQueriesContext(connection) as seen:
        assert look(browser, plan, page).status_code == 204
    assert (costs, len(seen)) == ([10, 10, 10], 4)


# Copying ------------------------------------------------------------------------------------------


def test_copying_answers_with_the_cells_it_wrote(world, sign_in, june, save):
    save(world.own.coordinator, values(world))
    july = make.plan_line(world.own.contact_point, date(2026, 7, 1))
    august = make.plan_line(world.own.contact_point, date(2026, 8, 1), group=Group.CAPABLE)
    browser = sign_in(world.own.coordinator)
    url = reverse("plan_copy", args=[world.own.plan.pk])
    asked = {"source": june.pk, "reach": "months", "days": "day", "seen": f"{july.pk}:1"}
    answer = browser.post(url, asked, headers=HTMX)
    assert answer.status_code == 200
    assert re.findall(r'id="line-(\d+)"', text(answer)) == [str(july.pk)]
    assert "已复制到 1 个月。 1 个月已有内容" in text(answer)
    answer = browser.post(url, asked | {"replace": "on"}, headers=HTMX)
    assert "同事改动了 2 个月" in text(answer)  # of August nothing was seen, of July an older one
    seen = f"{july.pk}:2,{august.pk}:1"
    answer = browser.post(url, asked | {"replace": "on", "seen": seen}, headers=HTMX)
    assert PlanLine.objects.get(pk=august.pk).planned_date == date(2026, 8, 12)


@pytest.mark.parametrize(
    "wrong", [{"source": ""}, {"reach": "x"}, {"days": ""}, {"seen": "1:2,"}, {"seen": "x"}]
)
def test_a_copy_that_cannot_be_read_says_so(world, sign_in, june, wrong):
    url = reverse("plan_copy", args=[world.own.plan.pk])
    asked = {"source": june.pk, "reach": "months", "days": "day"} | wrong
    browser = sign_in(world.own.coordinator)
    assert browser.post(url, asked, headers=HTMX).status_code == 422
    page = browser.post(url, asked, follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_a_copy_works_from_the_page_of_a_line(world, sign_in, june, save):
    save(world.own.coordinator, values(world))
    july = make.plan_line(world.own.contact_point, date(2026, 7, 1))
    browser = sign_in(world.own.coordinator)
    form = browser.get(reverse("plan_line", args=[june.pk])).context["copy_form"]
    data = {name: form[name].value() for name in ("source", "reach", "days")}
    url = reverse("plan_copy", args=[world.own.plan.pk])
    page = browser.post(url, data, follow=True)
    assert page.redirect_chain == [(world.own.plan.get_absolute_url(), 302)]
    assert PlanLine.objects.get(pk=july.pk).planned_date == date(2026, 7, 10)


# The sheet ----------------------------------------------------------------------------------------

CELL = re.compile(
    r"^(?:〔(?P<exemption>[^〕]+)〕 )?(?P<day>未定|\d{1,2}日) (?P<group>\S+) (?P<rest>.+)$"
)
NAME = r"(《(?:[^》]|》》)*》|[^《》；|]*?)"


def bare(name):
    return name[1:-1].replace("》》", "》") if name.startswith("《") else name


def read_back(cell):
    """(day, group, officer, topics) of a cell of the sheet, by the grammar of `visits.sheets`."""
    found = CELL.match(cell)
    officer, rest = re.match(rf"^{NAME}(?: \| (.*))?$", found["rest"]).groups()
    topics = re.findall(rf"{NAME}(?:；|$)", rest) if rest else []
    day = None if found["day"] == "未定" else int(found["day"][:-1])
    return day, found["group"], bare(officer), [bare(t) for t in topics if t]


def sheet_of(browser, plan):
    response = browser.get(reverse("plan_export", args=[plan.pk]))
    book = load_workbook(BytesIO(b"".join(response)))
    return [[cell.value for cell in row] for row in book.active.iter_rows()], response


def test_the_sheet_has_the_shape_of_the_grid_and_reads_back(world, sign_in, june):
    hard = ["春季；防火", "《条例》|解读", "a》》b", "普通话题"]
    topics = [make.topic(world.home.year, title=title) for title in hard]
    june.planned_date, june.group = date(2026, 6, 2), Group.IN_DIFFICULTY
    june.officer = make.officer(world.own.unit, name="阿不都 热合曼")
    june.save()
    june.topics.set(topics)
    browser = sign_in(world.own.coordinator)
    browser.post(reverse("set_language"), {"language": "en"})
    (header, row), response = sheet_of(browser, world.own.plan)
    assert header == ["村代码", "村名", "乡镇", "联系人", *(f"{n}月" for n in range(1, 13))]
    village = world.own.village
    assert row[:4] == [village.code, village.name, village.township.name, world.own.officer.name]
    assert read_back(row[9]) == (2, "困难户", "阿不都 热合曼", hard)
    assert row[8] is None  # May: nothing written, the own officer
    assert row[4] == "×"  # January: no line
    assert quote(world.own.unit.name) in response["Content-Disposition"]


def test_the_sheet_tells_an_exemption_and_officers_of_one_name_apart(world, sign_in, june):
    exempt_line(line=june, actor=world.home.office, exemption="postponed", reason="防汛")
    twins = [make.officer(world.own.unit, name="张三", post=post) for post in ("局长", "", "")]
    names = officer_names(world.own.unit.officers.all())
    assert names[twins[0].pk] == "张三（局长）"
    assert names[twins[1].pk] == f"张三#{twins[1].pk}"
    assert len(set(names.values())) == len(names)
    PlanLine.objects.filter(pk=june.pk).update(officer=twins[0])
    rows, _response = sheet_of(sign_in(world.home.office), world.own.plan)
    assert rows[1][9] == "〔县里统一推迟〕 未定 未定 张三（局长）"
    assert read_back(rows[1][9]) == (None, "未定", "张三（局长）", [])


def test_a_text_is_quoted_only_where_it_must(world):
    assert [quoted(t) for t in ("三干会精神", "a；b", "《x》")] == [
        "三干会精神",
        "《a；b》",
        "《《x》》》",
    ]
