"""The report's sentences in official Chinese. They differ with the situation of the month.

A figure that does not exist is never written: the sentence is left out.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from reports.documents.annex import annexes
from reports.documents.outline import Outline, Paragraph
from reports.documents.phrases import (
    EXEMPTIONS,
    GROUPS,
    KINDS,
    change,
    cut,
    day,
    listed,
    month,
    points,
    quoted,
    rate,
    sentence,
    share,
    village,
)

UNMET_SHOWN = 30
TOPICS_SHOWN = 10
TEXT_LENGTH = 150
Snapshot = dict[str, Any]


def compose(snapshot: Snapshot) -> Outline:
    """The whole report; every word of it comes from the snapshot."""
    county = snapshot["county"]["name"]
    title = [f"{county}“面对面”活动", f"{month(_month(snapshot))}情况报告"]
    body = [
        sentences
        for sentences in (
            _opening(snapshot),
            *_overall(snapshot),
            *_completion(snapshot),
            *_talks(snapshot),
            *_topics(snapshot),
            *_learnt(snapshot),
            *_next_month(snapshot),
            _revision(snapshot),
        )
        if sentences.text
    ]
    return Outline(
        paragraphs=[
            *(Paragraph("Title", line) for line in title),
            Paragraph("Addressee", f"{_kind_of_county(county)}委、{_kind_of_county(county)}政府："),
            *body,
        ],
        issuer=f"{county}“面对面”活动办公室",
        issued_on=_counted_on(snapshot),
        annexes=annexes(snapshot),
    )


def _month(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot["month"])


def _counted_on(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot["counted_on"])


def _runs(snapshot: Snapshot) -> bool:
    """Whether the month was not over when it was counted."""
    counted = _counted_on(snapshot)
    return counted.replace(day=1) <= _month(snapshot)


def _kind_of_county(name: str) -> str:
    return name[-1] if name[-1:] in ("县", "区", "市", "旗") else "县"


def _body(*parts: str) -> Paragraph:
    return Paragraph("Body", "".join(parts))


def _opening(snapshot: Snapshot) -> Paragraph:
    first, counted = _month(snapshot), _counted_on(snapshot)
    when = f"{month(first)}1日至{counted.day}日" if _runs(snapshot) else month(first)
    visits = snapshot["figures"]["visits"]
    if not visits:
        return _body(f"现将{when}“面对面”活动情况报告如下：")
    units = sum(row["figures"]["visits"] > 0 for row in snapshot["units"])
    return _body(
        f"{when}，全{_kind_of_county(snapshot['county']['name'])}{units}个单位在"
        f"{snapshot['villages_visited']}个村（社区）开展“面对面”走访{visits}次。"
        "现将有关情况报告如下："
    )


# 一、总体情况


def _overall(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield Paragraph("Heading 1", "一、总体情况")
    yield _body(_done(snapshot), _beside(snapshot))
    yield _body(_compared(snapshot))
    yield _body(_feedback(snapshot))
    yield _body(_manner(snapshot["figures"]))


def _done(snapshot: Snapshot) -> str:
    row = snapshot["figures"]
    due, done = row["due"], row["done"]
    until = f"截至{_counted_on(snapshot).month}月{_counted_on(snapshot).day}日，"
    start = until if _runs(snapshot) else ""
    if not due:
        return "本月没有应完成的走访任务。"
    if done == due:
        return f"{start}本月应完成的{due}次走访已全部完成，完成率{rate(done, due)}。"
    if not done:
        return f"{start}本月应完成走访{due}次，均未完成，完成率{rate(done, due)}。"
    return (
        f"{start}本月应完成走访{due}次，完成{done}次，完成率{rate(done, due)}，"
        f"尚有{due - done}次未完成。"
    )


def _beside(snapshot: Snapshot) -> str:
    """Exemptions and extra visits, which stand beside the rate (domain: rules)."""
    row = snapshot["figures"]
    reasons = [(EXEMPTIONS[code], lines) for code, lines in snapshot["exemptions"]]
    if len(reasons) == 1:
        exempt = f"因{reasons[0][0]}免除任务的联系点{row['exempt']}个。"
    elif reasons:
        parts = listed(f"因{reason}{lines}个" for reason, lines in reasons)
        exempt = f"经批准免除任务的联系点{row['exempt']}个，其中{parts}。"
    else:
        exempt = ""
    if substituted := snapshot["substituted"]:
        exempt += f"责任人请假、由本单位其他同志代为走访的联系点{substituted}个。"
    extra = f"另有任务以外的走访{row['extra']}次，不计入完成率。" if row["extra"] else ""
    return exempt + extra


def _compared(snapshot: Snapshot) -> str:
    now, before = snapshot["figures"], snapshot["previous_month"]
    # Half a month against a whole one would say nothing.
    if _runs(snapshot) or not now["due"] or not before["due"]:
        return ""
    rates = share(now["done"], now["due"]), share(before["done"], before["due"])
    done = change(now["done"], before["done"], "次")
    moved = points(*rates)
    if done == moved == "持平":
        return "完成次数和完成率均与上月持平。"
    return sentence(f"与上月相比，完成次数{done}", f"完成率{moved}")


def _feedback(snapshot: Snapshot) -> str:
    row, days = snapshot["figures"], snapshot["rules"]["feedback_due_days"]
    if not row["visits"]:
        return ""
    timely = (
        f"{row['visits']}次走访中，有{row['feedback_on_time']}次在规定的{days}日内反馈，"
        f"及时反馈率{rate(row['feedback_on_time'], row['visits'])}。"
    )
    open_ones = listed(
        [
            row["overdue_feedback"] and f"逾期未反馈{row['overdue_feedback']}次",
            row["waiting_review"] and f"待审核{row['waiting_review']}次",
            row["returned"] and f"退回待补充{row['returned']}次",
        ]
    )
    kept = (
        f"宣传内容和责任人均符合计划的任务{row['planned_kept']}个，"
        f"按计划率{rate(row['planned_kept'], row['planned_lines'])}。"
        if row["planned_lines"] and not _runs(snapshot)
        else ""
    )
    return timely + (f"截至统计时，{open_ones}。" if open_ones else "") + kept


def _manner(row: dict[str, Any]) -> str:
    together = listed(
        [
            row["ate"] and f"同吃{row['ate']}次",
            row["lived"] and f"同住{row['lived']}次",
            row["worked"] and f"同劳动{row['worked']}次",
        ]
    )
    minutes = row["burden_minutes"]
    return listed(
        [
            together and f"走访中与群众{together}，有“三同”内容的走访{row['together_visits']}次。",
            minutes and f"填写一次反馈所用时间的中位数为{minutes:g}分钟。",
        ],
        "",
    )


# 二、完成情况


def _completion(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield Paragraph("Heading 1", "二、完成情况")
    if not snapshot["figures"]["due"]:
        yield _body("本月各单位均没有应完成的走访任务。")
        return
    yield Paragraph("Heading 2", "（一）各类单位完成情况")
    rows = [(row["key"], row["figures"]) for row in snapshot["kinds"] if row["figures"]["due"]]
    kinds = listed(
        (
            f"{KINDS[kind]}应完成{row['due']}次，完成{row['done']}次，"
            f"完成率{rate(row['done'], row['due'])}"
            for kind, row in rows
        ),
        "；",
    )
    yield _body(f"{kinds}。各单位完成情况见附件。")
    yield Paragraph("Heading 2", "（二）未完成任务的联系点")
    yield _body(_unmet(snapshot))


def _unmet(snapshot: Snapshot) -> str:
    rows = snapshot["unmet"]
    if not rows:
        return "各联系点均已完成本月任务。"
    shown = rows[:UNMET_SHOWN]
    places = listed(
        f"{unit}（{listed(_owed(row) for row in of_unit)}）"
        for unit, of_unit in groupby(shown, key=lambda row: row["unit"])
    )
    rest = "等" if len(rows) > len(shown) else "，共"
    start = "截至统计时尚未完成" if _runs(snapshot) else "未完成"
    return f"{start}本月任务的联系点有：{places}{rest}{len(rows)}个。"


def _owed(row: dict[str, Any]) -> str:
    name = village(row["village"])
    if row["due"] == 1:
        return name
    return f"{name}应完成{row['due']}次、完成{row['done']}次"


# 三、群众座谈与逐户走访


def _talks(snapshot: Snapshot) -> Iterator[Paragraph]:
    row = snapshot["figures"]
    yield Paragraph("Heading 1", "三、群众座谈与逐户走访")
    if row["people"]:
        met = [f"{GROUPS[group]}{heads}人次" for group, heads in row["people_by_group"] if heads]
        missed = listed(GROUPS[group] for group, heads in row["people_by_group"] if not heads)
        yield _body(
            f"本月与群众座谈{row['people']}人次，其中{listed(met)}。",
            f"没有与{missed}座谈的记录。" if missed else "",
        )
    else:
        yield _body("本月没有座谈记录。")
    if row["groups_possible"]:
        coverage = rate(row["groups_covered"], row["groups_possible"])
        yield _body(f"今年以来，各联系点座谈的层次覆盖率为{coverage}。")
    yield _body(_households(row))


def _households(row: dict[str, Any]) -> str:
    contacts, repeats = row["household_contacts"], row["household_repeats"]
    reached, total = row["households_reached"], row["households_total"]
    if not contacts:
        called = "本月没有逐户走访记录。"
    elif not repeats:
        called = f"本月逐户走访{contacts}户次，没有重复走访。"
    else:
        called = f"本月逐户走访{contacts}户次，其中今年已走访过的{repeats}户次，"
        called += f"重复率{rate(repeats, contacts)}。"
    if not reached:
        return called
    # More households than the registry knows of make no rate.
    covered = f"逐户覆盖率{rate(reached, total)}" if reached <= total else ""
    return called + sentence(f"今年以来累计走访到户{reached}户", covered)


# 四、宣传内容


def _topics(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield Paragraph("Heading 1", "四、宣传内容")
    told = [row for row in snapshot["topics"] if row["villages_delivered"]]
    untold = [row for row in snapshot["topics"] if not row["villages_delivered"]]
    if not told:
        yield _body("本月没有宣传记录。")
    else:
        shown = listed((_topic(row) for row in told[:TOPICS_SHOWN]), "；")
        more = "主要有" if len(told) > TOPICS_SHOWN else ""
        yield _body(f"本月宣传内容{len(told)}项{'，' if more else '：'}{more}{shown}。")
    if untold:
        names = listed(quoted(row["title"]) for row in untold[:TOPICS_SHOWN])
        still = "尚未" if _runs(snapshot) else "未"
        yield _body(f"列入计划但{still}宣传的有{len(untold)}项：{names}。")


def _topic(row: dict[str, Any]) -> str:
    planned = f"计划在{row['villages_planned']}个村、实际" if row["villages_planned"] else ""
    people = f"，参加群众{row['people']}人次" if row["people"] else ""
    return f"{quoted(row['title'])}{planned}在{row['villages_delivered']}个村宣传{people}"


# 五、了解到的情况与意见建议


def _learnt(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield Paragraph("Heading 1", "五、了解到的情况与意见建议")
    if not snapshot["findings"] and not snapshot["suggestions"]:
        yield _body("本月反馈中没有可供摘报的内容。")
        return
    chapters = [("了解到的情况", "findings"), ("意见建议", "suggestions")]
    present = [(name, snapshot[field]) for name, field in chapters if snapshot[field]]
    for number, (name, texts) in zip("一二", present, strict=False):
        yield Paragraph("Heading 2", f"（{number}）{name}")
        for n, row in enumerate(texts, 1):
            place = row["township"] + village(row["village"])
            yield _body(f"{n}.{place}：{cut(row['text'], TEXT_LENGTH)}")


# 六、下月安排


def _next_month(snapshot: Snapshot) -> Iterator[Paragraph]:
    yield Paragraph("Heading 1", "六、下月安排")
    plan = snapshot["next_month"]
    name = f"{date.fromisoformat(plan['month']).month}月"
    if not plan["due"]:
        yield _body(f"{name}的走访任务待活动方案确定后安排。")
    else:
        topics = listed(
            f"{quoted(title)}（{villages}个村）"
            for title, villages in plan["topics"][:TOPICS_SHOWN]
        )
        undated = plan["undated_lines"]
        yield _body(
            sentence(f"{name}应走访{plan['due']}次", topics and f"计划宣传{topics}"),
            f"其中{undated}个联系点尚未确定走访日期。" if undated else "",
        )
    if snapshot["unmet"] and not _runs(snapshot):
        yield _body(
            f"对本月未完成任务的{len(snapshot['unmet'])}个联系点，"
            "将督促责任单位按期走访、及时反馈。"
        )


def _revision(snapshot: Snapshot) -> Paragraph:
    """What changed since the revision this one replaces (domain: the year, 7)."""
    old = snapshot["replaces"]
    if old is None:
        return _body()
    names = {
        "due": "应完成次数",
        "done": "完成次数",
        "visits": "走访次数",
        "feedback_on_time": "及时反馈次数",
        "people": "座谈人次",
        "household_contacts": "逐户走访户次",
    }
    now, then = snapshot["figures"], old["figures"]
    changes = [
        f"{label}由{then[name]}改为{now[name]}"
        for name, label in names.items()
        if now[name] != then[name]
    ]
    issued = day(date.fromisoformat(old["counted_on"]))
    said = f"主要数据变化：{listed(changes, '，')}" if changes else "主要数据没有变化"
    number = snapshot["revision"]
    return _body(f"本报告为第{number}版，替代{issued}的第{old['revision']}版。{said}。")
