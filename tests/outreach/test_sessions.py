"""Sessions end: after idling, at the latest after half a day, and at once when told so."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outreach import tasks
from outreach.models import User
from outreach.roles import Role
from outreach.services import end_sessions, set_account_active
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """`later(minutes=31)` lets time go on for everybody."""
    real, passed = timezone.now, timedelta()

    def go_on(**span):
        nonlocal passed
        passed += timedelta(**span)
        monkeypatch.setattr(timezone, "now", lambda: real() + passed)

    return go_on


@pytest.fixture
def account():
    return make.user(Role.ADMIN, county=make.county())


@pytest.fixture
def browser(account):
    """Signed in by Django itself; the first page writes the rest into the session."""
    browser = Client()
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert is_in(browser)
    return browser


def is_in(browser):
    return browser.get(reverse("notification_list")).status_code == 200


def test_half_an_hour_without_a_page_ends_the_session(browser, later):
    later(minutes=29)
    assert is_in(browser)
    later(minutes=31)
    assert not is_in(browser)
    assert not is_in(browser)


def test_work_goes_on_through_the_morning_but_not_through_the_night(browser, later):
    for _ in range(35):
        later(minutes=20)
        assert is_in(browser)
    later(minutes=21)
    assert not is_in(browser)


def test_thirteen_hours_end_every_session(browser, later):
    later(hours=13)
    assert not is_in(browser)


def test_a_disabled_account_is_out_at_the_next_page(browser, account):
    boss = make.user(Role.ADMIN, county=account.county)
    set_account_active(account=account, active=False, actor=boss)
    assert not is_in(browser)
    data = {"username": account.username, "password": make.PASSWORD}
    assert Client().post(reverse("login"), data).status_code == 200


def test_enabling_an_account_again_revives_no_old_session(browser, account):
    boss = make.user(Role.ADMIN, county=account.county)
    for active in (False, True):
        set_account_active(account=account, active=active, actor=boss)
    assert not is_in(browser)


def test_a_password_changed_elsewhere_ends_the_session_quietly(browser, account):
    account.set_password("another-long-password")
    account.save(update_fields=["password"])
    page = browser.get(reverse("notification_list"))
    assert page["Location"].startswith(reverse("login"))


def test_signing_out_ends_the_session_on_the_server(browser, account):
    cookie = browser.cookies["sessionid"].value
    page = browser.post(reverse("logout"))
    assert page["Location"] == reverse("login")
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert not is_in(thief)


def test_a_changed_role_holds_from_the_next_page(browser, account):
    assert browser.get(reverse("account_list")).status_code == 200
    User.objects.filter(pk=account.pk).update(role=Role.COUNTY)
    assert browser.get(reverse("account_list")).status_code == 404
    assert browser.get(reverse("review_queue")).status_code == 200


def test_signing_in_gives_a_new_session_key(account):
    browser = Client()
    browser.get(reverse("login"))
    browser.cookies["sessionid"] = "a" * 32
    data = {"username": account.username, "password": make.PASSWORD}
    assert browser.post(reverse("login"), data).status_code == 302
    assert browser.cookies["sessionid"].value != "a" * 32


def test_a_sign_in_from_an_old_page_is_asked_once_more_with_the_name_kept(account):
    browser = Client(enforce_csrf_checks=True)
    browser.get(reverse("login"))
    data = {"username": account.username, "password": make.PASSWORD, "next": "/audit/"}
    page = browser.post(reverse("login"), data | {"csrfmiddlewaretoken": "o" * 64})
    assert page.status_code == 403
    assert "请再输入一次密码" in page.content.decode()
    assert page.context["form"]["username"].value() == account.username
    assert make.PASSWORD not in page.content.decode()
    data |= {"csrfmiddlewaretoken": page.context["csrf_token"], "next": page.context["next"]}
    assert browser.post(reverse("login"), data)["Location"] == "/audit/"


def test_only_a_new_token_is_sent_so_that_a_slow_page_brings_no_old_one_back(account):
    browser, address = Client(), reverse("login")
    first = browser.get(address).cookies["csrftoken"].value
    assert "csrftoken" not in browser.get(address).cookies
    data = {"username": account.username, "password": make.PASSWORD}
    assert browser.post(address, data).cookies["csrftoken"].value != first
    page = browser.get(reverse("account_list"))
    assert 'name="csrfmiddlewaretoken"' in page.content.decode()
    assert "csrftoken" not in page.cookies


def test_ending_sessions_leaves_those_of_others(browser, account, sign_in):
    other = sign_in(make.user(Role.ADMIN, county=account.county))
    end_sessions(account)
    assert not is_in(browser)
    assert is_in(other)


def test_the_cookie_is_out_of_reach_of_scripts(browser):
    cookie = browser.cookies["sessionid"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"


def test_what_a_person_sees_is_kept_by_no_cache(browser):
    page = browser.get(reverse("notification_list"))
    assert "no-store" in page["Cache-Control"]


def test_ended_sessions_are_cleared_daily(browser, later):
    later(hours=13)
    tasks.clear_expired_sessions()
    assert not Session.objects.exists()


def test_sessions_live_in_the_database_and_need_no_broker(settings):
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
