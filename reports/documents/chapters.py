"""The chapters on what was owed and done: obligations, talks, topics, and the month after."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from reports.documents.outline import Paragraph
from reports.documents.phrases import (
    EXEMPTIONS,
    GROUPS,
    KINDS,
    change,
    listed,
    points,
    quoted,
    rate,
    sentence,
    share,
    shown,
    village,
)
from reports.documents.reading import Snapshot, body, heading, runs, until

UNMET_SHOWN = 30
TOPICS_SHOWN = 10


def overall(snapshot: Snapshot) -> Iterator[Paragraph]:
    """The rate with what stands beside it, comparisons, feedback, and how people went about it."""
    yield body("done", fulfilled(snapshot), _beside(snapshot))
    yield body("compared", _compared(snapshot))
    yield body("feedback", in_time(snapshot))
    yield body("manner", _manner(snapshot["figures"]))


def fulfilled(snapshot: Snapshot) -> str:
    """How much of what was owed is done."""
    row = snapshot["figures"]
    due, done = row["due"], row["done"]
    start = f"{until(snapshot)}，" if runs(snapshot) else ""
    whole, met = shown(due, "due"), shown(done, "done")
    rated = rate(done, due, "done", "due")
    if not due:
        return "本月没有应完成的走访任务。"
    if done == due:
        return f"{start}本月应完成的{whole}次走访已全部完成，完成率{rated}。"
    if not done:
        return f"{start}本月应完成走访{whole}次，均未完成，完成率{rated}。"
    return (
        f"{start}本月应完成走访{whole}次，完成{met}次，完成率{rated}，"
        f"尚有{shown(due - done, 'open')}次未完成。"
    )


def _beside(snapshot: Snapshot) -> str:
    """Exemptions and extra visits, which stand beside the rate (domain: rules)."""
    row = snapshot["figures"]
    reasons = [
        (EXEMPTIONS[code], shown(lines, f"exempt:{code}")) for code, lines in snapshot["exemptions"]
    ]
    lifted = shown(row["exempt"], "exempt")
    if len(reasons) == 1:
        exempt = f"因{reasons[0][0]}免除任务的联系点{lifted}个。"
    elif reasons:
        parts = listed(f"因{reason}{lines}个" for reason, lines in reasons)
        exempt = f"经批准免除任务的联系点{lifted}个，其中{parts}。"
    else:
        exempt = ""
    if substituted := snapshot["substituted"]:
        count = shown(substituted, "substituted")
        exempt += f"责任人请假、由本单位其他同志代为走访的联系点{count}个。"
    extra = shown(row["extra"], "extra")
    extra = f"另有任务以外的走访{extra}次，不计入完成率。" if row["extra"] else ""
    return exempt + extra


def _compared(snapshot: Snapshot) -> str:
    # Half a month against a whole one would say nothing.
    if runs(snapshot):
        return ""
    now = snapshot["figures"]
    return _against(now, snapshot["previous_month"], "上月") + _against(
        now, snapshot.get("year_before"), "去年同期"
    )


def _against(now: dict[str, Any], before: dict[str, Any] | None, name: str) -> str:
    if before is None or not now["due"] or not before["due"]:
        return ""
    rates = share(now["done"], now["due"]), share(before["done"], before["due"])
    done = change(now["done"], before["done"], "次")
    moved = points(*rates)
    if done == moved == "持平":
        return f"完成次数和完成率均与{name}持平。"
    return sentence(f"与{name}相比，完成次数{done}", f"完成率{moved}")


def in_time(snapshot: Snapshot) -> str:
    """Feedback in time, what of it is open, and visits as planned."""
    row, days = snapshot["figures"], snapshot["rules"]["feedback_due_days"]
    if not row["visits"]:
        return ""
    timely = (
        f"{shown(row['visits'], 'visits')}次走访中，"
        f"有{shown(row['feedback_on_time'], 'on_time')}次在规定的{days}日内反馈，"
        f"及时反馈率{rate(row['feedback_on_time'], row['visits'], 'on_time', 'visits')}。"
    )
    open_ones = listed(
        [
            row["overdue_feedback"] and f"逾期未反馈{shown(row['overdue_feedback'], 'overdue')}次",
            row["waiting_review"] and f"待审核{shown(row['waiting_review'], 'waiting_review')}次",
            row["returned"] and f"退回待补充{shown(row['returned'], 'returned')}次",
        ]
    )
    kept = (
        f"宣传内容和责任人均符合计划的任务{shown(row['planned_kept'], 'kept')}个，"
        f"按计划率{rate(row['planned_kept'], row['planned_lines'], 'kept', 'planned')}。"
        if row["planned_lines"] and not runs(snapshot)
        else ""
    )
    return timely + (f"截至统计时，{open_ones}。" if open_ones else "") + kept


def _manner(row: dict[str, Any]) -> str:
    together = listed(
        [
            row["ate"] and f"同吃{shown(row['ate'], 'ate')}次",
            row["lived"] and f"同住{shown(row['lived'], 'lived')}次",
            row["worked"] and f"同劳动{shown(row['worked'], 'worked')}次",
        ]
    )
    visits = shown(row["together_visits"], "together")
    return listed(
        [
            together and f"走访中与群众{together}，有“三同”内容的走访{visits}次。",
            _burden(row),
        ],
        "",
    )


def _burden(row: dict[str, Any]) -> str:
    """What the programme asks of those who write (domain: burden is a defect)."""
    if row["burden_minutes"] is None:
        return ""
    minutes = shown(f"{row['burden_minutes']:g}", "timed")
    total = row.get("written_minutes", 0)
    # Below an hour the sum in hours would say nothing.
    together = f"，本月填写反馈合计用时{total / 60:.1f}小时" if total >= 60 else ""
    return f"填写一次反馈所用时间的中位数为{minutes}分钟{together}。"


def completion(snapshot: Snapshot) -> Iterator[Paragraph]:
    """By kind of unit, and who still owes what."""
    if not snapshot["figures"]["due"]:
        yield body("kinds", "本月各单位均没有应完成的走访任务。")
        return
    yield heading(1, "各类单位完成情况")
    rows = [(row["key"], row["figures"]) for row in snapshot["kinds"] if row["figures"]["due"]]
    kinds = listed(
        (
            f"{KINDS[kind]}应完成{shown(row['due'], f'due@{kind}')}次，"
            f"完成{shown(row['done'], f'done@{kind}')}次，完成率{rate(row['done'], row['due'])}"
            for kind, row in rows
        ),
        "；",
    )
    yield body("kinds", f"{kinds}。各单位完成情况见附件。" if kinds else "")
    yield heading(2, "未完成任务的联系点")
    yield body("unmet", _unmet(snapshot))


def _unmet(snapshot: Snapshot) -> str:
    rows = snapshot["unmet"]
    if not rows:
        return "各联系点均已完成本月任务。"
    few = rows[:UNMET_SHOWN]
    places = listed(
        f"{unit}（{listed(_owed(row) for row in of_unit)}）"
        for unit, of_unit in groupby(few, key=lambda row: row["unit"])
    )
    rest = "等" if len(rows) > len(few) else "，共"
    start = "截至统计时尚未完成" if runs(snapshot) else "未完成"
    return f"{start}本月任务的联系点有：{places}{rest}{shown(len(rows), 'open')}个。"


def _owed(row: dict[str, Any]) -> str:
    name = village(row["village"])
    if row["due"] == 1:
        return name
    return f"{name}应完成{row['due']}次、完成{row['done']}次"


def talks(snapshot: Snapshot) -> Iterator[Paragraph]:
    """People talked with and households called on."""
    row = snapshot["figures"]
    if row["people"]:
        met = [
            f"{GROUPS[group]}{shown(heads, f'talks:{group}')}人次"
            for group, heads in row["people_by_group"]
            if heads
        ]
        missed = listed(GROUPS[group] for group, heads in row["people_by_group"] if not heads)
        yield body(
            "talks",
            f"本月与群众座谈{shown(row['people'], 'talks')}人次，其中{listed(met)}。",
            f"没有与{missed}座谈的记录。" if missed else "",
        )
    else:
        yield body("talks", "本月没有座谈记录。")
    if row["groups_possible"]:
        coverage = rate(row["groups_covered"], row["groups_possible"], "covered", "held")
        yield body("groups", f"今年以来，各联系点座谈的层次覆盖率为{coverage}。")
    yield body("households", _households(row))


def _households(row: dict[str, Any]) -> str:
    contacts, repeats = row["household_contacts"], row["household_repeats"]
    reached, total = row["households_reached"], row["households_total"]
    calls, again = shown(contacts, "contacts"), shown(repeats, "repeats")
    if not contacts:
        called = "本月没有逐户走访记录。"
    elif not repeats:
        called = f"本月逐户走访{calls}户次，没有重复走访。"
    else:
        called = f"本月逐户走访{calls}户次，其中今年已走访过的{again}户次，"
        called += f"重复率{rate(repeats, contacts, 'repeats', 'contacts')}。"
    if not reached:
        return called
    # More households than the registry knows of make no rate.
    covered = (
        f"逐户覆盖率{rate(reached, total, 'reached', 'villages_held')}" if reached <= total else ""
    )
    homes = shown(reached, "reached")
    return called + sentence(f"今年以来累计走访到户{homes}户", covered)


def topics(snapshot: Snapshot) -> Iterator[Paragraph]:
    """What was explained, where, and what was planned and not explained."""
    told = [row for row in snapshot["topics"] if row["villages_delivered"]]
    untold = [row for row in snapshot["topics"] if not row["villages_delivered"]]
    if not told:
        yield body("topics", "本月没有宣传记录。")
    else:
        few = listed((_topic(row) for row in told[:TOPICS_SHOWN]), "；")
        more = "主要有" if len(told) > TOPICS_SHOWN else ""
        yield body("topics", f"本月宣传内容{len(told)}项{'，' if more else '：'}{more}{few}。")
    if untold:
        names = listed(quoted(row["title"]) for row in untold[:TOPICS_SHOWN])
        still = "尚未" if runs(snapshot) else "未"
        yield body("topics_untold", f"列入计划但{still}宣传的有{len(untold)}项：{names}。")


def _topic(row: dict[str, Any]) -> str:
    delivered = shown(row["villages_delivered"], f"topic:{row['topic']}")
    villages = shown(row["villages_planned"], f"topic_planned:{row['topic']}")
    planned = f"计划在{villages}个村、实际" if row["villages_planned"] else ""
    people = f"，参加群众{row['people']}人次" if row["people"] else ""
    return f"{quoted(row['title'])}{planned}在{delivered}个村宣传{people}"


def next_month(snapshot: Snapshot) -> Iterator[Paragraph]:
    """What is owed and planned for the month after."""
    plan = snapshot["next_month"]
    name = f"{date.fromisoformat(plan['month']).month}月"
    if not plan["due"]:
        yield body("next", f"{name}的走访任务待活动方案确定后安排。")
    else:
        topics = listed(
            f"{quoted(title)}（{villages}个村）"
            for title, villages in plan["topics"][:TOPICS_SHOWN]
        )
        undated = plan["undated_lines"]
        due = shown(plan["due"], "next_due")
        yield body(
            "next",
            sentence(f"{name}应走访{due}次", topics and f"计划宣传{topics}"),
            f"其中{shown(undated, 'next_undated')}个联系点尚未确定走访日期。" if undated else "",
        )
    if snapshot["unmet"] and not runs(snapshot):
        yield body(
            "urge",
            f"对本月未完成任务的{len(snapshot['unmet'])}个联系点，"
            "将督促责任单位按期走访、及时反馈。",
        )
