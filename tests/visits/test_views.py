"""Pages of visits and plans: nothing typed is lost, conflicts show both, refusals are sentences."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from outreach import clock
from outreach.models import Job
from tests import factories as make
from tests.conftest import MONTH, TODAY
from visits.models import AnnualPlan, PlanLine, ProgrammeYear, Visit
from visits.services.plans import submit_plan
from visits.services.recording import void_visit


def text(response):
    return response.content.decode()


def form_data(world, **more):
    return {
        "id": str(uuid4()),
        "version": "",
        "day": "2026-05-19",
        "start": "09:15",
        "end": "11:40",
        "officer": world.own.officer.pk,
        "together": ["ate", "worked"],
        "topics": [world.home.topic.pk],
        "people_capable": "7",
        "form_capable": "heart_to_heart",
        f"household_{world.own.household.pk}": "not_home",
        "others": "",
        **more,
    }


def new_visit(world):
    return reverse("visit_create", args=[world.own.contact_point.pk])


def test_recording_leads_on_to_the_feedback(world, sign_in):
    data = form_data(world)
    response = sign_in(world.own.cadre).post(new_visit(world), data)
    assert response["Location"] == reverse("feedback_write", args=[data["id"]])
    visit = Visit.objects.for_detail().get(pk=data["id"])
    assert visit.day.isoformat() == "2026-05-19"
    assert (visit.ate, visit.lived, visit.worked) == (True, False, True)
    assert [(t.group, t.form, t.people) for t in visit.talks.all()] == [
        ("capable", "heart_to_heart", 7)
    ]
    assert [c.outcome for c in visit.household_calls.all()] == ["not_home"]


def test_the_form_comes_filled_with_what_is_known(world, sign_in):
    world.own.line.topics.add(world.home.topic)
    form = sign_in(world.own.cadre).get(new_visit(world)).context["form"]
    assert form["day"].value() == TODAY
    assert form["officer"].value() == world.own.officer.pk
    assert form["topics"].value() == [world.home.topic.pk]
    assert [field.label for field in form.household_rows()] == [world.own.household.number]


def test_a_double_tap_makes_one_record_and_one_answer(world, sign_in):
    browser, data = sign_in(world.own.cadre), form_data(world)
    first, second = (browser.post(new_visit(world), data) for _ in range(2))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert Visit.objects.filter(pk=data["id"]).count() == 1


def test_a_second_content_under_the_same_number_shows_both_and_loses_neither(world, sign_in):
    browser, data = sign_in(world.own.cadre), form_data(world)
    browser.post(new_visit(world), data)
    other = data | {"people_capable": "91", "start": "10:05"}
    page = browser.post(new_visit(world), other)
    assert page.status_code == 409
    assert page.context["conflict"].people_total == 7
    assert 'value="91"' in text(page)
    assert 'value="10:05"' in text(page)
    stored = Visit.objects.with_totals().get(pk=data["id"])
    assert (stored.people_total, stored.version) == (7, 1)
    # Saving again replaces the stored one: the page's form carries its version and address.
    edit = reverse("visit_edit", args=[data["id"]])
    assert f'action="{edit}"' in text(page)
    version = page.context["form"]["version"].value()
    assert browser.post(edit, other | {"version": version}).status_code == 302
    assert Visit.objects.with_totals().get(pk=data["id"]).people_total == 91


def test_a_correction_from_an_old_page_is_shown_what_changed(world, sign_in):
    url = reverse("visit_edit", args=[world.own.visit.pk])
    data = form_data(world, id=str(world.own.visit.pk), version="1")
    browser = sign_in(world.own.cadre)
    colleague = data | {"people_capable": "3"}
    assert sign_in(world.own.coordinator).post(url, colleague).status_code == 302
    page = browser.post(url, data)
    assert page.status_code == 409
    assert 'value="7"' in text(page)
    assert page.context["conflict"].people_total == 3
    assert page.context["form"]["version"].value() == 2
    assert Visit.objects.with_totals().get(pk=world.own.visit.pk).people_total == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "2026-06-30"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": ""}, "day"),
        ({"end": "08:00"}, "end"),
        ({"start": "25:00"}, "start"),
        ({"others": "王家的"}, "others"),
        ({"people_capable": "1000"}, "people_capable"),
        ({"people_party_members": "-1"}, "people_party_members"),
        ({"officer": "999999999"}, "officer"),
        ({"topics": ["999999999"]}, "topics"),
    ],
)
def test_a_mistake_gets_a_sentence_beside_its_field_and_the_rest_stays(
    world, sign_in, wrong, field
):
    data = form_data(world) | wrong
    page = sign_in(world.own.cadre).post(new_visit(world), data)
    form = page.context["form"]
    assert page.status_code == 200
    assert form.errors[field]
    assert str(form.errors[field][0]) in text(page)
    for name in ("people_capable", "start", "day", "others", "id", "together"):
        assert form[name].value() == data[name], name
    assert not Visit.objects.filter(pk=data["id"]).exists()


def test_a_household_can_be_named_by_its_number(world, sign_in):
    extra = make.household(world.own.village)
    data = form_data(world, others=extra.number)
    sign_in(world.own.cadre).post(new_visit(world), data)
    calls = Visit.objects.get(pk=data["id"]).household_calls
    assert calls.get(household=extra).outcome == "met"


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


def test_pages_of_visits_start_no_background_work(world, sign_in):
    sign_in(world.own.cadre).post(new_visit(world), form_data(world))
    assert not Job.objects.exists()
    assert clock.today() == TODAY


# The turn of the month --------------------------------------------------------------------------


def test_a_visit_of_last_month_carries_the_topic_of_its_month(world, sign_in):
    may = make.topic(world.home.year, first_month=MONTH, last_month=MONTH)
    june = make.topic(world.home.year, first_month=date(2026, 6, 1), last_month=date(2026, 6, 1))
    url = reverse("visit_create", args=[world.own.contact_point.pk])
    with clock.at(make.moment(date(2026, 6, 2))):
        browser = sign_in(world.own.cadre)
        form = browser.get(url).context["form"]
        data = {name: form[name].value() or "" for name in ("id", "start", "officer")}
        data |= {"day": "2026-05-29", "start": "09:00", "topics": [may.pk, june.pk]}
        page = browser.post(url, data)
        assert june.title in page.context["form"].errors["topics"][0]
        assert browser.post(url, data | {"topics": [may.pk]}).status_code == 302
    assert list(Visit.objects.get(pk=data["id"]).topics.all()) == [may]


def test_an_officer_who_left_stays_on_the_visit_he_made(world, sign_in):
    world.own.officer.left_on = date(2026, 1, 31)
    world.own.officer.save()
    page = sign_in(world.own.coordinator).get(reverse("visit_edit", args=[world.own.visit.pk]))
    assert world.own.officer in page.context["form"].fields["officer"].queryset
