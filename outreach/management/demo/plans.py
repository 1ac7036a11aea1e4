"""The plans of the story: years, topics, lines, approvals, exemptions."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random

from outreach import clock
from outreach.management.demo import programme, texts
from outreach.management.demo.cast import MERGED
from outreach.management.demo.story import (
    GROUPS,
    AddTopic,
    AvoidDays,
    DecidePlan,
    Exempt,
    Officer,
    OpenYear,
    Point,
    Story,
    SubmitPlan,
    WriteLine,
    moment,
    workday,
)

WAITING, RETURNED, DRAFT = "县文学艺术界联合会", "县邮政分公司", "县红十字会"
POSTPONED_UNIT, BLOCKED_UNIT = "县统计局", "阎疃镇"

# (contact point, month) -> what its unit means to do
Intentions = dict[tuple[int, date], WriteLine]


def add_plans(story: Story, rng: Random) -> Intentions:
    """Open the years and plan them; returns the lines, written down or not."""
    lines: Intentions = {}
    colleagues: dict[str, list[Officer]] = defaultdict(list)
    for officer in story.officers:
        colleagues[officer.unit].append(officer)
    for year in sorted({month.year for month in story.months}):
        first = year == story.months[0].year
        opened = story.months[0] - timedelta(days=20) if first else date(year - 1, 12, 21)
        _open_year(story, year, opened)
        begin = max(date(year, 1, 1), story.months[0])
        for n, unit in enumerate(dict.fromkeys(point.unit for point in story.points)):
            mine = [
                _intend(point, month, colleagues[unit], story, rng)
                for point in story.points
                if point.unit == unit
                for month in _months(begin, year)
                if point.holds_in(month)
            ]
            lines.update({(line.point, line.month): line for line in mine})
            day = opened + timedelta(days=3 + n % 8)
            _write_down(story, mine, unit, year, moment(day, 9 + n % 7, n % 50), rng)
        _amend(story, year, opened, lines, rng)
    return lines


def _months(begin: date, year: int) -> list[date]:
    return [date(year, month, 1) for month in range(begin.month, 13)]


def _open_year(story: Story, year: int, day: date) -> None:
    story.add(moment(day, 9, 5), OpenYear(year))
    for n, (level, title, text, first, last, _) in enumerate(texts.TOPICS):
        months = (date(year, first, 1), date(year, last, 1))
        with_file = title in programme.WITH_FILE
        said = programme.explained(title, text)
        topic = AddTopic(year, title, level, said, *months, with_file)
        story.add(moment(day, 9, 20 + 3 * n), topic)
    for n, days in enumerate(programme.avoided(year)):
        story.add(moment(day, 9, 6 + 2 * n), AvoidDays(year, *days))


def _intend(
    point: Point, month: date, colleagues: list[Officer], story: Story, rng: Random
) -> WriteLine:
    offered = [
        title for _, title, _, first, last, _ in texts.TOPICS if first <= month.month <= last
    ]
    day = workday(month + timedelta(days=rng.randint(2, 25)), rng)
    if point.officer.username == "ganbu" and month == story.months[-1]:
        # Something is still due on the phone of the demonstration's cadre.
        day = month.replace(day=min(28, story.ends.day + 3))
    officer = point.officer if rng.random() < 0.92 else rng.choice(colleagues[:3])
    return WriteLine(
        point.key,
        month,
        day,
        GROUPS[(point.key + month.year * 12 + month.month) % 5],
        officer.key,
        tuple(sorted(rng.sample(offered, rng.choice((1, 2, 2))))),
    )


def _write_down(
    story: Story, lines: list[WriteLine], unit: str, year: int, at: datetime, rng: Random
) -> None:
    """The coordinator's sitting, the submission and the county office's answer."""
    late = unit in (WAITING, RETURNED, DRAFT) and year == story.months[-1].year
    if late:
        at = max(at, story.ends - timedelta(days=9))
    changed = {point.key for point in story.points if point.first_day > story.months[0]}
    lines = [line for line in lines if line.point not in changed]
    for line in lines[: len(lines) // 2] if late and unit == DRAFT else lines:
        at += timedelta(seconds=rng.randint(30, 120))
        story.add(at, line)
    if late and unit == DRAFT:
        return
    at += timedelta(hours=rng.randint(1, 20))
    if late and unit == WAITING:
        at = max(at, story.ends - timedelta(days=2, hours=-10))
    story.add(at, SubmitPlan(unit, year))
    if late and unit == WAITING:
        return
    answer = moment(workday(at.date() + timedelta(days=rng.randint(1, 3)), rng), rng.randint(9, 16))
    if late or rng.random() < 0.06:
        story.add(answer, DecidePlan(unit, year, rng.choice(texts.PLAN_RETURN_REASONS)))
        if late:
            return
        again = answer + timedelta(hours=rng.randint(3, 30))
        story.add(again, SubmitPlan(unit, year))
        answer = again + timedelta(hours=rng.randint(2, 40))
    story.add(answer, DecidePlan(unit, year))


def _amend(story: Story, year: int, opened: date, lines: Intentions, rng: Random) -> None:
    """Lines that change after the approval: those of a handover and a few dates."""
    changed = {point.key: point for point in story.points if point.first_day > story.months[0]}
    settled = clock.month_of(opened + timedelta(days=80))
    for key, line in list(lines.items()):
        if line.month.year != year:
            continue
        unit = story.points[line.point].unit
        if line.point in changed:
            day = changed[line.point].first_day - timedelta(days=4)
            reason = texts.AMENDMENTS[0]
        elif (
            line.month >= settled
            and unit not in (WAITING, RETURNED, DRAFT)
            and (rng.random() < 0.008)
        ):
            day, reason = line.month - timedelta(days=4), texts.AMENDMENTS[1]
        else:
            continue
        later = min(line.day + timedelta(days=5), line.month.replace(day=28))
        lines[key] = amended = WriteLine(
            line.point, line.month, later, line.group, line.officer, line.topics, reason
        )
        story.add(moment(day, 15, rng.randint(0, 59)), amended)


def add_exemptions(story: Story) -> set[tuple[int, date]]:
    """Months that are not owed; returns them as (contact point, month)."""
    exempt = []
    months = story.months
    for point in story.points:
        if point.unit == POSTPONED_UNIT and len(months) > 3:
            exempt.append((point, months[len(months) // 3], "postponed", texts.POSTPONED, 8))
        if point.unit == BLOCKED_UNIT:
            floods = [month for month in months if month.month == 7]
            exempt += [(point, month, "blocked", texts.BLOCKED, 22) for month in floods[:1]]
    merged = [point for point in story.points if point.unit == MERGED][-1:]
    if len(months) > 4:
        after = [m for m in _months(months[-3], months[-3].year) if m >= months[-3]]
        exempt += [(point, m, "merged", texts.MERGED, 1) for point in merged for m in after]
    # Not at the hour in which a plan is being written.
    for n, (point, month, kind, reason, day) in enumerate(exempt):
        decided = min(month, months[-3]) if kind == "merged" else month
        at = moment(decided.replace(day=day), 17, 5 + n)
        story.add(at, Exempt(point.key, month, kind, reason))
    return {(point.key, month) for point, month, _, _, _ in exempt}
