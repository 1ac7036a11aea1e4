"""The report's sentences follow the situation and never name a figure that does not exist."""

import re

import pytest

from reports.documents import phrases
from reports.documents.wording import compose
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
    assert [p.text for p in paragraphs if p.style == "Heading 2"] == ["（一）了解到的情况"]
    first, second = (p.text for p in paragraphs if re.match(r"\d\.", p.text))
    assert first == "1.观寨乡张家村：电表不准。"
    assert second.endswith("长……")
    assert len(second) < 170


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
