"""What villagers write into the opinion book by themselves, and what the county makes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.management.demo.cast import OWN_UNIT
from outreach.management.demo.story import (
    HoldBackOpinion,
    OpenCall,
    Point,
    PublishOpinion,
    RaiseFromOpinion,
    Story,
    WriteOpinion,
    moment,
)

QUESTION = "明年村里最该先办哪一件事？"


@dataclass(frozen=True)
class Page:
    """A page of the book: how many days before the end, what it says, what becomes of it."""

    days: int
    grade: int | None
    text: str = ""
    of_call: bool = False
    published: str = ""
    reply: str = ""
    reason: str = ""
    category: str = ""


_ROAD = "先修村东生产路，下雨车进不去。"
_LAMPS = "干部来过两趟，说话实在。路灯的事答应了就办了。"
_FAR = "来是来了，就在村委会坐了坐，没到我们组。"
_WELL = "最该先把机井修好，浇一遍地要等半个月。"
_AGAIN = "讲的医保报销办法很有用，希望年前再讲一次。"
_PIPE = "二组胡同里的自来水管裂了，水流了三天没人修。"
BOOK = (
    Page(17, 4, _LAMPS, published=_LAMPS, reply="谢谢您，路灯由县里统一维修。"),
    Page(15, 2, _FAR, published=_FAR, reply="已转告包村单位，下次座谈放到各组。"),
    Page(
        12,
        None,
        f"{_ROAD}我家在东头老赵隔壁。",
        of_call=True,
        published=_ROAD,
        reply="已列入明年农村公路计划，开工前在村里公示。",
    ),
    Page(11, 1, "村干部某某的亲戚什么都占。", reason="指向具体的人，已转有关部门核实。"),
    Page(10, 3, _WELL, of_call=True, published=_WELL),
    Page(9, 5, _AGAIN, published=_AGAIN, reply="已安排医保局下月到村再讲一次。"),
    Page(6, None, "哈哈哈哈哈", reason="没有可公开的内容。"),
    Page(5, 5),
    Page(5, 4),
    Page(5, 4),
    Page(5, 2),
    Page(
        4,
        None,
        _PIPE,
        category="饮水灌溉",
        published=_PIPE,
        reply="已转有关单位办理，修好后在这里答复。",
    ),
    Page(2, 3, "垃圾有十天没人拉了，坑边都是苍蝇。"),
    Page(1, None, "补贴发了没有？问了几个人说法都不一样。"),
    Page(1, 2, "听说干部来过，我没见着，希望晚上来，白天都下地。"),
)


def add_opinions(story: Story) -> None:
    """An open call, opinions in every state, one that became a matter."""
    points = _places(story)
    closes_on = story.ends.date() + timedelta(days=10)
    story.add(_at(story, 20), OpenCall(QUESTION, closes_on))
    for key, page in enumerate(BOOK):
        point = points[key % len(points)]
        written = WriteOpinion(key, point.village, page.grade, page.text, page.of_call)
        story.add(_at(story, page.days), written)
        if page.category:
            raised = RaiseFromOpinion(key, point.unit, page.category)
            story.add(_at(story, page.days - 1, 14), raised)
        if page.published:
            decided = PublishOpinion(key, page.published, page.reply)
            story.add(_at(story, page.days - 1, 15), decided)
        if page.reason:
            story.add(_at(story, page.days - 1, 15), HoldBackOpinion(key, page.reason))


def _at(story: Story, days: int, hour: int = 11) -> datetime:
    return moment(story.ends.date() - timedelta(days=days), hour, len(story.steps) % 60)


def _places(story: Story) -> list[Point]:
    """The demonstration's own contact points first, then one of another unit."""
    standing = [point for point in story.points if point.last_day is None]
    own = [point for point in standing if point.unit == OWN_UNIT]
    return [*own[:2], next(point for point in standing if point.unit != OWN_UNIT)]
