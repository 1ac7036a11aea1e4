"""Topics: offered to whom they are meant for, kept in what happened, served with their files."""

import struct
import zlib
from datetime import date
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from outreach import audit
from outreach.models import Notification
from tests import factories as make
from tests.conftest import MONTH
from visits.attachments import checked
from visits.models import PlanLine, Topic, TopicAttachment, Visit
from visits.services.errors import StaleVersion
from visits.services.plans import write_line
from visits.services.topics import (
    attach_file,
    change_topic,
    topic_facts,
    withdraw_topic,
)

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def others(world):
    """A topic of the year that only the other unit is meant to explain."""
    topic = make.topic(world.home.year)
    topic.units.add(world.other.unit)
    return topic


def change(topic, world, **fields):
    seen = fields.pop("seen", None) or audit.digest(topic_facts(topic))
    units = fields.pop("units", topic.units.all())
    return change_topic(topic=topic, actor=world.home.office, seen=seen, units=units, **fields)


# Whom it is meant for ----------------------------------------------------------------------------


def test_a_form_offers_what_is_meant_for_the_unit(world, others, sign_in):
    for name, pk in (("plan_line", world.own.line), ("record_new", world.own.contact_point)):
        page = sign_in(world.own.coordinator).get(reverse(name, args=[pk.pk]))
        assert list(page.context["form"].fields["topics"].queryset) == [world.home.topic]
    page = sign_in(world.other.coordinator).get(reverse("plan_line", args=[world.other.line.pk]))
    assert set(page.context["form"].fields["topics"].queryset) == {world.home.topic, others}


def test_a_forged_topic_of_other_units_is_refused(world, others, sign_in):
    browser = sign_in(world.own.coordinator)
    pk, data = uuid4(), make.record_form(world.own, topics=[others.pk])
    assert browser.post(reverse("record", args=[pk]), data).status_code == 200
    assert not Visit.objects.filter(pk=pk).exists()
    with pytest.raises(ValidationError, match=others.title):
        make.visit(world.own.contact_point, world.own.cadre, topics=[others])
    with pytest.raises(ValidationError, match=others.title):
        write_line(
            line=world.own.line,
            actor=world.own.coordinator,
            version=1,
            planned_date=None,
            group="",
            officer_id=world.own.officer.pk,
            topics=[others],
        )


def test_people_see_topics_of_their_unit_and_those_their_records_name(world, others):
    seen = Topic.objects.visible_to
    assert set(seen(world.own.cadre)) == {world.home.topic}
    assert set(seen(world.home.office)) == {world.home.topic, others}
    assert not seen(world.home.admin).exists()
    PlanLine.topics.through.objects.create(planline=world.own.line, topic=others)
    assert others in seen(world.own.cadre)
    PlanLine.topics.through.objects.all().delete()
    world.own.visit.topics.add(others)
    assert others in seen(world.own.cadre)


def test_a_correction_keeps_a_topic_that_changed_its_months_since(world, sign_in):
    visit = make.visit(world.own.contact_point, world.own.cadre, topics=[world.home.topic])
    change(world.home.topic, world, first_month=JULY)
    url = reverse("record", args=[visit.pk])
    browser = sign_in(world.own.cadre)
    form = browser.get(url).context["form"]
    assert world.home.topic in form.fields["topics"].queryset
    data = make.record_form(world.own, base="1.0", topics=[world.home.topic.pk])
    data |= {"day": visit.day.isoformat()}
    assert browser.post(url, data).status_code == 302
    assert list(visit.topics.all()) == [world.home.topic]


# Change and withdraw -----------------------------------------------------------------------------


@pytest.fixture
def planned(world):
    """The topic stands in the own unit's lines of May (visited), June and July."""
    lines = [world.own.line]
    lines += [make.plan_line(world.own.contact_point, month) for month in (JUNE, JULY)]
    for line in lines:
        line.topics.add(world.home.topic)
    return lines


def named(lines):
    return [line.topics.count() for line in lines]


def test_a_topic_nobody_named_is_removed(world):
    file = make.attachment(world.home.topic)
    assert withdraw_topic(topic=world.home.topic, actor=world.home.office) is None
    assert not Topic.objects.filter(programme_year=world.home.year).exists()
    assert not TopicAttachment.objects.filter(pk=file.pk).exists()


def test_a_named_topic_ends_with_this_month_and_later_lines_lose_it(world, planned):
    closed = withdraw_topic(topic=world.home.topic, actor=world.home.office)
    assert closed.last_month == MONTH
    assert named(planned) == [1, 0, 0]
    assert Notification.objects.get(user=world.own.coordinator).url == closed.get_absolute_url()
    assert not Notification.objects.filter(user=world.other.coordinator).exists()
    (entry,) = audit.history(planned[1])
    assert (entry.before["topics"], entry.after["topics"]) == ([closed.title], [])
    assert audit.history(closed)[0].bulk_id == entry.bulk_id


def test_a_topic_to_come_that_is_named_keeps_its_first_month(world, planned):
    topic = world.home.topic
    change(topic, world, first_month=JUNE)
    assert named(planned) == [1, 1, 1]  # May has been visited
    closed = withdraw_topic(topic=topic, actor=world.home.office)
    assert (closed.first_month, closed.last_month) == (JUNE, JUNE)
    assert named(planned) == [1, 1, 0]


def test_lines_of_units_it_is_no_longer_meant_for_lose_it(world, planned):
    change(world.home.topic, world, units=[world.other.unit])
    assert named(planned) == [1, 0, 0]


def test_past_months_keep_what_was_planned(world, planned):
    april = make.plan_line(world.own.contact_point, date(2026, 4, 1))
    april.topics.add(world.home.topic)
    change(world.home.topic, world, first_month=JUNE)
    assert april.topics.count() == 1


def test_who_changes_what_a_colleague_changed_is_told(world, sign_in):
    topic, browser = world.home.topic, sign_in(world.home.office)
    url = reverse("topic_change", args=[topic.pk])
    form = browser.get(url).context["form"]
    seen = form["seen"].value()
    change(topic, world, text="逐条对照讲")
    with pytest.raises(StaleVersion):
        change(topic, world, seen=seen, text="")
    data = {"title": "医保新政", "level": "county", "text": "我写的", "seen": seen}
    data |= {"first_month": "2026-01-01", "last_month": "2026-12-01"}
    page = browser.post(url, data)
    assert page.status_code == 409
    assert "逐条对照讲" in page.content.decode()
    assert page.context["form"]["text"].value() == "我写的"
    data |= {"seen": page.context["form"]["seen"].value(), "units": [world.own.unit.pk]}
    assert browser.post(url, data)["Location"] == topic.get_absolute_url()
    topic.refresh_from_db()
    assert (topic.title, topic.text, topic.units.get()) == ("医保新政", "我写的", world.own.unit)


def test_only_the_county_office_changes_topics(world):
    for actor in (world.own.coordinator, world.home.admin, world.abroad.office):
        with pytest.raises(PermissionDenied):
            withdraw_topic(topic=world.home.topic, actor=actor)
        with pytest.raises(PermissionDenied):
            attach_file(topic=world.home.topic, actor=actor, file=make.pdf())


def test_the_page_says_what_a_withdrawal_does_before_it_is_done(world, planned, sign_in):
    browser = sign_in(world.home.office)
    url = reverse("topic_withdraw", args=[world.home.topic.pk])
    page = browser.get(url).content.decode()
    assert "2026年5月底" in page and "2 条方案" in page
    assert named(planned) == [1, 1, 1]
    browser.post(url)
    assert named(planned) == [1, 0, 0]


def test_units_are_chosen_by_kind(world, sign_in):
    browser = sign_in(world.home.office)
    url = reverse("topic_create", args=[world.home.year.pk])
    groups = dict(browser.get(url).context["form"].unit_groups())
    assert list(groups) == ["政府部门"]
    assert len(groups["政府部门"]) == 2
    data = {"title": "医保新政", "level": "county", "text": ""}
    data |= {"first_month": "2026-01-01", "last_month": "2026-12-01"}
    foreign = browser.post(url, data | {"units": [world.foreign.unit.pk]})
    assert foreign.status_code == 200 and foreign.context["form"].errors["units"]
    browser.post(url, data | {"units": [world.own.unit.pk]})
    assert Topic.objects.get(title="医保新政").units.get() == world.own.unit


def test_a_topic_stays_inside_its_year(world):
    with pytest.raises(ValidationError):
        change(world.home.topic, world, last_month=date(2027, 1, 1))


# Files -------------------------------------------------------------------------------------------


def office(kind):
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{kind}/document.xml", "<x/>")
    return out.getvalue()


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(orientation=6, order="<"):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    place = b"GPS 37.2 N 115.0 E" + b"\0" * 20
    tags = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    camera = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"ABC\0")
    exif = mark + struct.pack(order + "IH", 8, 2) + camera + tags + bytes(4) + place
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + segment(0xE1, b"Exif\0\0" + exif)
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
        + segment(0xFE, b"taken by somebody")
        + segment(0xDB, b"table")
        + segment(0xDA, b"scan")
        + b"pixels\xff\xd9"
    )


def png():
    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    parts = [
        (b"IHDR", b"x" * 13),
        (b"tEXt", b"Author\0me"),
        (b"eXIf", b"GPS"),
        (b"IDAT", b"pixels"),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*p) for p in [*parts, (b"IEND", b"")])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("讲话.pdf", b"%PDF-1.7"),
        ("提纲.DOCX", office("word")),
        ("名单.xlsx", office("xl")),
        ("课件.pptx", office("ppt")),
    ],
)
def test_documents_are_kept_as_they_are(name, content):
    assert checked(name, content) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("提纲.docx", office("xl")),
        ("提纲.docx", b"%PDF-1.7"),
        ("提纲.docx", office("word") + b"word/vbaProject.bin"),
        ("讲话.pdf", b"<html><script>"),
        ("页面.html", b"<html>"),
        ("图.svg", b"<svg/>"),
        ("图.png", b"\x89PNG\r\n\x1a\n"),
        ("图.png", png()[:-20]),
        ("图.jpg", jpeg()[:60]),
        ("图.jpg", b"\xff\xd8\xff"),
        ("程序.exe", b"MZ"),
        ("没有扩展名", b"%PDF-1.7"),
        ("", b""),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content):
    with pytest.raises(ValidationError):
        checked(name, content)


def test_a_file_that_is_too_large_is_refused(settings):
    settings.ATTACHMENT_MAX_BYTES = 2**20
    assert checked("讲话.pdf", b"%PDF-" + bytes(2**20 - 5))
    with pytest.raises(ValidationError, match="1 MB"):
        checked("讲话.pdf", b"%PDF-" + bytes(2**20))


@pytest.mark.parametrize("order", "<>")
def test_a_picture_keeps_how_it_was_held_and_nothing_else(order):
    kept = checked("图.jpg", jpeg(6, order))
    for told in (b"GPS", b"ABC", b"somebody", b"adobe"):
        assert told not in kept
    assert kept.endswith(segment(0xDB, b"table") + segment(0xDA, b"scan") + b"pixels\xff\xd9")
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in kept
    assert checked("图.jpg", kept) == kept
    assert b"Exif" not in checked("图.jpg", jpeg(1, order))
    clean = checked("图.png", png())
    assert b"GPS" not in clean and b"Author" not in clean and b"pixels" in clean
    assert checked("图.png", clean) == clean


def test_a_file_is_attached_served_and_removed(world, sign_in, django_capture_on_commit_callbacks):
    topic, browser = world.home.topic, sign_in(world.home.office)
    url = reverse("attachment_create", args=[topic.pk])
    file = SimpleUploadedFile("三干会 讲话.pdf", b"%PDF-1.7 speech", "text/html")
    assert browser.post(url, {"file": file})["Location"] == topic.get_absolute_url()
    row = topic.attachments.get()
    assert (row.file_name, row.size, len(row.sha256)) == ("三干会 讲话.pdf", 15, 64)
    assert "三干会" not in row.file.name
    file.seek(0)
    page = browser.post(url, {"file": file})
    assert page.context["form"].errors["file"] == ["这个文件已经上传过。"]
    there = reverse("attachment_download", args=[row.pk])
    response = sign_in(world.own.cadre).get(there)
    assert b"".join(response) == b"%PDF-1.7 speech"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        row.file.url.startswith("/") and browser.get(f"/media/{row.file.name}").status_code == 404
    )
    path = row.file.path
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("attachment_remove", args=[row.pk]))
    assert browser.get(there).status_code == 404
    assert not row.file.storage.exists(path)
    removed, attached = audit.history(topic)[:2]
    assert (attached.action, removed.action) == ("File attached", "File removed")
    assert removed.before["sha256"] == row.sha256


def test_a_cadre_reads_on_the_card_what_to_explain(world, planned, sign_in):
    browser = sign_in(world.own.cadre)
    topic = world.home.topic
    Topic.objects.filter(pk=topic.pk).update(text="讲清三类骗局")
    Visit.objects.all().delete()
    assert topic.get_absolute_url() in browser.get(reverse("my_month")).content.decode()
    make.attachment(topic, file_name="反诈提纲.pdf")
    page = browser.get(topic.get_absolute_url()).content.decode()
    assert "讲清三类骗局" in page and "反诈提纲.pdf" in page
    assert reverse("topic_change", args=[topic.pk]) not in page
