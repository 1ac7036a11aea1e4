"""Photos and documents of a matter: kept at their place in its story, shown to whom it is shown."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from feedback.models import Matter, MatterFile
from feedback.permissions import can_add_evidence
from feedback.services import evidence
from feedback.services.co_handling import name_co_handler
from feedback.services.evidence import add_evidence, withdraw_evidence
from feedback.services.matters import accept_matter, close_matter, raise_matter, say_done
from feedback.services.receipts import issue_receipt
from feedback.services.transfers import ask_transfer
from feedback.story import story_of
from feedback.tasks import prepare_matter_picture
from outreach import audit, clock
from outreach.models import Job, Notification
from tests import factories as make
from tests.conftest import TODAY
from tests.visits import drawing as draw
from visits.services.errors import NotPossible


def photo(n=1, name="IMG_13812345678.jpg", content=None):
    return SimpleUploadedFile(name, content or draw.jpeg(n), "image/jpeg")


def document(name="施工验收单.pdf", content=b"%PDF-1.7 done"):
    return SimpleUploadedFile(name, content, "text/html")


def stored(row):
    return [Path(settings.MEDIA_ROOT) / field.name for field in (row.file, row.view, row.thumb)]


@pytest.fixture
def matter(world):
    return make.matter_in_work(world.own)


def prepared(row):
    job = Job.objects.get(args={"file": row.pk})
    prepare_matter_picture(str(job.pk))
    return MatterFile.objects.get(pk=row.pk)


# Kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [draw.jpeg(), draw.png()], ids=["jpeg", "png"])
def test_a_picture_is_kept_without_what_its_camera_told(world, matter, content):
    (row,) = add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(content=content)])
    with row.file.open() as file:
        kept = file.read()
    assert not [told for told in draw.TOLD if told in kept]
    # What a phone calls a picture may be anything, a telephone number, too.
    assert (row.file_name, row.width, row.state) == ("", 640, "waiting")
    row = prepared(row)
    assert row.is_ready
    assert all(path.exists() for path in stored(row))


def test_a_document_is_told_by_its_content_and_kept_by_its_name(world, matter):
    (row,) = add_evidence(matter=matter, actor=world.own.cadre, sent=[document()])
    assert (row.file_name, row.size, row.width, row.state) == ("施工验收单.pdf", 13, 0, "ready")
    assert "验收" not in row.file.name


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (document(content=b"<html>"), "内容"),
        (document(name="页面.html", content=b"<html>"), "JPEG"),
        (document(name="a.svg", content=b"<svg/>"), "JPEG"),
        (photo(content=draw.jpeg()[:-900]), "损坏"),
        (document(name="回访13812345678.pdf"), "电话"),
        (document(content=b""), "内容"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_name_and_nothing_is_kept(
    world, matter, file, sentence
):
    file.seek(0)
    before = audit.history(matter).count()
    with pytest.raises(ValidationError) as error:
        add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(), file])
    (told,) = error.value.messages
    assert told.startswith(file.name)
    assert sentence in told
    assert not MatterFile.objects.exists()
    assert audit.history(matter).count() == before


def test_the_same_file_again_is_the_same(world, matter):
    add_evidence(matter=matter, actor=world.own.cadre, sent=[photo()])
    added = add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(), photo(), photo(2)])
    assert len(added) == 1
    assert MatterFile.objects.count() == 2


def test_a_matter_holds_so_many_and_no_more(world, matter, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_A_MATTER", 2)
    add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(), document()])
    with pytest.raises(ValidationError):
        add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(2)])


# In the story -----------------------------------------------------------------------------------


def test_files_stand_with_the_step_that_brought_them(world):
    matter = raise_matter(
        actor=world.own.coordinator, village=world.own.village, text="桥断了", files=[photo(1)]
    )
    matter = accept_matter(matter=matter, actor=world.own.cadre)
    add_evidence(matter=matter, actor=world.home.office, sent=[document()])
    with clock.at(make.moment(TODAY + timedelta(days=1))):
        matter = say_done(
            matter=matter, actor=world.own.cadre, outcome="solved", text="修好了", files=[photo(2)]
        )
    with translation.override("en"):
        story = story_of(matter, world.home.office)
        told = [(str(part), [str(file) for file in part.shown]) for part in story]
    assert told == [
        ("the unit says: solved", ["photo"]),
        ("photos or documents added", ["施工验收单.pdf"]),
        ("accepted by the leading unit", []),
        ("raised", ["photo"]),
    ]


def test_an_answer_with_a_bad_file_is_not_given(world, matter):
    with pytest.raises(ValidationError):
        say_done(
            matter=matter,
            actor=world.own.cadre,
            outcome="solved",
            text="修好了",
            files=[document(content=b"MZ")],
        )
    assert Matter.objects.get().state == "in_work"


def test_no_file_is_ever_required(world, sign_in):
    browser = sign_in(world.own.coordinator)
    data = {"village": world.own.village.pk, "text": "桥断了"}
    data |= {"source": "desk", "urgency": "normal"}
    assert browser.post(reverse("matter_create"), data).status_code == 302
    assert Matter.objects.get().files.count() == 0


def test_a_matter_is_raised_with_its_photo_in_one_form(world, sign_in):
    browser = sign_in(world.own.coordinator)
    data = {"village": world.own.village.pk, "text": "桥断了"}
    data |= {"source": "desk", "urgency": "normal"}
    page = browser.post(reverse("matter_create"), data | {"files": [document(content=b"MZ")]})
    assert "桥断了" in page.content.decode()
    assert not Matter.objects.exists()
    browser.post(reverse("matter_create"), data | {"files": [photo(), document()]})
    (event,) = Matter.objects.get().events.all()
    assert event.files.count() == 2


# Who --------------------------------------------------------------------------------------------


def test_whoever_has_a_part_in_it_may_add_until_it_is_closed(world, matter):
    for person in (world.own.cadre, world.own.coordinator, world.home.office):
        assert can_add_evidence(person, matter)
    for person in (world.other.coordinator, world.home.admin, world.abroad.office):
        assert not can_add_evidence(person, matter)
        with pytest.raises(PermissionDenied):
            add_evidence(matter=matter, actor=person, sent=[photo()])
    asked = ask_transfer(
        matter=matter, actor=world.own.coordinator, unit=world.other.unit, text="属供电"
    )
    assert not can_add_evidence(world.other.coordinator, asked)
    closed = close_matter(
        matter=make.matter_answered(world.own), actor=world.home.office, text="无法联系"
    )
    assert not can_add_evidence(world.own.cadre, closed)


def test_who_added_it_or_the_county_takes_it_back_and_its_bytes_go(
    world, matter, django_capture_on_commit_callbacks
):
    (row,) = add_evidence(matter=matter, actor=world.own.cadre, sent=[photo()])
    row, paths = prepared(row), stored(prepared(row))
    with pytest.raises(PermissionDenied):
        withdraw_evidence(file=row, actor=world.own.coordinator, reason="有人脸")
    with pytest.raises(ValidationError):
        withdraw_evidence(file=row, actor=world.own.cadre, reason=" ")
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_evidence(file=row, actor=world.own.cadre, reason="有人脸")
    assert not [path for path in paths if path.exists()]
    row = MatterFile.objects.get()
    assert (row.withdrawn_by, row.withdrawn_because) == (world.own.cadre, "有人脸")
    with pytest.raises(PermissionDenied):
        withdraw_evidence(file=row, actor=world.home.office, reason="再一次")
    # Taken back by mistake, it can be added again.
    add_evidence(matter=matter, actor=world.own.cadre, sent=[photo()])
    assert MatterFile.objects.kept().count() == 1


def test_two_who_take_it_back_at_once_are_told(world, matter):
    (row,) = add_evidence(matter=matter, actor=world.own.cadre, sent=[document()])
    seen = MatterFile.objects.get()
    withdraw_evidence(file=row, actor=world.home.office, reason="不是本事项的")
    with pytest.raises(NotPossible):
        withdraw_evidence(file=seen, actor=world.own.cadre, reason="传错了")


def test_who_works_on_it_hears_of_it_once_and_who_judges_the_answer_too(world, matter):
    name_co_handler(
        matter=matter, actor=world.home.office, unit=world.other.unit, text="提供图纸。"
    )

    def told():
        rows = Notification.objects.filter(params__happened="photos or documents added")
        return sorted(rows.values_list("user__name", flat=True))

    matter = Matter.objects.for_page().get(pk=matter.pk)
    working = [world.own.coordinator.name, world.other.coordinator.name]
    for n in (1, 2):
        add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(n)])
    assert told() == sorted(working)
    say_done(matter=matter, actor=world.own.cadre, outcome="solved", text="已修好。")
    Notification.objects.all().delete()
    matter = Matter.objects.for_page().get(pk=matter.pk)
    add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(3)])
    assert told() == sorted([*working, world.home.office.name])


# On pages ---------------------------------------------------------------------------------------


def test_the_page_adds_shows_and_withdraws(world, matter, sign_in):
    browser = sign_in(world.own.cadre)
    url = reverse("matter_detail", args=[matter.pk])
    sent = {"files": [photo(), document()]}
    assert browser.post(reverse("matter_file_add", args=[matter.pk]), sent)["Location"] == url
    picture, paper = MatterFile.objects.order_by("width").reverse()
    prepared(picture)
    page = browser.get(url).content.decode()
    thumb = reverse("matter_file", args=[matter.pk, picture.pk, "thumb"])
    assert f'src="{thumb}"' in page
    shown = browser.get(thumb)
    assert b"".join(shown).startswith(b"\xff\xd8")
    assert shown["Content-Type"] == "image/jpeg"
    saved = browser.get(reverse("matter_file", args=[matter.pk, paper.pk, "whole"]))
    assert saved["Content-Disposition"].startswith("attachment;")
    assert saved["Content-Type"] == "application/pdf"
    assert b"".join(saved) == b"%PDF-1.7 done"
    back = reverse("matter_file_withdraw", args=[matter.pk, paper.pk])
    assert back in page
    assert browser.post(back, {"reason": "传错了"})["Location"] == url
    page = browser.get(url).content.decode()
    assert "传错了" in page
    assert back not in page
    assert browser.get(saved.wsgi_request.path).status_code == 404


def test_a_wrong_file_is_told_on_the_page(world, matter, sign_in):
    browser = sign_in(world.own.cadre)
    add = reverse("matter_file_add", args=[matter.pk])
    for sent in ({}, {"files": [document(content=b"MZ")]}):
        page = browser.post(add, sent, follow=True)
        assert re.search(r'class="[^"]*late', page.content.decode())
    assert not MatterFile.objects.exists()


def test_a_page_that_sends_file_after_file_hears_how_each_went(world, matter, sign_in):
    browser = sign_in(world.own.cadre)
    add = reverse("matter_file_add", args=[matter.pk])
    asked = {"headers": {"Accept": "application/json"}}
    assert browser.post(add, {"files": [photo()]}, **asked).json()["added"] == 1
    assert browser.post(add, {"files": [photo()]}, **asked).json()["added"] == 0  # a retry
    bad = browser.post(add, {"files": [document(content=b"MZ")]}, **asked)
    assert bad.status_code == 422
    assert "施工验收单.pdf" in bad.json()["detail"]


def test_the_receipt_shows_nothing_of_it(world, matter, client):
    add_evidence(matter=matter, actor=world.own.cadre, sent=[photo(), document()])
    for row in MatterFile.objects.exclude(width=0):
        prepared(row)
    number = issue_receipt(matter=matter, actor=world.home.office)
    page = client.post(reverse("receipt"), {"number": number}).content.decode()
    assert "办理期限" in page
    assert "验收" not in page
    assert "/files/" not in page
    row = MatterFile.objects.first()
    assert client.get(reverse("matter_file", args=[matter.pk, row.pk, "whole"])).status_code == 302


def test_photos_of_the_visit_it_came_from_are_a_link_away(world, sign_in):
    make.photo(world.own.visit, world.own.cadre)
    matter = make.visit_matter(world.own)
    page = sign_in(world.own.cadre).get(reverse("matter_detail", args=[matter.pk]))
    assert f'{world.own.visit.get_absolute_url()}#photos"' in page.content.decode()
