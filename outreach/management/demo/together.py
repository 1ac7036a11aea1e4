"""What several do about one thing: reports that are joined, units that help, villagers who say
whether it is solved, a topic made of what recurs, suggestions that get their reply."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from outreach import clock
from outreach.management.demo.cast import OTHER_UNIT, OWN_UNIT
from outreach.management.demo.story import (
    AnswerSuggestion,
    HandOutReceipt,
    JoinMatter,
    MoveMatter,
    Point,
    PutOnAgenda,
    RaiseMatter,
    Review,
    SaveFeedback,
    Story,
    VillagerSays,
    VoidVisit,
    moment,
)

LAMPS = (
    "镇区到学校的路灯坏了一排，孩子下晚自习摸黑走路。",
    "学校门口往东的路灯不亮，接孩子的电动车多，看不清人。",
    "去学校那条路晚上没有灯，老人接送孩子不敢骑车。",
)
BRIDGE = (
    "跨排干渠的桥面塌了一个洞，收割机过不去。",
    "排干渠桥面有塌洞，三轮车绕行要多走四里地。",
)
LAMPS_DONE = "镇区到学校的路灯线路已全线检修，更换灯头十六盏，当晚恢复照明。"
STILL_DARK = "学校往东那一段还有三盏不亮，孩子走的正是这一段。"

# Words of a suggestion: what becomes of it and what the county writes.
REPLIES = (
    ("机井", "adopted", "已请水务局排查使用十年以上的老井，更换计划下月公示到村。"),
    ("路灯", "adopted", "同意由县里统一招标维修，已列入下季度采购，维修电话将贴到灯杆上。"),
    ("医保", "answered", "医保局已印制一页纸的报销流程，本月底前送到各村卫生室。"),
    ("救助", "answered", "民政局已与医保、残联比对数据，符合条件的由乡镇上门办理，不需群众申请。"),
    (
        "烘干",
        "declined",
        "今年涉农资金已下达完毕，暂不能安排；可先用邻近两个合作社的设备。",
    ),
    ("公路", "answered", "农村公路养护经费按里程拨付，今年标准已公开在交通运输局门户网站。"),
    ("基站", "declined", "基站由通信公司按用户密度布点，县里已去函反映，暂无建设计划。"),
    ("招聘会", "adopted", "下月起招聘会每月到一个乡镇举办，岗位单列明工资和下班时间。"),
    ("清运", "adopted", "新一轮清运合同已写明次数，由村里签字后付款。"),
    ("充电棚", "declined", "充电棚需先做消防设计，今年没有安排；请各村先划定露天充电点。"),
    ("灭火机", "adopted", "应急局为林田交界的村各配两台风力灭火机，下周到乡镇领取。"),
    ("看护班", "answered", "妇联、团委已商定在三个乡镇试办，报名办法由乡镇通知到村。"),
    ("取暖", "adopted", "取暖补贴在本月底前发到户，标准同时在村里公开。"),
    ("坐诊", "adopted", "卫生院排出了到村坐诊日，每村每月两次，时间贴在卫生室门口。"),
    ("校车", "answered", "教育局正在核对校车线路，核完后由学校通知家长。"),
    ("减速带", "declined", "国道由市公路部门管养，县里已去函申请，不能自行加装。"),
    ("补贴", "answered", "补贴标准和发放时间已在各村公示栏公开，疑问可打便民服务中心电话。"),
)
CORRECTED = "更正：上次答复中的办理时间改为本月二十五日前，其他内容不变。"
TOPIC = (
    "饮水灌溉：群众反映的问题怎么办",
    "近期多个村反映用水问题。入户时讲清报修渠道、收费标准和今年的改造安排，听取意见。",
)
REPLIES_SHOWN = 9


def add_together(story: Story, rng: Random, key: int) -> None:
    """`key` is the first number that no matter of the story has."""
    _Told(story, key).tell()
    _answer_suggestions(story, rng)
    # The topic is of next month, whose year the county must have opened.
    next_month = clock.add_months(clock.month_of(_at(story, 1, 16)), 1)
    if next_month.year in {month.year for month in story.months}:
        story.add(_at(story, 1, 16), PutOnAgenda("饮水灌溉", *TOPIC))


def _at(story: Story, days: int, hour: int, minute: int = 0) -> datetime:
    """So many days before the story ends."""
    return moment(story.ends.date() - days * clock.ONE_DAY, hour, minute)


def _neighbours(story: Story, count: int) -> list[Point]:
    """Villages of one township, each of another unit that is neither of the demonstration's."""
    found: dict[str, dict[str, Point]] = {}
    for point in story.points:
        if point.unit not in (OWN_UNIT, OTHER_UNIT) and point.last_day is None:
            of_township = found.setdefault(point.village[:9], {})
            of_township.setdefault(point.unit, point)
    return next([*rows.values()][:count] for rows in found.values() if len(rows) >= count)


class _Told:
    """The matters, each step some days before the story ends."""

    def __init__(self, story: Story, key: int):
        self.story, self.key = story, key
        self.points: dict[int, Point] = {}

    def tell(self) -> None:
        self._answered_together()
        self._waiting_together()
        own = next(point for point in self.story.points if point.unit == OWN_UNIT)
        other = next(point for point in self.story.points if point.unit == OTHER_UNIT)
        first = self._helped(own, OTHER_UNIT, "机耕路被雨水冲垮，地里的瓜果运不出来。", "道路桥涵")
        task = "请派技术人员查看路基，提出修复方案并提供机械。"
        self._move(first, 7, "name_co_handler", own.unit, {"text": task}, OTHER_UNIT)
        far = "已到现场查看，路基需填石料约八十方，机械后天进场。"
        self._move(first, 4, "note_progress", OTHER_UNIT, {"text": far})
        second = self._helped(other, OWN_UNIT, "修路占了地头水渠，下游浇不上水。", "饮水灌溉")
        task = "请核实受影响的地块和灌溉需要，配合确定改渠位置。"
        self._move(second, 7, "name_co_handler", "", {"text": task}, OWN_UNIT)
        done = "已核实受影响耕地四十二亩，改渠位置由村民代表签字确认。"
        self._move(second, 3, "hand_in_part", OWN_UNIT, {"text": done})

    def _answered_together(self) -> None:
        """Three reports of dark lamps: two villagers say it is solved, the third says it is not."""
        points = _neighbours(self.story, 3)
        first, second, third = (
            self._raise(point, 14 - n, text, "供电照明")
            for n, (point, text) in enumerate(zip(points, LAMPS, strict=True))
        )
        for key in (first, second, third):
            self._add(11, HandOutReceipt(key, self.points[key].unit))
        self._move(first, 11, "accept_matter", points[0].unit)
        for key in (second, third):
            self._add(10, JoinMatter(key, first))
        values = {"outcome": "solved", "text": LAMPS_DONE}
        self._move(first, 6, "say_done", points[0].unit, values)
        self._add(4, VillagerSays(first, "solved", True))
        self._add(3, VillagerSays(second, "solved", True))
        self._add(2, VillagerSays(third, "not_solved", False, STILL_DARK))

    def _waiting_together(self) -> None:
        """Two reports of a broken bridge; nobody has answered yet."""
        points = _neighbours(self.story, 2)
        first, second = (
            self._raise(point, 8 - n, text, "道路桥涵")
            for n, (point, text) in enumerate(zip(points, BRIDGE, strict=True))
        )
        self._move(first, 6, "accept_matter", points[0].unit)
        self._add(5, JoinMatter(second, first))

    def _helped(self, point: Point, unit: str, text: str, category: str) -> int:
        key = self._raise(point, 9, text, category)
        self._move(key, 8, "accept_matter", point.unit)
        return key

    def _raise(self, point: Point, days: int, text: str, category: str) -> int:
        key, self.key = self.key, self.key + 1
        self.points[key] = point
        self._add(
            days, RaiseMatter(key, point.unit, point.village, text, "desk", category, "normal")
        )
        return key

    def _move(self, key: int, days: int, verb: str, unit: str, values: Any = None, to: str = ""):
        self._add(days, MoveMatter(key, verb, unit, values or {}, to))

    def _add(self, days: int, step: Any) -> None:
        """Matters of one day happen one after the other."""
        self.story.add(_at(self.story, days, 9, len(self.story.steps) % 60), step)


def _answer_suggestions(story: Story, rng: Random) -> None:
    """Of what was accepted in the last weeks the newest with words that a reply fits."""
    void = {step.visit for _, step in story.steps if isinstance(step, VoidVisit)}
    told: set[str] = set()
    corrected = False
    for n, (at, visit, reply) in enumerate(_answerable(story, void, told)):
        if n == REPLIES_SHOWN:
            return
        at += timedelta(days=rng.randint(1, 3))
        _words, decision, text = reply
        story.add(at, AnswerSuggestion(visit, decision, text))
        if decision == "answered" and not corrected:
            corrected = True
            story.add(at + timedelta(hours=5), AnswerSuggestion(visit, decision, CORRECTED))


def _answerable(story: Story, void: set[Any], told: set[str]) -> Iterator[tuple[Any, Any, Any]]:
    wishes = {
        step.visit: step.texts["suggestions"]
        for _, step in story.steps
        if isinstance(step, SaveFeedback) and step.send
    }
    accepted = [
        (at, step.visit)
        for at, step in story.steps
        if isinstance(step, Review) and not step.reason and step.visit not in void
    ]
    for at, visit in sorted(accepted, key=lambda row: row[0], reverse=True):
        if not story.ends - timedelta(days=50) < at < story.ends - timedelta(days=4):
            continue
        for reply in REPLIES:
            if reply[0] in wishes.get(visit, "") and reply[0] not in told:
                told.add(reply[0])
                yield at, visit, reply
                break
