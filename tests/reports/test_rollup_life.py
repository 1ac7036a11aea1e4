"""A county lives on by chance: no change of a record escapes the marks of its month.

After every step whatever is not marked must still be what counting gives; at the end rows,
definitions and a count in plain Python agree.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from contact_points.models import ContactPoint, Village
from contact_points.services import imports
from contact_points.services.handover import hand_over
from contact_points.services.registry import close_contact_point
from feedback.models import Feedback
from feedback.services import review_feedback, save_feedback
from outreach import clock
from reports import rolling, rollups, tasks
from reports.models import MonthFigures, StaleMonth
from tests import factories as make
from tests.reports import naive
from tests.reports.test_rollups import Definitions
from visits.models import Group, PlanLine, Talk, Visit
from visits.services.errors import NotPossible
from visits.services.exemptions import exempt_line
from visits.services.obligations import follow_registry
from visits.services.plans import decide_plan, submit_plan, write_line
from visits.services.recording import VisitContent, content_of, correct_visit, void_visit

pytestmark = pytest.mark.django_db

STEPS = 80
REFUSED = (NotPossible, imports.NotPossible, PermissionDenied, ValidationError)


class Life:
    """Two units that share a village; what happens is drawn from the public methods."""

    def __init__(self, world, seed):
        self.random, self.home = Random(seed), world.home
        self.places = {place.unit.pk: place for place in (world.own, world.other)}
        self.points = [place.contact_point for place in self.places.values()]
        self.points.append(make.contact_point(world.other.unit, world.own.village))
        self.homes = {
            point.village_id: [make.household(point.village) for _ in range(4)]
            for point in self.points
        }
        self.topics = [self.home.topic, make.topic(self.home.year)]
        make.officer(world.own.unit)
        follow_registry(county_id=self.home.county.pk)

    def do_record(self):
        point = self.random.choice(ContactPoint.objects.filter(county=self.home.county))
        make.visit(point, self.writer(point), **self.content(point))

    def content(self, point):
        day = clock.today() - timedelta(days=self.random.randint(0, 28))
        return {
            "started_at": make.moment(day, self.random.choice([0, 23]), 59),
            "topics": self.random.sample(self.topics, self.random.randint(0, 2)),
            "ate": self.random.random() < 0.5,
            "talks": {
                (group, Talk.Form.GROUP_TALK): self.random.randint(1, 20)
                for group in self.random.sample(Group.values, self.random.randint(0, 2))
            },
            "households": {
                home.pk: self.random.choice(["met", "met", "not_home"])
                for home in self.random.sample(self.homes[point.village_id], 2)
            },
        }

    def do_correct(self):
        visit = self.a_visit(feedback=None)
        fields = self.content(visit.contact_point)
        topics = frozenset(topic.pk for topic in fields.pop("topics"))
        kept = content_of(visit)
        content: VisitContent = replace(kept, topic_ids=topics, **fields)
        writer = self.writer(visit.contact_point)
        correct_visit(visit=visit, content=content, actor=writer, version=visit.version)

    def do_send(self):
        visit = self.a_visit()
        current = Feedback.objects.filter(visit=visit).first()
        save_feedback(
            visit=visit,
            actor=self.writer(visit.contact_point),
            texts={"findings": f"群众反映第{self.random.randint(1, 9999)}号机井计量不准。"},
            version=current.version if current else 0,
            minutes=self.random.randint(1, 20),
            send=self.random.random() < 0.8,
        )

    def do_return(self):
        self.review("请补充群众的意见。")

    def do_accept(self):
        self.review("")

    def review(self, reason):
        sent = Feedback.objects.filter(county=self.home.county, state="submitted")
        review_feedback(feedback=self.any(sent), actor=self.home.office, reason=reason)

    def do_void(self):
        void_visit(visit=self.a_visit(), actor=self.home.office, reason="重复记录")

    def do_exempt(self):
        kind = self.random.choice(["postponed", "blocked", ""])
        exempt_line(line=self.a_line(), actor=self.home.office, exemption=kind, reason="防汛")

    def do_plan(self):
        line = self.a_line()
        write_line(
            line=line,
            actor=self.writer(line.contact_point),
            version=line.version,
            planned_date=line.planned_date,
            group=line.group,
            officer_id=line.officer_id,
            topics=self.random.sample(self.topics, 1),
            reason="改期",
        )

    def do_approve(self):
        plan = self.random.choice(list(self.places.values())).plan
        plan.refresh_from_db()
        if plan.state == "draft":
            submit_plan(plan=plan, actor=self.places[plan.unit_id].coordinator)
        decide_plan(plan=plan, actor=self.home.office)

    def do_hand_over(self):
        point = self.any(ContactPoint.objects.filter(unit__in=self.places, period__endswith=None))
        officers = point.unit.officers.exclude(pk=point.officer_id)
        day = clock.today() + timedelta(days=self.random.randint(-10, 40))
        hand_over(
            contact_points=[point],
            officer=self.any(officers),
            first_day=day,
            actor=self.home.admin,
            reason="调动",
        )
        follow_registry(county_id=self.home.county.pk)

    def do_close(self):
        if clock.today() > date(2026, 6, 10):
            point = self.any(ContactPoint.objects.filter(unit__in=self.places))
            last = max(
                point.first_day, clock.today() + timedelta(days=self.random.randint(-30, 30))
            )
            close_contact_point(contact_point=point, last_day=last, actor=self.home.admin)
            follow_registry(county_id=self.home.county.pk)

    def do_merge(self):
        first, second = self.random.sample(list(self.homes), 2)
        merged = Village.objects.filter(pk=first)
        gone = merged.filter(merged_into=None).exists() and self.random.random() < 0.5
        merged.update(merged_into=second if gone else None)
        follow_registry(county_id=self.home.county.pk)

    def any(self, rows):
        found = list(rows.order_by("pk"))
        if not found:
            raise NotPossible("none")
        return self.random.choice(found)

    def a_visit(self, **fields):
        rows = Visit.objects.for_detail().filter(county=self.home.county, state="recorded")
        return self.any(rows.filter(**fields))

    def a_line(self):
        return self.any(
            PlanLine.objects.filter(
                county=self.home.county, month__range=("2026-04-01", "2026-07-01")
            )
        )

    def writer(self, point):
        return self.places[point.unit_id].coordinator


def test_no_change_escapes_the_marks(world):
    life, county = Life(world, seed=1), world.home.county
    deeds = [name for name in dir(Life) if name.startswith("do_")]
    deeds += ["do_record", "do_record", "do_send", "do_send", "do_send"]
    done = Counter()
    rolling.roll_up(county.pk)
    for step in range(STEPS):
        with clock.at(make.moment(date(2026, 5, 20) + timedelta(days=step // 2), 12)):
            missing = [deed for deed in deeds if not done[deed]] if step % 2 else []
            name = life.random.choice(missing or deeds)
            try:
                getattr(life, name)()
                done[name] += 1
            except REFUSED:
                continue
            assert not list(rolling.differences(county.pk)), name
            rolling.roll_up(county.pk)
            assert not StaleMonth.objects.filter(county_id=county.pk).exists()
    assert set(done) == set(deeds)
    with clock.at(make.moment(date(2026, 7, 10), 12)):
        assert not list(rolling.differences(county.pk))
        first, last = date(2026, 4, 1), date(2026, 7, 1)
        Definitions(county, first, last).hold()
        counted = naive.County(county)
        for by in Definitions.BYS:
            read = {row.key: row for row in rollups.figures(county.pk, first, last, by)}
            assert read == counted.figures(first, last, by)


def test_a_missing_mark_is_found_and_repaired(world, caplog):
    county = world.home.county
    rolling.roll_up(county.pk)
    make.feedback(world.own.visit, world.own.coordinator)
    StaleMonth.objects.all().delete()
    (found,) = rolling.differences(county.pk)
    assert (found.month, found.contact_point) == (date(2026, 5, 1), world.own.contact_point.pk)
    tasks.check_rollups()
    assert "feedback_sent 0 is 1" in caplog.text
    tasks.roll_up()
    assert not list(rolling.differences(county.pk))


def test_a_county_that_fails_stops_no_other(world, monkeypatch, caplog):
    ours, theirs = world.home.county.pk, world.abroad.county.pk
    counted = rolling.roll_up

    def roll_up(county):
        if county == ours:
            raise ZeroDivisionError
        return counted(county)

    monkeypatch.setattr(rolling, "roll_up", roll_up)
    tasks.roll_up()
    assert StaleMonth.objects.counties() == [ours]
    assert f"county {ours} failed" in caplog.text
    monkeypatch.undo()
    tasks.roll_up()
    assert StaleMonth.objects.counties() == []
    assert {ours, theirs} == set(MonthFigures.objects.values_list("county_id", flat=True))


def test_what_beat_sends_there_is(settings):
    entries = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.roll_up.name, tasks.check_rollups.name} <= entries


def test_an_erased_row_and_an_invented_one_are_found(world):
    county = world.home.county
    rolling.rebuild(county.pk)
    rows = MonthFigures.objects.filter(county_id=county.pk)
    gone, kept = rows.order_by("contact_point_id")
    rows.filter(contact_point_id=gone.contact_point_id).delete()
    rows.filter(contact_point_id=kept.contact_point_id).update(month=date(2026, 3, 1))
    words = [str(found).rpartition(": ")[2] for found in rolling.differences(county.pk)]
    assert words == ["too many", "missing", "missing"]
