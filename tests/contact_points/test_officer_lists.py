"""A list of officers: found by unit and name, accounts made, first passwords handed out once."""

from datetime import date
from io import BytesIO

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from openpyxl import load_workbook

from contact_points.models import ImportRun, Officer
from contact_points.services import slips
from contact_points.services.answers import answer_question
from contact_points.services.imports import NotPossible
from outreach.models import AuditEntry, User
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, bring, noted, outcomes, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def place():
    county = factories.county(name="巨鹿县")

    class Place:
        admin = factories.user(Role.ADMIN, county=county)
        unit = factories.unit(county, name="县水务局")
        other = factories.unit(county, name="县民政局")
        wang = factories.officer(unit, name="王建国", post="科员", telephone="13800001111")

    Place.county = county
    return Place


def brought(place, *rows, **cells):
    rows = [{"unit": "县水务局"} | cells for cells in rows or [cells]]
    return bring(place.admin, "officers", *rows)


def test_post_telephone_and_last_day_change_and_are_put_back(place):
    run = brought(
        place, officer="王建国", post="副局长", telephone="13900002222", left_on="2026.3.5"
    )
    assert run.rows.get().changes == [
        ["post", "科员", "副局长"],
        ["telephone", "13800001111", "13900002222"],
        ["left_on", "", "2026-03-05"],
    ]
    run = apply(run, place.admin)
    place.wang.refresh_from_db()
    assert (place.wang.post, place.wang.left_on) == ("副局长", date(2026, 3, 5))
    assert undo(run, place.admin)
    place.wang.refresh_from_db()
    assert (place.wang.post, place.wang.telephone, place.wang.left_on) == (
        "科员",
        "13800001111",
        None,
    )


def test_an_empty_cell_and_another_writing_of_the_telephone_change_nothing(place):
    assert outcomes(brought(place, officer="王 建国")) == ["unchanged"]
    assert outcomes(brought(place, officer="王建国", telephone="138-0000 1111")) == ["unchanged"]


def test_somebody_new_is_shown_as_such_and_sorts_by_the_surname(place):
    run = brought(place, {"officer": "单雄信", "post": "局长", "unit": "水务局"})
    assert (outcomes(run), noted(run)) == (["new"], {2: ["officer"]})
    run = apply(run, place.admin)
    officer = Officer.objects.get(name="单雄信")
    assert (officer.unit, officer.county, officer.sort_key, officer.user) == (
        place.unit,
        place.county,
        "shan xiong xin",
        None,
    )
    assert undo(run, place.admin)
    assert not Officer.objects.filter(name="单雄信").exists()


def test_who_seems_to_have_moved_is_told(place):
    run = brought(place, {"officer": "王建国", "unit": "民政局", "telephone": "13800001111"})
    assert (outcomes(run), noted(run)) == (["new"], {2: ["officer", "unit"]})


def test_namesakes_ask_unless_the_row_agrees_with_one(place):
    factories.officer(place.unit, name="王建国", post="主任")
    assert outcomes(brought(place, officer="王建国", post="主任")) == ["unchanged"]
    known = brought(place, officer="王建国", post="局长", telephone="13800001111")
    assert known.rows.get().changes == [["post", "科员", "局长"]]
    run = brought(place, officer="王建国", post="局长")
    assert outcomes(run) == ["asks"]
    (question,) = run.questions
    run = answer_question(run=run, key=question["key"], answer="new", actor=place.admin)
    assert outcomes(run) == ["new"]
    run = answer_question(run=run, key=question["key"], answer="", actor=place.admin)
    run = answer_question(
        run=run, key=question["key"], answer=str(place.wang.pk), actor=place.admin
    )
    assert run.rows.get().changes == [["post", "科员", "局长"]]


def test_equal_namesakes_are_unchanged_one_after_the_other(place):
    factories.officer(place.unit, name="王建国", post="科员", telephone="13800001111")
    row = {"officer": "王建国", "post": "科员", "telephone": "13800001111"}
    assert outcomes(brought(place, row, row, row)) == ["unchanged", "unchanged", "asks"]


def test_an_unknown_unit_asks(place):
    run = bring(place.admin, "officers", officer="李爱民", unit="水利局")
    assert outcomes(run) == ["asks"]
    assert run.questions[0]["kind"] == "unit"


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"officer": "", "post": "局长"}, ["officer"]),
        ({"officer": "王建国、李爱民"}, ["officer"]),
        ({"officer": "李爱民", "telephone": "不详"}, ["telephone"]),
        ({"officer": "李爱民", "left_on": "某日"}, ["left_on"]),
        ({"officer": "李爱民", "username": "a b"}, ["username"]),
        ({"officer": "李爱民", "username": "a" * 151}, ["username"]),
        ({"officer": "李爱民", "username": "li", "role": "管理员"}, ["role"]),
        ({"officer": "李爱民", "username": "li", "left_on": "2026-01-31"}, ["username"]),
        ({"officer": "", "telephone": "x", "role": "x", "unit": ""}, ["unit", "role", "officer"]),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(place, cells, columns):
    run = brought(place, cells)
    assert outcomes(run) == ["rejected"], noted(run)
    assert [note["column"] for note in run.rows.get().notes] == columns


def with_accounts(place):
    run = brought(
        place,
        {"officer": "王建国", "username": "wangjianguo"},
        {"officer": "李爱民", "username": "liaimin", "role": "单位联络员"},
    )
    assert outcomes(run) == ["changed", "new"]
    return run


def test_accounts_wait_for_their_first_password(place):
    run = with_accounts(place)
    assert run.rows.get(number=2).changes == [
        ["username", "", "wangjianguo"],
        ["role", "", "走访干部"],
    ]
    run = apply(run, place.admin)
    wang, li = User.objects.get(username="wangjianguo"), User.objects.get(username="liaimin")
    assert (wang.role, wang.unit, wang.name, wang.county) == (
        Role.CADRE,
        place.unit,
        "王建国",
        place.county,
    )
    assert li.role == Role.COORDINATOR
    assert li.officer.name == "李爱民"
    place.wang.refresh_from_db()
    assert place.wang.user == wang
    for account in (wang, li):
        account.full_clean()
        assert (account.has_usable_password(), account.must_change_password) == (False, True)
    actions = AuditEntry.objects.filter(bulk_id=run.bulk_id).values_list("action", flat=True)
    assert sorted(actions) == [
        "Account created",
        "Account created",
        "List applied",
        "Officer added",
        "Officer corrected",
    ]


def test_a_user_name_is_given_once(place):
    factories.user(Role.CADRE, unit=factories.unit(factories.county()), username="elsewhere")
    run = brought(
        place,
        {"officer": "王建国", "username": "wang"},
        {"officer": "李爱民", "username": "wang"},
        {"officer": "孙红", "username": "elsewhere"},
    )
    assert outcomes(run) == ["changed", "rejected", "rejected"]
    assert run.rows.get(number=4).remarks == [("User name", "This user name is taken.")]


def test_who_has_an_account_keeps_it(place):
    account = factories.user(Role.CADRE, unit=place.unit, username="wang")
    Officer.objects.filter(pk=place.wang.pk).update(user=account)
    run = brought(place, officer="王建国", username="wang", role="单位联络员")
    assert (outcomes(run), noted(run)) == (["unchanged"], {2: ["role"]})
    assert outcomes(brought(place, officer="王建国", username="wang2")) == ["rejected"]


def test_only_who_may_make_accounts_brings_them(place, monkeypatch):
    run = with_accounts(place)
    monkeypatch.setattr(
        "contact_points.services.record_writing.can_create_account", lambda *args: False
    )
    run = apply(run, place.admin)
    assert run.state == ImportRun.State.READY
    assert not User.objects.filter(username="liaimin").exists()


def test_a_user_name_taken_meanwhile_stops_everything(place):
    run = with_accounts(place)
    factories.user(Role.CADRE, unit=place.other, username="liaimin")
    run = apply(run, place.admin)
    assert (run.state, outcomes(run)) == (ImportRun.State.READY, ["changed", "rejected"])
    assert not User.objects.filter(username="wangjianguo").exists()


# Sign-in slips ----------------------------------------------------------------------------------


def slips_of(client, run, **data):
    """The rows of the file that the page's button gives."""
    response = client.post(reverse("import_slips", args=[run.pk]), data)
    assert response["Cache-Control"] == "no-store"
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    return [[cell.value for cell in row] for row in book.active.iter_rows(min_row=2)]


def can_sign_in(username, password):
    return authenticate(None, username=username, password=password) is not None


def test_slips_hand_out_new_passwords_each_time_and_keep_none(place, client, settings, rf):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    run = apply(with_accounts(place), place.admin)
    client.force_login(place.admin)
    page = client.get(run.get_absolute_url())
    assert page.context["slips"] == [(0, 2)]
    first, other = slips_of(client, run)
    assert (first[0], first[1], first[2]) == ("王建国", "县水务局", "wangjianguo")
    assert first[4] == "http://testserver/login/"
    assert can_sign_in("wangjianguo", first[3])
    assert can_sign_in("liaimin", other[3])
    again = slips_of(client, run)
    assert not can_sign_in("wangjianguo", first[3])
    assert can_sign_in("wangjianguo", again[0][3])
    entries = AuditEntry.objects.filter(action="First password handed out")
    assert entries.count() == 4
    assert len(set(entries.values_list("bulk_id", flat=True))) == 2
    files = AuditEntry.objects.filter(action="List exported").values_list("after", flat=True)
    assert [(file["list"], file["rows"]) for file in files] == [("干部", 2)] * 2
    kept = str(list(AuditEntry.objects.values())) + str(list(User.objects.values()))
    for secret in (first[3], other[3], again[0][3], again[1][3]):
        assert secret not in kept
    assert first[3] not in str(list(ImportRun.objects.values()))


def test_who_signed_in_keeps_the_own_password(place, client):
    run = apply(with_accounts(place), place.admin)
    User.objects.filter(username="wangjianguo").update(
        last_login=factories.moment(date(2026, 5, 2))
    )
    client.force_login(place.admin)
    assert [row[2] for row in slips_of(client, run)] == ["liaimin"]
    User.objects.update(last_login=factories.moment(date(2026, 5, 2)))
    response = client.post(reverse("import_slips", args=[run.pk]), follow=True)
    assert len(response.context["messages"]) == 1
    assert response.context["slips"] == []


def test_slips_come_in_parts(place, client, monkeypatch):
    run = apply(with_accounts(place), place.admin)
    monkeypatch.setattr(slips, "PART", 1)
    monkeypatch.setattr("contact_points.views.previews.PART", 1)
    client.force_login(place.admin)
    assert client.get(run.get_absolute_url()).context["slips"] == [(0, 1), (1, 1)]
    assert [row[2] for row in slips_of(client, run, part=1)] == ["liaimin"]


def test_slips_are_for_the_administrator_of_the_county_and_applied_lists(place):
    run = with_accounts(place)
    with pytest.raises(NotPossible):
        slips.make_slips(run=run, part=0, actor=place.admin)
    run = apply(run, place.admin)
    for stranger in (
        factories.user(Role.ADMIN, county=factories.county()),
        factories.user(Role.COUNTY, county=place.county),
    ):
        with pytest.raises(PermissionDenied):
            slips.make_slips(run=run, part=0, actor=stranger)
    assert not AuditEntry.objects.filter(action="First password handed out").exists()


# Undo -------------------------------------------------------------------------------------------


def test_an_undo_removes_accounts_that_nobody_used(place):
    run = apply(with_accounts(place), place.admin)
    slips.make_slips(run=run, part=0, actor=place.admin)
    assert undo(run, place.admin), run.obstacles
    place.wang.refresh_from_db()
    assert place.wang.user is None
    assert not User.objects.filter(unit=place.unit).exists()
    assert not Officer.objects.filter(name="李爱民").exists()
    actions = AuditEntry.objects.filter(action__in=["Account removed", "Officer removed"])
    assert actions.count() == 3
    with pytest.raises(NotPossible):
        slips.make_slips(run=run, part=0, actor=place.admin)


def test_a_used_account_stands_in_the_way(place):
    run = apply(with_accounts(place), place.admin)
    User.objects.filter(username="liaimin").update(last_login=factories.moment(date(2026, 5, 2)))
    assert not undo(run, place.admin)
    assert run.obstacles == [
        {"text": "%(record)s has signed in since.", "params": {"record": "liaimin"}}
    ]
    assert User.objects.filter(username="wangjianguo").exists()


def test_an_officer_with_a_contact_point_stands_in_the_way(place):
    run = apply(brought(place, officer="李爱民"), place.admin)
    officer = Officer.objects.get(name="李爱民")
    village = factories.village(factories.township(place.county))
    point = factories.contact_point(place.unit, village)
    point.co_officers.add(officer)
    assert not undo(run, place.admin)
    assert run.obstacles[0]["params"] == {"record": "李爱民", "count": 1}
    point.co_officers.clear()
    assert undo(run, place.admin)


def test_an_account_given_by_hand_since_stands_in_the_way(place):
    run = apply(brought(place, officer="李爱民"), place.admin)
    account = factories.user(Role.CADRE, unit=place.unit)
    Officer.objects.filter(name="李爱民").update(user=account)
    assert not undo(run, place.admin)
    assert run.obstacles[0]["text"] == "%(record)s was changed since."
