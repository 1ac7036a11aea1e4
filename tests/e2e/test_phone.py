"""A cadre's phone: a record without a connection, sent once and only once; a shared phone."""

import base64
import gzip
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from feedback.models import Feedback, RecordVersion
from tests import factories as make
from tests.e2e.phones import FINDINGS, STILL, Phone, picture, until
from visits.models import Visit, VisitDraft, VisitPhoto
from visits.services.drafts import save_draft

pytestmark = pytest.mark.slow


@pytest.fixture
def phone(chromium, live_server, tmp_path):
    """phone() -> Phone, and each page error is a failure."""
    phones = []

    def new():
        phones.append(Phone(chromium, tmp_path / f"phone-{len(phones)}", live_server.url))
        return phones[-1]

    yield new
    for each in phones:
        each.switch_off()
        assert each.faults == []


@pytest.fixture
def ready(phone, town):
    """The cadre's phone, signed in, with my month and its records kept."""
    own = phone()
    own.sign_in(town.cadre)
    own.settle(3)
    return own


def the_record():
    """The only record there is."""
    visit = Visit.objects.get()
    assert visit.feedback.state == Feedback.State.SUBMITTED
    assert visit.feedback.findings == FINDINGS
    assert visit.talks.get().people == 3
    return visit


def test_a_record_with_three_photos_survives_the_phone_being_off(ready):
    ready.online(False)
    ready.go("/month/")
    ready.page.locator(".phone-bar", has_text="没有网络").wait_for()
    ready.record(photos=[picture(n) for n in range(3)])
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("在本机")
    ready.check()
    hashes = sorted(photo["sha"] for photo in ready.held()[0]["photos"])
    assert FINDINGS not in ready.raw()
    ready.switch_off()

    ready.switch_on(online=False)
    ready.go("/month/")
    ready.box("在本机")
    assert ready.shift() <= STILL
    assert not Visit.objects.exists()

    ready.online(True)
    ready.box("照片3张已确认")
    visit = the_record()
    assert sorted(photo.sha256 for photo in visit.photos.all()) == hashes
    assert len(hashes) == 3
    assert RecordVersion.objects.count() == 1
    assert ready.raw().count("photos\n{") == 0


def test_a_photo_broken_off_in_the_middle_goes_on_where_it_was(ready):
    sent = []

    def break_off(route):
        if route.request.method == "POST":
            sent.append(int(route.request.headers["upload-offset"]))
            if len(sent) == 2:
                return route.abort()
        return route.continue_()

    ready.page.route(re.compile(r"/photos/[0-9a-f]{64}/"), break_off)
    ready.record(photos=[picture(7, side=1600)])
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("照片还在本机")
    assert (Visit.objects.count(), VisitPhoto.objects.count()) == (1, 0)
    ready.page.click("[data-phone-box] [data-do=send]")
    ready.box("县里已收到（")
    assert VisitPhoto.objects.get().sent_bytes > 2 * 256 * 1024
    # The first piece arrived and was not sent again; the second one was.
    assert sent[:3] == [0, 256 * 1024, 256 * 1024]
    assert len(sent) == len(set(sent)) + 1


def test_two_tabs_that_send_at_once_make_one_record(ready):
    ready.online(False)
    ready.record(photos=[picture(1)])
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("在本机")
    second = ready.context.new_page()
    second.goto(ready.address + "/month/")
    second.locator("[data-phone-box] li").wait_for()
    ready.online(True)
    for page in (ready.page, second):
        page.evaluate("() => { phoneQueue.flush({ all: true }); }")
    ready.box("县里已收到（")
    second.locator("[data-phone-box] li", has_text="县里已收到（").wait_for()
    the_record()
    assert (RecordVersion.objects.count(), VisitPhoto.objects.count()) == (1, 1)


def test_the_next_person_on_the_phone_sees_nothing_of_the_last(ready, town):
    colleague = make.cadre(town.unit)
    ready.online(False)
    ready.record(photos=[picture(2)])
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("在本机")
    # Signing out says what is not sent; without a connection the phone locks all the same.
    ready.sign_out()
    ready.page.locator("#phone-sign-out", has_text="1").wait_for()
    ready.check()
    ready.page.click("#phone-sign-out [data-do=leave]")
    ready.page.wait_for_url("**/offline/")
    ready.go("/month/")
    assert "后辛庄村" not in ready.page.content()
    assert Session.objects.count() == 1
    ready.online(True)
    ready.go("/month/")
    assert "/login/" in ready.page.url
    assert Session.objects.count() == 0

    ready.sign_in(colleague)
    ready.settle(1)
    assert ready.held() == []
    assert ready.page.locator("[data-phone-box]").is_hidden()
    assert ready.page.locator(".phone-bar").is_hidden()
    raw = ready.raw()
    assert "records\n{" in raw
    assert not [text for text in (FINDINGS, "后辛庄村", "findings") if text in raw]
    assert not Visit.objects.exists()
    ready.sign_out()
    ready.page.wait_for_url("**/login/**")

    ready.sign_in(town.cadre)
    ready.box("县里已收到（")
    assert the_record().recorded_by == town.cadre
    assert VisitPhoto.objects.count() == 1


def test_a_session_that_ended_in_the_field_is_begun_again_on_the_same_page(ready, town):
    ready.record(photos=[picture(3)])
    Session.objects.all().delete()
    ready.send()
    dialog = ready.page.locator("#phone-sign-in")
    dialog.wait_for()
    ready.page.fill("#phone-username", town.cadre.username)
    ready.page.fill("#phone-password", "not-this-one")
    ready.page.keyboard.press("Enter")
    dialog.get_by_role("alert").filter(has_text="不正确").wait_for()
    assert "/record/" in ready.page.url
    ready.page.fill("#phone-password", make.PASSWORD)
    ready.page.keyboard.press("Enter")
    ready.page.wait_for_url("**/month/")
    ready.box("县里已收到（")
    the_record()
    assert VisitPhoto.objects.count() == 1


def test_a_queue_that_finds_the_session_over_says_so_and_waits(ready, town):
    ready.online(False)
    ready.record()
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("在本机")
    Session.objects.all().delete()
    ready.online(True)
    ready.page.click(".phone-bar [data-sign-in]")
    ready.page.fill("#phone-username", town.cadre.username)
    ready.page.fill("#phone-password", make.PASSWORD)
    ready.page.keyboard.press("Enter")
    ready.box("县里已收到（")
    the_record()


def test_somebody_else_signing_in_there_sends_nothing_of_the_first(ready, town):
    ready.record()
    Session.objects.all().delete()
    ready.send()
    ready.page.locator("#phone-sign-in").wait_for()
    ready.page.fill("#phone-username", town.coordinator.username)
    ready.page.fill("#phone-password", make.PASSWORD)
    said = []
    ready.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    ready.page.keyboard.press("Enter")
    ready.page.wait_for_url("**/month/")
    assert "加锁" in said[0]
    assert ready.held() == []
    assert not Visit.objects.exists()


def test_a_lost_answer_is_asked_again_and_makes_no_second_version(ready):
    def lose(route):
        route.fetch()
        route.abort()

    ready.page.route("**/visits/**/record/", lose, times=1)
    ready.record()
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.page.click("[data-phone-box] [data-do=send]")
    ready.box("县里已收到（")
    the_record()
    assert RecordVersion.objects.count() == 1


def test_what_is_wrong_is_said_on_the_same_page_and_later_on_the_phone(ready):
    ready.record(findings="")
    ready.send()
    wrong = ready.page.locator("#id_findings ~ .phone-wrong, .phone-wrong").first
    wrong.wait_for()
    assert "/record/" in ready.page.url
    ready.go("/month/")
    ready.box("需要您处理")
    ready.page.click("[data-phone-box] li a")
    wrong.wait_for()
    assert ready.page.locator("#id_people_party_members").input_value() == "3"
    ready.page.fill("#id_findings", FINDINGS)
    ready.send()
    ready.page.wait_for_url("**/month/")
    assert ready.page.locator("main > .note.success").is_visible()
    the_record()


def test_what_strikes_one_is_shown_before_it_is_sent(ready):
    ready.record(findings="村里都好。")
    ready.send()
    ready.page.locator("[data-record-said] .marks").wait_for()
    assert ready.held()[0]["why"]["state"] == "look"
    assert not Visit.objects.exists()
    ready.check()
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("县里已收到（")
    assert Feedback.objects.get().state == Feedback.State.SUBMITTED


def test_a_draft_typed_without_a_connection_is_there_again(ready, town):
    ready.online(False)
    ready.record(photos=[picture(4)])
    ready.page.locator("[data-draft-state]", has_text="在本机").wait_for()
    ready.switch_off()
    ready.switch_on(online=False)
    ready.go("/month/")
    ready.box("草稿")
    ready.page.click("[data-phone-box] li a")
    ready.page.locator(".chosen li").wait_for()
    # The photos are put back first, then what was typed.
    until(lambda: ready.page.locator("#id_findings").input_value() == FINDINGS)
    name = ready.page.locator("form[data-record]").get_attribute("data-record")
    ready.online(True)
    until(VisitDraft.objects.exists)
    draft = VisitDraft.objects.get()
    assert (str(draft.record), draft.writer) == (name, town.cadre)
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("县里已收到（")
    assert str(the_record().pk) == name
    assert VisitDraft.objects.count() == 0


def test_a_draft_continued_on_another_device_is_asked_about(ready, town):
    ready.record(findings="在村里写的")
    until(VisitDraft.objects.exists)
    ready.online(False)
    ready.page.fill("#id_findings", "没有网络时写的")
    ready.page.locator("[data-draft-state]", has_text="本机").wait_for()
    draft = VisitDraft.objects.get()
    elsewhere = [pair for pair in draft.content if pair[0] != "findings"]
    save_draft(
        record=draft.record,
        contact_point=draft.contact_point,
        content=[*elsewhere, ("findings", "在办公室写的")],
        missing=[],
        revision=draft.revision,
        actor=town.cadre,
    )
    ready.page.close()
    ready.page = ready.context.new_page()
    ready.online(True)
    ready.go(f"/visits/{draft.record}/record/")
    asked = ready.page.locator("[data-record-note]", has_text="本机填写的内容")
    asked.wait_for()
    assert ready.page.locator("#id_findings").input_value() == "在办公室写的"
    asked.get_by_role("button", name="用本机上的内容").click()
    assert ready.page.locator("#id_findings").input_value() == "没有网络时写的"
    until(lambda: ["findings", "没有网络时写的"] in VisitDraft.objects.get().content)


def test_what_cannot_be_sent_is_saved_as_a_file(ready):
    ready.online(False)
    ready.record(photos=[picture(5)])
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("在本机")
    (photo,) = ready.held()[0]["photos"]
    with ready.page.expect_download() as download:
        ready.page.click("[data-phone-box] [data-do=export]")
    (record,) = json.loads(Path(download.value.path()).read_text())["records"]
    assert ["findings", FINDINGS] in record["fields"]
    content = base64.b64decode(record["photos"][0]["base64"])
    assert hashlib.sha256(content).hexdigest() == photo["sha"] == record["photos"][0]["sha256"]


def test_what_waits_for_days_is_said(ready):
    ready.online(False)
    ready.record()
    ready.send()
    ready.page.wait_for_url("**/month/")
    ready.box("尚未发送")
    ready.context.clock.set_fixed_time(timezone.now() + timedelta(days=3))
    ready.page.reload()
    ready.box("在本机已3天未发送")


def test_a_phone_whose_clock_is_years_behind_sends_all_the_same(ready):
    ready.context.clock.set_fixed_time(0)
    ready.page.reload()
    ready.record()
    ready.send()
    ready.page.wait_for_url("**/month/")
    took = timezone.now() - the_record().received_at
    assert timedelta() < took < timedelta(minutes=1)


def test_the_phone_loads_little(phone, town):
    own = phone()
    own.sign_in(town.cadre)
    own.settle(3)
    cookies = own.context.cookies()
    own = phone()
    own.context.add_cookies(cookies)
    loaded = []
    own.context.on("response", lambda response: loaded.append(response))

    def weigh():
        """Bytes since the last time, compressed as they are sent: {pages and answers, files}."""
        own.page.wait_for_load_state("networkidle")
        total, seen = {"pages": 0, "files": 0}, set()
        for response in loaded:
            # A deployed file's address names its content: worker and page load it once together.
            if "/static/" in response.url and response.url in seen:
                continue
            seen.add(response.url)
            path = response.url.removeprefix(own.address)
            kind = "files" if path.startswith("/static/") else "pages"
            # The worker has the files; a page it hands on came over the net all the same.
            if not response.ok or (kind == "files" and response.from_service_worker):
                continue
            body = own.context.request.get(response.url).body()
            total[kind] += len(body if path.endswith(".png") else gzip.compress(body, 9))
        loaded.clear()
        return total

    record = f"/contact-points/{town.points[0].pk}/record/"
    own.go(record)
    first = weigh()
    own.go("/month/")
    own.settle(3)
    weigh()
    own.go(record)
    again = weigh()
    assert own.shift() <= STILL
    own.check()
    print(f"first visit {first}, afterwards {again} bytes compressed")
    assert 40_000 < sum(first.values()) < 150_000
    assert 0 < sum(again.values()) < 20_000


def test_a_colleague_who_saved_first_is_shown_and_not_overwritten(ready, town):
    visit = make.visit(town.points[0], town.cadre, topics=[town.topic])
    ready.go(f"/visits/{visit.pk}/record/")
    make.received(visit, town.coordinator, send=False, suggestions="同事写的建议")
    page = ready.page
    page.fill("#id_findings", FINDINGS)
    page.click("button[name=keep]")
    page.locator("[data-record-said]", has_text="同事写的建议").wait_for()
    ready.check()
    page.check("[name=take][value=suggestions]")
    page.click("button[name=keep]")
    page.wait_for_url(f"**/visits/{visit.pk}/")
    row = Feedback.objects.get(visit=visit)
    assert (row.findings, row.suggestions) == (FINDINGS, "同事写的建议")
