"""The indicators once more, by counting rows in plain Python: the second opinion of the tests."""

from collections import Counter, defaultdict
from statistics import median

from contact_points.models import Household
from outreach import clock
from reports.figures import Figures
from visits.models import Group, PlanLine, Visit


class County:
    """All rows of a county, read once."""

    def __init__(self, county):
        self.lines = list(
            PlanLine.objects.filter(county=county)
            .select_related("contact_point__village", "contact_point__unit", "plan")
            .prefetch_related("topics")
        )
        self.visits = list(
            Visit.objects.filter(county=county, state="recorded")
            .select_related("contact_point__village", "contact_point__unit", "feedback")
            .prefetch_related("topics", "talks", "household_calls")
        )
        self.again = _repeats(self.visits)
        self.good = {visit.pk for visit in self.visits if substantive(visit)}

    def figures(self, first, last, by):
        """What `reports.indicators.figures` must say, as key -> Figures."""
        owed_by = self._obligation_of_month()
        now = [visit for visit in self.visits if first <= _month(visit) <= last]
        of_lines, of_visits = defaultdict(list), defaultdict(list)
        for line in owed_by.values():
            if first <= line.month <= last:
                of_lines[_key(line.contact_point, line.officer_id, by)].append(line)
        for visit in now:
            line = owed_by.get((*_pair(visit.contact_point), _month(visit)))
            officer = line.officer_id if line else visit.officer_id
            point = line.contact_point if line else visit.contact_point
            of_visits[_key(point, officer, by)].append(visit)
        year = [visit for visit in self.visits if last.replace(month=1) <= _month(visit) <= last]
        good = [visit for visit in now if visit.pk in self.good]
        found = {}
        for key in {*of_lines, *of_visits} if by else {None}:
            owed = _obligations(of_lines[key], good)
            extra = sum(visit.pk in self.good for visit in of_visits[key]) - owed["done"]
            since = _since_january(of_lines[key], year)
            work = _work(of_visits[key], self.again)
            found[key] = Figures(key=key, extra=extra, **owed, **work, **since)
        return found

    def _obligation_of_month(self):
        """One line for each unit, village and month: of whoever held the village first then."""
        owed_by = {}
        for line in sorted(self.lines, key=lambda line: line.contact_point.period.lower):
            if _holds(line.contact_point, line.month):
                owed_by.setdefault((*_pair(line.contact_point), line.month), line)
        return owed_by


def _pair(point):
    return point.unit_id, point.village_id


def _obligations(lines, good):
    row = Counter()
    for line in lines:
        mine = [
            visit
            for visit in good
            if _pair(visit.contact_point) == _pair(line.contact_point)
            and _month(visit) == line.month
        ]
        row["due"] += line.due
        row["done"] += min(line.due, len(mine))
        row["exempt"] += bool(line.exemption)
        if line.due and line.plan.state == "approved" and line.topics.all():
            row["planned_lines"] += 1
            row["planned_kept"] += len(mine) >= line.due and _kept(line, mine)
    return row


def _work(visits, again):
    row = Counter()
    minutes, groups = [], dict.fromkeys(Group.values, 0)
    for visit in visits:
        feedback = _feedback(visit)
        state = feedback.state if feedback else "draft"
        arrived = feedback and feedback.received_on
        row["visits"] += 1
        row["feedback_sent"] += bool(arrived)
        row["feedback_on_time"] += bool(arrived and arrived <= visit.feedback_due_on)
        row["waiting_review"] += state == "submitted"
        row["returned"] += state == "returned"
        row["overdue_feedback"] += state == "draft" and visit.feedback_due_on < clock.today()
        for name in ("ate", "lived", "worked"):
            row[name] += getattr(visit, name)
        row["together_visits"] += visit.ate or visit.lived or visit.worked
        if feedback and feedback.sent_minutes is not None:
            minutes.append(feedback.sent_minutes)
        for talk in visit.talks.all():
            groups[talk.group] += talk.people
        for household in _met(visit):
            row["household_contacts"] += 1
            row["household_repeats"] += (visit.pk, household) in again
    return dict(row) | {
        "people": sum(groups.values()),
        "people_by_group": groups,
        "burden_minutes": median(minutes) if minutes else None,
        "written_minutes": sum(minutes),
    }


def _since_january(lines, visits):
    row, reached = Counter(), set()
    pairs = {(line.contact_point.unit_id, line.contact_point.village) for line in lines}
    for unit, village in pairs:
        focus = set()
        for visit in visits:
            if (visit.contact_point.unit_id, visit.contact_point.village) == (unit, village):
                reached.update(_met(visit))
                focus.update(talk.group for talk in visit.talks.all())
        row["groups_covered"] += len(focus)
        row["groups_possible"] += 5
    for village in {village for _unit, village in pairs}:
        known = village.households_count
        if known is None:
            known = Household.objects.filter(village=village).count()
        row["households_total"] += known
    return dict(row) | {"households_reached": len(reached)}


def _holds(point, month):
    period = point.period
    return period.lower < clock.add_months(month, 1) and (
        period.upper is None or period.upper > month
    )


def _month(visit):
    return visit.started_at.astimezone(clock.SHANGHAI).date().replace(day=1)


def _key(point, officer_id, by):
    return {
        None: None,
        "unit": point.unit_id,
        "township": point.village.township_id,
        "village": point.village_id,
        "contact_point": point.pk,
        "officer": officer_id,
        "kind": point.unit.kind,
    }[by]


def _feedback(visit):
    return getattr(visit, "feedback", None)


def _met(visit):
    return [call.household_id for call in visit.household_calls.all() if call.outcome == "met"]


def substantive(visit):
    feedback = _feedback(visit)
    return bool(
        feedback
        and feedback.state in ("submitted", "accepted")
        and feedback.findings
        and visit.topics.all()
        and (visit.talks.all() or _met(visit))
    )


def _repeats(visits):
    """(visit, household) pairs whose household was met earlier in the same year."""
    seen, again = set(), set()
    for visit in sorted(visits, key=lambda visit: (visit.started_at, visit.pk)):
        for household in _met(visit):
            known = (_month(visit).year, household)
            if known in seen:
                again.add((visit.pk, household))
            seen.add(known)
    return again


def _kept(line, visits):
    told = {
        topic.pk
        for visit in visits
        if visit.officer_id in (line.officer_id, line.substitute_id)
        for topic in visit.topics.all()
    }
    return {topic.pk for topic in line.topics.all()} <= told
