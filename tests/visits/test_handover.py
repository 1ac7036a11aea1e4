"""A village changes hands: it is owed once a month, and later months move with what was planned."""

from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contact_points.models import ContactPoint
from contact_points.services.handover import hand_over
from feedback.services import save_feedback
from outreach import audit, clock
from outreach.models import AuditEntry, Job
from reports import indicators
from tests import factories as make
from tests.conftest import MONTH
from visits import tasks
from visits.handover import preview
from visits.models import PlanLine
from visits.services.filling import fill_plan
from visits.services.obligations import ensure_lines, follow_registry, release_lines
from visits.services.plans import write_line

MIDDLE = date(2026, 5, 15)
JUNE = date(2026, 6, 1)


@pytest.fixture
def handed_over(world):
    """The own place's village goes to a colleague on 15 May; June was planned already."""
    place = world.own
    old = place.contact_point
    june = make.plan_line(old, JUNE, planned_date=date(2026, 6, 9), group="capable")
    june.topics.add(world.home.topic)
    old.period = DateRange(old.period.lower, MIDDLE)
    old.save()
    new = make.contact_point(place.unit, place.village, first=MIDDLE)
    follow_registry(county_id=world.home.county.pk)
    return old, new


def test_month_of_the_handover_is_owed_once_and_by_who_held_it_first(world, handed_over):
    old, _new = handed_over
    lines = PlanLine.objects.filter(contact_point__village=old.village).of_month(MONTH)
    assert [line.contact_point for line in lines] == [old]
    (county,) = indicators.figures(world.home.county.pk, MONTH)
    assert county.due == 2  # one for each of the county's two villages


def test_visit_of_the_successor_fulfils_the_month_of_the_handover(world, handed_over):
    old, new = handed_over
    visit = make.visit(
        new,
        world.own.coordinator,
        started_at=make.moment(date(2026, 5, 18)),
        topics=[world.home.topic],
    )
    make.feedback(visit, world.own.coordinator)
    assert visit.plan_line.contact_point == old
    for by in (None, "unit", "contact_point", "officer"):
        rows = indicators.figures(world.home.county.pk, MONTH, by=by)
        assert sum(row.done for row in rows) == 1
        assert [row.extra for row in rows if row.extra] == []


def test_later_months_move_with_what_was_planned(handed_over):
    _old, new = handed_over
    line = PlanLine.objects.get(contact_point=new, month=JUNE)
    assert (line.planned_date, line.group) == (date(2026, 6, 9), "capable")
    assert [topic.pk for topic in line.topics.all()] != []
    assert line.officer == new.officer


def test_following_twice_changes_nothing(world, handed_over):
    assert ensure_lines(world.home.year) == 0


# By page, from a day on ------------------------------------------------------------------------

DAY = date(2026, 6, 15)


class Desk:
    """A village of the own unit that nobody visited yet, with lines from April to July."""

    def __init__(self, world):
        self.world = world
        self.old, self.new = world.own.cadre, make.cadre(world.own.unit)
        self.point = make.contact_point(
            world.own.unit, make.village(world.home.township), self.old.officer
        )
        self.lines = {n: make.plan_line(self.point, date(2026, n, 1)) for n in (4, 5, 6, 7)}

    def plan(self, month, day, officer=None):
        """Write the line as the coordinator would."""
        line = PlanLine.objects.get(pk=self.lines[month].pk)
        return write_line(
            line=line,
            actor=self.world.own.coordinator,
            version=line.version,
            planned_date=day,
            group="capable",
            officer_id=(officer or line.officer).pk,
            topics=[self.world.home.topic],
        )

    def hand_over(self, day=DAY, officer=None, follow=True):
        bulk_id = hand_over(
            contact_points=ContactPoint.objects.filter(
                unit=self.point.unit, village=self.point.village
            ).open_on(day),
            officer=officer or self.new.officer,
            first_day=day,
            actor=self.world.own.coordinator,
            reason="岗位调整",
        )
        if follow:
            job = Job.objects.filter(args__act__id=str(bulk_id)).get()
            tasks.ensure_plan_lines(str(job.pk))
            assert Job.objects.get(pk=job.pk).state == Job.State.DONE
        return bulk_id

    def officers(self):
        """Month -> who is responsible for it."""
        lines = PlanLine.objects.filter(contact_point__village=self.point.village)
        names = {self.old.officer: "old", self.new.officer: "new"}
        return {
            line.month.month: names.get(line.officer, "colleague")
            for line in lines.select_related("officer")
            if line.month.month in self.lines
        }


@pytest.fixture
def desk(world):
    return Desk(world)


def test_past_months_stay_and_later_ones_move_under_the_id_of_the_act(desk):
    desk.plan(7, date(2026, 7, 9))
    bulk_id = desk.hand_over()
    assert desk.officers() == {4: "old", 5: "old", 6: "new", 7: "new"}
    july = PlanLine.objects.get(pk=desk.lines[7].pk)
    assert (july.planned_date, july.group) == (date(2026, 7, 9), "capable")
    assert july.contact_point.officer == desk.new.officer
    entry = audit.history(july)[0]
    assert (entry.action, entry.bulk_id) == ("Plan line handed over", bulk_id)
    assert entry.actor == desk.world.own.coordinator
    assert entry.before == {"officer": desk.old.officer.name}
    assert entry.after == {"officer": desk.new.officer.name}
    actions = set(AuditEntry.objects.filter(bulk_id=bulk_id).values_list("action", flat=True))
    assert actions == {
        "Contact point closed",
        "Contact point opened",
        "Plan line handed over",
        "Plan lines follow the registry",
    }


@pytest.mark.parametrize(
    ("planned", "whose"),
    [(None, "new"), (date(2026, 6, 14), "old"), (date(2026, 6, 15), "new")],
)
def test_the_month_itself_goes_with_whoever_holds_the_village_on_its_day(desk, planned, whose):
    if planned:
        desk.plan(6, planned)
    desk.hand_over()
    assert desk.officers()[6] == whose
    holder = ContactPoint.objects.get(
        village=desk.point.village, officer__user=getattr(desk, whose)
    )
    rows = indicators.figures(desk.point.county_id, date(2026, 6, 1), by="contact_point")
    ours = {row.key: row.due for row in rows}
    points = ContactPoint.objects.filter(village=desk.point.village)
    assert [(point, ours[point.pk]) for point in points if point.pk in ours] == [(holder, 1)]
    assert ensure_lines(desk.world.home.year) == 0


def test_a_visited_month_stays_with_whoever_went(desk):
    with clock.at(make.moment(date(2026, 6, 10), 18)):
        make.visit(desk.point, desk.old, officer_id=desk.old.officer.pk)
        desk.hand_over()
    assert desk.officers() == {4: "old", 5: "old", 6: "old", 7: "new"}


def test_from_the_first_of_the_month_the_whole_month_moves(desk):
    desk.plan(5, date(2026, 5, 12))
    desk.hand_over(date(2026, 5, 1))
    assert desk.officers() == {4: "old", 5: "new", 6: "new", 7: "new"}
    assert ensure_lines(desk.world.home.year) == 0


def test_a_colleague_whom_somebody_planned_stays_planned(desk):
    colleague = make.officer(desk.world.own.unit)
    for month in (6, 7):
        desk.plan(month, date(2026, month, 20), colleague)
    desk.hand_over()
    assert desk.officers() == {4: "old", 5: "old", 6: "colleague", 7: "colleague"}
    lines = PlanLine.objects.filter(pk__in=[desk.lines[month].pk for month in (6, 7)])
    assert {line.contact_point.officer for line in lines} == {desk.new.officer}


def test_a_month_that_a_colleague_goes_in_tells_whose_village_it_is_now(desk):
    colleague = make.officer(desk.world.own.unit)
    desk.plan(7, date(2026, 7, 9), colleague)
    desk.hand_over()
    entry = audit.history(desk.lines[7])[0]
    assert entry.before == {"held_by": desk.old.officer.name}
    assert entry.after == {"held_by": desk.new.officer.name}


def test_a_form_opened_before_the_handover_is_told_both_versions(desk, sign_in):
    desk.plan(7, date(2026, 7, 9))
    browser = sign_in(desk.world.own.coordinator)
    url = reverse("plan_line", args=[desk.lines[7].pk])
    form = browser.get(url).context["form"]
    typed = {
        "version": form["version"].value(),
        "planned_date": "2026-07-16",
        "group": "capable",
        "officer": desk.old.officer.pk,
    }
    desk.hand_over()
    answer = browser.post(url, typed, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    text = answer.content.decode()
    for told in (desk.old.officer.name, desk.new.officer.name, "7月9日", "7月16日"):
        assert told in text
    assert answer.context["first"].actor == desk.world.own.coordinator
    july = PlanLine.objects.get(pk=desk.lines[7].pk)
    assert (july.officer, july.planned_date) == (desk.new.officer, date(2026, 7, 9))
    page = browser.post(url, typed)
    assert page.status_code == 409
    assert page.context["form"]["planned_date"].value() == "2026-07-16"


def test_only_lines_that_move_get_a_new_version(desk):
    versions = PlanLine.objects.filter(pk__in=[line.pk for line in desk.lines.values()])
    desk.hand_over()
    assert dict(versions.values_list("month__month", "version")) == {4: 1, 5: 1, 6: 2, 7: 2}
    ensure_lines(desk.world.home.year)
    assert dict(versions.values_list("month__month", "version")) == {4: 1, 5: 1, 6: 2, 7: 2}


def test_a_correction_reaches_lines_that_a_handover_or_the_planner_wrote(desk):
    """Neither of them named a person: only who wrote another officer into a line did."""
    colleague, right = make.officer(desk.world.own.unit), make.officer(desk.world.own.unit)
    desk.plan(7, date(2026, 7, 9), colleague)
    fill_plan(plan=desk.lines[6].plan, actor=desk.world.own.coordinator, per_visit=8)
    desk.hand_over(date(2026, 6, 1))
    ContactPoint.objects.filter(officer=desk.new.officer).update(officer=right)
    ensure_lines(desk.world.home.year)
    officers = PlanLine.objects.filter(contact_point__village=desk.point.village)
    named = {line.month.month: line.officer for line in officers.select_related("officer")}
    assert (named[6], named[7]) == (right, colleague)


def test_an_unwritten_line_that_moved_goes_away_with_its_list(desk):
    desk.hand_over()
    new = ContactPoint.objects.get(officer=desk.new.officer)
    PlanLine.objects.filter(contact_point=desk.point, month=date(2026, 4, 1)).update(month=JUNE)
    assert release_lines({new.pk: None}) == []
    assert not PlanLine.objects.filter(contact_point=new).exists()


def test_handed_to_the_wrong_person_and_on_the_same_day_to_the_right_one(desk):
    wrong = make.officer(desk.world.own.unit)
    desk.plan(7, date(2026, 7, 9))
    desk.hand_over(officer=wrong)
    assert desk.officers()[7] == "colleague"
    desk.hand_over()
    assert desk.officers() == {4: "old", 5: "old", 6: "new", 7: "new"}
    assert ContactPoint.objects.filter(village=desk.point.village).count() == 2


def test_the_preview_says_what_then_happens(desk):
    desk.plan(6, date(2026, 6, 14))
    visit = make.visit(desk.point, desk.old)
    shown = preview([desk.point], desk.new.officer, DAY)
    assert [line.month.month for line in shown.lines] == [7]
    assert [line.month.month for line in shown.staying] == [6]
    assert shown.drafts == [visit]
    before = {line.pk: line.officer_id for line in PlanLine.objects.all()}
    desk.hand_over()
    moved = {
        line.pk
        for line in PlanLine.objects.filter(contact_point__village=desk.point.village)
        if before.get(line.pk, line.officer_id) != line.officer_id
    }
    assert moved == {line.pk for line in shown.lines}


def test_open_records_are_shown_to_both_until_they_are_sent(desk, sign_in):
    visit = make.visit(desk.point, desk.old)
    make.feedback(visit, desk.old, send=False, findings="水渠年久失修")
    desk.hand_over(date(2026, 5, 21))
    page = reverse("visit_detail", args=[visit.pk])
    month = reverse("my_month")
    old, new, other = (
        sign_in(person) for person in (desk.old, desk.new, make.cadre(desk.world.own.unit))
    )
    assert list(new.get(month).context["taken_over"]) == []  # not before the day
    with clock.at(make.moment(date(2026, 5, 21))):
        assert list(new.get(month).context["taken_over"]) == [visit]
        assert visit in [card.visit for card in old.get(month).context["cards"]]
        assert list(other.get(month).context["taken_over"]) == []
        for browser, sees in ((old, True), (new, True), (other, False)):
            assert ("水渠年久失修" in browser.get(page).content.decode()) == sees
        assert new.get(reverse("record", args=[visit.pk])).status_code == 403
    with clock.at(make.moment(date(2026, 6, 3))):
        assert list(new.get(month).context["taken_over"]) == [visit]
        assert visit in old.get(month).context["earlier"]
    save_feedback(
        visit=visit,
        actor=desk.old,
        texts={"findings": "水渠年久失修"},
        version=1,
        send=True,
    )
    with clock.at(make.moment(date(2026, 6, 3))):
        assert list(new.get(month).context["taken_over"]) == []


def test_the_page_shows_what_moves_and_then_moves_it(desk, sign_in):
    coordinator = sign_in(desk.world.own.coordinator)
    officer = reverse("officer_detail", args=[desk.old.officer.pk])
    url = reverse("officer_handover", args=[desk.old.officer.pk])
    assert url in coordinator.get(officer).content.decode()
    assert url not in sign_in(desk.old).get(officer).content.decode()
    form = {
        "points": [desk.point.pk],
        "officer": desk.new.officer.pk,
        "first_day": "2026-06-15",
        "reason": "岗位调整",
    }
    page = coordinator.post(url, form)
    shown = page.context["shown"]
    assert [line.month.month for line in shown.lines] == [6, 7]
    assert ContactPoint.objects.filter(officer=desk.new.officer).count() == 0
    # A line is visited meanwhile: what is shown is not true any more, so it is shown again.
    desk.plan(6, date(2026, 6, 10))
    page = coordinator.post(url, form | {"seen": shown.digest})
    assert [line.month.month for line in page.context["shown"].lines] == [7]
    done = coordinator.post(url, form | {"seen": page.context["shown"].digest})
    assert done["Location"] == officer
    assert ContactPoint.objects.filter(officer=desk.new.officer).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"first_day": "2026-04-30"}, {"reason": ""}, {"officer": ""}, {"points": []}],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(desk, sign_in, wrong):
    url = reverse("officer_handover", args=[desk.old.officer.pk])
    form = {
        "points": [desk.point.pk],
        "officer": desk.new.officer.pk,
        "first_day": "2026-06-15",
        "reason": "岗位调整",
    } | wrong
    page = sign_in(desk.world.own.coordinator).post(url, form)
    assert page.context["form"].errors and page.context["shown"] is None
    assert ContactPoint.objects.filter(officer=desk.new.officer).count() == 0


def test_the_page_offers_nothing_of_others(desk, sign_in):
    browser = sign_in(desk.world.own.coordinator)
    url = reverse("officer_handover", args=[desk.old.officer.pk])
    form = {"first_day": "2026-06-15", "reason": "岗位调整"}
    foreign = desk.world.other.contact_point
    page = browser.post(
        url, form | {"points": [foreign.pk], "officer": desk.world.other.officer.pk}
    )
    assert set(page.context["form"].errors) == {"points", "officer"}


def test_who_left_is_offered_to_hand_over_from_the_day_after(desk, sign_in):
    officer = desk.old.officer
    officer.left_on = date(2026, 5, 29)
    officer.save(update_fields=["left_on"])
    browser = sign_in(desk.world.home.office)
    page = browser.get(reverse("officer_detail", args=[officer.pk])).content.decode()
    assert page.count(reverse("officer_handover", args=[officer.pk])) == 2
    form = browser.get(reverse("officer_handover", args=[officer.pk])).context["form"]
    assert form["first_day"].value() == date(2026, 5, 30)
    assert len(form["points"].value()) == 2


def test_an_administrator_who_notes_that_somebody_left_is_led_there(desk, sign_in):
    officer = desk.old.officer
    url = reverse("admin:contact_points_officer_change", args=[officer.pk])
    form = {
        "unit": officer.unit_id,
        "name": officer.name,
        "post": officer.post,
        "telephone": "",
        "user": officer.user_id,
        "left_on": "2026-05-29",
    }
    done = sign_in(desk.world.home.admin).post(url, form)
    assert done["Location"] == reverse("officer_handover", args=[officer.pk])


def test_an_import_taken_back_takes_the_moved_month_back(desk):
    """What follows the registry goes back to whoever held the village before."""
    desk.hand_over()
    new = ContactPoint.objects.get(officer=desk.new.officer)
    assert release_lines({new.pk: desk.point.pk}) == []
    assert desk.officers() == {4: "old", 5: "old", 6: "old", 7: "old"}


def test_in_the_month_of_a_handover_a_visit_goes_to_whoever_holds_the_village_on_its_day(desk):
    desk.hand_over()
    old, new = ContactPoint.objects.filter(village=desk.point.village).order_by("period")
    with clock.at(make.moment(date(2026, 6, 20))):
        for day, via, held in ((9, new, old), (16, old, new)):
            visit = make.visit(
                via,
                desk.world.own.coordinator,
                officer_id=desk.old.officer.pk,
                started_at=make.moment(date(2026, 6, day)),
            )
            assert visit.contact_point == held
            assert visit.plan_line_id == desk.lines[6].pk


def test_more_lines_cost_no_more_statements(desk):
    def cost(point):
        with CaptureQueriesContext(connection) as seen:
            preview([point], desk.new.officer, DAY)
        return len(seen)

    few = make.contact_point(desk.world.own.unit, make.village(desk.world.home.township))
    make.plan_line(few, date(2026, 7, 1))
    assert cost(few) == cost(desk.point) == 2
