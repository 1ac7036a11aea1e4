"""What villagers answer when the county asks them: a closed round, and one that is under way."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from outreach import clock
from outreach.management.demo.cast import OTHER_UNIT, OWN_UNIT
from outreach.management.demo.story import (
    AddTopic,
    AnswerRound,
    CloseRound,
    DrawRound,
    ExplainGap,
    OpenRound,
    Point,
    RecordVisit,
    Story,
    VoidVisit,
    moment,
)

# Of a topic: the question, four answers, which is right.
QUESTIONS = {
    "反诈宣传和个人信息保护": (
        "接到自称公安、让您转账的电话，该怎么办？",
        ("照他说的转账", "挂断，打96110问清楚", "把卡号告诉他", "先加他好友"),
        2,
    ),
    "中央一号文件精神": (
        "第二轮土地承包到期后，再延长多少年？",
        ("十年", "二十年", "三十年", "五十年"),
        3,
    ),
    "城乡居民养老保险和待遇认证": (
        "城乡居民养老金，满多少岁可以领？",
        ("五十五岁", "六十岁", "六十五岁", "七十岁"),
        2,
    ),
    "防汛避险和用电安全": (
        "暴雨天通知转移，该怎么做？",
        ("看看再说", "先收拾东西", "等雨停", "马上按路线走"),
        4,
    ),
    "城乡居民医保缴费政策": (
        "在外地打工要住院，先办什么手续？",
        ("异地就医备案", "什么都不用办", "回县里住院", "找村里代报"),
        1,
    ),
    "秋冬季防火和秸秆禁烧": (
        "地里的秸秆，怎么处理才对？",
        ("夜里点火烧", "推到沟里", "打捆离田或还田", "堆在路边"),
        3,
    ),
    "移风易俗和村规民约": (
        "村里办红白事，按谁定的标准？",
        ("各家看着办", "红白理事会章程", "谁家阔气跟谁", "乡镇说了算"),
        2,
    ),
}
TEXTS = (
    "来的人挺和气，讲得也明白。",
    "希望晚上来，白天家里没人。",
    "讲政策别念文件，说几句家常话就懂。",
    "反映的水管修好了，谢谢。",
    "好几年没见过县里的人到我们组。",
    "补贴什么时候发，没人说得清。",
)
EXPLANATION = (
    "当月走访放在秋收帮工时进行，只到了两个组，其余群众不知情。"
    "下月改在晚上按组座谈，并提前在村里通知。"
)
THIN = 3  # villages of one township in which too few answer to be told apart
ASKED_NEXT = 20  # villages in the round that is under way


def add_evaluation(story: Story, rng: Random) -> None:
    """A closed round about the last whole month, and an open one about the present month."""
    whole = story.months[-2] if len(story.months) > 1 else story.months[-1]
    _closed_round(story, whole, rng)
    if whole != story.months[-1]:
        _open_round(story, story.months[-1], rng)


def _closed_round(story: Story, month: date, rng: Random) -> None:
    last = story.ends.date()
    begun = last - timedelta(days=14)
    if month != story.months[-1]:
        begun = max(begun, clock.add_months(month, 1))
    start, span = moment(begun, 9), moment(last) - moment(begun)
    points, claims = _held(story, month), _claims(story, month)
    gaps = _gaps(points, claims)
    thin = [point for point in points if point.village[:9] == points[-1].village[:9]][-THIN:]
    _draw(story, month, start, (start + span * 0.6).date(), None)
    for point in points:
        count = 12 if point in gaps else rng.randint(3, 4) if point in thin else rng.randint(7, 12)
        yes = 0 if point in gaps else 0.72 if point.key in claims else 0.1
        answers = tuple(_answer(rng, yes) for _n in range(count))
        answered = AnswerRound(month, point.village, answers)
        story.add(start + timedelta(hours=1) + span * rng.uniform(0.05, 0.5), answered)
    story.add(start + timedelta(hours=2) + span * 0.6, CloseRound(month))
    for point in gaps:
        if point.unit != OWN_UNIT:
            explained = ExplainGap(month, point.village, point.unit, EXPLANATION)
            story.add(start + timedelta(hours=3) + span * 0.75, explained)


def _open_round(story: Story, month: date, rng: Random) -> None:
    last = story.ends.date()
    start, closes_on = moment(last - timedelta(days=2), 9), last + timedelta(days=12)
    _draw(story, month, start, closes_on, ASKED_NEXT)
    # Whoever is drawn answers; the others have no card.
    for n, point in enumerate(_held(story, month)):
        answers = tuple(_answer(rng, 0.7) for _n in range(3 + n % 6))
        at = moment(last - timedelta(days=1), 14, n % 60)
        story.add(at, AnswerRound(month, point.village, answers))


def _draw(story: Story, month: date, at: datetime, closes_on: date, villages: int | None) -> None:
    """Draw it and hand the cards out; asked is about topics that are known by then."""
    topics = [
        step.title
        for known, step in story.steps
        if known < at
        and isinstance(step, AddTopic)
        and step.first_month <= month <= step.last_month
    ]
    asked = [title for title in dict.fromkeys(topics) if title in QUESTIONS][:2]
    questions = tuple((title, *QUESTIONS[title]) for title in asked)
    story.add(at, DrawRound(month, closes_on, villages, questions))
    story.add(at + timedelta(minutes=30), OpenRound(month))


def _held(story: Story, month: date) -> list[Point]:
    """One contact point for each village that is one in the month, by code."""
    held = {point.village: point for point in story.points if point.holds_in(month)}
    return [held[village] for village in sorted(held)]


def _claims(story: Story, month: date) -> set[int]:
    """Contact points with a visit recorded in the month."""
    void = {step.visit for _at, step in story.steps if isinstance(step, VoidVisit)}
    return {
        step.point
        for _at, step in story.steps
        if isinstance(step, RecordVisit)
        and clock.month_of(step.started_at) == month
        and step.id not in void
    }


def _gaps(points: list[Point], claims: set[int]) -> list[Point]:
    """Where a visit is recorded and nobody saw it: a village of the own unit, one of another."""
    claimed = [point for point in points if point.key in claims]
    own = [point for point in claimed if point.unit == OWN_UNIT]
    others = [point for point in claimed if point.unit != OWN_UNIT]
    return own[-1:] + sorted(others, key=lambda point: point.unit != OTHER_UNIT)[:1]


def _answer(rng: Random, yes: float) -> Mapping[str, Any]:
    came = rng.random() < yes
    visited = 1 if came else rng.choice((2, 2, 3))
    knows = 0.7 if came else 0.4
    return {
        "visited": visited,
        "knows": tuple(rng.random() < knows for _n in range(3)),
        "wrong": rng.randint(1, 4),
        "visits": rng.choices((5, 4, 3, 2, 1), (4, 5, 2, 1, 0.3) if came else (1, 2, 4, 2, 1))[0],
        "matters": rng.choices((6, 5, 4, 3, 2, 1), (5, 2, 3, 2, 1, 0.4))[0],
        "text": rng.choice(TEXTS) if rng.random() < 0.06 else "",
    }
