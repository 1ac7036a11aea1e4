"""What a phone is given: a key for its person alone, the worker, the manifest, the offline page."""

import base64
import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from feedback.services import review_feedback
from outreach import phone
from tests import factories as make
from visits.permissions import can_add_photo, can_edit_visit


@pytest.fixture
def answer_to(world, sign_in):
    """answer_to(account) -> what /phone/ tells it."""

    def ask(account):
        response = sign_in(account).get(reverse("phone"))
        assert response["Cache-Control"] == "no-store"
        return response.json()

    return ask


def test_each_person_has_a_name_and_a_key_of_their_own(world, answer_to):
    people = [world.own.cadre, world.own.coordinator, world.other.cadre]
    answers = [answer_to(account) for account in people]
    keys = [answer["keys"][0] for answer in answers]
    assert len({answer["person"] for answer in answers}) == 3
    assert len({key["key"] for key in keys}) == 3
    assert [key["id"] for key in keys] == [answer["person"] for answer in answers]
    assert all(len(base64.b64decode(key["key"])) == 32 for key in keys)
    assert answer_to(people[0])["keys"] == answers[0]["keys"]


def test_a_new_password_opens_what_was_locked_before(world, answer_to):
    before = answer_to(world.own.cadre)["keys"]
    world.own.cadre.set_password("another-long-password")
    world.own.cadre.save()
    assert answer_to(world.own.cadre)["keys"] == before


def test_after_a_change_of_the_secret_the_former_keys_are_given_too(world, answer_to, settings):
    (before,) = answer_to(world.own.cadre)["keys"]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-one-" + "y" * 40
    new, old = answer_to(world.own.cadre)["keys"]
    assert old == before
    assert new["key"] != old["key"] and new["id"] != old["id"]


def test_pages_name_their_person_and_no_account(world, sign_in):
    page = sign_in(world.own.cadre).get(reverse("my_month")).content.decode()
    assert f'data-person="{phone.person_of(world.own.cadre)}"' in page
    assert re.fullmatch("[0-9a-f]{24}", phone.person_of(world.own.cadre))
    assert "data-person" not in Client().get(reverse("login")).content.decode()


def test_only_those_who_record_visits_get_the_worker(world, sign_in):
    recorders = [world.own.cadre, world.own.coordinator]
    for account in [*recorders, world.home.office, world.home.admin]:
        page = sign_in(account).get(reverse("my_account")).content.decode()
        assert ("data-worker" in page) == (account in recorders)
        assert "js/phone.js" in page  # also the next person's page locks what the last one kept


def test_the_worker_keeps_files_that_exist_and_changes_with_them(client, db, monkeypatch):
    response = client.get(reverse("phone_worker"))
    assert response["Content-Type"] == "text/javascript"
    assert "no-cache" in response["Cache-Control"]
    places = json.loads(re.match(r"self\.PHONE = (.*);", response.content.decode())[1])
    assert places["urls"]["my_month"] == "/month/"
    assert all(finders.find(address.removeprefix("/static/")) for address in places["assets"])
    monkeypatch.setattr(phone, "ASSETS", phone.ASSETS[1:])
    assert client.get(reverse("phone_worker")).content != response.content


def test_the_manifest_makes_it_installable(client, db):
    response = client.get(reverse("phone_manifest"))
    assert response["Content-Type"] == "application/manifest+json"
    facts = response.json()
    assert (facts["scope"], facts["start_url"], facts["display"]) == ("/", "/month/", "standalone")
    assert {icon["sizes"] for icon in facts["icons"]} == {"192x192", "512x512"}
    assert facts["lang"] == "zh-hans"
    client.post(reverse("set_language"), {"language": "en"})
    assert client.get(reverse("phone_manifest")).json()["short_name"] == "Face-to-face"


def test_the_offline_page_knows_nobody(world, sign_in):
    page = sign_in(world.own.cadre).get(reverse("phone_offline")).content.decode()
    assert world.own.cadre.name not in page
    assert "data-person" not in page


def test_the_offline_page_takes_no_message_of_whoever_fetches_it(world, sign_in):
    browser = sign_in(world.home.office)
    browser.post(reverse("review_accept_many"))  # says that nothing was chosen
    assert "请至少选择" not in browser.get(reverse("phone_offline")).content.decode()
    assert "请至少选择" in browser.get(reverse("review_queue")).content.decode()


def test_pages_are_sent_compressed_and_files_as_they_are(world, sign_in):
    browser = sign_in(world.own.cadre)
    compressed = {"HTTP_ACCEPT_ENCODING": "gzip"}
    page = browser.get(reverse("my_month"), **compressed)
    assert page["Content-Encoding"] == "gzip"
    ledger = browser.get(reverse("visit_list") + "?export=xlsx", **compressed)
    assert not ledger.has_header("Content-Encoding")
    b"".join(ledger)
    assert not browser.get(reverse("my_month")).has_header("Content-Encoding")


def test_a_photo_may_follow_its_record_until_the_county_accepts_it(world):
    visit = make.visit(world.own.contact_point, world.own.cadre)
    row = make.feedback(visit, world.own.cadre)
    visit.refresh_from_db()
    assert not can_edit_visit(world.own.cadre, visit)
    assert can_add_photo(world.own.cadre, visit)
    assert not can_add_photo(world.other.cadre, visit)
    review_feedback(feedback=row, actor=world.home.office)
    visit.feedback.refresh_from_db()
    assert not can_add_photo(world.own.cadre, visit)
