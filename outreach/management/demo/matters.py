"""What villagers raise in the last four weeks of the story, and how far each matter has come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from outreach import clock
from outreach.management.demo.cast import OTHER_UNIT, OWN_UNIT
from outreach.management.demo.story import (
    AddCategory,
    MoveMatter,
    Point,
    RaiseMatter,
    RecordVisit,
    Review,
    SaveFeedback,
    Story,
    VoidVisit,
    moment,
)

# name, what it belongs to, limit in working days, the unit proposed
CATEGORIES = (
    ("基础设施", "", 15, ""),
    ("道路桥涵", "基础设施", 15, "县交通运输局"),
    ("饮水灌溉", "基础设施", 10, "县水务局"),
    ("供电照明", "基础设施", 10, ""),
    ("惠民政策", "", 7, ""),
    ("医保养老", "惠民政策", 5, "县医疗保障局"),
    ("救助帮扶", "惠民政策", 7, "县民政局"),
    ("生产发展", "", 10, "县农业农村局"),
    ("人居环境", "", 10, ""),
    ("教育文化", "", 10, "县教育局"),
)
# category, what is raised, what was done when it is solved
TEXTS = (
    (
        "道路桥涵",
        "村东通往地里的生产路被雨水冲断，收庄稼的车过不去。",
        "已调运砂石垫平路面，农用车可以通行，上冻前再压实一遍。",
    ),
    (
        "供电照明",
        "村口到小学一段路灯坏了七盏，孩子下晚自习看不见路。",
        "七盏路灯灯头已更换，当晚逐盏看过，全部亮灯。",
    ),
    (
        "饮水灌溉",
        "二组自来水压力不够，傍晚做饭时常常没水。",
        "更换了二组入户主管阀门，傍晚入户查看，水压正常。",
    ),
    (
        "医保养老",
        "在外地住院的费用怎么报销，几个村民跑了三趟没问明白。",
        "已到村办理异地就医备案，三户的票据当场受理。",
    ),
    (
        "生产发展",
        "机井电表老化，同一块地今年浇水电费多出一倍。",
        "电表已校验更换，多计的电费按实测数退还到户。",
    ),
    (
        "人居环境",
        "村西坑塘夏天发臭，垃圾清运有时一周才来一次。",
        "坑塘垃圾已清理，清运改为每周三次，村内公示了时间。",
    ),
    (
        "救助帮扶",
        "两户老人独居，房顶漏雨，希望列入危房改造。",
        "房顶已完成防水修缮，两户均列入今年危房改造名单。",
    ),
    (
        "教育文化",
        "村小学操场积水，体育课只能在走廊上。",
        "操场低洼处已垫高并疏通排水沟，雨后查看无积水。",
    ),
    (
        "道路桥涵",
        "村北小桥护栏断了一截，三轮车差点翻下去。",
        "护栏已焊接加固，桥头加装了反光标识。",
    ),
    (
        "饮水灌溉",
        "灌溉渠有两处塌方，下游六十亩地浇不上水。",
        "两处塌方已清淤砌护，下游六十亩地当天浇上了水。",
    ),
    (
        "生产发展",
        "粮食补贴面积登记有出入，有几户少登了一亩多。",
        "已逐户核对登记面积，少登的几户补录并张榜公示。",
    ),
    (
        "医保养老",
        "年满六十周岁的养老金资格认证，老人不会用手机。",
        "工作人员已上门为老人办理认证，今后每季度进村集中办理一次。",
    ),
    (
        "供电照明",
        "夏季用电高峰电压低，家里的水泵带不起来。",
        "已更换大容量变压器，用电高峰时实测电压正常。",
    ),
    (
        "人居环境",
        "厕所改造后没人来抽粪，三组有十几户满了。",
        "三组十几户已全部清掏，并与服务队签订了按月清掏协议。",
    ),
    (
        "救助帮扶",
        "残疾人辅具申请交上去两个月没有回音。",
        "辅具已配发到户，申请进度今后在村务公开栏公布。",
    ),
    (
        "道路桥涵",
        "穿村公路大货车多，没有减速带，群众过路害怕。",
        "村口两端已加装减速带和限速标志。",
    ),
    (
        "教育文化",
        "农家书屋常年锁门，孩子假期想去看书进不去。",
        "书屋已安排专人管理，假期每天下午开放，时间贴在门口。",
    ),
    (
        "生产发展",
        "辣椒集中上市卖不上价，希望帮助联系收购商。",
        "已联系两家收购企业到村设点，当周收购辣椒四万斤。",
    ),
    (
        "饮水灌溉",
        "井水发黄有异味，群众担心水质。",
        "已取样检测，铁含量超标的水井停用，改接集中供水。",
    ),
    (
        "医保养老",
        "新生儿参保要跑县里，能不能在乡镇办。",
        "已开通乡镇便民服务中心代办，无需再跑县里。",
    ),
)
AT_VISITS = 12  # so many were raised at visits
EACH_MONTH = (12, 20)  # of the earlier ones
EXPLAINED = "已按现行政策逐条说明，并在村里张贴了办理流程。"


def add_matters(story: Story, rng: Random) -> int:
    """A matter for each text, raised in turn, that took the ways below in turn; and, before them,
    those of the earlier months, which all came to their end. Returns how many there are.
    """
    unit_names = {account.unit for account in story.accounts if account.role == "coordinator"}
    first = moment(story.months[0] - timedelta(days=29), 8)
    for name, parent, days, unit in CATEGORIES:
        proposed = unit if unit in unit_names else ""
        story.add(first, AddCategory(name, parent, days, proposed))
    points = list(_places(story))
    ways = list(_WAYS)
    for n, raised in enumerate(TEXTS):
        _Told(story, n, points[n % len(points)], rng).tell(*raised, ways[n % len(ways)])
    key = len(TEXTS)
    ended = [way for way in _WAYS if way and way[-1] is _CLOSE]
    for month in story.months[:-1]:
        for _n in range(rng.randint(*EACH_MONTH)):
            raised = rng.choice(TEXTS)
            began = month + timedelta(days=rng.randint(0, 14))
            _Told(story, key, rng.choice(points), rng).tell(*raised, rng.choice(ended), began)
            key += 1
    for n, (index, point) in enumerate(_sent_records(story)[:AT_VISITS], start=key):
        _Told(story, n, point, rng).tell_at_visit(
            index, *TEXTS[n % len(TEXTS)], ways[n % len(ways)]
        )
    return key + AT_VISITS


def _sent_records(story: Story) -> list[tuple[int, Point]]:
    """Where in the steps a record of the last four weeks was sent for good, one of each unit."""
    points = {s.id: story.points[s.point] for _at, s in story.steps if isinstance(s, RecordVisit)}
    changed = {s.visit for _at, s in story.steps if isinstance(s, Review) and s.reason}
    changed |= {s.visit for _at, s in story.steps if isinstance(s, VoidVisit)}
    found: dict[str, tuple[int, Point]] = {}
    for index, (at, step) in enumerate(story.steps):
        if not isinstance(step, SaveFeedback) or not step.send or step.visit in changed:
            continue
        if story.ends - timedelta(days=27) < at < story.ends:
            found.setdefault(points[step.visit].unit, (index, points[step.visit]))
    return sorted(found.values(), key=lambda row: row[1].unit != OWN_UNIT)


def _places(story: Story) -> Iterator[Point]:
    """Those of the demonstration's own unit first, then others, one a unit."""
    units: set[str] = set()
    for own in (True, False):
        for point in story.points:
            if (point.unit == OWN_UNIT) is own and (own or point.unit not in units):
                units.add(point.unit)
                yield point


# By whom: the leading unit, the one asked, the county office; then the verb and its values.
_TAKE = ("leader", "accept_matter", {})
_ASK = ("leader", "ask_transfer", {"text": "属专业部门职责，请协助办理。"})
_REFUSE = ("asked", "refuse_transfer", {"text": "经核实不属我单位职责，建议由原单位会同乡镇办理。"})
_SAY = ("leader", "say_done", {"outcome": "solved"})
_TELL = ("leader", "say_done", {"outcome": "explained", "text": EXPLAINED})
_HAPPY = ("county", "note_villager", {"word": "solved", "satisfied": True})
_PARTLY = ("county", "note_villager", {"word": "partly", "satisfied": False})
_NOT = (
    "county",
    "note_villager",
    {"word": "not_solved", "satisfied": False, "text": "回访时群众说只办了一半，问题还在。"},
)
_CLOSE = ("county", "close_matter", {})
_CANNOT = (
    "leader",
    "say_done",
    {"outcome": "not_possible", "text": "涉及上级规划，本年度没有资金安排，已向群众说明。"},
)
_OUTSIDE = (
    "leader",
    "say_done",
    {
        "outcome": "out_of_remit",
        "text": "须由市级主管部门办理，不在县级职权之内，已把办理渠道告知群众。",
    },
)
_AGREE = ("county", "confirm_second", {"agree": True})
_WAIT = ("leader", "wait_for", {"text": "等市级主管部门批复后办理。"})
_MORE = ("leader", "ask_extension", {"days": 5, "text": "需会同两个部门现场核实，申请延长。"})
_GRANT = ("county", "decide_extension", {"grant": True})
_UP = ("leader", "pass_up", {"text": "需县里统一协调资金。"})
# How far matters have come, from just raised to closed.
_WAYS: tuple[tuple[Any, ...], ...] = (
    (),
    (_TAKE,),
    (_TAKE, _ASK),
    (_TAKE, _ASK, _REFUSE, _ASK, _REFUSE),
    (_TAKE, _MORE),
    (_TAKE, _MORE, _GRANT),
    (_TAKE, _WAIT),
    (_TAKE, _SAY),
    (_TAKE, _CANNOT),
    (_TAKE, _SAY, _HAPPY, _CLOSE),
    (_TAKE, _SAY, _NOT),
    (_TAKE, _TELL, _HAPPY, _CLOSE),
    (_TAKE, _OUTSIDE, _AGREE),
    (_TAKE, _SAY, _NOT, _SAY, _HAPPY, _CLOSE),
    (_TAKE, _ASK, ("asked", "accept_transfer", {})),
    (_UP,),
    (_TAKE, _TELL, _PARTLY),
    (_TAKE, _SAY, _HAPPY, _CLOSE),
    (_TAKE, _TELL),
)


class _Told:
    """One matter, written into the story step by step."""

    def __init__(self, story: Story, key: int, point: Point, rng: Random):
        self.story, self.key, self.point, self.rng = story, key, point, rng
        self.asked = OTHER_UNIT if point.unit != OTHER_UNIT else OWN_UNIT

    def tell(
        self, category: str, text: str, done: str, way: tuple[Any, ...], began: date | None = None
    ) -> None:
        rng, story = self.rng, self.story
        # The longer its way, the earlier it was raised; what is open may have run out of time.
        days = min(27, 2 + 3 * len(way) + rng.randint(0, 12))
        day = began or story.ends.date() - timedelta(days=days)
        at = moment(day, rng.randint(8, 17), rng.randint(0, 59))
        source = "typed" if rng.random() < 0.25 else "desk"
        urgency = "urgent" if rng.random() < 0.12 else "normal"
        story.add(
            at,
            RaiseMatter(
                self.key, self.point.unit, self.point.village, text, source, category, urgency
            ),
        )
        self._go(at, done, way)

    def tell_at_visit(
        self, index: int, category: str, text: str, done: str, way: tuple[Any, ...]
    ) -> None:
        """It stood in the record that the step of this number sends."""
        at, sent = self.story.steps[index]
        self.story.steps[index] = (at, replace(sent, problems=((self.key, text),)))
        sort = ("leader", "sort_matter", {"category": category, "urgency": "normal"})
        self._go(at, done, (*way[:1], sort, *way[1:]) if way[:1] == (_TAKE,) else way)

    def _go(self, at: datetime, done: str, way: tuple[Any, ...]) -> None:
        rng, story, day = self.rng, self.story, at.date()
        days = (story.ends.date() - day).days
        last = story.ends.date() - clock.ONE_DAY
        for n, (who, verb, values) in enumerate(way, start=1):
            step = min(
                day + timedelta(days=1 + (n - 1) * max(1, min(3, days // (len(way) + 1)))), last
            )
            at = max(
                moment(step, rng.randint(8, 17), rng.randint(0, 59)), at + timedelta(minutes=7)
            )
            if values.get("outcome") == "solved":
                values = values | {"text": done}
            story.add(at, self._move(who, verb, values))

    def _move(self, who: str, verb: str, values: dict[str, Any]) -> MoveMatter:
        unit = {"leader": self.point.unit, "asked": self.asked, "county": ""}[who]
        to_unit = self.asked if verb == "ask_transfer" else ""
        return MoveMatter(self.key, verb, unit, values, to_unit)
