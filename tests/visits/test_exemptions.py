"""What lifts an obligation: asked by the unit, decided by the county, counted and shown."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from outreach import audit, clock
from outreach.models import AuditEntry, Notification
from outreach.roles import Role
from reports import indicators
from tests import factories as make
from tests.conftest import MONTH, TODAY, World
from visits.cards import cards_of
from visits.models import ExemptionRequest, PlanLine
from visits.services.errors import NotPossible
from visits.services.exemptions import (
    ask_exemption,
    decide_exemption_request,
    decide_exemption_requests,
    exempt_line,
    withdraw_exemption_request,
)
from visits.services.obligations import release_lines
from visits.services.plans import write_line

JUNE = date(2026, 6, 1)


@pytest.fixture
def june(world):
    return make.plan_line(world.own.contact_point, JUNE)


@pytest.fixture
def asked(world, june):
    return make.exemption_request(june, world.own.coordinator)


def decide(world, row, *, grant=True, **more):
    return decide_exemption_request(request=row, actor=world.home.office, grant=grant, **more)


def leave(world, line, substitute, **more):
    values = {"kind": "leave", "reason": "住院", "substitute": substitute}
    return ask_exemption(line=line, actor=world.own.coordinator, **values | more)


# Asking -----------------------------------------------------------------------------------------


def test_the_county_hears_what_a_unit_asks(world, asked):
    assert (asked.state, asked.kind) == ("asked", "blocked")
    told = Notification.objects.get()
    assert told.user == world.home.office
    assert world.own.village.name in str(told)
    assert told.url == asked.get_absolute_url()
    assert audit.history(asked)[0].after["reason"] == asked.reason


def test_the_coordinator_asks_for_the_unit_and_a_cadre_for_the_own_line(world, june):
    colleague = make.cadre(world.own.unit)
    for actor in (
        colleague,
        world.other.coordinator,
        world.foreign.coordinator,
        world.home.office,
        world.home.admin,
    ):
        with pytest.raises(PermissionDenied):
            make.exemption_request(june, actor)
    assert make.exemption_request(june, world.own.cadre).asked_by == world.own.cadre


def test_a_line_is_asked_for_once_at_a_time(world, june, asked):
    with pytest.raises(ValidationError, match="已经提出过申请"):
        make.exemption_request(june, world.own.coordinator)
    values = {"line": june, "county": june.county, "kind": "merged", "reason": "合村"}
    with pytest.raises(IntegrityError), transaction.atomic():
        ExemptionRequest.objects.create(asked_by=world.own.coordinator, **values)
    withdraw_exemption_request(request=asked, actor=world.own.cadre)
    assert make.exemption_request(june, world.own.coordinator).is_open


def test_a_month_is_asked_for_until_the_end_of_the_month_after(world):
    april, march = (make.plan_line(world.own.contact_point, date(2026, n, 1)) for n in (4, 3))
    assert make.exemption_request(april, world.own.coordinator).is_open
    with pytest.raises(NotPossible):
        make.exemption_request(march, world.own.coordinator)


def test_done_stays_done(world):
    with pytest.raises(NotPossible):
        make.exemption_request(world.own.line, world.own.coordinator)  # May is visited
    with pytest.raises(NotPossible):
        leave(world, world.own.line, make.officer(world.own.unit))


def test_of_two_visits_owed_the_second_may_be_a_substitutes_but_is_not_lifted(world):
    PlanLine.objects.filter(pk=world.own.line.pk).update(required_visits=2)
    with pytest.raises(NotPossible):
        make.exemption_request(world.own.line, world.own.coordinator)
    assert leave(world, world.own.line, make.officer(world.own.unit)).is_open


def test_a_substitute_is_a_serving_colleague(world, june):
    gone = make.officer(world.own.unit, left_on=date(2026, 5, 31))
    for nobody in (None, gone, world.own.officer, world.other.officer):
        with pytest.raises(ValidationError):
            leave(world, june, nobody)
    assert leave(world, june, make.officer(world.own.unit, left_on=JUNE)).is_open


@pytest.mark.parametrize("reason", ["", "请打13812345678"])
def test_a_reason_is_given_and_holds_no_telephone(world, june, reason):
    with pytest.raises(ValidationError):
        make.exemption_request(june, world.own.coordinator, reason=reason)


def test_what_is_exempt_is_not_asked_for(world, june, asked):
    decide(world, asked)
    with pytest.raises(NotPossible):
        make.exemption_request(june, world.own.coordinator)


# Deciding ---------------------------------------------------------------------------------------


def test_a_granted_request_lifts_the_obligation_under_one_id(world, june, asked):
    Notification.objects.all().delete()
    row = decide(world, asked, answer="注意安全")
    june.refresh_from_db()
    assert (row.state, row.decided_by, june.due) == ("granted", world.home.office, 0)
    assert (june.exemption, june.exemption_reason) == ("blocked", asked.reason)
    assert (june.exempted_by, june.version) == (world.home.office, 2)
    line_entry, row_entry = audit.history(june)[0], audit.history(row)[0]
    assert line_entry.bulk_id == row_entry.bulk_id is not None
    assert {told.user for told in Notification.objects.all()} == {
        world.own.coordinator,
        world.own.cadre,
    }
    assert "注意安全" in str(Notification.objects.first())


def test_a_line_the_county_exempts_by_itself_answers_what_was_asked(world, june, asked):
    exempt_line(line=june, actor=world.home.office, exemption="blocked", reason="道路塌方")
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.decided_by) == (
        "granted",
        "道路塌方",
        world.home.office,
    )
    line_entry, request_entry = audit.history(june)[0], audit.history(asked)[0]
    assert line_entry.bulk_id == request_entry.bulk_id is not None


def test_a_refusal_needs_an_answer_and_changes_nothing(world, june, asked):
    with pytest.raises(ValidationError):
        decide(world, asked, grant=False)
    row = decide(world, asked, grant=False, answer="路已抢通")
    june.refresh_from_db()
    assert (row.state, june.due, june.version) == ("refused", 1, 1)
    assert make.exemption_request(june, world.own.coordinator).is_open


def test_a_granted_leave_names_the_substitute_and_keeps_the_obligation(world, june):
    substitute = make.cadre(world.own.unit).officer
    decide(world, leave(world, june, substitute))
    june.refresh_from_db()
    assert (june.substitute, june.due, june.exemption) == (substitute, 1, "")
    assert Notification.objects.filter(user=substitute.user).exists()
    entry = audit.history(june)[0]
    assert entry.after["substitute"] == substitute.name


def test_only_the_own_county_decides(world, asked):
    for actor in (world.own.coordinator, world.abroad.office, world.home.admin):
        with pytest.raises(PermissionDenied):
            decide_exemption_request(request=asked, actor=actor, grant=True)


def test_only_the_unit_withdraws(world, asked):
    for actor in (world.home.office, world.other.coordinator, make.cadre(world.own.unit)):
        with pytest.raises(PermissionDenied):
            withdraw_exemption_request(request=asked, actor=actor)


def test_a_visit_recorded_meanwhile_is_not_lifted(world, june, asked):
    with clock.at(make.moment(date(2026, 6, 3), 18)):
        make.visit(world.own.contact_point, world.own.cadre)
        with pytest.raises(NotPossible):
            decide(world, asked)
    assert ExemptionRequest.objects.get(pk=asked.pk).is_open


@pytest.mark.parametrize("second", ["decide", "withdraw"])
def test_of_two_who_answer_at_once_one_wins(world, asked, second):
    mine, theirs = (ExemptionRequest.objects.get(pk=asked.pk) for _ in range(2))
    decide(world, theirs)
    with pytest.raises(NotPossible):
        if second == "decide":
            decide(world, mine, grant=False, answer="路已抢通")
        else:
            withdraw_exemption_request(request=mine, actor=world.own.coordinator)
    row = ExemptionRequest.objects.get(pk=asked.pk)
    assert (row.state, row.answer) == ("granted", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fixed_clock")
def test_two_people_of_the_county_answer_at_the_same_moment():
    world = World()
    line = make.plan_line(world.own.contact_point, JUNE)
    row = make.exemption_request(line, world.own.coordinator)
    offices = [world.home.office, make.user(Role.COUNTY, county=world.home.county)]
    together, outcomes = threading.Barrier(2), []

    def answer(office, grant):
        mine = ExemptionRequest.objects.get(pk=row.pk)
        together.wait()
        try:
            with clock.at(make.moment(TODAY, 12)):
                decide_exemption_request(
                    request=mine, actor=office, grant=grant, answer="" if grant else "路已抢通"
                )
            outcomes.append("done")
        except NotPossible:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=answer, args=pair)
        for pair in zip(offices, (True, False), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "too late"]
    stored, line = ExemptionRequest.objects.get(), PlanLine.objects.get(pk=line.pk)
    assert (stored.state == "granted") == bool(line.exemption)


def test_several_requests_are_answered_under_one_id_and_the_rest_is_told(world, asked):
    lines = [make.plan_line(world.own.contact_point, date(2026, n, 1)) for n in (7, 8)]
    rows = [make.exemption_request(line, world.own.coordinator) for line in lines]
    withdraw_exemption_request(request=rows[1], actor=world.own.coordinator)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    told = decide_exemption_requests(
        requests=[asked, *rows], actor=world.home.office, grant=True, answer=""
    )
    assert told.done == [asked, rows[0]]
    ((refused, why),) = told.refused
    assert refused == rows[1] and why
    entries = AuditEntry.objects.exclude(pk__in=before)
    assert len(entries) == 4
    assert len({entry.bulk_id for entry in entries}) == 1


def test_the_side_bar_tells_the_county_how_many_wait(world, sign_in, june, asked):
    office, unit = sign_in(world.home.office), sign_in(world.own.coordinator)
    make.exemption_request(make.plan_line(world.foreign.contact_point, JUNE), world.foreign.cadre)

    def waiting(browser):
        page = browser.get(reverse("exemption_request_list"))
        (entry,) = [e for e in page.context["navigation"] if e.url_name == "exemption_request_list"]
        return entry.waiting, page.content.decode().count('<span class="count">1</span>')

    assert waiting(office)[0] == 1
    decide_exemption_request(request=asked, actor=world.home.office, grant=True)
    Notification.objects.all().delete()
    assert waiting(office) == (0, 0)
    assert waiting(unit) == (None, 0)


# What follows -----------------------------------------------------------------------------------


def test_a_request_keeps_the_line_from_being_taken_for_untouched(world, asked):
    withdraw_exemption_request(request=asked, actor=world.own.coordinator)
    line = PlanLine.objects.get(pk=asked.line_id)
    point = make.contact_point(world.own.unit, make.village(world.home.township))
    PlanLine.objects.filter(pk=line.pk).update(contact_point=point)
    assert release_lines({point.pk: None}) == [point.pk]
    assert PlanLine.objects.filter(pk=line.pk).exists()


def test_a_substitute_keeps_the_line_from_being_taken_for_untouched(world, june):
    point = make.contact_point(world.own.unit, make.village(world.home.township))
    PlanLine.objects.filter(pk=june.pk).update(
        contact_point=point, substitute=make.officer(world.own.unit)
    )
    assert release_lines({point.pk: None}) == [point.pk]


def test_the_substitute_goes_by_plan(world, june):
    substitute = make.cadre(world.own.unit)
    june.topics.add(world.home.topic)
    type(june.plan).objects.filter(pk=june.plan_id).update(state="approved")
    decide(world, leave(world, june, substitute.officer))
    with clock.at(make.moment(date(2026, 6, 9), 18)):
        visit = make.visit(
            world.own.contact_point,
            substitute,
            officer_id=substitute.officer.pk,
            topics=[world.home.topic],
        )
        make.feedback(visit, substitute)
        (county,) = indicators.figures(world.home.county.pk, JUNE)
    assert (county.due, county.done, county.exempt) == (1, 1, 0)
    assert (county.planned_lines, county.planned_kept) == (1, 1)
    assert indicators.exemptions(world.home.county.pk, JUNE) == {"leave": 1}


def test_a_stranger_to_the_plan_does_not_go_by_plan(world, june):
    stranger = make.cadre(world.own.unit)
    june.topics.add(world.home.topic)
    type(june.plan).objects.filter(pk=june.plan_id).update(state="approved")
    with clock.at(make.moment(date(2026, 6, 9), 18)):
        visit = make.visit(
            world.own.contact_point,
            stranger,
            officer_id=stranger.officer.pk,
            topics=[world.home.topic],
        )
        make.feedback(visit, stranger)
        (county,) = indicators.figures(world.home.county.pk, JUNE)
    assert (county.planned_lines, county.planned_kept) == (1, 0)


def test_exemptions_are_counted_by_kind(world, june, asked):
    decide(world, asked)
    (county,) = indicators.figures(world.home.county.pk, JUNE)
    assert (county.due, county.exempt) == (0, 1)
    assert indicators.exemptions(world.home.county.pk, JUNE) == {"blocked": 1}


def test_a_granted_exemption_makes_an_open_form_stale(world, june, asked):
    decide(world, asked)
    with pytest.raises(Exception, match="saved by somebody else"):
        write_line(
            line=june,
            actor=world.own.coordinator,
            version=1,
            planned_date=JUNE,
            group="",
            officer_id=world.own.officer.pk,
            topics=[],
        )


def test_an_administrator_reads_that_it_was_answered_and_not_what(world, sign_in, asked):
    decide(world, asked, grant=False, answer="路已于昨日抢通")
    page = sign_in(world.home.admin).get(reverse("audit_list")).content.decode()
    assert "路已于昨日抢通" not in page and asked.reason not in page
    assert "不同意豁免申请" in page


# Pages ------------------------------------------------------------------------------------------


def test_the_way_from_the_month_to_the_county_and_back(world, sign_in, june):
    unit, office = sign_in(world.own.coordinator), sign_in(world.home.office)
    month = {"month": "2026-06"}
    ask = reverse("exemption_request_create", args=[june.pk])
    assert ask in unit.get(reverse("my_month"), month).content.decode()
    page = unit.post(ask, {"kind": "leave", "reason": "住院"})
    assert page.context["form"].errors["substitute"]
    page = unit.post(ask, {"kind": "blocked", "reason": "道路塌方"}, follow=True)
    row = ExemptionRequest.objects.get()
    assert page.redirect_chain == [(row.get_absolute_url(), 302)]
    shown = unit.get(reverse("my_month"), month).content.decode()
    assert ask not in shown and row.get_absolute_url() in shown
    attention = office.get(reverse("county_month")).content.decode()
    assert f"{reverse('exemption_request_list')}?state=asked" in attention
    office.post(
        reverse("exemption_request_decide", args=[row.pk]),
        {"decision": "grant", "answer": "注意安全"},
    )
    line_page = unit.get(reverse("plan_line", args=[june.pk])).content.decode()
    assert "注意安全" in line_page
    listed = f"{reverse('exemption_list')}?month=2026-06-01&amp;kind=blocked"
    assert listed in office.get(reverse("county_month"), month).content.decode()
    rows = office.get(reverse("exemption_list"), {"month": "2026-06-01", "kind": "blocked"})
    assert [r.record for r in rows.context["table"].rows] == [june]


def test_several_are_answered_from_the_list(world, sign_in, asked):
    office = sign_in(world.home.office)
    url = reverse("exemption_request_list")
    page = office.get(url).content.decode()
    assert f'name="pick" value="{asked.pk}"' in page
    foreign_line = make.plan_line(world.foreign.contact_point, JUNE)
    foreign = make.exemption_request(foreign_line, world.foreign.coordinator)
    send = reverse("exemption_request_decide_many")
    picks = [asked.pk, foreign.pk, "x", "9" * 30]
    office.post(send, {"pick": picks, "decision": "refuse", "answer": ""})
    assert ExemptionRequest.objects.get(pk=asked.pk).is_open
    answer = {"pick": picks, "decision": "refuse", "answer": "路已抢通", "next": f"{url}?q=x"}
    assert office.post(send, answer)["Location"] == f"{url}?q=x"
    assert ExemptionRequest.objects.get(pk=asked.pk).state == "refused"
    assert ExemptionRequest.objects.get(pk=foreign.pk).is_open
    assert office.post(send, {"next": "https://evil.example/"})["Location"] == url
    assert 'name="pick"' not in sign_in(world.own.coordinator).get(url).content.decode()


def test_a_substitute_finds_the_village_in_the_own_month(world, sign_in, june):
    substitute = make.cadre(world.own.unit)
    decide(world, leave(world, june, substitute.officer))
    page = sign_in(substitute).get(reverse("my_month"), {"month": "2026-06"})
    assert [card.line for card in page.context["cards"]] == [june]
    form = sign_in(world.own.coordinator)
    with clock.at(make.moment(date(2026, 6, 9), 18)):
        url = reverse("record_new", args=[world.own.contact_point.pk])
        assert form.get(url).context["form"]["officer"].value() == substitute.officer.pk


def test_a_card_of_what_is_done_or_long_over_asks_nothing(world):
    march = make.plan_line(world.own.contact_point, date(2026, 3, 1))
    (may,) = cards_of(PlanLine.objects.filter(pk=world.own.line.pk).for_cards(), world.own.cadre)
    (old,) = cards_of(PlanLine.objects.filter(pk=march.pk).for_cards(), world.own.cadre)
    assert not may.can_ask and not old.can_ask


def test_asking_late_is_told_on_the_page(world, sign_in):
    march = make.plan_line(world.own.contact_point, date(2026, 3, 1))
    url = reverse("exemption_request_create", args=[march.pk])
    page = sign_in(world.own.coordinator).post(url, {"kind": "merged", "reason": "合村"})
    assert page.status_code == 200 and page.context["form"].non_field_errors()
    assert MONTH - timedelta(days=40) > march.month
