"""Fill in for me, as its readers see it: preview first, one button, one button back."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from outreach import clock
from outreach.models import Job
from tests import factories as make
from tests.conftest import MONTH
from visits.models import AnnualPlan, PlanLine
from visits.services.obligations import ensure_lines
from visits.services.plans import decide_plan, submit_plan
from visits.services.recording import void_visit

JUNE = date(2026, 6, 1)


@pytest.fixture
def plan(world):
    ensure_lines(world.home.year)
    for n in range(30):
        make.household(world.own.village, f"2组-{n:03d}")
    return world.own.plan


@pytest.fixture
def coordinator(world, sign_in):
    return sign_in(world.own.coordinator)


def address(plan):
    return reverse("plan_fill", args=[plan.pk])


def hidden(page):
    """What the form that fills in sends along."""
    form = re.search(r'<form method="post" action="[^"]*/fill/".*?</form>', page, re.S)
    return dict(re.findall(r'type="hidden" name="(per_visit|seed|seen)" value="([^"]*)"', form[0]))


def test_the_preview_says_what_why_and_how_far_it_reaches(coordinator, plan):
    village = plan.lines.first().contact_point.village
    village.households_count = 247
    village.save()
    page = coordinator.get(address(plan))
    text = page.content.decode()
    (part,) = page.context["parts"]
    assert [row.line.month.month for row in part.rows] == [6, 7, 8, 9, 10, 11, 12]
    assert all(row.proposal.reasons and row.households for row in part.rows[:3])
    assert "247" in str(part.reach[0]) and "56" in str(part.reach[0])  # seven visits of eight
    assert str(part.reach[0]) in text
    assert str(part.rows[0].proposal.reasons[0]) in text
    assert "2组-000" in text
    assert page.context["count"]["lines"] == 7
    assert not PlanLine.objects.exclude(planned_date=None).exists()


def test_another_number_reaches_farther(coordinator, plan):
    page = coordinator.get(address(plan), {"per_visit": 30})
    (part,) = page.context["parts"]
    assert part.reach[0].params["each"] == -(-100 // 7)
    assert page.context["per_visit"] == 30
    for wrong in ("4", "31", "zzz"):
        page = coordinator.get(address(plan), {"per_visit": wrong})
        assert page.context["per_visit"] == 8
        assert page.context["form"].errors


def test_one_button_fills_in_what_was_seen(coordinator, plan):
    page = coordinator.get(address(plan), {"per_visit": 21, "seed": 3})
    seen = {row.line.pk: row.proposal for row in page.context["parts"][0].rows}
    answer = coordinator.post(address(plan), hidden(page.content.decode()))
    assert answer["Location"] == plan.get_absolute_url()
    for line in plan.lines.filter(month__gt=MONTH):
        assert (line.planned_date, line.group) == (seen[line.pk].day, seen[line.pk].group)
    assert AnnualPlan.objects.get(pk=plan.pk).households_per_visit == 21


def test_a_plan_that_changed_meanwhile_is_shown_again(coordinator, world, plan):
    sent = hidden(coordinator.get(address(plan)).content.decode())
    line = plan.lines.get(month=JUNE)
    data = {"version": 1, "planned_date": "2026-06-06", "officer": world.own.officer.pk}
    assert coordinator.post(reverse("plan_line", args=[line.pk]), data).status_code == 302
    answer = coordinator.post(address(plan), sent)
    assert answer.status_code == 409
    assert answer.context["stale"]
    assert not PlanLine.objects.filter(month__gt=JUNE).exclude(planned_date=None).exists()
    # The answer is the new preview: its button fills in, and the colleague's date stays.
    assert coordinator.post(address(plan), hidden(answer.content.decode())).status_code == 302
    assert plan.lines.get(month=JUNE).planned_date == date(2026, 6, 6)
    assert plan.lines.get(month=JUNE).group


def test_the_plans_page_offers_it_and_the_way_back(coordinator, world, plan):
    def page():
        return coordinator.get(plan.get_absolute_url())

    undo = reverse("plan_fill_undo", args=[plan.pk])
    assert address(plan) in page().content.decode()
    assert undo not in page().content.decode()
    coordinator.post(address(plan), {"per_visit": 8})
    assert undo in page().content.decode()
    coordinator.post(undo)
    assert not PlanLine.objects.exclude(planned_date=None).exists()
    assert undo not in page().content.decode()
    answer = coordinator.post(undo, follow=True)
    assert [message.tags for message in answer.context["messages"]] == ["late error"]


def test_an_approved_plan_is_not_offered_it(coordinator, world, plan):
    submit_plan(plan=plan, actor=world.own.coordinator)
    assert coordinator.get(address(plan)).status_code == 403
    decide_plan(plan=plan, actor=world.home.office)
    assert coordinator.get(address(plan)).status_code == 403
    assert coordinator.post(address(plan), {"per_visit": 8}).status_code == 403
    assert coordinator.post(reverse("plan_fill_undo", args=[plan.pk])).status_code == 403
    assert address(plan) not in coordinator.get(plan.get_absolute_url()).content.decode()


def test_the_preview_costs_the_same_for_one_village_and_for_four(coordinator, world, plan):
    def queries():
        coordinator.get(address(plan))
        with CaptureQueriesContext(connection) as seen:
            assert coordinator.get(address(plan)).status_code == 200
        return [query["sql"] for query in seen]

    one = queries()
    for _ in range(3):
        village = make.village(world.home.township)
        make.household(village)
        make.contact_point(world.own.unit, village, world.own.officer)
    ensure_lines(world.home.year)
    four = queries()
    assert len(four) == len(one) == 24, "\n".join(four)


def test_the_county_office_starts_it_for_all(world, sign_in, plan):
    office = sign_in(world.home.office)
    url = reverse("plans_fill", args=[world.home.year.pk])
    page = reverse("programme_year_detail", args=[world.home.year.pk])
    assert url in office.get(page).content.decode()
    assert office.get(url).context["drafts"] == 2
    answer = office.post(url)
    job = Job.objects.get(task="visits.tasks.fill_all_plans")
    assert answer["Location"] == job.get_absolute_url()
    assert office.get(answer["Location"]).status_code == 200


# Households on the pages of the month -------------------------------------------------------------


def due_this_month(world):
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    return world.own.line


def test_line_card_and_form_propose_the_same_households(world, sign_in, coordinator, plan):
    line = due_this_month(world)
    page = coordinator.get(reverse("plan_line", args=[line.pk]))
    proposed = [row.pk for row in page.context["households"]]
    assert len(proposed) == 8
    browser = sign_in(world.own.cadre)
    (card,) = browser.get(reverse("my_month")).context["cards"]
    assert [row.pk for row in card.households] == proposed
    form = browser.get(reverse("record_new", args=[world.own.contact_point.pk])).context["form"]
    offered = [int(name.removeprefix("household_")) for name in form.household_names]
    assert offered[:8] == proposed
    assert len(offered) == len(set(offered)) == 12


def test_the_form_offers_all_that_the_coordinator_chose(world, sign_in, plan):
    due_this_month(world)
    AnnualPlan.objects.filter(pk=plan.pk).update(households_per_visit=30)
    world.own.village.households_count = 500
    world.own.village.save()
    browser = sign_in(world.own.cadre)
    form = browser.get(reverse("record_new", args=[world.own.contact_point.pk])).context["form"]
    assert len(form.household_names) == 30


def test_who_said_not_now_is_proposed_to_nobody(world, sign_in, coordinator, plan):
    make.visit(
        world.own.contact_point, world.own.cadre, households={world.own.household.pk: "not_now"}
    )
    page = coordinator.get(reverse("plan_line", args=[plan.lines.get(month=JUNE).pk]))
    assert world.own.household.pk not in [row.pk for row in page.context["households"]]
    form = (
        sign_in(world.own.cadre)
        .get(reverse("record_new", args=[world.own.contact_point.pk]))
        .context["form"]
    )
    assert f"household_{world.own.household.pk}" not in form.household_names


def test_cards_cost_the_same_for_one_village_and_for_four(world, sign_in, plan):
    due_this_month(world)
    browser = sign_in(world.own.coordinator)

    def queries():
        browser.get(reverse("my_month"))
        with CaptureQueriesContext(connection) as seen:
            page = browser.get(reverse("my_month"))
        assert all(card.households for card in page.context["cards"])
        return len(seen)

    one = queries()
    for _ in range(3):
        village = make.village(world.home.township)
        make.household(village)
        make.contact_point(world.own.unit, village, world.own.officer)
    ensure_lines(world.home.year)
    assert queries() == one


def test_a_month_that_is_over_proposes_nobody(world, coordinator, plan):
    line = plan.lines.get(month=date(2026, 4, 1))
    assert coordinator.get(reverse("plan_line", args=[line.pk])).context["households"] == ()
    with clock.at(make.moment(date(2027, 1, 5))):
        page = coordinator.get(address(plan))
        assert page.context["count"]["lines"] == 0
        (part,) = page.context["parts"]
        assert part.reach[0].params == {"households": 100}
