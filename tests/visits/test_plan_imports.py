"""A sheet back into the plan: preview, exactly that applied, taken back, and who may."""

from datetime import date
from io import BytesIO

import pytest
from celery import current_app
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from contact_points.models import Alias
from outreach import audit, clock
from outreach.models import AuditEntry, Job
from tests import factories as make
from visits.models import Group, PlanImport, PlanLine
from visits.services.errors import NotPossible, StaleVersion
from visits.services.exemptions import exempt_line
from visits.services.obligations import ensure_lines
from visits.services.plan_imports import (
    apply_sheet,
    can_be_taken_back,
    decided,
    start_plan_import,
    take_back_sheet,
)
from visits.services.plans import decide_plan, submit_plan, write_line
from visits.services.topics import withdraw_topic

HEADER = ["村代码", "村名", "乡镇", "联系人", *(f"{n}月" for n in range(1, 13))]
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def plan(world):
    ensure_lines(world.home.year)
    return world.own.plan


@pytest.fixture
def browser(world, sign_in):
    return sign_in(world.own.coordinator)


def book(rows, title="Sheet", merged=()):
    """The bytes of a workbook with these rows."""
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(list(row))
    for area in merged:
        made.active.merge_cells(area)
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def row(world, cells, **more):
    """A row of the own village in the exported columns; `cells` is month -> text."""
    village = world.own.village
    values = {"code": village.code, "name": village.name, "township": village.township.name}
    values |= {"officer": world.own.officer.name} | more
    return [*values.values(), *(cells.get(n) for n in range(1, 13))]


def run_job(job):
    current_app.loader.import_default_modules()
    current_app.tasks[job.task].apply(args=[str(job.pk)], throw=True)


def load(world, content, *, name="方案.xlsx"):
    """An upload by the own unit's coordinator, read as a worker does."""
    run = start_plan_import(
        plan=world.own.plan, file_name=name, content=content, actor=world.own.coordinator
    )
    run_job(run.job)
    return PlanImport.objects.for_page().get(pk=run.pk)


def loaded(world, cells, **more):
    return load(world, book([HEADER, row(world, cells, **more)]))


def confirm(world, run, **more):
    values = {"sha256": run.sha256, "seen": decided(run).digest, "actor": world.own.coordinator}
    return apply_sheet(run=run, **values | more)


def outcomes(run):
    """[(month, outcome)] of the cells; a whole row has month 0."""
    return [(cell.month, str(cell.outcome)) for cell in decided(run).cells]


def reasons(run):
    return [cell.reason for cell in decided(run).cells]


def line_of(world, month):
    point = world.own.contact_point
    return PlanLine.objects.for_grid().get(contact_point=point, month=month)


def said(line):
    titles = sorted(topic.title for topic in line.topics.all())
    return line.planned_date, line.group, line.officer.name, titles


def write(world, month, **more):
    line = line_of(world, month)
    values = {
        "line": line,
        "actor": world.own.coordinator,
        "version": line.version,
        "planned_date": line.planned_date,
        "group": line.group,
        "officer_id": line.officer_id,
        "topics": list(line.topics.all()),
    }
    return write_line(**values | more)


# Round trip ---------------------------------------------------------------------------------------


def test_what_was_exported_comes_back_unchanged(world, browser, plan):
    year = world.home.year
    hard = ["春季；防火", "《条例》|解读", "a》》b", "甲;乙、丙", "普通话题", "２０２６年 三干会"]
    topics = [make.topic(year, title=title) for title in hard]
    twins = [make.officer(world.own.unit, name="张三", post=post) for post in ("局长", "", "")]
    odd = [make.officer(world.own.unit, name=name) for name in ("阿不都 热合曼", "党员生", "a|《b")]
    for n, officer in enumerate([*twins, *odd], 1):
        write(
            world,
            date(2026, n, 1),
            planned_date=date(2026, n, n + 9) if n % 2 else None,
            group=Group.values[n % 5] if n % 3 else "",
            officer_id=officer.pk,
            topics=topics[: n % 7],
        )
    exempt_line(
        line=line_of(world, JULY), actor=world.home.office, exemption="blocked", reason="汛"
    )
    write(world, date(2026, 8, 1), topics=topics)
    exported = b"".join(browser.get(reverse("plan_export", args=[plan.pk])))
    run = load(world, exported)
    assert run.state == "ready", run.message_text
    assert outcomes(run) == [(n, "unchanged") for n in range(1, 9)]
    assert decided(run).writing == []
    with pytest.raises(NotPossible):
        confirm(world, run)


def test_two_contact_points_of_one_village_come_back_to_their_own_lines(world, browser, plan):
    later, point = make.officer(world.own.unit), world.own.contact_point
    point.period = point.period.__class__(date(2026, 1, 1), date(2026, 6, 16))
    point.save()
    make.contact_point(world.own.unit, world.own.village, later, first=date(2026, 6, 16))
    ensure_lines(world.home.year)
    for n, line in enumerate(plan.lines.for_grid(), 1):
        PlanLine.objects.filter(pk=line.pk).update(planned_date=line.month.replace(day=n))
    run = load(world, b"".join(browser.get(reverse("plan_export", args=[plan.pk]))))
    assert {outcome for _month, outcome in outcomes(run)} == {"unchanged"}
    assert sorted(month for month, _outcome in outcomes(run)) == [*range(1, 13)]


# What a cell says ---------------------------------------------------------------------------------


def test_a_cell_that_says_all_is_written_whole(world, plan):
    topic, colleague = world.home.topic, make.officer(world.own.unit, name="李四")
    write(world, JULY, topics=[topic], group=Group.CAPABLE)
    run = loaded(world, {6: f"12日 党员 李四 | {topic.title}", 7: "3日 困难户 李四"})
    assert outcomes(run) == [(6, "new"), (7, "changed")]
    confirm(world, run)
    assert said(line_of(world, JUNE)) == (
        date(2026, 6, 12),
        Group.PARTY_MEMBERS,
        colleague.name,
        [topic.title],
    )
    # No topics behind a cell that says everything else: there are none.
    assert said(line_of(world, JULY))[1:] == (Group.IN_DIFFICULTY, "李四", [])


def test_a_cell_that_says_less_changes_only_that(world, plan):
    topic = world.home.topic
    for n in range(1, 7):
        write(
            world, date(2026, n, 1), planned_date=date(2026, n, 8), group="capable", topics=[topic]
        )
    make.officer(world.own.unit, name="李四")
    confirm(world, loaded(world, {1: "15日", 2: "党员", 3: "李四", 4: "未定", 5: "| 无", 6: ""}))
    before, own = (date(2026, 1, 8), "capable"), world.own.officer.name
    assert said(line_of(world, date(2026, 1, 1))) == (
        date(2026, 1, 15),
        "capable",
        own,
        [topic.title],
    )
    assert said(line_of(world, date(2026, 2, 1)))[1] == "party_members"
    assert said(line_of(world, date(2026, 3, 1)))[2] == "李四"
    assert said(line_of(world, date(2026, 4, 1))) == (None, "capable", own, [topic.title])
    assert said(line_of(world, date(2026, 5, 1))) == (date(2026, 5, 8), "capable", own, [])
    assert said(line_of(world, JUNE)) == (date(2026, 6, 8), before[1], own, [topic.title])
    assert line_of(world, JUNE).version == 2  # an empty cell writes nothing


@pytest.mark.parametrize(
    "text",
    [
        "12日 党员 李四",
        "12号，党员，李四",
        "12日党员李四",
        "李四 12日 党员",
        "６月１２日　党员　李四",
        "6.12 党员 李四",
        "2026-06-12 党员 李四",
        "十二日 党员 李四",
        "12日\n党员\n李 四",
        "12 党员 李四（局长）",
        "《李四》 12日 党员 | 未定",
    ],
)
def test_people_write_a_cell_in_many_ways(world, plan, text):
    make.officer(world.own.unit, name="李四", post="局长")
    confirm(world, loaded(world, {6: text}))
    assert said(line_of(world, JUNE)) == (date(2026, 6, 12), "party_members", "李四", [])


def test_a_date_of_the_spreadsheet_is_the_day(world, plan):
    confirm(world, loaded(world, {6: date(2026, 6, 12), 7: 5}))
    assert line_of(world, JUNE).planned_date == date(2026, 6, 12)
    assert line_of(world, JULY).planned_date == date(2026, 7, 5)


def test_topics_are_parted_as_people_do_and_found_without_their_brackets(world, plan):
    titles = ["《条例》解读", "医保缴费", "防火"]
    topics = [make.topic(world.home.year, title=title) for title in titles]
    cells = {
        6: "| 条例解读；医保缴费",
        7: "| 医保缴费、防火",
        8: "| 《条例》解读;防火",
        9: "3日 防火",
    }
    confirm(world, loaded(world, cells))
    found = [said(line_of(world, date(2026, n, 1)))[3] for n in (6, 7, 8, 9)]
    wanted = [topics[:2], topics[1:], [topics[0], topics[2]], topics[2:]]
    assert found == [sorted(t.title for t in own) for own in wanted]


# Whose row ----------------------------------------------------------------------------------------


def test_a_list_made_by_hand_is_read_as_it_looks(world, plan):
    village = world.own.village
    village.name = "后辛庄村"
    village.save()
    rows = [
        ["2026年走访活动安排表", None, None, None],
        ["序号", "村名", "上半年安排", None],
        [None, None, "二月", "2026年6月份"],
        [1, "后辛庄村委会", None, "12日 党员"],
        ["合计", None, None, "1次"],
        ["填表人：周立", None, None, None],
    ]
    merged = ["A1:D1", "A2:A3", "B2:B3", "C2:D2"]
    run = load(world, book(rows, merged=merged))
    assert run.state == "ready", run.message_text
    (cell,) = decided(run).cells
    assert (cell.place, cell.letter, cell.month, str(cell.outcome)) == ("4", "D", 6, "new")
    confirm(world, run)
    assert said(line_of(world, JUNE))[:2] == (date(2026, 6, 12), "party_members")


@pytest.mark.parametrize(
    "name", ["后辛庄", "后辛庄村", "后辛庄村委会", "官亭镇后辛庄", "后新庄", "后 辛庄村"]
)
def test_the_usual_short_forms_name_the_village(world, plan, name):
    world.home.township.name = "官亭镇"
    world.home.township.save()
    village = world.own.village
    village.name = "后辛庄村"
    village.save()
    told = {"county": world.home.county, "kind": "village", "text": "后新庄", "village": village}
    Alias.objects.create(**told)
    run = loaded(world, {6: "12日"}, code=None, name=name, township="官亭")
    assert outcomes(run) == [(6, "new")]


def test_a_village_of_somebody_else_stays_out_as_a_row(world, plan):
    other = world.other.village
    namesake = make.village(make.township(world.home.county), name=world.own.village.name)
    rows = [
        row(world, {6: "12日"}, code=other.code, name=other.name),
        row(world, {6: "12日"}, code=None, name=other.name),
        row(world, {6: "12日"}, name=other.name),
        row(world, {6: "12日"}, code=None, township=namesake.township.name),
        row(world, {6: "12日"}, code=None, name=None, township=None),
        row(world, {}, name="没有这样的村"),
    ]
    run = load(world, book([HEADER, *rows]))
    assert outcomes(run) == [(0, "rejected")] * 5
    assert reasons(run) == [
        f"本单位方案中没有代码为{other.code}的村。",
        f"“{other.name}”不是本单位方案中的村。",
        f"村代码对应{world.own.village.name}，本行填的是“{other.name}”。",
        f"“{world.own.village.name}”不是本单位方案中的村。",
        "缺少村。",
    ]
    assert [cell.place for cell in decided(run).cells] == ["2", "3", "4", "5", "6"]


# What stays out -----------------------------------------------------------------------------------


def test_every_wrong_cell_says_what_is_wrong(world, plan):
    make.topic(world.home.year, title="三月话题", last_month=date(2026, 3, 1))
    make.topic(world.home.year, title="他局话题").units.add(world.other.unit)
    make.officer(world.own.unit, name="离任", left_on=date(2026, 2, 1))
    for post in ("科长", "科员"):
        make.officer(world.own.unit, name="王五", post=post)
    own = world.own.officer.name
    cells = {
        1: "32日 党员",
        2: "3月12日",
        3: f"12日 老人 {own}",
        4: "12日 某某",
        5: "12日 党员 某某",
        6: "| 没有的话题",
        7: "| 三月话题",
        8: "| 他局话题",
        9: "离任",
        10: "王五",
        11: "〔县里统一推迟〕 12日",
        12: f"{own} 离任",
    }
    run = loaded(world, cells)
    groups = "党员、村干部、村民代表、经济能人、困难户"
    assert reasons(run) == [
        "“32日”不是2026-01的日期。",
        "“3月12日”不是2026-02的日期。",
        f"“老人”不是座谈层次（{groups}）之一。",
        f"“某某”既不是本单位的干部，也不是座谈层次（{groups}）。",
        "“某某”不是本单位的干部。",
        "“没有的话题”不是本年度本单位的宣传内容。",
        "“三月话题”不是2026-07的宣传内容。",
        "“他局话题”不是本年度本单位的宣传内容。",
        "离任到该月已离开本单位。",
        "有多人叫王五，请写其中之一：王五（科长）、王五（科员）。",
        "是否免除走访由县办公室决定，请从单元格中去掉“〔县里统一推迟〕”。",
        f"每月由一名干部前往，单元格中却写了{own}、离任。",
    ]
    assert {outcome for _month, outcome in outcomes(run)} == {"rejected"}
    with pytest.raises(NotPossible):
        confirm(world, run)


def test_a_text_that_is_no_plan_is_refused_and_costs_little(world, plan):
    long, words = "话" * 250, "甲 " * 90
    run = loaded(world, {6: long, 7: words, 8: "12日 | " + "；".join(["防火"] * 400)})
    assert [outcome for _month, outcome in outcomes(run)] == ["rejected"] * 3
    assert reasons(run)[2] == "超过 1000 个字。"


def test_months_the_unit_does_not_hold_take_nothing(world, plan):
    village = make.village(world.home.township)
    point = make.contact_point(world.own.unit, village, world.own.officer, first=JUNE)
    ensure_lines(world.home.year)
    values = {"code": village.code, "name": village.name}
    run = loaded(world, {1: "×", 2: "12日", 6: "×", 7: "12日"}, **values)
    assert outcomes(run) == [(2, "rejected"), (6, "rejected"), (7, "new")]
    assert reasons(run)[:2] == [
        "本单位该月不联系这个村。",
        "“×”只用于本单位不联系该村的月份。",
    ]
    confirm(world, run)
    assert point.plan_lines.get(month=JULY).planned_date == date(2026, 7, 12)


def test_one_month_said_twice_is_said_once(world, plan):
    rows = [row(world, {6: text, 7: "3日"}) for text in ("12日", "13日")]
    run = load(world, book([HEADER, *rows]))
    assert outcomes(run) == [(6, "new"), (7, "new"), (6, "rejected"), (7, "new")]
    assert reasons(run)[2] == "第2行对该月已写了不同的内容。"
    confirm(world, run)
    assert line_of(world, JULY).version == 2


def test_numbers_of_people_are_not_kept(world, plan):
    run = loaded(world, {6: "12日 党员 13912345678"})
    assert reasons(run) == ["单元格中有电话或身份证号码，这里不应填写。"]
    assert "13912345678" not in str(run.rows)


def test_numbers_of_people_are_not_kept_wherever_they_stand(world, plan):
    named = row(world, {6: "12日"}, name=f"{world.own.village.name} 13912345671")
    rows = [["联系电话13912345672"], HEADER, named, ["合计", "13912345673"]]
    run = load(world, book(rows))
    assert outcomes(run) == [(6, "new")]  # the village is known by its code
    assert "1391234567" not in f"{run.rows}{run.understood}{run.report}"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["随便", "写的"], ["一", "二"]], "没有找到表头"),
        ([["村名", "责任人"], ["后辛庄", "张三"]], "1月"),
        ([["村名", "2025年1月"], ["后辛庄", "3日"]], "2025"),
        ([["2025年安排", None], ["村名", "1月"], ["后辛庄", "3日"]], "2025"),
        ([["村名", "1月", None], [None, "日期", "内容"], ["后辛庄", "3日", "防火"]], "C列"),
        ([["村名", "1月"], *([f"村{n}", "3日"] for n in range(501))], "500"),
    ],
)
def test_what_is_no_sheet_of_this_plan_is_refused_with_a_sentence(world, plan, rows, said):
    merged = ["B1:C1"] if len(rows[0]) == 3 else ()
    run = load(world, book(rows, merged=merged))
    assert run.state == "refused"
    assert said in run.message_text
    assert not run.file


def test_hostile_files_are_refused_by_the_worker(world, plan):
    for name, content in (("a.xlsx", b"PK\x03\x04 nothing"), ("a.csv", b"\xff\xfe\x00")):
        run = load(world, content, name=name)
        assert run.state == "refused"
        assert run.message_text


# Exactly what was shown ---------------------------------------------------------------------------


def test_reading_writes_nothing_and_forgets_the_file(world, plan):
    run = loaded(world, {6: "12日"})
    assert run.state == "ready"
    assert not run.file
    assert line_of(world, JUNE).planned_date is None
    assert list(AuditEntry.objects.filter(object_type="visits.planline")) == []


def test_a_line_that_moved_since_the_preview_stops_all_of_it(world, plan):
    run = loaded(world, {6: "12日", 7: "3日"})
    seen = decided(run).digest
    write(world, JULY, group=Group.CAPABLE)
    with pytest.raises(StaleVersion) as stale:
        confirm(world, run, seen=seen)
    assert line_of(world, JUNE).planned_date is None
    # The new preview is what can be agreed to now.
    confirm(world, run, seen=stale.value.current.digest)
    assert said(line_of(world, JULY))[:2] == (date(2026, 7, 3), "capable")


def test_only_the_file_that_was_shown_is_applied(world, plan):
    run = loaded(world, {6: "12日"})
    with pytest.raises(StaleVersion):
        confirm(world, run, sha256="0" * 64)
    assert line_of(world, JUNE).planned_date is None


def test_confirming_twice_is_confirming_once(world, plan):
    run = loaded(world, {6: "12日"})
    seen = decided(run).digest
    for _ in range(2):
        confirm(world, run, seen=seen)
    assert line_of(world, JUNE).version == 2
    assert AuditEntry.objects.filter(bulk_id=run.bulk_id).count() == 2


def test_the_trail_tells_each_line_and_the_plan_under_one_id(world, plan):
    run = loaded(world, {6: "12日 党员", 7: "3日", 8: "40日"})
    confirm(world, run)
    *lines, whole = AuditEntry.objects.filter(bulk_id=run.bulk_id).order_by("pk")
    assert [entry.after["planned_date"] for entry in lines] == ["2026-06-12", "2026-07-03"]
    assert [entry.before["group"] for entry in lines] == ["", ""]
    assert whole.after == {"file": "方案.xlsx", "lines": 2}
    assert audit.history(plan).first() == whole
    assert {entry.actor for entry in (*lines, whole)} == {world.own.coordinator}


def test_a_late_second_run_of_the_reading_changes_nothing(world, plan):
    run = loaded(world, {6: "12日"})
    confirm(world, run)
    Job.objects.filter(pk=run.job_id).update(state="waiting")
    run_job(run.job)
    run.refresh_from_db()
    assert run.state == "applied"


def test_a_reading_that_dies_leaves_a_sentence(world, plan):
    run = start_plan_import(
        plan=plan, file_name="a.xlsx", content=b"PK\x03\x04", actor=world.own.coordinator
    )
    Job.objects.filter(pk=run.job_id).update(attempt=3)
    run_job(run.job)
    run.refresh_from_db()
    assert (run.state, bool(run.file)) == ("refused", False)
    assert run.message_text


# The state of the plan ----------------------------------------------------------------------------


def test_an_approved_plan_takes_no_sheet(world, browser, plan):
    run = loaded(world, {6: "12日"})
    submit_plan(plan=plan, actor=world.own.coordinator)
    with pytest.raises(NotPossible, match="县办公室"):
        confirm(world, run)
    decide_plan(plan=plan, actor=world.home.office)
    plan.refresh_from_db()
    with pytest.raises(NotPossible, match="已批准"):
        confirm(world, run)
    with pytest.raises(NotPossible, match="已批准"):
        load(world, book([HEADER]))
    url = reverse("plan_import", args=[plan.pk])
    answer = browser.post(url, {"file": upload(book([HEADER]))})
    assert answer.status_code == 200
    for page in (answer, browser.get(url)):
        assert "已批准" in page.content.decode()
        assert 'type="file"' not in page.content.decode()
    assert "已批准" in browser.get(run.get_absolute_url()).content.decode()
    assert line_of(world, JUNE).planned_date is None


def test_a_returned_plan_takes_one(world, plan):
    submit_plan(plan=plan, actor=world.own.coordinator)
    decide_plan(plan=plan, actor=world.home.office, reason="六月没有日期")
    confirm(world, loaded(world, {6: "12日"}))
    assert line_of(world, JUNE).planned_date == date(2026, 6, 12)


def test_whoever_lost_the_right_since_applies_nothing(world, plan):
    run = loaded(world, {6: "12日"})
    for person in (world.own.cadre, world.other.coordinator, world.home.office):
        with pytest.raises(PermissionDenied):
            confirm(world, run, actor=person)
    assert line_of(world, JUNE).planned_date is None


# Taken back ---------------------------------------------------------------------------------------


def applied(world, cells):
    run = loaded(world, cells)
    confirm(world, run)
    return PlanImport.objects.for_page().get(pk=run.pk)


def test_the_lines_become_what_they_were(world, plan):
    colleague = make.officer(world.own.unit, name="李四")
    write(world, JUNE, planned_date=date(2026, 6, 8), group="capable", topics=[world.home.topic])
    before = said(line_of(world, JUNE)), said(line_of(world, JULY))
    run = applied(world, {6: f"12日 党员 {colleague.name}", 7: "3日"})
    assert can_be_taken_back(run)
    assert take_back_sheet(run=run, actor=world.own.coordinator) == 2
    assert (said(line_of(world, JUNE)), said(line_of(world, JULY))) == before
    run.refresh_from_db()
    assert run.state == "undone"
    with pytest.raises(NotPossible):
        take_back_sheet(run=run, actor=world.own.coordinator)
    undone = audit.history(plan).first()
    assert AuditEntry.objects.filter(bulk_id=undone.bulk_id).count() == 3


@pytest.mark.parametrize("touch", ["line", "visit", "topic", "exemption"])
def test_what_was_touched_since_is_not_taken_back(world, plan, touch):
    topic = make.topic(world.home.year)
    write(world, JUNE, topics=[topic])
    run = applied(world, {6: f"12日 | {world.home.topic.title}", 7: "3日"})
    if touch == "line":
        write(world, JULY, group="capable")
    elif touch == "topic":
        withdraw_topic(topic=topic, actor=world.home.office)
    elif touch == "exemption":
        office = world.home.office
        exempt_line(line=line_of(world, JULY), actor=office, exemption="postponed", reason="防汛")
    else:
        with clock.at(make.moment(date(2026, 7, 3), 12)):
            make.visit(world.own.contact_point, world.own.cadre)
    assert not can_be_taken_back(run)
    with pytest.raises(NotPossible):
        take_back_sheet(run=run, actor=world.own.coordinator)
    assert line_of(world, JUNE).planned_date == date(2026, 6, 12)


def test_another_line_changed_since_does_not_matter(world, plan):
    run = applied(world, {6: "12日"})
    write(world, JULY, group="capable")
    take_back_sheet(run=run, actor=world.own.coordinator)
    assert line_of(world, JUNE).planned_date is None
    assert line_of(world, JULY).group == "capable"


# Pages --------------------------------------------------------------------------------------------


def upload(content, name="方案.xlsx"):
    return SimpleUploadedFile(name, content)


def test_from_the_plans_page_to_the_report_and_back(world, browser, plan):
    url = reverse("plan_import", args=[plan.pk])
    assert url in browser.get(plan.get_absolute_url()).content.decode()
    page = browser.get(url)
    assert reverse("plan_export", args=[plan.pk]) in page.content.decode()
    content = book([HEADER, row(world, {6: "12日", 7: "40日"})])
    answer = browser.post(url, {"file": upload(content)})
    run = PlanImport.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert 'id="job"' in browser.get(answer["Location"]).content.decode()
    run_job(run.job)
    page = browser.get(run.get_absolute_url())
    assert page.context["writing"] == 1
    sent = {"sha256": run.sha256, "seen": page.context["seen"]}
    apply, undo = (reverse(f"plan_import_{n}", args=[run.pk]) for n in ("apply", "undo"))
    assert apply in page.content.decode()
    browser.post(apply, sent)
    assert line_of(world, JUNE).planned_date == date(2026, 6, 12)
    page = browser.get(run.get_absolute_url()).content.decode()
    assert undo in page
    assert apply not in page
    browser.post(undo)
    assert line_of(world, JUNE).planned_date is None
    assert undo not in browser.get(run.get_absolute_url()).content.decode()
    assert run.get_absolute_url() in browser.get(url).content.decode()


def test_a_stale_preview_is_shown_anew(world, browser, plan):
    run = loaded(world, {6: "12日"})
    url = reverse("plan_import_apply", args=[run.pk])
    sent = {"sha256": run.sha256, "seen": decided(run).digest}
    write(world, JUNE, group="capable")
    answer = browser.post(url, sent)
    assert answer.status_code == 409
    assert "什么都没有写入" in answer.content.decode()
    assert line_of(world, JUNE).planned_date is None
    assert browser.post(url, sent | {"seen": answer.context["seen"]}).status_code == 302
    assert said(line_of(world, JUNE))[:2] == (date(2026, 6, 12), "capable")


def test_rejected_cells_come_as_a_sheet_to_correct_and_load_again(world, browser, plan):
    other = row(world, {6: "1日"}, code=None, name="没有这样的村")
    run = load(world, book([HEADER, row(world, {6: "12日", 7: "40日"}), other]))
    confirm(world, run)
    response = browser.get(reverse("plan_import_rejects", args=[run.pk]))
    rejected = load_workbook(BytesIO(b"".join(response)))
    header, own, unknown = [[cell.value for cell in line] for line in rejected.active.iter_rows()]
    assert header == [*HEADER, "原因"]
    assert own[:4] == row(world, {})[:4]
    assert (own[9], own[10]) == (None, "40日")
    assert "40日" in own[16]
    assert (unknown[1], unknown[9]) == ("没有这样的村", "1日")
    rejected.active.cell(2, 11).value = "4日"
    rejected.active.delete_rows(3)
    target = BytesIO()
    rejected.save(target)
    again = load(world, target.getvalue())
    assert outcomes(again) == [(7, "new")]
    assert again.understood["unknown"] == []


@pytest.mark.parametrize("content", [b"", b"no workbook"])
def test_what_is_no_workbook_is_told_at_once(browser, plan, content):
    url = reverse("plan_import", args=[plan.pk])
    page = browser.post(url, {"file": upload(content)})
    assert page.status_code == 200
    assert page.context["form"].errors["file"]
    assert not PlanImport.objects.exists()


def test_the_preview_costs_the_same_for_one_village_and_for_four(world, browser, plan):
    def queries(villages):
        rows = [row(world, {6: "12日 党员", 7: "40日"}, code=v.code, name=v.name) for v in villages]
        run = load(world, book([HEADER, *rows]))
        with CaptureQueriesContext(connection) as seen:
            page = browser.get(run.get_absolute_url())
        assert page.context["writing"] == len(villages)
        with CaptureQueriesContext(connection) as written:
            confirm(world, run, seen=page.context["seen"])
        with CaptureQueriesContext(connection) as report:
            browser.get(run.get_absolute_url())
        take_back_sheet(run=run, actor=world.own.coordinator)
        return len(seen), len(written), len(report)

    own = world.own.village
    browser.get(plan.get_absolute_url())
    one = queries([own])
    more = [make.village(world.home.township) for _ in range(3)]
    for village in more:
        make.contact_point(world.own.unit, village, world.own.officer)
    ensure_lines(world.home.year)
    assert queries([own, *more]) == one == (12, 19, 13)
