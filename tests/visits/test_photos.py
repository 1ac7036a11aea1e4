"""Photos of a visit: received once whatever the connection does, seen by whom the visit is seen."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.services import review_feedback
from outreach import audit, jobs
from outreach.models import Job
from tests import factories as make
from tests.visits import drawing as draw
from visits import parts, pictures
from visits.models import VisitPhoto
from visits.services import photos
from visits.services.recording import void_visit
from visits.tasks import delete_old_photo_parts, prepare_photo

PIECE = 400


def name_of(content):
    return hashlib.sha256(content).hexdigest()


class Phone:
    """Somebody's phone before a visit: what it sends, as the browser's script does."""

    def __init__(self, browser, visit, content):
        self.browser, self.content = browser, content
        self.url = reverse("visit_photo", args=[visit.pk, name_of(content)])

    def ask(self):
        return self.browser.get(self.url).json()

    def post(self, offset, chunk, length=None):
        return self.browser.post(
            self.url,
            chunk,
            content_type="application/octet-stream",
            headers={
                "Upload-Offset": str(offset),
                "Upload-Length": str(len(self.content) if length is None else length),
            },
        )

    def send(self, pieces=10**6):
        """Up to so many pieces from where the server is; the last answer."""
        response, here = None, self.ask()
        while pieces and not here["complete"]:
            at = here["received"]
            response = self.post(at, self.content[at : at + PIECE])
            if response.status_code not in (200, 409):
                break
            here, pieces = response.json(), pieces - 1
        return response


@pytest.fixture
def phone(world, sign_in):
    browser = sign_in(world.own.cadre)
    return lambda content: Phone(browser, world.own.visit, content)


def files_on_disk():
    root = Path(settings.MEDIA_ROOT)
    return {path for path in root.glob("photo*/**/*") if path.is_file()}


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# Piece by piece ----------------------------------------------------------------------------------


def test_a_photo_arrives_in_pieces_and_is_kept_once(world, phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    assert sending.ask() == {"received": 0, "complete": False}
    assert sending.send(1).json() == {"received": PIECE, "complete": False}
    assert not VisitPhoto.objects.exists()
    assert sending.send().json() == {"received": len(content), "complete": True}
    photo = world.own.visit.photos.get()
    assert photo.sha256 == name_of(content)
    assert (photo.width, photo.height, photo.county) == (96, 64, world.home.county)
    assert (photo.added_by, photo.state) == (world.own.cadre, "waiting")
    assert not re.search(r"[^\w/.-]|IMG", photo.file.name)
    assert files_on_disk() == {Path(photo.file.path)}
    assert sending.ask() == {"received": len(content), "complete": True}


def test_what_is_sent_again_after_success_changes_nothing(world, phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    sending.send()
    for offset in (0, PIECE, len(content)):
        again = sending.post(offset, content[offset : offset + PIECE])
        assert (again.status_code, again.json()["complete"]) == (200, True)
    assert world.own.visit.photos.count() == 1
    assert len(files_on_disk()) == 1
    assert Job.objects.filter(task="visits.tasks.prepare_photo").count() == 1


def test_a_piece_at_the_wrong_place_is_told_the_right_one(phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    sending.send(1)
    for offset in (0, PIECE - 1, PIECE + 1):
        answer = sending.post(offset, content[offset : offset + 10])
        assert (answer.status_code, answer.json()["received"]) == (409, PIECE)
    assert sending.send().json()["complete"]


def test_all_pieces_here_and_the_server_stopped_before_it_kept_them(world, phone):
    content = draw.jpeg(size=(96, 64))
    with parts.hold(world.own.visit.pk, name_of(content)) as part:
        part.append(content)
    sending = phone(content)
    assert sending.ask() == {"received": len(content), "complete": False}
    assert sending.post(len(content), b"").json()["complete"]
    assert world.own.visit.photos.count() == 1


KILLED = """
import os, signal, sys
from uuid import UUID
from django.conf import settings
settings.configure(MEDIA_ROOT=sys.argv[1])
from visits import parts
with parts.hold(UUID(sys.argv[2]), sys.argv[3]) as part:
    part.append(sys.stdin.buffer.read())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_killed_in_the_middle_of_a_photo_goes_on_where_it_was(world, phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    sending.send(1)
    half = content[PIECE : PIECE + 133]  # what was written of a piece that has no answer
    arguments = [str(settings.MEDIA_ROOT), str(world.own.visit.pk), name_of(content)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], input=half, cwd=settings.BASE_DIR
    )
    assert killed.returncode == -signal.SIGKILL
    assert sending.ask() == {"received": PIECE + 133, "complete": False}
    assert sending.post(PIECE, content[PIECE : 2 * PIECE]).status_code == 409
    assert sending.send().json()["complete"]
    assert world.own.visit.photos.get().sha256 == name_of(content)


def test_other_bytes_than_the_name_says_are_refused_and_forgotten(world, phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    wrong = content[:-1] + b"?"
    answer = sending.post(0, wrong)
    assert (answer.status_code, answer.json()["received"]) == (422, 0)
    assert "重新发送" in answer.json()["detail"]
    assert not files_on_disk() and not VisitPhoto.objects.exists()
    assert sending.send().json()["complete"]


def test_nonsense_around_a_piece_is_refused(world, phone):
    content = draw.jpeg(size=(96, 64))
    sending = phone(content)
    for offset, chunk, length in (
        (-1, b"x", 10),
        (0, b"x" * 11, 10),
        (0, b"x", "many"),
        (0, b"x", -5),
        (0, b"", 0),
        (0, b"x", settings.PHOTO_MAX_BYTES + 1),
        (0, bytes(photos.CHUNK_MAX_BYTES + 1), 10**6),
        ("9" * 5000, b"x", 10),
    ):
        answer = sending.post(offset, chunk, length)
        assert answer.status_code == 422, (offset, length)
        assert answer.json()["detail"]
    assert sending.browser.post(sending.url).status_code == 422
    assert not files_on_disk()


def test_what_is_no_photo_is_refused_with_its_first_piece(phone):
    heic = b"\0\0\0\x18ftypheic" + bytes(5000)
    answer = phone(heic).post(0, heic[:PIECE])
    assert answer.status_code == 422 and "HEIC" in answer.json()["detail"]
    assert not files_on_disk()


def test_a_picture_that_says_it_is_huge_is_refused_undecoded(phone):
    sending = phone(draw.huge_jpeg(20_000, 20_000))
    answer = sending.send()
    assert answer.status_code == 422 and "400 百万像素" in answer.json()["detail"]
    assert not files_on_disk()


def test_half_sent_photos_nobody_goes_on_with_are_deleted_after_two_weeks(world, phone):
    sendings = [phone(draw.jpeg(n, size=(96, 64))) for n in (1, 2)]
    for n, sending in enumerate(sendings):
        sending.send(1)
        age = parts.KEPT_FOR + timedelta(hours=1 if n else -1)
        path = parts._path(world.own.visit.pk, name_of(sending.content))
        then = time.time() - age.total_seconds()
        os.utime(path, (then, then))
    assert settings.CELERY_BEAT_SCHEDULE["delete-photo-parts"]["task"] == (
        delete_old_photo_parts.name
    )
    delete_old_photo_parts()
    assert [sending.ask()["received"] for sending in sendings] == [PIECE, 0]


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_photo(fixed_clock, sign_in, request):
    world = request.getfixturevalue("world")
    content = draw.jpeg(size=(96, 64))
    phones = [Phone(sign_in(world.own.cadre), world.own.visit, content) for _ in range(10)]

    def send(phone):
        try:
            return [phone.send(), phone.ask()["complete"]][1]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(send, phones))
    assert world.own.visit.photos.count() == 1
    assert len(files_on_disk()) == 1
    assert Job.objects.filter(task="visits.tasks.prepare_photo").count() == 1
    assert [entry.action for entry in audit.history(world.own.visit)].count("Photo added") == 1


def test_what_could_not_be_written_leaves_no_file(world, monkeypatch):
    def refuse(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "enqueue", refuse)
    with pytest.raises(ZeroDivisionError):
        make.photo(world.own.visit, world.own.cadre)
    assert not files_on_disk() and not VisitPhoto.objects.exists()


# The form without scripts ------------------------------------------------------------------------


def upload(name, content):
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_a_form_sends_several_and_tells_of_each_that_is_refused(world, sign_in):
    browser = sign_in(world.own.cadre)
    chosen = [
        upload("IMG_1.jpg", draw.jpeg(1, (96, 64))),
        upload("报告.jpg", b"%PDF-1.7"),
        upload("IMG_2.png", draw.png(2, (96, 64))),
        upload("again.jpg", draw.jpeg(1, (96, 64))),
        upload("空.jpg", b""),
    ]
    url = reverse("visit_photo_add", args=[world.own.visit.pk])
    page = browser.post(url, {"photos": chosen}, follow=True)
    assert page.redirect_chain == [(world.own.visit.get_absolute_url(), 302)]
    said = [str(message) for message in page.context["messages"]]
    assert any(text.startswith("报告.jpg：") and "PDF" in text for text in said)
    assert any(text.startswith("空.jpg：") for text in said)
    assert world.own.visit.photos.count() == 2
    assert page.content.decode().count("准备中") == 2
    page = browser.post(url, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["请先选择照片。"]


def test_a_visit_holds_fifty_photos_and_says_so(world, phone, monkeypatch):
    monkeypatch.setattr(photos, "MOST_A_VISIT", 2)
    for _ in range(2):
        make.photo(world.own.visit, world.own.cadre)
    answer = phone(draw.jpeg(size=(96, 64))).send()
    assert answer.status_code == 422 and "最多放 2 张" in answer.json()["detail"]
    with pytest.raises(ValidationError, match="2"):
        make.photo(world.own.visit, world.own.cadre)
    assert not any(parts._folder().glob("*"))


# Who ---------------------------------------------------------------------------------------------


def test_only_who_may_edit_the_visit_adds_and_removes(world, sign_in):
    visit = world.own.visit
    photo = make.photo(visit, world.own.cadre)
    colleague = make.cadre(world.own.unit)
    for actor in (colleague, world.home.office, world.other.cadre, world.foreign.cadre):
        with pytest.raises(PermissionDenied):
            make.photo(visit, actor)
        with pytest.raises(PermissionDenied):
            photos.remove_photo(photo=photo, actor=actor)
    half = draw.jpeg(77, size=(96, 64))
    Phone(sign_in(world.own.cadre), visit, half).send(1)
    nosy = Phone(sign_in(colleague), visit, half)
    assert nosy.post(PIECE, half[PIECE : PIECE + 10]).status_code == 403
    assert nosy.ask()["received"] == PIECE
    make.photo(visit, world.own.coordinator)
    assert visit.photos.count() == 2


def test_after_the_county_accepted_a_late_retry_hears_that_its_photo_is_there(world, phone):
    content, late = draw.jpeg(1, size=(96, 64)), draw.jpeg(2, size=(96, 64))
    phone(content).send()
    row = make.feedback(world.own.visit, world.own.cadre)
    review_feedback(feedback=row, actor=world.home.office)
    assert phone(content).post(0, content).json()["complete"]
    assert phone(late).post(0, late).status_code == 403
    assert not parts.received(world.own.visit.pk, name_of(late))


def test_a_void_visit_keeps_its_photos(world, sign_in):
    photo = make.photo(world.own.visit, world.own.cadre, ready=True)
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    browser = sign_in(world.own.cadre)
    url = reverse("visit_photo_remove", args=[world.own.visit.pk, photo.sha256])
    assert browser.post(url).status_code == 403
    page = browser.get(world.own.visit.get_absolute_url()).content.decode()
    assert photo.sha256 in page
    assert url not in page and "id_photos" not in page


def test_a_photo_is_found_only_under_its_own_visit(world, sign_in):
    photo = make.photo(world.other.visit, world.other.cadre, ready=True)
    browser = sign_in(world.own.cadre)
    for visit in (world.own.visit, world.other.visit):
        for size in ("thumb", "view", "whole"):
            url = reverse("visit_photo_file", args=[visit.pk, photo.sha256, size])
            assert browser.get(url).status_code == 404


# What is shown -----------------------------------------------------------------------------------


@pytest.fixture
def photo(world):
    return make.photo(world.own.visit, world.own.cadre)


def address(photo, size):
    return reverse("visit_photo_file", args=[photo.visit_id, photo.sha256, size])


def prepare(photo):
    job = Job.objects.get(dedupe_key=f"photo:{photo.pk}")
    prepare_photo(str(job.pk))
    job.refresh_from_db()
    photo.refresh_from_db()
    return job


def test_the_sizes_are_made_in_the_background(world, sign_in, photo):
    browser = sign_in(world.own.cadre)
    assert browser.get(address(photo, "thumb")).status_code == 404
    grid = browser.get(reverse("visit_photos", args=[photo.visit_id])).content.decode()
    assert "准备中" in grid and "<img" not in grid
    assert prepare(photo).state == Job.State.DONE
    photos.prepare_photo(photo=photo)  # a message delivered twice
    assert len(files_on_disk()) == 3
    grid = browser.get(reverse("visit_photos", args=[photo.visit_id])).content.decode()
    assert "准备中" not in grid and address(photo, "thumb") in grid and "hx-get" not in grid


def test_nothing_on_the_disk_tells_where_or_by_whom(world, phone):
    for content in (draw.jpeg(1), draw.png(2), draw.webp(3)):
        phone(content).send()
    for photo in world.own.visit.photos.all():
        prepare(photo)
    stored = files_on_disk()
    assert len(stored) == 9
    for path in stored:
        content = path.read_bytes()
        assert [told for told in draw.TOLD if told in content] == []
        assert world.own.cadre.name not in str(path)


def test_a_damaged_picture_says_so_in_its_place(world, sign_in, phone):
    content = bytearray(draw.png())
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    phone(bytes(content)).send()
    photo = world.own.visit.photos.get()
    assert prepare(photo).state == Job.State.DONE
    assert photo.state == VisitPhoto.State.DAMAGED
    page = sign_in(world.own.cadre).get(photo.visit.get_absolute_url()).content.decode()
    assert "已损坏" in page and address(photo, "thumb") not in page


def test_a_worker_that_dies_three_times_leaves_no_photo_waiting(photo):
    job = Job.objects.get(dedupe_key=f"photo:{photo.pk}")
    Job.objects.update(attempt=jobs.MAX_ATTEMPTS)
    prepare_photo(str(job.pk))
    photo.refresh_from_db()
    assert photo.state == VisitPhoto.State.DAMAGED


def test_a_removed_photo_leaves_nothing(
    world, sign_in, photo, phone, django_capture_on_commit_callbacks
):
    prepare(photo)
    browser = sign_in(world.own.cadre)
    url = reverse("visit_photo_remove", args=[photo.visit_id, photo.sha256])
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url)["Location"] == photo.visit.get_absolute_url()
    assert not VisitPhoto.objects.exists() and not files_on_disk()
    removed, added = audit.history(world.own.visit)[:2]
    assert (added.action, removed.action) == ("Photo added", "Photo removed")
    assert removed.before == added.after == {"sha256": photo.sha256}
    assert browser.post(url).status_code == 404


def test_two_remove_a_photo_at_once_and_both_see_it_gone(world, photo):
    for _ in range(2):  # the second found it on its page before the first took it away
        photos.remove_photo(photo=VisitPhoto(pk=photo.pk, visit=photo.visit), actor=world.own.cadre)
    assert not VisitPhoto.objects.exists()
    assert [entry.action for entry in audit.history(world.own.visit)].count("Photo removed") == 1


def test_a_photo_removed_while_its_sizes_are_made_leaves_nothing(
    world, photo, monkeypatch, django_capture_on_commit_callbacks
):
    make_sizes = pictures.sizes_of

    def remove_meanwhile(content):
        with django_capture_on_commit_callbacks(execute=True):
            photos.remove_photo(photo=photo, actor=world.own.cadre)
        return make_sizes(content)

    monkeypatch.setattr(pictures, "sizes_of", remove_meanwhile)
    photos.prepare_photo(photo=VisitPhoto.objects.get())
    assert not files_on_disk()
    job = Job.objects.get(dedupe_key=f"photo:{photo.pk}")
    prepare_photo(str(job.pk))  # its message comes late
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_photo_is_kept_by_the_readers_browser_and_asked_for_by_its_content(world, sign_in, photo):
    prepare(photo)
    browser = sign_in(world.home.office)
    for size, how in (("thumb", "inline"), ("view", "inline"), ("whole", "attachment")):
        response = browser.get(address(photo, size))
        content = b"".join(response)
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith(how)
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "Cookie" in response["Vary"]
        assert int(response["Content-Length"]) == len(content)
        again = browser.get(address(photo, size), headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    for size in ("other", "file", "sha256"):
        assert browser.get(address(photo, size)).status_code == 404


def test_a_page_asks_less_and_less_often_and_then_stops(world, sign_in, photo):
    browser = sign_in(world.own.cadre)
    url = reverse("visit_photos", args=[photo.visit_id])
    page = browser.get(photo.visit.get_absolute_url()).content.decode()
    waits = []
    while found := re.search(r'hx-get="([^"]+)" hx-trigger="load delay:(\d+)s"', page):
        assert found[1].startswith(url)
        waits.append(int(found[2]))
        page = browser.get(found[1]).content.decode()
    assert waits == [2, 4, 8, 16, 32, 64, 128]
    for nonsense in ("x", "-1", "9" * 400, "²"):
        assert browser.get(url, {"asked": nonsense}).status_code == 200


def test_the_page_shows_numbers_and_no_names(world, sign_in):
    browser = sign_in(world.own.cadre)
    url = reverse("visit_photo_add", args=[world.own.visit.pk])
    chosen = [upload(f"王大爷家{n}.jpg", draw.jpeg(n, (96, 64))) for n in range(3)]
    browser.post(url, {"photos": chosen})
    for photo in world.own.visit.photos.all():
        prepare(photo)
    browser.get(world.own.visit.get_absolute_url())  # what was said of them is read
    page = browser.get(world.own.visit.get_absolute_url()).content.decode()
    assert re.findall(r'<img [^>]*alt="([^"]+)"', page) == [
        f"第 {n} 张照片，共 3 张" for n in (1, 2, 3)
    ]
    assert "王大爷" not in page


def test_many_photos_cost_what_one_costs(world, sign_in):
    browser = sign_in(world.own.cadre)
    costs = []
    for more in (1, 4):
        for _ in range(more):
            make.photo(world.own.visit, world.own.cadre, ready=True)
        for url in (world.own.visit.get_absolute_url(), reverse("visit_photos", args=[uuid4()])):
            url = url.replace(url.split("/")[2], str(world.own.visit.pk))
            browser.get(url)
            with CaptureQueriesContext(connection) as seen:
                browser.get(url)
            costs.append(len(seen))
    assert costs[:2] == costs[2:]
