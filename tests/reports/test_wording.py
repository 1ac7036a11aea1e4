"""The report's sentences follow the situation and never name a figure that does not exist."""

import re

import pytest

from reports.documents import phrases
from reports.documents.wording import compose, generated
from tests.reports.frozen import figures, owed, snapshot
from visits.models import Group


def text(data):
    return "\n".join(paragraph.text for paragraph in compose(data).paragraphs)


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((181, 212), "85.4%（181/212）"),
        ((212, 212), "100%（212/212）"),
        ((0, 7), "0%（0/7）"),
        ((0, 0), "无"),
        ((2999, 3000), "99.9%（2999/3000）"),
        ((1, 5000), "0.1%（1/5000）"),
    ],
)
def test_rates_are_written_with_their_numbers_and_never_rounded_to_all_or_nothing(numbers, written):
    assert phrases.rate(*numbers) == written


def test_empty_month_says_so_in_every_chapter_and_writes_no_rate():
    said = text(snapshot())
    for sentence in [
        "本月没有应完成的走访任务。",
        "本月没有座谈记录。",
        "本月没有逐户走访记录。",
        "本月没有宣传记录。",
        "本月反馈中没有可供摘报的内容。",
        "11月的走访任务待活动方案确定后安排。",
    ]:
        assert sentence in said
    assert "%" not in said
    assert "与上月相比" not in said
    assert not re.search(r"None|nan|无（|0次", said)


def test_all_done():
    said = text(snapshot({"due": 12, "done": 12}))
    assert "本月应完成的12次走访已全部完成，完成率100%（12/12）。" in said
    assert "各联系点均已完成本月任务。" in said


def test_not_all_done_names_those_who_owe():
    unmet = [owed(1), owed(2, due=2, done=1), owed(3, unit="县教育局")]
    said = text(snapshot({"due": 10, "done": 7}, unmet=unmet))
    assert "本月应完成走访10次，完成7次，完成率70.0%（7/10），尚有3次未完成。" in said
    assert "县水务局（第1村、第2村应完成2次、完成1次）、县教育局（第3村），共3个。" in said
    assert "对本月未完成任务的3个联系点" in said


def test_at_most_thirty_are_named():
    said = text(snapshot({"due": 40, "done": 5}, unmet=[owed(n) for n in range(35)]))
    assert "第29村" in said
    assert "第30村" not in said
    assert "等35个。" in said


def test_none_done():
    assert "本月应完成走访3次，均未完成，完成率0%（0/3）。" in text(snapshot({"due": 3}))


def test_extra_and_exempt_stand_beside_the_rate():
    said = text(
        snapshot({"due": 3, "done": 3, "extra": 2, "exempt": 1}, exemptions=[["merged", 1]])
    )
    assert "因村庄合并免除任务的联系点1个。另有任务以外的走访2次，不计入完成率。" in said
    both = snapshot({"due": 3, "exempt": 3}, exemptions=[["merged", 1], ["postponed", 2]])
    assert "经批准免除任务的联系点3个，其中因村庄合并1个、因县里统一延期2个。" in text(both)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ({"due": 10, "done": 7}, "与上月相比，完成次数增加2次，完成率上升20.0个百分点。"),
        ({"due": 9, "done": 9}, "与上月相比，完成次数持平，完成率下降10.0个百分点。"),
        ({"due": 10, "done": 9}, "完成次数和完成率均与上月持平。"),
        ({"due": 12, "done": 12}, "与上月相比，完成次数减少3次，完成率下降10.0个百分点。"),
    ],
)
def test_comparison_with_the_month_before(before, said):
    assert said in text(snapshot({"due": 10, "done": 9}, previous_month=figures(**before)))


def test_running_month_says_until_when_and_compares_nothing():
    before = figures(due=10, done=10)
    said = text(
        snapshot(
            {"due": 10, "done": 4, "visits": 4},
            counted_on="2026-10-22",
            previous_month=before,
            unmet=[owed(1)],
        )
    )
    assert "2026年10月1日至22日，" in said
    assert "截至10月22日，本月应完成走访10次，完成4次" in said
    assert "截至统计时尚未完成本月任务的联系点有：" in said
    assert "与上月相比" not in said
    assert "将督促" not in said


def test_groups_not_met_are_named():
    row = figures(people=20) | {
        "people_by_group": [[g, 20 if g == Group.CAPABLE else 0] for g in Group.values]
    }
    said = text(snapshot(figures=row))
    assert "本月与群众座谈20人次，其中经济能人20人次。" in said
    assert "没有与党员、村干部、村民代表、困难户座谈的记录。" in said


def test_more_households_than_registered_make_no_rate():
    said = text(snapshot({"household_contacts": 4, "households_reached": 9, "households_total": 8}))
    assert "本月逐户走访4户次，没有重复走访。今年以来累计走访到户9户。" in said


def test_second_revision_says_what_changed():
    old = {"revision": 1, "counted_on": "2026-11-05", "figures": figures(due=10, done=8)}
    said = text(snapshot({"due": 10, "done": 9}, revision=2, replaces=old))
    assert "本报告为第2版，替代2026年11月5日的第1版。主要数据变化：完成次数由8改为9。" in said
    said = text(snapshot({"due": 10, "done": 8}, revision=2, replaces=old))
    assert "主要数据没有变化。" in said


def test_learnt_is_numbered_cut_and_closed():
    row = {"township": "观寨乡", "village": "张家村村委会", "month": "2026-10-01"}
    data = snapshot(findings=[row | {"text": "电表不准，"}, row | {"text": "长" * 300}])
    paragraphs = compose(data).paragraphs
    assert "五、了解到的情况" in [p.text for p in paragraphs if p.style == "Heading 1"]
    first, second = (p.text for p in paragraphs if re.match(r"\d\.", p.text))
    assert first == "1.观寨乡张家村：电表不准。"
    assert second.endswith("长……")
    assert len(second) < 170


def test_chapters_of_which_nothing_can_be_said_are_left_out_and_the_others_numbered_on():
    def headings(data):
        return [p.text for p in compose(data).paragraphs if p.style == "Heading 1"]

    assert headings(snapshot())[-2:] == ["五、了解到的情况", "六、下月安排"]
    both = snapshot(matters=told_matters(), suggestions_counted=[["open", 2]])
    assert headings(both)[-3:] == ["六、群众诉求办理情况", "七、意见建议及答复", "八、下月安排"]


def rated(**counts):
    figures = dict.fromkeys(
        ("response_due", "responded", "resolution_due", "resolved", "excluded", "asked", "content"),
        0,
    )
    return {"key": 1, "name": "县水务局", "kind": "township", "figures": figures | counts}


def told_matters(raised=(), **more):
    figures = rated()["figures"] | more.pop("figures", {})
    rows = [{"key": n, "name": name, "matters": count} for n, (name, count) in enumerate(raised)]
    base = {"figures": figures, "units": [], "raised": rows, "overdue": []}
    return base | {"solved_count": 0, "solved": []} | more


def test_month_without_matters_says_so_and_writes_no_rate():
    said = text(snapshot(matters=told_matters()))
    assert "本月没有收到群众诉求，也没有到期应办的诉求。" in said
    assert "%" not in said


def test_three_rates_stand_with_their_numbers_and_what_was_left_out():
    counts = {"response_due": 4, "responded": 3, "resolution_due": 2, "resolved": 2, "excluded": 1}
    said = text(snapshot(matters=told_matters(figures=counts)))
    assert (
        "本月应受理诉求4件，及时受理率75.0%（3/4）；应答复诉求2件，按期答复率100%（2/2）。" in said
    )
    assert "另有1件经两人确认不属职责范围或不具备办理条件" in said
    assert "占到期诉求的33.3%（1/3）。" in said
    assert "回访" not in said


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ([("农田水利", 3)], "本月收到群众诉求3件，均为农田水利类。"),
        ([("农田水利", 1)], "本月收到群众诉求1件，为农田水利类。"),
        ([("农田水利", 3), (None, 2)], "本月收到群众诉求5件，涉及农田水利3件，尚未分类2件。"),
        ([(None, 2)], "本月收到群众诉求2件，尚未分类2件。"),
        (
            [(name, 9 - n) for n, name in enumerate("甲乙丙丁戊己")],
            "本月收到群众诉求39件，反映较多的是甲9件、乙8件、丙7件、丁6件、戊5件。",
        ),
    ],
)
def test_what_was_raised(raised, said):
    assert said in text(snapshot(matters=told_matters(raised)))


def test_overdue_and_solved_matters_are_told_without_anybodys_name():
    place = {"township": "观寨乡", "village": "张家村村委会", "month": "2026-10-01"}
    late = [
        {**place, "unit": "县水务局", "due_on": "2026-10-12"},
        {**place, "unit": "县水务局", "due_on": "2025-12-30"},
    ]
    solved = [place | {"text": "路灯不亮", "answer": "已更换灯头"}]
    said = text(snapshot(matters=told_matters(overdue=late, solved=solved, solved_count=2)))
    assert (
        "截至11月5日，逾期未答复的诉求有：县水务局（观寨乡张家村10月12日到期、"
        "观寨乡张家村2025年12月30日到期），共2件。" in said
    )
    assert "本月群众确认已经解决的诉求2件。例如：" in said
    assert "1.观寨乡张家村：路灯不亮。办理结果：已更换灯头。" in said


def test_suggestions_are_counted_by_what_came_of_them_and_quoted_with_their_replies():
    row = {"township": "观寨乡", "village": "张家村村委会", "month": "2026-10-01"}
    rows = [
        row | {"text": "建议修桥", "decision": "adopted", "reply": "列入明年计划"},
        row | {"text": "建议增加班车", "decision": "open", "reply": ""},
    ]
    counted = [["adopted", 1], ["open", 4]]
    said = text(snapshot(suggestions=rows, suggestions_counted=counted))
    assert "本月提出意见建议的反馈5份，其中已采纳1份、待答复4份。" in said
    assert "1.观寨乡张家村：建议修桥。答复（已采纳）：列入明年计划。" in said
    assert "2.观寨乡张家村：建议增加班车。\n" in said
    assert "的反馈4份，均待答复。" in text(snapshot(suggestions_counted=[["open", 4]]))


def test_comparison_with_the_month_a_year_before_only_if_there_was_one():
    now = {"due": 10, "done": 9}
    assert "去年同期" not in text(snapshot(now))
    assert "去年同期" not in text(snapshot(now, year_before=figures()))
    said = text(snapshot(now, year_before=figures(due=8, done=4)))
    assert "与去年同期相比，完成次数增加5次，完成率上升40.0个百分点。" in said


def test_month_in_one_paragraph_names_only_what_happened():
    def opening(**counts):
        return next(p.text for p in compose(snapshot(counts)).paragraphs if p.key == "opening")

    assert opening() == "现将2026年10月“面对面”活动情况报告如下："
    assert opening(visits=3).endswith("走访3次。现将有关情况报告如下：")
    said = opening(visits=3, due=4, done=3, people=20, household_contacts=6)
    assert "走访3次，走访任务完成率75.0%（3/4）；与群众座谈20人次，逐户走访6户次。" in said


def test_burden_is_told_with_its_sum_from_an_hour_on():
    row = {"visits": 9, "burden_minutes": 6.5, "written_minutes": 59}
    assert "中位数为6.5分钟。" in text(snapshot(row))
    said = text(snapshot(row | {"written_minutes": 150}))
    assert "中位数为6.5分钟，本月填写反馈合计用时2.5小时。" in said


def test_february_and_a_programme_that_began_in_the_month():
    said = text(
        snapshot(
            {"due": 3, "done": 2, "visits": 2},
            month="2026-02-01",
            counted_on="2026-02-28",
            previous_month=figures(),
        )
    )
    assert "2026年2月1日至28日，" in said
    assert "相比" not in said


def test_everything_exempt_is_no_rate():
    said = text(snapshot({"exempt": 4}, exemptions=[["postponed", 4]]))
    assert "本月没有应完成的走访任务。因县里统一延期免除任务的联系点4个。" in said
    assert "%" not in said


# What the office wrote ------------------------------------------------------------------------


def edited(mode):
    edit = {"key": "done", "mode": mode, "text": "任务已基本完成。", "over": ""}
    return compose(snapshot({"due": 4, "done": 3}, edits=[edit])).paragraphs


def test_edit_stands_instead_of_the_generated_paragraph_or_after_it():
    (only,) = (p for p in edited("replace") if p.key == "done")
    assert (only.text, only.edited) == ("任务已基本完成。", "replace")
    first, second = (p for p in edited("add") if p.key == "done")
    assert first.text.startswith("本月应完成走访4次")
    assert (second.text, second.edited) == ("任务已基本完成。", "add")
    assert not first.edited


def test_generated_text_is_the_same_with_and_without_edits():
    edit = {"key": "done", "mode": "replace", "text": "任务已基本完成。", "over": ""}
    data = snapshot({"due": 4, "done": 3})
    assert generated(data | {"edits": [edit]}) == generated(data)
    assert generated(data)["done"].startswith("本月应完成走访4次")


def test_figures_name_the_records_behind_them_and_the_text_shows_no_mark():
    paragraphs = compose(snapshot({"due": 4, "done": 3})).paragraphs
    (done,) = (p for p in paragraphs if p.key == "done")
    assert ("4", "due") in done.spans
    assert ("1", "open") in done.spans
    assert all("".join(piece for piece, _name in p.spans) in (p.text, "") for p in paragraphs)
    assert not any(mark in p.text for p in paragraphs for mark in "\ufdd0\ufdd1\ufdd2")


# A revision after an issued one ---------------------------------------------------------------


def replaced(**more):
    base = {"revision": 1, "counted_on": "2026-11-05", "figures": figures()}
    return base | {"unmet": [], "exemptions": [], "substituted": 0} | more


def changes(old, now=None, **more):
    paragraphs = compose(snapshot(now, revision=3, replaces=old, **more)).paragraphs
    return [p.text for p in paragraphs if p.key.startswith("changes")]


def test_changes_are_a_chapter_of_their_own():
    headings = [
        p.text
        for p in compose(snapshot(revision=3, replaces=replaced())).paragraphs
        if p.style == "Heading 1"
    ]
    assert headings[-1] == "七、与第1版相比的变化"
    assert changes(replaced()) == ["本报告为第3版，替代2026年11月5日的第1版。主要数据没有变化。"]


def test_obligations_that_left_or_joined_the_unmet_are_named():
    said = changes(replaced(unmet=[owed(1), owed(2)]), unmet=[owed(2), owed(3, "县教育局")])
    assert said[1] == (
        "第1版列为未完成、本版不再列入的联系点有：县水务局（第1村），共1个。"
        "第1版未列入、本版列为未完成的联系点有：县教育局（第3村），共1个。"
    )


def test_exemptions_and_matters_that_changed_are_named():
    old = replaced(exemptions=[["merged", 1]], matters={"figures": rated()["figures"]})
    matters = told_matters(figures={"asked": 2})
    said = changes(old, exemptions=[["postponed", 2]], substituted=1, matters=matters)
    assert said[1:] == [
        "联系点变化：因县里统一延期免除的由0个改为2个，因村庄合并免除的由1个改为0个，"
        "由他人代为走访的由0个改为1个。",
        "群众诉求变化：回访诉求由0件改为2件。",
    ]


def test_district_and_city_are_addressed_as_such():
    said = text(snapshot({"visits": 1}, county={"code": "130502", "name": "襄都区"}))
    assert "区委、区政府：" in said
    assert "全区" in said


def test_annexes_end_with_the_county_and_write_missing_rates_as_none():
    rows = [{"key": 1, "name": "县水务局", "kind": "other", "figures": figures()}]
    townships = [{"key": 1, "name": "官亭镇", "figures": figures(due=2, done=1, people=7)}]
    counts = {"due": 2, "done": 1, "households_reached": 9, "households_total": 8}
    units, places = compose(snapshot(counts, units=rows, townships=townships)).annexes
    assert units.rows == [
        ["1", "县水务局", "0", "0", "0", "无", "无"],
        ["", "合计", "2", "1", "0", "50.0%", "无"],
    ]
    assert places.rows[0] == ["1", "官亭镇", "2", "1", "50.0%", "7", "0", "无"]
    for annex in (units, places):
        assert sum(column.width for column in annex.columns) == 156
    assert compose(snapshot()).annexes == []


def test_matters_have_an_annex_of_their_own_where_they_were_frozen():
    counts = {
        **{"response_due": 4, "responded": 3, "resolution_due": 2, "resolved": 2, "excluded": 1},
        **{"asked": 0, "content": 0},
    }
    units = [{"key": 1, "name": "县水务局", "figures": counts}]
    (annex,) = compose(snapshot(matters={"figures": counts, "units": units})).annexes
    assert annex.title == "各单位群众诉求办理情况表"
    assert annex.rows == [
        ["1", "县水务局", "4", "75.0%", "2", "100%", "1", "0", "无"],
        ["", "合计", "4", "75.0%", "2", "100%", "1", "0", "无"],
    ]
    assert sum(column.width for column in annex.columns) == 156


def test_a_snapshot_from_before_the_rates_of_matters_is_written_as_it_was():
    assert "matters" not in snapshot()
    rows = [{"key": 1, "name": "甲", "kind": "township", "figures": figures(due=1, done=1)}]
    (annex,) = compose(snapshot(units=rows)).annexes
    assert annex.title == "各单位完成情况表"


def test_kinds_of_units_are_compared_in_a_chart_when_there_are_two():
    units = [{"key": 1, "name": "县水务局", "kind": "other", "figures": figures()}]
    kinds = [
        {"key": kind, "figures": figures(due=due, done=due - 1)}
        for kind, due in (("township", 4), ("mass_organisation", 2))
    ]
    chart = compose(snapshot(units=units, kinds=kinds)).annexes[-1]
    assert chart.labels == ["乡镇", "群团组织"]
    assert chart.series == [("应完成", [4, 2]), ("完成", [3, 1])]
    assert len(compose(snapshot(units=units, kinds=kinds[:1])).annexes) == 1
