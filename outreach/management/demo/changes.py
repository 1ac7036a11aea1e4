"""What units ask of the county in the last days of the story, and a village that changes hands."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from outreach import clock
from outreach.management.demo.cast import OWN_UNIT
from outreach.management.demo.plans import DRAFT, RETURNED, WAITING, Intentions
from outreach.management.demo.story import (
    AskExemption,
    DecideRequest,
    HandOver,
    Point,
    RecordVisit,
    Story,
)

IMPASSABLE = "进村道路正在翻修，车辆无法通行"
BUSY = "本月集中开展年度考核，拟推迟走访"
STILL_DUE = "考核期间仍请安排一天走访，可与座谈合并进行"
ON_LEAVE = "责任人住院治疗，请同事代为走访"
GRANTED = "同意，请代去的同志提前与村里联系"
MOVED = "责任人调整分工"


def add_changes(story: Story, lines: Intentions, exempt: set) -> None:
    """Two requests, one answered; a leave with a substitute; a handover from tomorrow on."""
    month, ends = story.months[-1], story.ends
    points = _unvisited(story, exempt)
    blocked, refused, leave, handed = (next(points, None) for _ in range(4))
    if blocked:
        ask = AskExemption(blocked.key, month, "blocked", IMPASSABLE)
        story.add(_before(ends, 1, 10), ask)
    if refused:
        story.add(_before(ends, 3, 9), AskExemption(refused.key, month, "postponed", BUSY))
        story.add(_before(ends, 2, 16), DecideRequest(refused.key, month, False, STILL_DUE))
    if leave:
        goes = _colleague(story, leave, lines[leave.key, month].officer)
        ask = AskExemption(leave.key, month, "leave", ON_LEAVE, goes)
        story.add(_before(ends, 3, 10), ask)
        story.add(_before(ends, 2, 17), DecideRequest(leave.key, month, True, GRANTED))
    if handed and handed.first_day < ends.date():
        _hand_over(story, handed)


def _hand_over(story: Story, point: Point) -> None:
    first_day = story.ends.date()
    officer = story.officers[_colleague(story, point, point.officer.key)]
    successor = Point(len(story.points), point.unit, point.village, officer, first_day)
    story.points.append(successor)
    story.add(_before(story.ends, 1, 15), HandOver(point.key, successor, MOVED))


def _unvisited(story: Story, exempt: set) -> Iterator[Point]:
    """A contact point each of units that nobody has gone to in the last month, in their order."""
    month = story.months[-1]
    gone = {
        (step.point, clock.month_of(step.started_at))
        for at, step in story.steps
        if isinstance(step, RecordVisit) and at < story.ends
    }
    units = {OWN_UNIT, WAITING, RETURNED, DRAFT}
    for point in story.points:
        owed = point.holds_in(month) and not {(point.key, month)} & (gone | exempt)
        if owed and point.last_day is None and point.unit not in units:
            units.add(point.unit)
            yield point


def _colleague(story: Story, point: Point, key: int) -> int:
    """Somebody else of the unit."""
    return next(o.key for o in story.officers if o.unit == point.unit and o.key != key)


def _before(ends: datetime, days: int, hour: int) -> datetime:
    return ends - timedelta(days=days) + timedelta(hours=hour, minutes=20)
