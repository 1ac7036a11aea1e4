"""Small counties: random ones with every odd case thrown in, and the smallest that works."""

from datetime import date, timedelta
from random import Random

from feedback.models import Feedback
from outreach import clock
from outreach.roles import Role
from reports import indicators
from tests import factories as make
from visits.models import AnnualPlan, Group, PlanLine, Talk, Visit, VisitHousehold

TODAY = date(2026, 5, 20)
MAY = date(2026, 5, 1)
MONTHS = [clock.add_months(date(2025, 11, 1), n) for n in range(9)]


def build(seed, units=4, villages=6, visits=70):
    """A random county, the same for the same seed: November 2025 to July 2026."""
    random = Random(seed)
    county = make.county()
    office = make.user(Role.COUNTY, county=county)
    townships = [make.township(county) for _ in range(3)]
    places = [
        make.village(random.choice(townships), households_count=random.choice([None, 5, 8]))
        for _ in range(villages)
    ]
    homes = {place: [make.household(place) for _ in range(6)] for place in places}
    years = {year: make.programme_year(county, year) for year in (2025, 2026)}
    topics = {year: [make.topic(row) for _ in range(3)] for year, row in years.items()}
    points = []
    for n in range(units):
        unit = make.unit(county, kind=random.choice(["government_department", "mass_organisation"]))
        officers = [make.officer(unit) for _ in range(2)]
        for year in years.values():
            make.plan(year, unit, state=random.choice(["draft", "approved", "approved"]))
        for place in random.sample(places, random.choice([1, 2, 3])):
            points += _assign(random, unit, officers, place, handover=n % 2)
    for point in points:
        _plan(random, point, years, topics, office)
    for _ in range(visits):
        _visit(random, random.choice(points), topics, homes, office)
    return county


def _assign(random, unit, officers, place, handover):
    first, last = date(2025, 11, 1), date(2026, 3, random.randint(1, 31))
    if not handover:
        return [make.contact_point(unit, place, random.choice(officers), first=first)]
    return [
        make.contact_point(unit, place, officers[0], first=first, last=last),
        make.contact_point(unit, place, officers[1], first=last + timedelta(days=1)),
    ]


def _plan(random, point, years, topics, office):
    """Lines for most months, also some the contact point no longer holds."""
    for month in MONTHS:
        if random.random() < 0.1:
            continue
        exempt = random.random() < 0.1
        plan = AnnualPlan.objects.get(programme_year=years[month.year], unit=point.unit)
        line = PlanLine.objects.create(
            county=point.county,
            plan=plan,
            contact_point=point,
            month=month,
            required_visits=random.choice([0, 1, 1, 2]),
            planned_date=random.choice([None, month]),
            officer=random.choice(list(point.unit.officers.all())),
            substitute=random.choice([None, None, *point.unit.officers.all()]),
            exemption="postponed" if exempt else "",
            exemption_reason="防汛" if exempt else "",
            exempted_by=office if exempt else None,
        )
        line.topics.set(random.sample(topics[month.year], random.choice([0, 1, 2])))


def _visit(random, point, topics, homes, office):
    moment = make.moment(MONTHS[0]) + timedelta(minutes=random.randrange(60 * 24 * 200))
    day = moment.astimezone(clock.SHANGHAI).date()
    void = random.random() < 0.1
    visit = Visit.objects.create(
        county=point.county,
        unit=point.unit,
        contact_point=point,
        plan_line=PlanLine.objects.filter(contact_point=point, month=day.replace(day=1)).first(),
        officer=random.choice(list(point.unit.officers.all())),
        recorded_by=office,
        started_at=moment,
        ate=random.random() < 0.5,
        lived=random.random() < 0.2,
        worked=random.random() < 0.3,
        state="void" if void else "recorded",
        void_reason="重复" if void else "",
        feedback_due_on=day + timedelta(days=5),
        written_at=moment,
        received_at=moment,
    )
    visit.topics.set(random.sample(topics[day.year], random.choice([0, 1, 2, 3])))
    for group in random.sample(Group.values, random.choice([0, 1, 2])):
        for form in random.sample(Talk.Form.values, random.choice([1, 2])):
            Talk.objects.create(visit=visit, group=group, form=form, people=random.randint(1, 20))
    for home in random.sample(homes[point.village], random.choice([0, 0, 1, 3])):
        outcome = random.choice(["met", "met", "not_home", "not_now"])
        VisitHousehold.objects.create(visit=visit, household=home, outcome=outcome)
    _feedback(random, visit, moment, office)


def _feedback(random, visit, moment, office):
    state = random.choice([None, "draft", "submitted", "accepted", "accepted", "returned"])
    if state is None:
        return
    sent = state != "draft"
    Feedback.objects.create(
        visit=visit,
        county=visit.county,
        state=state,
        findings="群众反映机井电费计量不准。" if sent else random.choice(["", "草稿"]),
        return_reason="请补充" if state == "returned" else "",
        written_by=office,
        sent_minutes=random.randint(1, 15) if sent else None,
        received_at=moment + timedelta(hours=random.randrange(24 * 9)) if sent else None,
    )


class Place:
    """One unit holding one village, with an approved plan and a line for May."""

    def __init__(self):
        self.county = make.county()
        self.office = make.user(Role.COUNTY, county=self.county)
        self.year = make.programme_year(self.county, 2026)
        self.topic = make.topic(self.year)
        self.village = make.village(make.township(self.county))
        self.unit = make.unit(self.county)
        self.writer = make.user(Role.COORDINATOR, unit=self.unit)
        self.officer = make.officer(self.unit)
        make.plan(self.year, self.unit, state="approved")
        self.point = make.contact_point(self.unit, self.village, self.officer)
        self.line = make.plan_line(self.point, MAY)
        self.line.topics.add(self.topic)

    def visit(self, day=date(2026, 5, 8), *, send=True, moment=None, **fields):
        fields = {"topics": [self.topic], "started_at": moment or make.moment(day)} | fields
        row = make.visit(self.point, self.writer, **fields)
        if send:
            make.feedback(row, self.writer)
        return row

    def figures(self, first=MAY, last=None, by=None):
        rows = indicators.figures(self.county.pk, first, last, by)
        return rows if by else rows[0]
