"""Wrong passwords lock one name at one address, never the office behind that address."""

import pytest
from django.test import Client
from django.urls import reverse

from outreach.roles import Role
from outreach.services import reset_password
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """Two colleagues of one county."""
    county = make.county()
    return [make.user(Role.COUNTY, county=county) for _ in range(2)]


def try_to_sign_in(account, password=make.PASSWORD, browser=None, **headers):
    data = {"username": account.username, "password": password}
    return (browser or Client()).post(reverse("login"), data, headers=headers).status_code


def lock(account, **headers):
    return [try_to_sign_in(account, "wrong", **headers) for _ in range(5)]


def test_the_fifth_wrong_password_locks(office):
    assert lock(office[0]) == [200, 200, 200, 200, 429]
    assert try_to_sign_in(office[0]) == 429


def test_the_lock_says_what_to_do(office):
    lock(office[0])
    data = {"username": office[0].username, "password": "wrong"}
    page = Client().post(reverse("login"), data)
    assert "30" in page.content.decode()
    assert page["X-Request-ID"] in page.content.decode()


def test_a_colleague_behind_the_same_address_signs_in(office):
    lock(office[0])
    assert try_to_sign_in(office[1]) == 302


def test_the_right_password_forgets_the_mistakes(office):
    for _ in range(3):
        for _ in range(4):
            assert try_to_sign_in(office[0], "wrong") == 200
        assert try_to_sign_in(office[0]) == 302


def test_a_new_password_from_the_administrator_lifts_the_lock(office):
    lock(office[0])
    lock(office[1])
    administrator = make.user(Role.ADMIN, county=office[0].county)
    first = reset_password(account=office[0], actor=administrator)
    assert try_to_sign_in(office[0], first) == 302
    assert try_to_sign_in(office[1]) == 429


def test_the_same_person_at_another_address_signs_in(office, settings):
    settings.BEHIND_PROXY = True
    lock(office[0], x_real_ip="10.0.0.1")
    assert try_to_sign_in(office[0], x_real_ip="10.0.0.1") == 429
    assert try_to_sign_in(office[0], x_real_ip="10.0.0.2") == 302


def test_invented_forwarding_addresses_are_one_client(office):
    answers = [
        try_to_sign_in(office[0], "wrong", x_forwarded_for=f"203.0.113.{n}") for n in range(30)
    ]
    assert answers[4:] == [429] * 26


def test_behind_the_proxy_too_only_its_own_header_counts(office, settings):
    settings.BEHIND_PROXY = True
    answers = [
        try_to_sign_in(office[0], "wrong", x_real_ip="10.0.0.1", x_forwarded_for=f"203.0.113.{n}")
        for n in range(6)
    ]
    assert answers[4:] == [429, 429]


def test_without_a_proxy_its_header_is_not_believed(office):
    answers = [try_to_sign_in(office[0], "wrong", x_real_ip=f"10.0.0.{n}") for n in range(6)]
    assert answers[4:] == [429, 429]


def test_an_unknown_name_and_a_wrong_password_look_alike(office):
    nobody = make.User(username="nobody")
    pages = []
    for account in (office[0], nobody):
        data = {"username": account.username, "password": "wrong"}
        page = Client().post(reverse("login"), data)
        pages.append([str(error) for error in page.context["form"].non_field_errors()])
    assert pages[0] == pages[1]
    assert len(pages[0]) == 1
