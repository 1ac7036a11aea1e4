"""Bulletins are begun from findings, written by the office, numbered once and never changed."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from docx import Document

from outreach import clock
from outreach.models import AuditEntry
from outreach.roles import Role
from reports import bulletins
from reports.bulletins import begin_bulletin, discard_bulletin, issue_bulletin, write_bulletin
from reports.letterheads import set_letterhead
from reports.models import Bulletin
from tests import factories as make
from tests.reports.small_county import MAY, Place
from visits.services.errors import NotPossible

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 5)
TEXT = "一、用水\n群众反映机井电费计量不准。\n（一）下一步\n请县水务局核查。"


@pytest.fixture(autouse=True)
def today(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.at(make.moment(TODAY, 12)):
        yield


@pytest.fixture
def place():
    place = Place()
    place.visit()
    return place


def begun(place, **fields):
    feedback = place.point.visits.get().feedback
    values = {"county": place.county, "month": MAY, "title": "用水问题", "actor": place.office}
    return begin_bulletin(**values | {"findings": [feedback.pk]} | fields)


def written(row, actor, version=1, **fields):
    values = {"title": "用水问题", "text": TEXT, "version": version, "actor": actor}
    return write_bulletin(**{"bulletin": row} | values | fields)


def issued(place):
    return issue_bulletin(bulletin=begun(place), version=1, actor=place.office)


def paragraphs(row):
    with row.document.open() as file:
        return [each.text for each in Document(io.BytesIO(file.read())).paragraphs]


def test_a_draft_quotes_its_findings_with_their_village_and_keeps_where_they_came_from(place):
    row = begun(place)
    assert row.text.startswith(f"1.{place.village.township.name}{place.village.name}：群众反映")
    assert row.sources[0]["visit"] == str(place.point.visits.get().pk)
    assert (row.state, row.number) == ("made", None)


def test_nothing_chosen_or_a_finding_of_others_begins_nothing(place):
    foreign = Place()
    foreign.visit()
    for findings in ([], [foreign.point.visits.get().feedback.pk]):
        with pytest.raises(ValidationError):
            begun(place, findings=findings)


def test_only_the_office_of_the_county_writes_and_issues(place):
    row = begun(place)
    for somebody in (
        place.writer,
        make.user(Role.ADMIN, county=place.county),
        make.user(Role.COUNTY, county=make.county()),
    ):
        for act in (
            lambda who: begun(place, actor=who),
            lambda who: written(row, who),
            lambda who: issue_bulletin(bulletin=row, version=1, actor=who),
            lambda who: discard_bulletin(bulletin=row, version=1, actor=who),
        ):
            with pytest.raises(PermissionDenied):
                act(somebody)


def test_second_to_write_is_told_and_loses_nothing(place, sign_in):
    row = begun(place)
    written(row, place.office)
    url = reverse("bulletin_write", args=[row.pk])
    page = sign_in(place.office).post(url, {"title": "另一稿", "text": "我的一稿", "version": "1"})
    assert place.office.name in str(page.context["form"].non_field_errors())
    assert "我的一稿" in page.content.decode()
    assert Bulletin.objects.get().text == TEXT


def test_numbers_of_people_are_not_written_into_a_bulletin(place):
    with pytest.raises(ValidationError):
        written(begun(place), place.office, text="联系电话13803191234。")


def test_issued_files_have_the_head_the_number_and_the_copies(place):
    set_letterhead(
        county=place.county,
        actor=place.office,
        version=0,
        issuer="巨鹿县“面对面”活动办公室",
        office="",
        code="",
        last_number=0,
        bulletin_name="“面对面”活动简报",
        copies="报：县委、县政府\n发：各单位",
    )
    row = written(begun(place), place.office)
    row = issue_bulletin(bulletin=row, version=2, actor=place.office)
    lines = paragraphs(row)
    assert lines[:3] == ["“面对面”活动简报", "第1期", "巨鹿县“面对面”活动办公室\t2026年6月5日"]
    assert lines[-2:] == ["报：县委、县政府", "发：各单位"]
    with row.document.open() as file:
        styles = {p.text: p.style.name for p in Document(io.BytesIO(file.read())).paragraphs}
    assert (styles["一、用水"], styles["（一）下一步"]) == ("Heading 1", "Heading 2")
    assert styles["请县水务局核查。"] == "Body"
    page = pypdfium2.PdfDocument(row.pdf.path)[0].get_textpage().get_text_range()
    page = page.replace(" ", "")  # those between letters and digits
    assert "第1期" in page
    assert "报：县委、县政府" in page
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.after["number"]) == ("Bulletin issued", 1)


def test_numbers_follow_each_other_in_a_county_and_begin_anew_each_year(place):
    other = Place()
    other.visit()
    assert [issued(place).number, issued(place).number, issued(other).number] == [1, 2, 1]
    with clock.at(make.moment(date(2027, 1, 4))):
        assert issued(place).number == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_issuing_at_once_issue_once(place):
    row = begun(place)

    def click(_n):
        try:
            with clock.at(make.moment(TODAY)):
                return issue_bulletin(bulletin=row, version=1, actor=place.office).number
        except NotPossible:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, range(2))) == [0, 1]


def test_the_database_refuses_to_change_or_delete_an_issued_bulletin(place):
    row = issued(place)
    for act in (lambda: Bulletin.objects.update(title="另一题"), row.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()
    for act in (
        lambda: written(row, place.office),
        lambda: issue_bulletin(bulletin=row, version=1, actor=place.office),
        lambda: discard_bulletin(bulletin=row, version=1, actor=place.office),
    ):
        with pytest.raises(NotPossible):
            act()


def test_a_full_disk_issues_nothing_and_says_so(place, monkeypatch, sign_in):
    def full(*args):
        raise OSError(28, "No space left on device")

    row = begun(place)
    monkeypatch.setattr(bulletins.storing, "write_whole", full)
    browser = sign_in(place.office)
    url = reverse("bulletin_issue", args=[row.pk])
    page = browser.post(url, {"version": "1"}, follow=True)
    assert "没有印发" in page.content.decode()
    row.refresh_from_db()
    assert (row.state, row.number) == ("made", None)


def test_from_findings_to_the_issued_file_by_the_pages(place, sign_in):
    browser = sign_in(place.office)
    url = reverse("bulletin_create") + "?month=2026-05"
    finding = browser.get(url).context["offered"][0].feedback
    browser.post(url, {"title": "用水问题", "findings": [finding]})
    row = Bulletin.objects.get()
    draft = browser.get(reverse("bulletin_file", args=[row.pk]))
    assert "草稿" in [p.text for p in Document(io.BytesIO(draft.content)).paragraphs][1]
    browser.post(reverse("bulletin_issue", args=[row.pk]), {"version": row.version})
    row.refresh_from_db()
    stored = browser.get(reverse("bulletin_file", args=[row.pk]), {"kind": "pdf"})
    assert b"".join(stored) == Path(row.pdf.path).read_bytes()
    assert row.sha256 in browser.get(row.get_absolute_url()).content.decode()


def test_a_draft_can_be_thrown_away(place, sign_in):
    row = begun(place)
    sign_in(place.office).post(reverse("bulletin_discard", args=[row.pk]), {"version": "1"})
    assert not Bulletin.objects.exists()
    assert "群众反映" in AuditEntry.objects.latest("id").before["text"]
