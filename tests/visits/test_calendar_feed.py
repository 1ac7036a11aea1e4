"""The calendar feed: a secret address that shows one person's planned visits and nothing else."""

import logging
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from outreach import logs
from outreach.access_log import AccessLog
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories as make
from tests.conftest import MONTH
from visits.models import CalendarFeed, PlanLine
from visits.services.calendar import make_feed, revoke_feed
from visits.services.exemptions import exempt_line


@pytest.fixture
def line(world):
    PlanLine.objects.filter(pk=world.own.line.pk).update(planned_date=date(2026, 5, 22))
    world.own.line.topics.add(world.home.topic)
    world.own.line.refresh_from_db()
    return world.own.line


def address(token):
    return reverse("calendar_feed", args=[token])


def events(user):
    response = Client().get(address(make_feed(actor=user)))
    assert response.status_code == 200
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_an_event_holds_the_village_the_day_and_the_topics(world, line):
    (event,) = events(world.own.cadre)
    assert event["UID"] == f"plan-line-{line.pk}@outreach"
    assert event["SUMMARY"] == f"走访 {world.own.village.name}"
    assert event.decoded("DTSTART") == date(2026, 5, 22)
    assert event.decoded("DTEND") == date(2026, 5, 23)
    assert event["SEQUENCE"] == line.version
    assert event["STATUS"] == "CONFIRMED"
    assert world.home.topic.title in event["DESCRIPTION"]
    assert world.own.household.number not in event.to_ical().decode()


def test_the_file_is_private_and_leaves_no_cookie(world, line):
    response = Client().get(address(make_feed(actor=world.own.cadre)))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    calendar = Calendar.from_ical(response.content)
    assert calendar["X-WR-TIMEZONE"] == "Asia/Shanghai"
    assert b"\r\n" in response.content
    assert max(len(part) for part in response.content.split(b"\r\n")) <= 75


def test_an_exempt_line_is_cancelled_under_the_same_name(world, line):
    (before,) = events(world.own.cadre)
    exempt_line(line=line, actor=world.home.office, exemption="postponed", reason="防汛")
    (after,) = events(world.own.cadre)
    assert after["STATUS"] == "CANCELLED"
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_it_reaches_from_three_months_back_to_the_years_end(world, line):
    for day in (
        date(2026, 1, 31),
        date(2026, 2, 1),
        date(2026, 12, 31),
    ):
        make.plan_line(
            line.contact_point, day.replace(day=1), planned_date=day, programme_year=world.home.year
        )
    next_year = make.programme_year(world.home.county, 2027)
    make.plan_line(
        line.contact_point,
        date(2027, 1, 1),
        planned_date=date(2027, 1, 1),
        programme_year=next_year,
    )
    days = [event.decoded("DTSTART") for event in events(world.own.cadre)]
    assert days == [date(2026, 2, 1), date(2026, 5, 22), date(2026, 12, 31)]


def test_lines_without_a_date_and_of_villages_handed_over_are_none(world, line):
    village = make.village(world.home.township)
    ended = make.contact_point(world.own.unit, village, world.own.officer, last=date(2026, 4, 30))
    make.plan_line(ended, MONTH, planned_date=date(2026, 5, 25), programme_year=world.home.year)
    make.plan_line(line.contact_point, date(2026, 6, 1), programme_year=world.home.year)
    assert len(events(world.own.cadre)) == 1


def test_each_sees_the_own_lines_and_a_coordinator_the_units(world, line):
    colleague = make.cadre(world.own.unit)
    assert events(colleague) == []
    PlanLine.objects.filter(pk=line.pk).update(substitute=colleague.officer)
    assert len(events(colleague)) == 1
    assert len(events(world.own.coordinator)) == 1
    assert events(world.other.coordinator) == []


def test_an_address_that_opens_nothing_is_always_the_same_404(world, line):
    revoked = make_feed(actor=world.own.cadre)
    revoke_feed(actor=world.own.cadre)
    old = make_feed(actor=world.own.coordinator)
    make_feed(actor=world.own.coordinator)
    disabled = make_feed(actor=world.other.cadre)
    world.other.cadre.is_active = False
    world.other.cadre.save(update_fields=["is_active"])
    promoted = make_feed(actor=world.other.coordinator)
    world.other.coordinator.role, world.other.coordinator.unit = Role.COUNTY, None
    world.other.coordinator.save(update_fields=["role", "unit"])
    for token in ("x", "é", revoked, old, disabled, promoted):
        response = Client().get(address(token))
        assert (response.status_code, response.content) == (404, b"")
        assert not response.cookies


def test_only_the_hash_is_kept_and_the_address_is_shown_once(world, sign_in):
    browser = sign_in(world.own.cadre)
    assert browser.get(reverse("my_calendar")).context["feed"] is None
    page = browser.post(reverse("my_calendar_make"))
    shown = page.context["address"]
    token = shown.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(token) >= 43
    assert shown in page.content.decode()
    feed = CalendarFeed.objects.get()
    assert len(feed.digest) == 64
    assert token not in (feed.digest + str([*AuditEntry.objects.values("after", "object_label")]))
    assert token not in browser.get(reverse("my_calendar")).content.decode()
    assert Client().get(shown).status_code == 200
    assert browser.post(reverse("my_calendar_revoke")).status_code == 302
    assert Client().get(shown).status_code == 404
    assert browser.post(reverse("my_calendar_revoke")).status_code == 302


def test_three_events_cost_what_one_costs(world, line):
    url = address(make_feed(actor=world.own.cadre))

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert Client().get(url).status_code == 200
        return len(seen)

    one = cost()
    for month in (6, 7):
        row = make.plan_line(
            line.contact_point,
            date(2026, month, 1),
            planned_date=date(2026, month, 9),
            programme_year=world.home.year,
        )
        row.topics.add(world.home.topic)
    assert cost() == one == 3


SECRET = "/calendar/Zb3-kD_9x0aQwErTyUiOpAsDfGhJkLzXcVbNm123456.ics"


def test_no_log_holds_the_address(client, db, caplog):
    with caplog.at_level(logging.INFO):
        client.get(SECRET)
    formatter = logs.SecretsLeftOut("%(levelname)s %(message)s")
    lines = [formatter.format(record) for record in caplog.records]
    assert any("/calendar/-" in line for line in lines)
    assert not any("Zb3-kD" in line for line in lines)
    off = "GET /reminders/off/12:abcdefghijklmnopqrst HTTP/1.1"
    assert logs.without_secrets(off) == "GET /reminders/off/- HTTP/1.1"
    assert logs.without_secrets("GET /calendar/make/ HTTP/1.1") == "GET /calendar/make/ HTTP/1.1"


def test_the_web_servers_log_leaves_it_out(monkeypatch):
    line = {"r": f"GET {SECRET} HTTP/1.1", "s": 200, "U": SECRET}
    monkeypatch.setattr("gunicorn.glogging.Logger.atoms", lambda *args: line)
    assert "Zb3-kD" not in str(AccessLog.atoms(object.__new__(AccessLog), 1, 2, 3, 4))
