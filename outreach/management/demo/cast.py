"""Who is in the story: accounts, officers, contact points and the sizes of the villages."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from random import Random

from contact_points.services.registry import VillageRow
from outreach import clock
from outreach.management.demo.names import Names, posts_of
from outreach.management.demo.registry import UnitRow
from outreach.management.demo.story import Account, Officer, OpenPoint, Point, Story, moment

# The unit of `ganbu` and `lianluo`, and that of `ganbu2` and `lianluo2`.
OWN_UNIT, OTHER_UNIT = "县农业农村局", "县交通运输局"
COORDINATORS = {OWN_UNIT: "lianluo", OTHER_UNIT: "lianluo2"}
# More leaders who write for themselves.
CADRES = {
    OWN_UNIT: "ganbu",
    OTHER_UNIT: "ganbu2",
    "县委办公室": "ganbu3",
    "官亭镇": "ganbu4",
    "县水务局": "ganbu5",
    "县医疗保障局": "ganbu6",
    "县教育局": "ganbu7",
}
POINTS_OF_KIND = {"leading_body": 5, "township": 3}
POINTS_OF_UNIT = {
    OWN_UNIT: 5,
    OTHER_UNIT: 2,
    "县水务局": 2,
    "县委组织部": 2,
    "县教育局": 2,
    "县卫生健康局": 2,
}
# Units whose village a leading body holds too.
SHARED = ("县委党校", "县融媒体中心", "县职业教育中心")
HANDED_OVER, ENDED, MERGED = "县财政局", "县教育局", "县卫生健康局"


def add_people(story: Story, units: list[UnitRow], rng: Random) -> None:
    """Officers of every unit, an account for each coordinator and for some leaders."""
    names = Names(rng)
    story.accounts += [
        Account("admin", names.draw(), "admin", known_password=True),
        Account("xianban", names.draw(), "county", known_password=True),
        Account("xianban2", names.draw(), "county", known_password=True),
    ]
    for order, unit in enumerate(units, start=1):
        posts = list(posts_of(unit.name))
        if unit.kind != "leading_body" and rng.random() < 0.35:
            posts.pop(2)
        if rng.random() < 0.6:
            posts.pop()
        coordinator = COORDINATORS.get(unit.name, f"u{order:03d}")
        head_of_office = len(posts) - (1 if "办" in posts[-1] or "综合" in posts[-1] else 2)
        usernames = {head_of_office: coordinator}
        if unit.name in CADRES:
            usernames[1] = CADRES[unit.name]
        for place, post in enumerate(posts):
            officer = Officer(
                len(story.officers), unit.name, names.draw(), post, usernames.get(place, "")
            )
            story.officers.append(officer)
            if officer.username:
                story.accounts.append(
                    Account(
                        officer.username,
                        officer.name,
                        "coordinator" if officer.username == coordinator else "cadre",
                        unit.name,
                        known_password=not officer.username.startswith("u"),
                    )
                )


def add_points(story: Story, units: list[UnitRow], villages: list[VillageRow], rng: Random) -> None:
    """Assign villages: townships their own, everybody else one township after the other."""
    first_day = story.months[0]
    free: dict[str, list[str]] = defaultdict(list)
    for row in villages:
        if not row.village_name.endswith("社区"):
            free[row.township_name].append(row.village_code)
    for codes in free.values():
        rng.shuffle(codes)
    leaders = _leaders(story)
    turn = cycle(list(free))
    for unit in units:
        if unit.name in SHARED:
            chosen = [story.points[SHARED.index(unit.name) * 5].village]
        else:
            count = POINTS_OF_UNIT.get(unit.name, POINTS_OF_KIND.get(unit.kind, 1))
            chosen = [
                free[unit.township].pop() if unit.township else _next_free(free, turn)
                for _ in range(count)
            ]
        for n, code in enumerate(chosen):
            story.points.append(
                Point(len(story.points), unit.name, code, _holder(leaders[unit.name], n), first_day)
            )
    _add_changes(story, leaders)
    for point in story.points:
        day = point.first_day - timedelta(days=25 if point.first_day == first_day else 6)
        story.add(moment(day, 10) + timedelta(seconds=point.key * 40), OpenPoint(point))


def _leaders(story: Story) -> dict[str, list[Officer]]:
    found: dict[str, list[Officer]] = defaultdict(list)
    for officer in story.officers:
        found[officer.unit].append(officer)
    return found


def _holder(officers: list[Officer], n: int) -> Officer:
    """The officer of the unit's n-th village; `ganbu` holds the second and the third."""
    if officers[1].username == "ganbu":
        return officers[(0, 1, 1, 2, 3)[n] % len(officers)]
    return officers[n % min(3, len(officers))]


def _next_free(free: dict[str, list[str]], turn: Iterator[str]) -> str:
    # Two stay free in each township, so that lists show villages without a contact point.
    return next(codes.pop() for town in turn if len(codes := free[town]) > 2)


def _add_changes(story: Story, leaders: dict[str, list[Officer]]) -> None:
    """One contact point is handed over within its unit, one ends."""
    months = story.months[2:-1]
    # Plans are being written around New Year; a change then would have to wait for the approval.
    month = next((m for m in months[len(months) // 2 :] if m.month > 2), None)
    if month is None:
        return
    last_day = month - clock.ONE_DAY
    old = next(p for p in story.points if p.unit == HANDED_OVER)
    old.last_day, old.note = last_day, "责任人届时调整工作岗位"
    story.points.append(
        Point(len(story.points), old.unit, old.village, leaders[old.unit][1], month)
    )
    ended = [p for p in story.points if p.unit == ENDED][-1]
    ended.last_day, ended.note = last_day, "联系任务阶段性完成"


def add_sizes(story: Story, villages: list[VillageRow], rng: Random) -> None:
    """Households and inhabitants of every village, and the numbers of those that are visited."""
    visited = {point.village for point in story.points}
    for row in villages:
        groups = [rng.randint(30, 70) for _ in range(rng.randint(3, 8))]
        if row.village_name.endswith("社区"):
            groups = [count * 6 for count in groups]
        groups = _between(groups, 150, 400) if row.village_code in visited else groups
        households = sum(groups)
        story.sizes[row.village_code] = (households, round(households * rng.uniform(2.7, 3.6)))
        if row.village_code in visited:
            story.households[row.village_code] = [
                f"{group}组-{number:03d}"
                for group, count in enumerate(groups, start=1)
                for number in range(1, count + 1)
            ]


def _between(groups: list[int], least: int, most: int) -> list[int]:
    while sum(groups) > most:
        groups = [count * 9 // 10 for count in groups]
    while sum(groups) < least:
        groups = [count + 4 for count in groups]
    return groups
