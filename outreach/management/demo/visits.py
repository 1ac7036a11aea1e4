"""The visits of the story, their feedback and the county office's reviews."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from outreach import clock
from outreach.management.demo import texts
from outreach.management.demo.plans import Intentions
from outreach.management.demo.story import (
    Officer,
    Point,
    RecordVisit,
    Review,
    SaveFeedback,
    Story,
    VoidVisit,
    WriteLine,
    moment,
    workday,
)

# How reliably a unit goes: shares and how many units are like this.
DILIGENCE = ((0.99, 0.95, 0.9, 0.8, 0.62), (30, 30, 22, 12, 6))
NEVER, LATE, RETURNED, RESENT = 0.022, 0.08, 0.08, 0.8
HEAD_COUNTS = {"village_cadres": (4, 8), "capable": (4, 10), "in_difficulty": (3, 9)}


def add_visits(story: Story, lines: Intentions, exempt: set[tuple[int, date]], rng: Random) -> None:
    """Write a visit for most of the obligations, and what follows from it."""
    _Visits(story, lines, rng).write(exempt)


class _Visits:
    def __init__(self, story: Story, lines: Intentions, rng: Random):
        self.story, self.lines, self.rng = story, lines, rng
        self.writer = texts.Writer(rng)
        self.colleagues: dict[str, list[Officer]] = {}
        self.coordinators = {a.unit: a.username for a in story.accounts if a.role == "coordinator"}
        for officer in story.officers:
            self.colleagues.setdefault(officer.unit, []).append(officer)
        self.unseen = {code: rng.sample(h, len(h)) for code, h in story.households.items()}
        self.seen: dict[str, list[str]] = {code: [] for code in story.households}

    def write(self, exempt: set[tuple[int, date]]) -> None:
        story, rng = self.story, self.rng
        diligence = {unit: rng.choices(*DILIGENCE)[0] for unit in self.colleagues}
        own = [point for point in story.points if point.officer.username == "ganbu"]
        for month in story.months:
            for point in story.points:
                if not point.holds_in(month) or (point.key, month) in exempt:
                    continue
                if point in own:
                    self._own_month(own.index(point), point, month)
                elif rng.random() < diligence[point.unit]:
                    self._visit(point, month)
                    if rng.random() < 0.04:
                        self._visit(point, month, extra=True)
        self._void_some()
        self._mark_some()

    def _own_month(self, n: int, point: Point, month: date) -> None:
        """The month of `ganbu`: one visit still due, one feedback to write, one returned."""
        months, last = self.story.months, self.story.ends.date()
        recent, earlier = last - timedelta(days=3), last - timedelta(days=8)
        current = month == months[-1]
        alone = len(months) == 1
        if n == 0 and not current:
            ending = "returned" if month == months[-2] else "accepted"
            day = month.replace(day=14) if ending == "returned" else None
            self._visit(point, month, day=day, ending=ending)
        elif n == 1:
            if alone and clock.month_of(earlier) == month:
                self._visit(point, month, day=earlier, ending="returned")
            elif not current and clock.month_of(recent) != month:
                self._visit(point, month, ending="accepted")
            if clock.month_of(recent) == month:
                self._visit(point, month, day=recent, ending="open")

    def _visit(
        self,
        point: Point,
        month: date,
        *,
        day: date | None = None,
        extra: bool = False,
        ending: str = "",
    ) -> None:
        rng = self.rng
        line = self.lines[point.key, month]
        day = day or self._day(line, extra)
        begins = moment(day, rng.choice((8, 8, 9, 9, 9, 10, 14, 15)), rng.randrange(0, 60, 5))
        lived = rng.random() < 0.11
        ends = (
            moment(day + clock.ONE_DAY, 7, rng.randrange(0, 60, 5))
            if lived
            else begins + timedelta(minutes=rng.randrange(90, 300, 5))
        )
        officer = self.story.officers[line.officer]
        if not ending and rng.random() < 0.1:
            officer = rng.choice(self.colleagues[point.unit][:4])
        by = self.coordinators[point.unit]
        if officer.username and (ending or rng.random() < 0.85):
            by = officer.username
        topics = line.topics if rng.random() < 0.88 else line.topics[:1]
        group = line.group if not extra else rng.choice(list(texts.OPENERS))
        households = self._households(point.village)
        talks = self._talks(group, sum(o == "met" for o in households.values()))
        written = ends + timedelta(minutes=rng.randint(4, 80))
        if not ending and rng.random() < 0.3:
            written = moment(ends.date() + timedelta(days=rng.randint(1, 3)), rng.randint(8, 18))
            written += timedelta(minutes=rng.randint(0, 59))
        # A weak connection: the record waits on the phone for some hours.
        received = written + timedelta(hours=rng.randint(1, 9) if rng.random() < 0.08 else 0)
        visit = RecordVisit(
            uuid.UUID(int=rng.getrandbits(128), version=4),
            point.key,
            officer.key,
            by,
            begins,
            ends,
            rng.random() < 0.58 or lived,
            lived,
            rng.random() < 0.37,
            topics,
            talks,
            households,
            written,
        )
        self.story.add(received, visit)
        if ending != "open":
            heads = talks[group, "group_talk"]
            content = self.writer.write(f"{point.key}", month.month, group, topics, heads)
            self._feedback(visit, received, day, content, ending)

    def _day(self, line: WriteLine, extra: bool) -> date:
        day = line.day
        if extra or self.rng.random() > 0.55:
            day = line.month + timedelta(days=self.rng.randint(1, 26))
        return min(workday(day, self.rng), line.month.replace(day=28))

    def _households(self, village: str) -> dict[str, str]:
        rng = self.rng
        called: dict[str, str] = {}
        for _ in range(rng.choice((0, 2, 3, 4, 5, 6, 7, 9))):
            again = rng.random() < 0.09 and self.seen[village]
            if not again and not self.unseen[village]:
                break
            number = rng.choice(self.seen[village]) if again else self.unseen[village].pop()
            if number not in called:
                called[number] = rng.choices(("met", "not_home", "not_now"), (88, 9, 3))[0]
                if called[number] == "met" and not again:
                    self.seen[village].append(number)
        return called

    def _talks(self, group: str, met: int) -> dict[tuple[str, str], int]:
        rng = self.rng
        talks = {(group, "group_talk"): rng.randint(*HEAD_COUNTS.get(group, (5, 16)))}
        if rng.random() < 0.4:
            other = rng.choice((group, "in_difficulty", "village_cadres"))
            talks[other, "heart_to_heart"] = rng.randint(1, 4)
        if met:
            share = rng.choice(("in_difficulty", "representatives"))
            talks[share, "household_call"] = met + rng.randint(0, met)
        return talks

    def _feedback(
        self, visit: RecordVisit, received: datetime, day: date, content: dict, ending: str
    ) -> None:
        rng = self.rng
        fate = 1.0 if ending else rng.random()
        if fate < NEVER:
            return
        at = received + timedelta(minutes=rng.randint(4, 19))
        if fate < NEVER + LATE:
            at = moment(day + timedelta(days=rng.randint(6, 15)), rng.randint(8, 20))
        elif not ending and rng.random() < 0.3:
            at = max(at, moment(day + timedelta(days=rng.randint(1, 4)), rng.randint(8, 20)))
        at += timedelta(seconds=rng.randint(0, 3000) if at.minute == 0 else 0)
        at = max(at, received + timedelta(minutes=4))
        minutes = round(min(rng.randint(150, 900), 230) / 60)
        if rng.random() < 0.06:
            draft = {name: text if name == "findings" else "" for name, text in content.items()}
            begun = max(received + timedelta(minutes=2), at - timedelta(hours=2))
            self.story.add(begun, self._save(visit, draft, 1, False))
            minutes = 9
        returned = ending == "returned" or (not ending and rng.random() < RETURNED)
        sent, reason = content, ""
        if returned:
            group = next(group for group, form in visit.talks if form == "group_talk")
            sent, reason = self.writer.write_vaguely(content, group)
        self.story.add(at, self._save(visit, sent, minutes, True))
        at = self._decision(at, 1, 5)
        if returned:
            self.story.add(at, self._review(visit, reason))
            if ending or rng.random() > RESENT:
                return
            at += timedelta(hours=rng.randint(3, 120))
            self.story.add(at, self._save(visit, content, 6, True))
            at = self._decision(at, 1, 3)
        self.story.add(at, self._review(visit))

    def _decision(self, at: datetime, least: int, most: int) -> datetime:
        rng = self.rng
        day = at.date() + timedelta(days=rng.randint(least, most))
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        return moment(day, rng.choice((8, 9, 10, 11, 15, 16, 17)), rng.randint(0, 59))

    def _save(self, visit: RecordVisit, content: dict, minutes: int, send: bool) -> Any:
        return SaveFeedback(visit.id, visit.by, content, minutes, send)

    def _review(self, visit: RecordVisit, reason: str = "") -> Review:
        return Review(visit.id, self.rng.choice(("xianban", "xianban", "xianban2")), reason)

    def _void_some(self) -> None:
        """Three records that should not have been made, each told by its reason."""
        done = [(at, s) for at, s in self.story.steps if isinstance(s, RecordVisit)]
        if len(done) < 3:
            return
        for n, reason in enumerate(texts.VOID_REASONS):
            at, visit = done[len(done) * (n + 1) // 5]
            # The same again under another number; the first one stays.
            twin = replace(visit, id=uuid.UUID(int=self.rng.getrandbits(128), version=4))
            self.story.add(at + timedelta(minutes=2), twin)
            by = "xianban" if n == 2 else visit.by
            self.story.add(at + timedelta(hours=20 + n), VoidVisit(twin.id, by, reason))

    def _mark_some(self) -> None:
        """Of what waits for review two dressed-up copies and one with last month's head-counts."""
        steps, ends = self.story.steps, self.story.ends
        visits = {s.id: s for _, s in steps if isinstance(s, RecordVisit)}
        decided = {s.visit for at, s in steps if isinstance(s, Review) and at < ends}
        sent = [
            (n, at, s)
            for n, (at, s) in enumerate(steps)
            if isinstance(s, SaveFeedback) and s.send and at < ends
        ]
        waiting = [each for each in sent if each[2].visit not in decided]
        unit = {key: self.story.points[visit.point].unit for key, visit in visits.items()}
        copies = 0
        for n, at, save in waiting:
            earlier = [
                other.texts["findings"]
                for _, before, other in sent
                if before < at - timedelta(days=9) and unit[other.visit] == unit[save.visit]
            ]
            text = next((text for text in reversed(earlier) if 90 <= len(text) <= 150), "")
            if text and copies < 2:
                copies += 1
                copied = text.rstrip("。") + "，盼着早些办好。"
                steps[n] = (at, replace(save, texts={**save.texts, "findings": copied}))
            elif copies == 2 and self._repeat_heads(visits[save.visit], visits):
                return

    def _repeat_heads(self, visit: RecordVisit, visits: dict[uuid.UUID, RecordVisit]) -> bool:
        """Give the visit the head-counts of the last one a month before, if there was one."""
        month = clock.add_months(clock.month_of(visit.started_at), -1)
        before = [
            other
            for other in visits.values()
            if other.point == visit.point and clock.month_of(other.started_at) == month
        ]
        if not before:
            return False
        last = max(before, key=lambda other: other.started_at)
        steps = self.story.steps
        n = next(n for n, (_, step) in enumerate(steps) if step is visit)
        steps[n] = (steps[n][0], replace(visit, talks=last.talks))
        return True
