"""The dashboards: each shows one part of the county, and each figure opens its own records."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from contact_points.models import Officer, Township, Unit
from feedback.forms.record import RecordForm
from feedback.models import Matter
from feedback.records import QUESTIONS
from feedback.services import review_feedback
from outreach import clock
from outreach.navigation import links_of
from outreach.roles import Role
from reports import indicators, rolling, rollups
from reports.dashboards import board, rows
from reports.dashboards.scope import Scope
from reports.figures import Figures, Rate, nothing
from tests import factories as make
from tests.conftest import MONTH, Place
from tests.reports import small_county
from visits.models import Visit

APRIL = date(2026, 4, 1)


# One part of the county --------------------------------------------------------------------------


def owed(months):
    return {month: (row.due, row.done) for month, row in months.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [False, True])
def test_a_part_shows_what_the_row_of_the_county_says(kept, fixed_clock):
    county = small_county.build(kept)
    if kept:
        rolling.roll_up(county.pk)
    parts = [("unit", Unit), ("township", Township), ("officer", Officer)]
    for name, model in parts:
        known = {row.key: row for row in indicators.figures(county.pk, MONTH, by=name)}
        for part in model.objects.filter(county=county):
            scope = Scope(county.pk, MONTH, **{name: part.pk})
            expected = known.get(part.pk) or nothing(part.pk)
            read = board.read(scope)
            assert read.total == replace(expected, key=None), (name, part)
            by_month = rollups.by_month(county.pk, date(2025, 6, 1), MONTH, **{name: part.pk})
            assert owed(read.months) == owed(by_month), (name, part)


@pytest.mark.django_db
@pytest.mark.parametrize("kept", ["nothing", "all", "until March"])
def test_one_reading_holds_what_the_indicators_say(kept, fixed_clock, django_assert_num_queries):
    county = small_county.build(3)
    if kept != "nothing":
        rolling.roll_up(county.pk)
    if kept == "until March":
        Visit.objects.filter(county=county, month=date(2026, 3, 1)).update(ate=True)
    with django_assert_num_queries(2):
        read = board.read(Scope(county.pk, MONTH))
    assert [read.total] == indicators.figures(county.pk, MONTH)
    assert read.places == indicators.figures(county.pk, MONTH, by="township")
    assert read.tiles == indicators.status_tiles(county.pk, MONTH)
    assert read.attention == indicators.attention(county.pk, MONTH)
    assert read.compared == indicators.compared(county.pk, MONTH)
    assert read.topics == indicators.topic_reach(county.pk, MONTH)
    assert [read.matters] == indicators.matter_figures(county.pk, MONTH)
    assert read.raised == rollups.matters_by_month(county.pk, date(2025, 6, 1), MONTH)
    assert read.units == indicators.figures(county.pk, MONTH, by="unit")
    assert owed(read.months) == owed(rollups.by_month(county.pk, date(2025, 6, 1), MONTH))


@pytest.fixture
def busy(world):
    """Two townships in which everything waits that can."""
    for place in (world.own, Place(world.home, make.township(world.home.county))):
        place.line.topics.add(world.home.topic)
        done = make.visit(place.contact_point, place.cadre, topics=[world.home.topic])
        make.feedback(done, place.cadre)
        back = make.feedback(make.visit(place.contact_point, place.cadre), place.cadre)
        review_feedback(feedback=back, actor=world.home.office, reason="请写具体事例")
        make.visit(place.contact_point, place.cadre, started_at=make.moment(date(2026, 5, 2)))
        make.plan_line(make.contact_point(place.unit, make.village(place.village.township)), MONTH)
        category = make.matter_category(world.home.county)
        for _ in range(2):
            make.matter(place, category=category)
        Matter.objects.filter(category=category).update(due_on=date(2026, 5, 1))
    return world


def listed(browser, url):
    """How many rows the list of this address has."""
    return browser.get(url).context["page"].count


@pytest.mark.parametrize("narrowed", [False, True])
def test_each_figure_opens_its_own_records(busy, sign_in, narrowed):
    office = sign_in(busy.home.office)
    query = {"township": busy.own.village.township_id} if narrowed else {}
    context = office.get(reverse("county_month"), query).context
    read, links = context["board"], context["links"]
    waiting = read.attention
    needs = [len(part) for part in (waiting.overdue_feedback, waiting.returned)]
    assert min(needs) >= 1
    assert [listed(office, url) for _s, url in context["needs"][1:3]] == needs
    assert listed(office, context["needs"][3][1]) == len(waiting.overdue_matters) > 0
    assert listed(office, context["needs"][0][1]) == len(waiting.undated_lines) > 0
    assert listed(office, links["visits"]) == read.total.visits
    assert listed(office, links["done"]) == read.total.done + read.total.extra > 0
    assert listed(office, links["overdue"]) == read.total.overdue_feedback > 0
    assert listed(office, links["late"]) == read.total.sent_late
    (topic,) = context["reach"]
    assert listed(office, topic["planned"]) == topic["topic"].villages_planned > 0
    assert listed(office, topic["explained"]) == topic["topic"].villages_delivered > 0
    raised = [row for row in context["raised"] if row.now]
    assert [listed(office, row.url) for row in raised] == [row.now for row in raised]
    assert len(raised) == (1 if narrowed else 2)


def test_the_township_filter_narrows_every_figure(busy, sign_in):
    office = sign_in(busy.home.office)
    page = office.get(reverse("county_month"), {"township": busy.own.village.township_id})
    elsewhere = Unit.objects.exclude(contact_points__village__township=busy.home.township)
    assert not {row.name for row in page.context["units"]} & {str(unit) for unit in elsewhere}
    assert {row.name for row in page.context["wall"]} == {busy.home.township.name}
    assert page.context["about"] == busy.home.township
    for wrong in ("zzz", "0", "٣", str(busy.abroad.township.pk), "9" * 30):
        assert office.get(reverse("county_month"), {"township": wrong}).status_code == 404


def test_a_cadre_sees_what_was_raised_at_own_visits_and_is_still_open(world, sign_in):
    matter, browser = make.visit_matter(world.own), sign_in(world.own.cadre)
    answered = {"source": "visit", "visit": world.own.visit, "position": 1}
    Matter.objects.filter(pk=make.matter_answered(world.own).pk).update(**answered)

    def open_matters():
        return browser.get(reverse("officer_month")).context["needs"][3]

    sentence, url = open_matters()
    assert sentence.startswith("1 ")
    assert [row.pk for row in browser.get(url).context["page"].rows] == [matter.pk]
    Matter.objects.filter(pk=matter.pk).update(leader=world.other.unit)
    assert open_matters() == (sentence, url)  # whoever is to answer it
    other = sign_in(make.cadre(world.own.unit)).get(reverse("officer_month"))
    assert other.context["needs"][3] == (sentence.replace("1", "0", 1), "")


def test_who_went_for_an_officer_counts_for_the_officer(world, sign_in):
    other = make.cadre(world.own.unit)
    unit = world.own.coordinator
    visit = make.visit(
        world.own.contact_point, unit, officer_id=other.officer.pk, topics=[world.home.topic]
    )
    make.feedback(visit, unit)
    cadre = sign_in(world.own.cadre)
    page = cadre.get(reverse("officer_month"))
    assert (page.context["total"].due, page.context["total"].done) == (1, 1)
    assert listed(cadre, page.context["links"]["done"]) == 1
    page = sign_in(other).get(reverse("officer_month"))
    assert (page.context["total"].due, page.context["total"].done) == (0, 0)


# A township sees its township -------------------------------------------------------------------


@pytest.fixture
def hall(world):
    """The coordinator of the township's own unit, which holds one village of it itself."""
    unit = make.unit(world.home.county, kind="township", township=world.home.township)
    make.contact_point(unit, make.village(world.home.township))
    return make.user(Role.COORDINATOR, unit=unit)


def test_a_township_sees_all_its_villages_whoever_visits_them(world, hall, sign_in):
    make.village(make.township(world.home.county))
    page = sign_in(hall).get(reverse("township_month"))
    assert page.context["total"].visits == 2  # of two departments
    (row,) = page.context["wall"]
    assert row.name == world.home.township.name
    assert {tile.village for tile in row.tiles} >= {world.own.village.pk, world.other.village.pk}


def test_and_opens_only_what_it_may_open(world, hall, sign_in):
    browser = sign_in(hall)
    text = browser.get(reverse("township_month")).content.decode()
    main = text[text.index("<main") : text.index("</main")]
    links = set(re.findall(r'href="(/[^"?]+)', main))
    (own,) = hall.unit.contact_points.values_list("village", flat=True)
    assert links == {reverse("village_detail", args=[own]), reverse("evaluation_newest")}
    assert {browser.get(link).status_code for link in links} == {200}
    assert 'href=""' not in main
    assert not [unit for unit in (world.own.unit, world.other.unit) if unit.name in main]


def test_only_people_of_a_township_have_its_page(world, hall):
    def names(user):
        return [entry.url_name for entry in links_of(user)]

    assert "township_month" in names(hall)
    assert "township_month" not in names(world.own.coordinator)
    assert "unit_month" in names(world.own.coordinator)
    assert "officer_month" in names(world.own.cadre)


def test_an_account_of_no_officer_is_not_sent_to_a_page_that_is_none(world, sign_in):
    typist = make.user(Role.CADRE, unit=world.own.unit)
    links = [entry.url_name for entry in links_of(typist)]
    assert "officer_month" not in links
    browser = sign_in(typist)
    assert [browser.get(reverse(name)).status_code for name in links] == [200] * len(links)


# Fair comparison --------------------------------------------------------------------------------


def units_of(page):
    return [row.name for kind in page.context["peers"] for row in kind.rows]


@pytest.fixture
def three(world):
    """The second of three units has done what it owes."""
    world.third = Place(world.home)
    make.feedback(
        make.visit(world.other.contact_point, world.other.cadre, topics=[world.home.topic]),
        world.other.cadre,
    )
    return world


def test_units_stand_in_their_own_order_unless_the_county_ranks(three, sign_in):
    office, url = sign_in(three.home.office), reverse("county_month")
    order = [str(place.unit) for place in (three.own, three.other, three.third)]
    assert units_of(office.get(url, {"sort": "completion"})) == order
    office.post(reverse("ranking_set", args=[three.home.year.pk]), {"ranking": "on"})
    assert units_of(office.get(url)) == order
    page = office.get(url, {"sort": "completion"})
    (kind,) = page.context["peers"]
    assert [row.name for row in kind.rows] == [order[1], order[0], order[2]]
    assert [row.rank for row in kind.rows] == [1, 2, 2]
    assert kind.middle == 0
    assert "1 / 1" in page.content.decode()  # the numbers stand beside the rate
    office.post(reverse("ranking_set", args=[three.home.year.pk]))
    assert units_of(office.get(url, {"sort": "completion"})) == order


def test_a_unit_is_compared_with_its_kind_once_there_are_enough(three, sign_in):
    coordinator, url = sign_in(three.own.coordinator), reverse("unit_month")
    assert coordinator.get(url).context["alike_middle"] is None
    for _ in range(board.FEWEST - 3):
        Place(three.home)
    page = coordinator.get(url)
    assert (page.context["alike"], page.context["alike_middle"]) == (board.FEWEST, 0)


def test_who_owes_nothing_has_no_rate_no_rank_and_no_part_in_the_middle():
    figures = [Figures(1, due=4, done=1), Figures(2), Figures(3, due=4, done=3)]
    assert board.middle(figures) == 0.5
    assert board.middle([Figures(2)]) is None
    ranked = rows._ranked([rows.UnitRow(str(row.key), "", row) for row in figures])
    assert [(row.name, row.rank) for row in ranked] == [("3", 1), ("1", 2), ("2", None)]


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    [(Rate(8, 10), 0.490, 0.943), (Rate(0, 5), 0.0, 0.434), (Rate(5, 5), 0.566, 1.0)],
)
def test_the_interval_is_wilsons(rate, low, high):
    assert rate.interval == pytest.approx((low, high), abs=0.001)
    assert Rate(0, 0).interval is None


# What it cost -----------------------------------------------------------------------------------


def test_the_questions_counted_are_those_the_form_asks(world):
    form = RecordForm(
        contact_point=world.own.contact_point,
        actor=world.own.cadre,
        households=[world.own.household],
        line=world.own.line,
    )
    one = {"people": "people", "form": "people", "more": "people", "household": "households"}
    visible = [field.name for field in form.visible_fields()]
    asked = {name if name in QUESTIONS else one.get(name.split("_")[0], name) for name in visible}
    assert asked - {"others"} == set(QUESTIONS)


def test_hours_are_those_of_all_records_sent(world, sign_in):
    for minutes in (30, 60):
        row = make.feedback(make.visit(world.own.contact_point, world.own.cadre), world.own.cadre)
        type(row).objects.filter(pk=row.pk).update(sent_minutes=minutes)
    total = sign_in(world.home.office).get(reverse("county_month")).context["total"]
    assert (total.feedback_sent, total.burden_minutes, total.written_hours) == (2, 45, 1.5)


# The page ---------------------------------------------------------------------------------------


def test_without_a_script_the_tables_are_open_and_paper_has_them_only(world, sign_in):
    office = sign_in(world.home.office)
    page = office.get(reverse("county_month")).content.decode()
    charts = page.count("data-chart=")
    assert charts >= 2
    beside = re.findall(r'<div class="canvas" hidden></div>\s*<details open>', page)
    assert len(beside) == charts
    assert "echarts" in page
    paper = office.get(reverse("county_month"), {"print": "1"}).content.decode()
    assert "echarts" not in paper
    assert "<details>" not in paper
    assert f"{world.home.county} · 截至" in paper


@pytest.mark.django_db
def test_a_county_that_only_begins_reads_what_comes_first(sign_in):
    office = sign_in(make.user(Role.COUNTY, county=make.county()))
    page = office.get(reverse("county_month")).content.decode()
    main = page[page.index("<main") : page.index("</main")]
    assert reverse("programme_year") in main
    assert "()" not in main
    past = office.get(reverse("county_month"), {"month": "2020-01"})
    assert not past.context["unopened"]


def test_nothing_else_waits_where_only_visits_are_due(world, sign_in):
    june = date(2026, 6, 1)
    make.plan_line(world.own.contact_point, june, planned_date=june)
    mine = sign_in(world.own.cadre).get(reverse("officer_month"), {"month": "2026-06"})
    assert mine.context["total"].due > mine.context["total"].done
    assert not mine.context["attention"]
    assert "除待走访外" in mine.content.decode()


def test_no_other_page_loads_the_charts(world, sign_in):
    assert "echarts" not in sign_in(world.own.cadre).get(reverse("my_month")).content.decode()


def test_what_rises_stands_beside_the_number(world, sign_in):
    category = make.matter_category(world.home.county, name="灌溉用水")
    with clock.at(make.moment(APRIL, 10)):
        make.matter(world.own, category=category)
    for _ in range(3):
        make.matter(world.own, category=category)
    (row,) = sign_in(world.home.office).get(reverse("county_month")).context["raised"]
    assert (row.name, row.now, row.change) == ("灌溉用水", 3, 2)
