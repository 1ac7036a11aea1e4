"""The trail of what changes nothing: files that left, refusals, and who read the trail itself.

Which views send files is found in the code, not listed: one that nobody thought of fails here.
"""

import inspect
from datetime import timedelta
from itertools import product
from types import CodeType

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import translation

from feedback.services.evidence import add_evidence
from outreach import audit, clock
from outreach.lists import list_page
from outreach.models import AuditEntry
from outreach.pages import REFUSABLE, page_in_words
from outreach.roles import Role
from tests import factories as make
from tests.conftest import TODAY
from tests.test_access_matrix import NAMES, ROWS, Objects, address, patterns

MONTH = {"month": "2026-05"}
# What each view is asked for: one entry for each.
FILES = {
    "attachment_download": [{}],
    "bulletin_file": [{}, {"kind": "docx"}],
    "evaluation_frame": [{}],
    "import_rejects": [{}],
    "import_template": [{"kind": "units", "filled": "1"}, {}],
    "matter_file": [{}],
    "month_ledger": [MONTH],
    "plan_export": [{}],
    "plan_import_rejects": [{}],
    "report_download": [{"kind": kind} for kind in ("docx", "pdf", "xlsx")],
    "township_sheet": [{"kind": "docx", **MONTH}],
    "unit_sheet": [{"kind": "docx", **MONTH}],
    "visit_photo_file": [{}],
    "year_summary": [{"kind": "docx"}, {"kind": "xlsx"}],
}
LEDGERS = [{"export": "csv"}, {"export": "xlsx"}]
# Made by a POST, with entries of its own about the passwords: tests/contact_points.
POSTED = {"import_slips"}
NO_FILE = {
    "calendar_feed": "a calendar program asks hourly; that the address was made is in the trail",
    "phone_worker": "a script, the same for everybody",
    "plan_detail": "an empty answer: nothing changed since",
    # The program's own script reads these; no person gets a file of them.
    **dict.fromkeys(("healthz", "readyz", "phone", "phone_manifest"), "told to a program"),
    **dict.fromkeys(("record", "record_new", "record_draft"), "how a sent record arrived"),
    **dict.fromkeys(("matter_file_add", "visit_photo"), "how a sent file arrived"),
    **dict.fromkeys(("matter_act", "matter_create"), "where the sender goes on"),
}
MAKERS = {FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse}
APPS = ("outreach.", "contact_points.", "visits.", "feedback.", "reports.")


def named(function):
    """The functions and classes that the code of `function` names, or takes from a module."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
        for name in code.co_names:
            found = function.__globals__.get(name)
            yield found
            if inspect.ismodule(found):
                yield from (vars(found)[part] for part in code.co_names if part in vars(found))


def reached(view):
    """All that a view may come to, through whatever functions of ours."""
    seen, waiting = set(), [inspect.unwrap(view)]
    while waiting:
        function = waiting.pop()
        if function in seen or not getattr(function, "__module__", "").startswith(APPS):
            continue
        seen.add(function)
        for each in named(function):
            if inspect.isfunction(each):
                waiting.append(inspect.unwrap(each))
            elif inspect.isclass(each):
                seen.add(each)
    return seen


REACHED = {pattern.name: reached(pattern.callback) for space, pattern in patterns() if not space}
LISTS = {name for name, found in REACHED.items() if list_page in found}


def test_every_view_that_may_send_a_file_was_thought_of():
    senders = {name for name, found in REACHED.items() if found & MAKERS}
    assert senders == LISTS | set(FILES) | POSTED | set(NO_FILE)
    assert not (set(FILES) | POSTED) & set(NO_FILE)
    assert not [each.name for space, each in patterns() if space and "export" in str(each.name)]


@pytest.fixture
def objects(world, kept_reports):
    world.kept_reports = kept_reports
    return lambda person: Objects(world, person)


def asker_of(name):
    """(role, kind of object) of somebody who may open the view."""
    who = (Role.COUNTY, Role.ADMIN, Role.COORDINATOR, Role.CADRE)
    rows = [row for row in ROWS if row.name == name and row.method == "GET"]
    return next((role, row.kind) for row, role in product(rows, who) if row.cells[role][0] == "200")


def own_address(name, kind, objects):
    pk = objects.ids(kind)[0]
    if name in ("matter_file", "visit_photo_file"):
        pk = [*pk[:-1], "whole"]
    return address(name, pk)


def left_by(act):
    """The entries of the trail that this leaves."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    response = act()
    if response.streaming:
        b"".join(response)
    return list(AuditEntry.objects.exclude(pk__in=before))


@pytest.mark.parametrize("name", sorted(LISTS | set(FILES)))
def test_a_file_leaves_exactly_one_entry(name, world, objects, sign_in):
    role, kind = asker_of(name)
    person = world.person(role)
    url, browser = own_address(name, kind, objects(person)), sign_in(person)
    for query in LEDGERS if name in LISTS else FILES[name]:
        (entry,) = left_by(lambda query=query: browser.get(url, query))
        assert (entry.actor, entry.county) == (person, world.home.county)
        assert entry.action == (audit.FETCHED if "format" in entry.after else audit.TAKEN)
        assert entry.action == audit.FETCHED or "rows" in entry.after
        for shown in (entry.changes, entry.concealed):
            assert len(shown) == len([each for each in entry.after.values() if each])
        # A trail is read by people: no number of a row, and nothing anybody called a file.
        told = f"{entry.object_label} {entry.after}"
        assert not [part for part in url.split("/") if len(part) > 20 and part in told]
        assert "宣讲提纲" not in told
        assert entry.request_id


def test_a_picture_on_a_page_leaves_none_beside_the_opened_record(world, objects, sign_in):
    browser, own = sign_in(world.own.cadre), objects(world.own.cadre)
    for name, kind in (("visit_photo_file", "photo_file"), ("matter_file", "matter_file")):
        url = address(name, own.ids(kind)[0])
        assert left_by(lambda url=url: browser.get(url)) == []


def test_what_a_file_of_a_matter_was_called_stays_out(world, sign_in):
    matter = make.matter(world.own)
    named_by_somebody = SimpleUploadedFile("老王家低保.pdf", b"%PDF-1.7\n")
    (row,) = add_evidence(matter=matter, actor=world.own.coordinator, sent=[named_by_somebody])
    url = reverse("matter_file", args=[matter.pk, row.pk, "whole"])
    (entry,) = left_by(lambda: sign_in(world.own.cadre).get(url))
    assert entry.object_label == matter.name_in_trail
    assert entry.after == {"file": "file of a matter", "format": "pdf"}


def test_a_file_that_the_reader_has_already_is_not_noted_again(world, objects, sign_in):
    url = own_address("visit_photo_file", "photo_file", objects(world.own.cadre))
    browser = sign_in(world.own.cadre)
    first = browser.get(url)
    assert b"".join(first)
    known = {"If-None-Match": first["ETag"]}
    assert left_by(lambda: browser.get(url, headers=known)) == []


def test_the_history_of_a_record_leaves_out_who_looked_at_it(world, sign_in):
    browser, plan = sign_in(world.own.coordinator), world.own.plan
    (entry,) = left_by(lambda: browser.get(reverse("plan_export", args=[plan.pk])))
    assert entry.object_label == str(plan)
    assert entry not in audit.history(plan)


def test_a_document_is_told_in_words_of_the_readers_language(world, objects, sign_in):
    url = own_address("unit_sheet", "unit", objects(world.home.office))
    (entry,) = left_by(lambda: sign_in(world.home.office).get(url, {"kind": "docx", **MONTH}))
    assert entry.object_label == world.own.unit.name
    told = {("文件", "月度情况单"), ("格式", "docx"), ("月份", "2026-05")}
    assert {(what, after) for what, _before, after in entry.concealed} == told
    with translation.override("en"):
        assert entry.action_text == "File downloaded"
        assert ("file", None, "sheet of the month") in entry.concealed


# Refusals -----------------------------------------------------------------------------------------


def refusals():
    return AuditEntry.objects.filter(action=audit.REFUSED)


def test_a_refusal_leaves_an_entry_without_an_address(world, sign_in):
    browser, line = sign_in(world.own.cadre), world.own.line
    for send in (browser.get, browser.post):
        assert send(reverse("plan_line_exempt", args=[line.pk])).status_code == 403
    entry = refusals().get()
    assert (entry.actor, entry.county) == (world.own.cadre, world.home.county)
    assert (entry.before, entry.after) == (None, {"page": "plan_line_exempt"})
    assert entry.object_label == str(world.own.cadre)
    assert [change[2] for change in entry.concealed] == ["豁免一次计划走访"]
    assert entry.request_id


def test_refusals_of_a_page_are_noted_once_a_minute(world, sign_in):
    browsers = [sign_in(person) for person in (world.own.cadre, world.other.cadre)]
    own = [reverse("plan_line", args=[place.line.pk]) for place in (world.own, world.other)]
    start = make.moment(TODAY, 12)
    for second in (0, 1, 59):
        with clock.at(start + timedelta(seconds=second)):
            for browser, url in zip(browsers, own, strict=True):
                assert browser.get(url).status_code == 403
    assert refusals().count() == 2
    browsers[0].get(reverse("plan_fill", args=[world.own.plan.pk]))
    assert refusals().count() == 3
    with clock.at(start + timedelta(seconds=61)):
        browsers[0].get(own[0])
    assert refusals().count() == 4


def test_what_does_not_exist_for_a_person_and_an_expired_form_are_no_refusals(
    world, sign_in, client
):
    browser = sign_in(world.own.cadre, enforce_csrf_checks=True)
    assert browser.get(reverse("audit_list")).status_code == 404
    assert browser.get(reverse("visit_detail", args=[world.other.visit.pk])).status_code == 404
    assert browser.post(reverse("my_account")).status_code == 403
    assert client.get(reverse("plan_line", args=[world.own.line.pk])).status_code == 302
    assert not refusals().exists()


def test_the_administrators_own_site_is_told_as_such(world, sign_in):
    page = sign_in(world.home.admin).get(
        reverse("admin:contact_points_unit_delete", args=[world.own.unit.pk])
    )
    assert page.status_code == 403
    assert [change[2] for change in refusals().get().concealed] == ["更正名册"]


def test_every_page_that_refuses_somebody_has_a_name_in_words():
    refusing = {row.name for row in ROWS if any("403" in cell for cell in row.cells.values())}
    assert refusing <= set(REFUSABLE) <= NAMES
    words = [page_in_words(name) for name in REFUSABLE]
    assert len(set(words)) == len(words)
    with translation.override("en"):
        assert not set(words) & {page_in_words(name) for name in REFUSABLE}


# Who read the trail -------------------------------------------------------------------------------


@pytest.fixture
def opens(world, sign_in):
    """Open the trail as the administrator; what that left in it."""
    browser, url = sign_in(world.home.admin), reverse("audit_list")

    def open_it(query=(), trigger=None):
        part = {"HX-Request": "true", "HX-Target": "list", "HX-Trigger": trigger or ""}
        headers = part if trigger is not None else {}
        return left_by(lambda: browser.get(url, dict(query), headers=headers))

    return open_it


def test_who_opens_the_trail_stands_in_it_with_the_filter_in_words(world, opens):
    (entry,) = opens()
    assert (entry.action, entry.actor) == (audit.READ, world.home.admin)
    assert (entry.object_label, entry.after) == (str(world.home.admin), {"filter": "全部"})
    (entry,) = opens({"kind": "refused", "q": "老王"})
    assert entry.after == {"filter": "搜索: 2 个字的文本; 类别: 拒绝了哪些操作"}


def test_a_filter_chosen_on_the_page_is_a_look_and_its_next_pages_are_not(opens):
    opens()
    assert opens({"sort": "at"}, trigger="") == []
    (entry,) = opens({"since": "2026-05-01"}, trigger="filters")
    assert entry.after == {"filter": "起始日期: 2026-05-01"}
    assert opens({"since": "2026-05-01", "sort": "-at"}, trigger="filters") == []


def test_the_trail_taken_as_a_file_is_an_export_and_no_reading(opens):
    (entry,) = opens({"export": "csv"})
    assert entry.action == audit.TAKEN


def test_each_kind_of_entry_is_found_by_its_filter(world, sign_in, opens):
    opens()
    cadre = sign_in(world.own.cadre)
    cadre.get(world.own.visit.get_absolute_url())
    cadre.get(reverse("plan_line", args=[world.own.line.pk]))
    list(cadre.get(reverse("plan_export", args=[world.own.plan.pk])))
    audit.record("Test", actor=world.home.admin, obj=world.own.unit)
    browser = sign_in(world.home.admin)
    shown = {
        kind: {row.record.action for row in page.context["table"].on_page}
        for kind in ("taken", "opened", "read", "refused", "changes")
        for page in [browser.get(reverse("audit_list"), {"kind": kind})]
    }
    changes = shown.pop("changes")
    assert shown == {
        "taken": {audit.TAKEN},
        "opened": {audit.OPENED},
        "read": {audit.READ},
        "refused": {audit.REFUSED},
    }
    assert "Test" in changes
    assert not changes & set(audit.ACCESS)
