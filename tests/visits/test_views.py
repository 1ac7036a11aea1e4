"""Pages of visits and plans: nothing typed is lost, conflicts show both, refusals are sentences."""

from django.urls import reverse

from visits.models import AnnualPlan, PlanLine, ProgrammeYear, Visit
from visits.services.plans import submit_plan
from visits.services.recording import void_visit


def text(response):
    return response.content.decode()


def test_the_detail_page_offers_what_the_person_may_do(world, sign_in):
    url = reverse("visit_detail", args=[world.own.visit.pk])
    assert sign_in(world.own.cadre).get(url).context["editable"]
    page = sign_in(world.home.office).get(url)
    assert (page.context["editable"], page.context["voidable"]) == (False, True)


def test_voiding_through_the_page_needs_a_reason(world, sign_in):
    url = reverse("visit_void", args=[world.own.visit.pk])
    browser = sign_in(world.own.cadre)
    assert browser.post(url, {"reason": " "}).status_code == 200
    assert browser.post(url, {"reason": "重复录入"}).status_code == 302
    assert Visit.objects.get(pk=world.own.visit.pk).void_reason == "重复录入"


# Plans ------------------------------------------------------------------------------------------


def line_data(world, **more):
    return {
        "version": "1",
        "planned_date": "2026-05-12",
        "group": "capable",
        "officer": world.own.officer.pk,
        "topics": [world.home.topic.pk],
        **more,
    }


def test_a_line_with_a_date_of_another_month_stays_in_the_form(world, sign_in):
    url = reverse("plan_line", args=[world.own.line.pk])
    data = line_data(world, planned_date="2026-06-12")
    page = sign_in(world.own.coordinator).post(url, data)
    form = page.context["form"]
    assert page.status_code == 200
    assert form.errors
    assert form["planned_date"].value() == "2026-06-12"
    assert PlanLine.objects.get(pk=world.own.line.pk).planned_date is None


def test_a_line_saved_from_an_old_page_loses_nothing(world, sign_in):
    url = reverse("plan_line", args=[world.own.line.pk])
    browser = sign_in(world.own.coordinator)
    assert browser.post(url, line_data(world)).status_code == 302
    page = browser.post(url, line_data(world, planned_date="2026-05-26"))
    assert page.status_code == 409
    assert page.context["form"]["planned_date"].value() == "2026-05-26"
    assert page.context["form"]["version"].value() == 2
    assert PlanLine.objects.get(pk=world.own.line.pk).planned_date.day == 12
    again = line_data(world, planned_date="2026-05-26", version="2")
    assert browser.post(url, again).status_code == 302
    assert PlanLine.objects.get(pk=world.own.line.pk).planned_date.day == 26


def test_a_plan_decided_by_a_colleague_is_said_so(world, sign_in):
    plan = submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    url = reverse("plan_decide", args=[world.own.plan.pk])
    browser = sign_in(world.home.office)
    seen = plan.submitted_at.isoformat()
    browser.post(url, {"decision": "approve", "seen": seen})
    page = browser.post(
        url, {"decision": "return", "reason": "六月没有日期", "seen": seen}, follow=True
    )
    assert page.status_code == 200
    assert [message.tags for message in page.context["messages"]] == ["late error"]
    assert AnnualPlan.objects.get(pk=world.own.plan.pk).state == "approved"


def test_a_return_without_reason_is_not_a_decision(world, sign_in):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    url = reverse("plan_decide", args=[world.own.plan.pk])
    page = sign_in(world.home.office).post(url, {"decision": "return", "reason": ""}, follow=True)
    assert len(page.context["messages"]) == 1
    assert AnnualPlan.objects.get(pk=world.own.plan.pk).state == "submitted"


def test_submitting_twice_says_so_and_changes_nothing(world, sign_in):
    url = reverse("plan_submit", args=[world.own.plan.pk])
    browser = sign_in(world.own.coordinator)
    for _ in range(2):
        assert browser.post(url).status_code == 302
    assert AnnualPlan.objects.get(pk=world.own.plan.pk).state == "submitted"


def test_an_amendment_asks_for_its_reason(world, sign_in):
    AnnualPlan.objects.filter(pk=world.own.plan.pk).update(state="approved")
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    url = reverse("plan_line", args=[world.own.line.pk])
    browser = sign_in(world.own.coordinator)
    page = browser.post(url, line_data(world))
    assert "reason" in page.context["form"].errors
    assert browser.post(url, line_data(world, reason="村里改了集日")).status_code == 302


# Programme year ---------------------------------------------------------------------------------


def test_the_next_year_is_offered_and_opens_with_its_lines(world, sign_in):
    browser = sign_in(world.home.office)
    form = browser.get(reverse("programme_year")).context["form"]
    filled = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in filled.items() if value is not None}
    assert data["year"] == 2027
    assert browser.post(reverse("programme_year"), data).status_code == 302
    year = ProgrammeYear.objects.get(county=world.home.county, year=2027)
    assert PlanLine.objects.filter(plan__programme_year=year).count() == 24


def test_a_year_that_is_open_is_said_so(world, sign_in):
    data = {"year": 2026, "visits_per_month": 1, "feedback_due_days": 5, "report_day": 5}
    page = sign_in(world.home.office).post(reverse("programme_year"), data)
    assert page.status_code == 200
    assert page.context["form"].errors


def test_the_same_topic_twice_stays_in_the_form(world, sign_in):
    url = reverse("topic_create", args=[world.home.year.pk])
    data = {
        "title": world.home.topic.title,
        "level": "county",
        "first_month": "2026-01-01",
        "last_month": "2026-12-01",
    }
    page = sign_in(world.home.office).post(url, data)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["form"]["title"].value() == world.home.topic.title
