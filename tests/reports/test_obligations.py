"""Random registries live through a year: the lines are the obligations of domain, section 4.

What is owed is told a second time, in a dictionary: a unit owes a village each month in which it
holds it on at least one day, as often as the rule of the month asks of its kind of unit, unless
the county exempted it or the village was merged before.
"""

from datetime import date, timedelta
from random import Random
from typing import get_args

import pytest

from contact_points.models import ContactPoint, Village
from contact_points.services.registry import close_contact_point, open_contact_point
from outreach import clock
from outreach.roles import Role
from reports import indicators
from tests import factories as make
from tests.reports import naive, small_county
from visits.models import PlanLine, Visit
from visits.services.exemptions import exempt_line
from visits.services.obligations import follow_registry
from visits.services.programme import open_year
from visits.services.rules import set_rule, withdraw_rule

pytestmark = pytest.mark.django_db

KINDS = ["government_department", "mass_organisation", "other"]
MONTHS = [date(2026, n, 1) for n in range(1, 13)]


class Life:
    """A county whose registry, rules and exemptions change at random, and what it then owes."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.day = date(2025, 11, 20) + timedelta(days=self.random.randrange(70))
        self.county = make.county()
        self.office = make.user(Role.COUNTY, county=self.county)
        self.admin = make.user(Role.ADMIN, county=self.county)
        township = make.township(self.county)
        self.villages = [make.village(township) for _ in range(5)]
        self.units = [
            make.unit(self.county, kind=self.random.choice(KINDS))
            for _ in range(self.random.randint(2, 4))
        ]
        self.merged, self.taken_back = set(), set()
        self.exempt, self.required = {}, {}
        for _ in range(self.random.randint(2, 6)):
            self.start()
        # month -> (visits, what single kinds differ by)
        self.rules = {MONTHS[0]: self.rule()}
        with self.now():
            self.year = open_year(
                county=self.county, year=2026, actor=self.office, **self.said(MONTHS[0])
            )
            self.keep_books()

    def now(self):
        return clock.at(make.moment(self.day, 12))

    # What happens --------------------------------------------------------------------------------

    def start(self):
        unit, village = self.random.choice(self.units), self.random.choice(self.villages)
        first = self.day + timedelta(days=self.random.randint(-40, 70))
        last = self.random.choice([None, None, first + timedelta(days=self.random.randrange(120))])
        held = ContactPoint.objects.filter(unit=unit, village=village)
        if not held.filter(period__overlap=(first, last and last + clock.ONE_DAY)).exists():
            self.open(unit, village, first, last)

    def open(self, unit, village, first, last=None):
        open_contact_point(
            unit=unit,
            village=village,
            officer=make.officer(unit),
            first_day=first,
            last_day=last,
            actor=self.admin,
        )

    def a_point(self):
        """One without an end."""
        points = ContactPoint.objects.filter(county=self.county, period__endswith=None)
        return self.random.choice(list(points) or [None])

    def end(self):
        if point := self.a_point():
            last = max(point.first_day, self.day + timedelta(days=self.random.randint(-20, 50)))
            close_contact_point(contact_point=point, last_day=last, actor=self.admin)
            return point, last
        return None

    def hand_over(self):
        if ended := self.end():
            point, last = ended
            gap = self.random.choice([1, 1, 1, 20])
            self.open(point.unit, point.village, last + timedelta(days=gap))

    def merge(self):
        village, other = self.random.sample(self.villages, 2)
        self.merged.add(village.pk)
        Village.objects.filter(pk=village.pk).update(merged_into=other)

    def part(self):
        village = self.random.choice(self.villages)
        self.merged.discard(village.pk)
        Village.objects.filter(pk=village.pk).update(merged_into=None)

    def a_line(self):
        return self.random.choice(self.lines_that_count() or [None])

    def lift(self):
        if line := self.a_line():
            exempt_line(line=line, actor=self.office, exemption="postponed", reason="防汛")
            self.exempt[self.key(line)] = "county"

    def take_back(self):
        line = self.a_line()
        if line and line.exemption:
            exempt_line(line=line, actor=self.office, exemption="", reason="")
            del self.exempt[self.key(line)]
            self.taken_back.add(self.key(line))

    def rule(self):
        by_kind = {kind: self.random.randint(0, 3) for kind in KINDS if self.random.random() < 0.3}
        return self.random.randint(0, 2), by_kind

    def said(self, month):
        visits, by_kind = self.rules[month]
        values = {"visits_per_month": visits, "feedback_due_days": 5, "report_day": 5}
        return values | {"by_kind": by_kind}

    def set_rule(self):
        months = [month for month in MONTHS if month >= clock.month_of(self.day)]
        month = self.random.choice(months)
        self.rules[month] = self.rule()
        said = self.said(month)
        set_rule(year=self.year, actor=self.office, effective_month=month, **said)
        self.ask_since(month)

    def withdraw_rule(self):
        later = [m for m in self.rules if m > MONTHS[0] and m >= clock.month_of(self.day)]
        if later:
            month = self.random.choice(later)
            del self.rules[month]
            rule = self.year.rules.get(effective_month=month)
            withdraw_rule(rule=rule, actor=self.office)
            self.ask_since(month)

    def change_kind(self):
        unit = self.random.choice(self.units)
        unit.kind = self.random.choice(KINDS)
        unit.save()

    # What is owed then ---------------------------------------------------------------------------

    @staticmethod
    def key(line):
        return line.contact_point.unit_id, line.contact_point.village_id, line.month

    def held(self):
        """Day by day: who holds which village in which month."""
        return {
            (point.unit_id, point.village_id, month)
            for point in ContactPoint.objects.filter(county=self.county)
            for month in MONTHS
            if any(month + timedelta(days=n) in point.period for n in range(_length(month)))
        }

    def asked(self, key):
        unit, _village, month = key
        visits, by_kind = self.rules[max(since for since in self.rules if since <= month)]
        kind = next(row.kind for row in self.units if row.pk == unit)
        return by_kind.get(kind, visits)

    def ask_since(self, month):
        self.required |= {key: self.asked(key) for key in self.required if key[2] >= month}

    def keep_books(self):
        """What follows from the registry as it is today."""
        this_month = clock.month_of(self.day)
        for key in self.held() - self.required.keys():
            self.required[key] = self.asked(key)
        self.ask_since(clock.add_months(this_month, 1))
        for key in self.required:
            if key[2] <= this_month or (key in self.taken_back and key not in self.exempt):
                continue
            if key[1] in self.merged:
                self.exempt.setdefault(key, "registry")
            elif self.exempt.get(key) == "registry":
                del self.exempt[key]

    def owed(self):
        return {key: (self.required[key], key in self.exempt) for key in self.held()}

    # ---------------------------------------------------------------------------------------------

    def live(self):
        """One thing happens, some days later."""
        self.day = min(self.day + timedelta(days=self.random.randint(0, 25)), date(2026, 12, 30))
        things = [self.start, self.end, self.hand_over, self.merge, self.part, self.lift]
        things += [self.take_back, self.set_rule, self.withdraw_rule, self.change_kind]
        with self.now():
            self.random.choice(things)()
            follow_registry(county_id=self.county.pk)
            self.keep_books()
            assert follow_registry(county_id=self.county.pk) == 0

    def lines_that_count(self):
        rows = PlanLine.objects.filter(county=self.county).select_related("contact_point")
        return [line for line in rows if line.contact_point.holds_in(line.month)]

    def lines(self):
        found = {}
        for line in self.lines_that_count():
            assert self.key(line) not in found
            found[self.key(line)] = (line.required_visits, bool(line.exemption))
        return found


def _length(month):
    return (clock.add_months(month, 1) - month).days


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_are_the_obligations_and_no_rate_passes_the_whole(seed):
    life = Life(seed)
    assert life.lines() == life.owed()
    for _ in range(20):
        life.live()
        assert life.lines() == life.owed()
    with life.now():
        _compare_figures(life)
        _visit_at_random(life)
        _compare_figures(life)


def _compare_figures(life):
    owed = life.owed()
    counted = naive.County(life.county)
    for by in (None, *get_args(indicators.By)):
        found = indicators.figures(life.county.pk, MONTHS[0], MONTHS[-1], by)
        assert {row.key: row for row in found} == counted.figures(MONTHS[0], MONTHS[-1], by)
        assert sum(row.due for row in found) == sum(n for n, exempt in owed.values() if not exempt)
        for row in found:
            assert 0 <= row.done <= row.due and row.extra >= 0
            rates = [row.completion, row.on_time, row.adherence, row.household_coverage]
            rates += [row.repeat, row.group_coverage]
            assert all(rate.numerator <= rate.denominator for rate in rates)
    for month in MONTHS:
        (row,) = indicators.figures(life.county.pk, month)
        due = [n for (_unit, _village, m), (n, exempt) in owed.items() if m == month and not exempt]
        assert row.due == sum(due)


def _visit_at_random(life):
    """Visits where and when they were owed or not, some of them void, thin or without feedback."""
    homes = {village: [make.household(village) for _ in range(3)] for village in life.villages}
    topics = {year: [make.topic(life.year) for _ in range(3)] for year in (2025, 2026)}
    points = list(ContactPoint.objects.filter(county=life.county).select_related("village", "unit"))
    for _ in range(40):
        point = life.random.choice(points)
        small_county._visit(life.random, point, topics, homes, life.office)
    assert Visit.objects.filter(county=life.county).count() == 40
