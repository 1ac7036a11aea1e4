"""Accounts: made by an administrator of the county, with a first password that is shown once."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from outreach.models import User
from outreach.roles import POLICY, Capability, Role
from outreach.services import create_account, new_password, reset_password, set_account_active
from tests import factories as make

OWN = {"new_password1": "ein-langes-wort-42", "new_password2": "ein-langes-wort-42"}


def make_account(world, **more):
    values = {
        "actor": world.home.admin,
        "username": "newcomer",
        "name": "新人",
        "role": Role.COUNTY,
        "county_id": world.home.county.pk,
    }
    return create_account(**values | more)


def test_a_first_password_opens_only_the_page_that_changes_it(world):
    account, first = make_account(world)
    browser = Client()
    data = {"username": "newcomer", "password": first}
    assert browser.post(reverse("login"), data).status_code == 302
    there = reverse("password_change")
    assert browser.get(reverse("county_month"))["Location"] == there
    assert browser.post(there, OWN)["Location"] == reverse("home")
    assert browser.get(reverse("review_queue")).status_code == 200
    account.refresh_from_db()
    assert account.check_password("ein-langes-wort-42")


@pytest.mark.parametrize(
    "password", ["short-1", "1234567890123", "password123", "newcomer-2026", ""]
)
def test_a_weak_password_is_refused_with_a_sentence(world, sign_in, password):
    account, _first = make_account(world)
    data = {"new_password1": password, "new_password2": password}
    page = sign_in(account).post(reverse("password_change"), data)
    assert page.status_code == 200
    assert page.context["form"].errors
    account.refresh_from_db()
    assert account.must_change_password


def test_the_handed_out_password_cannot_be_kept(world, sign_in):
    account, first = make_account(world)
    data = {"new_password1": first, "new_password2": first}
    page = sign_in(account).post(reverse("password_change"), data)
    assert list(page.context["form"].errors) == ["new_password1"]
    account.refresh_from_db()
    assert account.must_change_password


@pytest.mark.parametrize("present", ["", "not-the-password"])
def test_only_who_knows_the_present_password_changes_it(world, sign_in, present):
    data = {"old_password": present, **OWN}
    page = sign_in(world.own.cadre).post(reverse("password_change"), data)
    assert list(page.context["form"].errors) == ["old_password"]
    world.own.cadre.refresh_from_db()
    assert world.own.cadre.check_password(make.PASSWORD)


def test_first_passwords_are_long_different_and_readable():
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) == 14
        assert not set(password) & set("0O1lI")


def test_the_first_password_is_shown_once_and_never_stored_plain(world, sign_in):
    browser = sign_in(world.home.admin)
    data = {"username": "newcomer", "name": "新人", "role": "county", "unit": "", "email": ""}
    page = browser.post(reverse("account_create"), data)
    first = page.context["first"]
    assert first in page.content.decode()
    account = User.objects.get(username="newcomer")
    assert first not in account.password
    detail = browser.get(reverse("account_detail", args=[account.pk]))
    assert first not in detail.content.decode()


def test_a_taken_name_gets_a_sentence_and_the_rest_stays(world, sign_in):
    data = {
        "username": world.own.cadre.username,
        "name": "新人",
        "role": "cadre",
        "unit": world.own.unit.pk,
        "email": "a@example.org",
    }
    page = sign_in(world.home.admin).post(reverse("account_create"), data)
    form = page.context["form"]
    assert list(form.errors) == ["username"]
    assert form["email"].value() == "a@example.org"


@pytest.mark.parametrize(
    ("role", "with_unit"), [("cadre", False), ("coordinator", False), ("county", True)]
)
def test_unit_and_role_fit_together(world, sign_in, role, with_unit):
    unit = world.own.unit.pk if with_unit else ""
    data = {"username": "newcomer", "name": "新人", "role": role, "unit": unit, "email": ""}
    page = sign_in(world.home.admin).post(reverse("account_create"), data)
    assert page.status_code == 200
    assert page.context["form"].errors
    with pytest.raises(ValidationError):
        make_account(world, role=role, unit_id=unit or None)


def test_a_new_password_ends_the_old_one_and_every_session(world, sign_in):
    browser = sign_in(world.own.cadre)
    first = reset_password(account=world.own.cadre, actor=world.home.admin)
    assert browser.get(reverse("my_month")).status_code == 302
    data = {"username": world.own.cadre.username, "password": make.PASSWORD}
    assert Client().post(reverse("login"), data).status_code == 200
    data["password"] = first
    page = Client().post(reverse("login"), data, follow=True)
    assert page.redirect_chain[-1][0] == reverse("password_change")


def test_changing_the_own_password_keeps_the_person_in_and_throws_others_out(world, sign_in):
    here, elsewhere = sign_in(world.own.cadre), sign_in(world.own.cadre)
    data = {"old_password": make.PASSWORD, **OWN}
    assert here.post(reverse("password_change"), data).status_code == 302
    assert here.get(reverse("my_month")).status_code == 200
    assert elsewhere.get(reverse("my_month")).status_code == 302


def test_a_disabled_account_can_be_enabled_again(world, sign_in):
    url = reverse("account_set_active", args=[world.own.cadre.pk])
    browser = sign_in(world.home.admin)
    for value, active in (("0", False), ("0", False), ("1", True)):
        browser.post(url, {"active": value})
        assert User.objects.get(pk=world.own.cadre.pk).is_active is active
    data = {"username": world.own.cadre.username, "password": make.PASSWORD}
    assert Client().post(reverse("login"), data).status_code == 302


def test_a_disabled_person_may_nothing(world):
    world.own.cadre.is_active = False
    assert not any(world.own.cadre.can(each) for each in Capability)


def test_nobody_manages_the_own_account_or_another_countys(world, sign_in):
    for account in (world.home.admin, world.abroad.admin):
        with pytest.raises(PermissionDenied):
            reset_password(account=account, actor=world.home.admin)
        with pytest.raises(PermissionDenied):
            set_account_active(account=account, active=False, actor=world.home.admin)
    browser = sign_in(world.home.admin)
    for name in ("account_reset_password", "account_set_active"):
        own = reverse(name, args=[world.home.admin.pk])
        assert browser.post(own).status_code == 403
    page = browser.get(reverse("account_detail", args=[world.home.admin.pk]))
    assert not page.context["manageable"]


def test_only_an_administrator_of_the_county_makes_its_accounts(world):
    strangers = [world.own.cadre, world.own.coordinator, world.home.office, world.abroad.admin]
    for actor in strangers:
        with pytest.raises(PermissionDenied):
            make_account(world, actor=actor)
    assert not User.objects.filter(username="newcomer").exists()
    assert make_account(world, actor=None)


@pytest.mark.parametrize("by_command", [True, False])
def test_the_unit_of_an_account_is_of_its_county(world, by_command):
    actor = None if by_command else world.home.admin
    with pytest.raises(ValidationError, match="unit"):
        make_account(world, actor=actor, role=Role.COORDINATOR, unit_id=world.foreign.unit.pk)
    assert make_account(world, actor=actor, role=Role.COORDINATOR, unit_id=world.own.unit.pk)


def test_the_admin_site_has_no_doors_of_its_own(world, sign_in, client):
    page = client.get(reverse("admin:login") + "?next=/admin/")
    assert page["Location"] == reverse("login") + "?next=%2Fadmin%2F"
    data = {"username": world.home.admin.username, "password": make.PASSWORD}
    assert client.post(reverse("admin:login"), data)["Location"] == reverse("login")
    page = client.post(page["Location"], data, follow=True)
    assert page.redirect_chain[-1][0] == reverse("admin:index")
    there = client.get(reverse("admin:password_change"))["Location"]
    assert there == reverse("password_change")
    assert client.post(reverse("admin:logout"))["Location"] == reverse("login")
    page = sign_in(world.home.office).get(reverse("admin:index"), follow=True)
    assert page.status_code == 404


def test_administrators_write_no_business_records_and_the_office_no_registry():
    business = {
        Capability.SEE_RECORDS,
        Capability.RECORD_VISITS,
        Capability.WRITE_PLANS,
        Capability.APPROVE_PLANS,
        Capability.REVIEW_FEEDBACK,
    }
    registry = {
        Capability.MANAGE_ACCOUNTS,
        Capability.MANAGE_REGISTRY,
        Capability.IMPORT_LISTS,
        Capability.READ_AUDIT,
    }
    assert not POLICY[Role.ADMIN] & business
    for role in (Role.CADRE, Role.COORDINATOR, Role.COUNTY):
        assert not POLICY[role] & registry
    assert set(POLICY) == set(Role)


def test_the_policy_page_prints_the_table_the_program_obeys(world, sign_in):
    page = sign_in(world.home.admin).get(reverse("policy"))
    printed = page.context["rows"]
    assert len(printed) == len(Capability)
    for capability, allowed in printed:
        assert allowed == [capability in POLICY[role] for role in Role]
        assert str(capability.label) in page.content.decode()


@pytest.mark.parametrize(
    ("role", "start"),
    [
        (Role.CADRE, "my_month"),
        (Role.COORDINATOR, "my_month"),
        (Role.COUNTY, "county_month"),
        (Role.ADMIN, "administration"),
    ],
)
def test_each_role_starts_where_its_next_work_is(world, sign_in, role, start):
    assert sign_in(world.person(role)).get(reverse("home"))["Location"] == reverse(start)


@pytest.mark.parametrize("role", Role)
def test_every_link_of_the_side_bar_opens(world, sign_in, role):
    browser = sign_in(world.person(role))
    page = browser.get(reverse("notification_list"))
    for entry in page.context["navigation"]:
        assert browser.get(reverse(entry.url_name)).status_code == 200, entry.url_name


def test_a_way_back_to_a_foreign_site_is_not_followed(client, db):
    for name in ("set_theme", "set_language"):
        data = {"next": "https://evil.example/", "theme": "dark", "language": "en"}
        page = client.post(reverse(name), data)
        assert "evil" not in page["Location"]
    account = make.user(Role.ADMIN, county=make.county())
    data = {"username": account.username, "password": make.PASSWORD}
    page = client.post(reverse("login"), data | {"next": "https://evil.example/"})
    assert "evil" not in page["Location"]


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_chosen_theme_stays(client, db, theme):
    client.post(reverse("set_theme"), {"theme": theme, "next": reverse("login")})
    page = client.get(reverse("login")).content.decode()
    assert f'data-bs-theme="{theme}"' in page
    assert set(re.findall(r'name="theme" value="(\w+)"', page)) == {"light", "dark"} - {theme}
    client.post(reverse("set_theme"), {"theme": '"><script>'})
    assert "<script>" not in client.get(reverse("login")).content.decode().split("<body>")[0][:200]
