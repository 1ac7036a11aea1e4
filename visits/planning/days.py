"""Days: working days nobody avoids, an officer in one village a day, spread over the month."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_noop

from visits.planning.facts import Avoided, Line, Sentence, stable

# Two visits to a village are this far apart where the month has another day.
APART = timedelta(days=10)
# Whatever is farther from the first day of a month is far from all of its days.
NEARBY = timedelta(days=31) + APART
# By so much of a month the visits to a village move on from month to month: they are a good month
# apart, and over the year fall on all of its days.
STEP = 1 / 12

FREE = gettext_noop("A working day on which the officer has no other village.")
PAST_AVOIDED = gettext_noop(
    "A working day on which the officer has no other village; the days the county marked are left "
    "out."
)
NONE_LEFT = gettext_noop(
    "No date: every working day left in this month is taken or marked by the county."
)


class Calendar:
    """The working days of each month from today on, and those to avoid in each township."""

    def __init__(self, workday: Callable[[date], bool], avoided: Sequence[Avoided], today: date):
        self._workday, self._avoided, self._today = workday, avoided, today
        self._months: dict[date, list[date]] = {}
        self._free: dict[tuple[date, int], list[date]] = {}

    def workdays(self, month: date) -> list[date]:
        """The month's working days that are not past."""
        if month not in self._months:
            days = [month + timedelta(days=n) for n in range(31)]
            self._months[month] = [
                day
                for day in days
                if day.month == month.month and day >= self._today and self._workday(day)
            ]
        return self._months[month]

    def open_to(self, line: Line) -> list[date]:
        """The days on which the line's village can be visited."""
        key = (line.month, line.township)
        if key not in self._free:
            self._free[key] = [d for d in self.workdays(line.month) if not self._is_avoided(d, key)]
        free = self._free[key]
        if not free or (line.first <= free[0] and free[-1] <= line.last):
            return free
        return [day for day in free if line.first <= day <= line.last]

    def avoids(self, line: Line) -> bool:
        """Whether the county marked any day of the line's month that would do otherwise."""
        return len(self.open_to(line)) < len(
            [day for day in self.workdays(line.month) if line.first <= day <= line.last]
        )

    def _is_avoided(self, day: date, place: tuple[date, int]) -> bool:
        return any(each.township in (None, place[1]) and each.covers(day) for each in self._avoided)


def plan_days(
    lines: Sequence[Line], calendar: Calendar, seed: int
) -> dict[int, tuple[date | None, Sentence]]:
    """A day, or None where there is none, for each open line without one, with the reason."""
    months = defaultdict(list)
    dates: dict[int, set[date]] = defaultdict(set)  # of each village
    for line in lines:
        months[line.month].append(line)
        if line.day:
            dates[line.village].add(line.day)
    found: dict[int, tuple[date | None, Sentence]] = {}
    for month in sorted(months):
        taken = _Month(months[month], calendar, dates, seed).fill()
        days = {line.id: day for (_officer, day), line in taken.items() if line}
        for line in months[month]:
            if not line.open or line.day:
                continue
            day = days.get(line.id)
            if day is None:
                found[line.id] = (None, Sentence(NONE_LEFT))
                continue
            dates[line.village].add(day)
            found[line.id] = (day, Sentence(PAST_AVOIDED if calendar.avoids(line) else FREE))
    return found


class _Month:
    """One month of a unit; `taken` says who is where, None standing for a date written before."""

    def __init__(
        self,
        lines: Sequence[Line],
        calendar: Calendar,
        dates: dict[int, set[date]],
        seed: int,
    ):
        self.lines, self.calendar, self.dates, self.seed = lines, calendar, dates, seed
        self.month = lines[0].month
        self.taken: dict[tuple[int, date], Line | None] = {
            (line.officer, line.day): None for line in lines if line.day
        }
        self.load = Counter(line.day for line in lines if line.day)
        self.targets: dict[int, float] = {}
        self.near: dict[int, list[date]] = {}

    def fill(self) -> dict[tuple[int, date], Line | None]:
        to_date = self._in_turns([line for line in self.lines if line.open and not line.day])
        begin = stable(self.seed, "days", min(line.village for line in self.lines)) % 1000 / 1000
        shift = begin + (self.month.year * 12 + self.month.month) * STEP
        for n, line in enumerate(to_date):
            self.targets[line.id] = ((n + 0.5) / len(to_date) + shift) % 1
            near = [day for day in self.dates[line.village] if abs(day - self.month) < NEARBY]
            self.near[line.village] = near
        for line in to_date:
            day = self._place(line, set())
            if day is not None:
                self.load[day] += 1
        return self.taken

    def _in_turns(self, lines: list[Line]) -> list[Line]:
        """Officers take turns, so that the dates of each are as far apart as those of the unit."""
        drawn = sorted(lines, key=lambda x: (stable(self.seed, "turn", x.village), x.id))
        counts = Counter(line.officer for line in lines)
        place: Counter[int] = Counter()
        turns = []
        for n, line in enumerate(drawn):
            turns.append(((place[line.officer] + 0.5) / counts[line.officer], n, line))
            place[line.officer] += 1
        return [line for _share, _n, line in sorted(turns, key=lambda turn: turn[:2])]

    def _place(self, line: Line, tried: set[date]) -> date | None:
        """Take a free day, or make the officer's other lines move; the day that became taken."""
        days = self._by_rank(line)
        for day in days:
            if (line.officer, day) not in self.taken:
                self.taken[line.officer, day] = line
                return day
        for day in days:
            if day in tried:
                continue
            tried.add(day)
            other = self.taken[line.officer, day]
            if other and (moved_to := self._place(other, tried)) is not None:
                self.taken[line.officer, day] = line
                return moved_to
        return None

    def _by_rank(self, line: Line) -> list[date]:
        """The days open to the line, best first: where few go, not too soon, near its share."""
        days = self.calendar.open_to(line)
        target = self.targets[line.id] * len(days) - 0.5
        near = self.near[line.village]

        def rank(place: int) -> tuple[int, bool, float, int]:
            day = days[place]
            soon = any(abs(day - other) < APART for other in near)
            return self.load[day], soon, abs(place - target), place

        return [days[place] for place in sorted(range(len(days)), key=rank)]
