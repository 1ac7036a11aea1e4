"""Ledgers and details of the registry: who sees what, filters, and a fixed number of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse

from contact_points.layouts import CONTACT_POINTS
from contact_points.models import ContactPoint
from contact_points.resources import read_list_file
from outreach import clock
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import outcomes, row, upload, xlsx

pytestmark = pytest.mark.django_db
LISTS = ["village_list", "unit_list", "officer_list", "contact_point_list"]


@pytest.fixture
def county():
    return factories.county()


def held_village(county, **fields):
    """A contact point with its own unit, officer, township and village."""
    village = factories.village(factories.township(county))
    return factories.contact_point(factories.unit(county), village, **fields)


def shown(client, name, **query):
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    return {row.record for row in response.context["table"].on_page}


def parts(point):
    """What each list shows of a contact point, by URL name."""
    return dict(zip(LISTS, [point.village, point.unit, point.officer, point], strict=True))


def test_each_role_sees_its_own_scope(client, county):
    own, other = held_village(county), held_village(county)
    foreign = held_village(factories.county())
    for role, unit, seen in [
        (Role.CADRE, own.unit, {own}),
        (Role.COORDINATOR, own.unit, {own}),
        (Role.COUNTY, None, {own, other}),
        (Role.ADMIN, None, {own, other}),
    ]:
        client.force_login(factories.user(role, county=county, unit=unit))
        for name in LISTS:
            assert shown(client, name) == {parts(point)[name] for point in seen}, (role, name)
            detail = name.replace("_list", "_detail")
            for point in (own, other, foreign):
                response = client.get(reverse(detail, args=[parts(point)[name].pk]))
                assert response.status_code == (200 if point in seen else 404), (role, detail)


@pytest.mark.parametrize(
    ("name", "queries"),
    [("village_list", 9), ("unit_list", 7), ("officer_list", 7), ("contact_point_list", 8)],
)
def test_a_longer_list_needs_no_more_queries(
    client, county, name, queries, django_assert_num_queries
):
    client.force_login(factories.user(Role.COUNTY, county=county))
    for more in (1, 2):
        for _ in range(more):
            held_village(county)
        client.get(reverse(name))
        with django_assert_num_queries(queries):
            client.get(reverse(name))


def test_details_need_no_more_queries_for_more_rows(client, county, django_assert_num_queries):
    client.force_login(factories.user(Role.COUNTY, county=county))
    point = held_village(county)
    client.get(reverse("unit_list"))  # the first page also saves the session
    for more in (0, 2):
        for _ in range(more):
            village = factories.village(point.village.township)
            factories.contact_point(point.unit, village, point.officer)
            factories.contact_point(factories.unit(county), point.village)
        for name, queries in [("village_detail", 8), ("unit_detail", 8), ("officer_detail", 8)]:
            pk = {"v": point.village_id, "u": point.unit_id, "o": point.officer_id}[name[0]]
            with django_assert_num_queries(queries):
                client.get(reverse(name, args=[pk]))


def test_contact_points_are_filtered(client, county):
    client.force_login(factories.user(Role.COUNTY, county=county))
    today = clock.today()
    now = held_village(county)
    ended = held_village(county, first=today - timedelta(9), last=today - timedelta(1))
    last_day = held_village(county, first=today - timedelta(9), last=today)
    coming = held_village(county, first=today + timedelta(1))
    name = "contact_point_list"
    assert shown(client, name, when="now") == {now, last_day}
    assert shown(client, name, when="ended") == {ended}
    assert shown(client, name, when="coming") == {coming}
    assert shown(client, name, township=now.village.township_id) == {now}
    for text in (now.village.name, now.unit.name, now.officer.name, now.village.code):
        assert shown(client, name, q=text) == {now}


def test_villages_and_officers_are_filtered(client, county):
    client.force_login(factories.user(Role.COUNTY, county=county))
    held = held_village(county)
    free = factories.village(held.village.township)
    assert shown(client, "village_list", held="yes") == {held.village}
    assert shown(client, "village_list", held="no") == {free}
    assert shown(client, "village_list", q=free.code) == {free}
    cadre = factories.cadre(held.unit, left_on=clock.today())
    assert shown(client, "officer_list", account="yes") == {cadre.officer}
    assert shown(client, "officer_list", serving="yes") == {held.officer}
    assert shown(client, "unit_list", kind="other") == set()


def test_a_choice_of_another_county_shows_nothing_of_it(client, county):
    client.force_login(factories.user(Role.COUNTY, county=county))
    own, foreign = held_village(county), held_village(factories.county())
    response = client.get(reverse("contact_point_list"), {"township": foreign.village.township_id})
    assert foreign.village.township.name.encode() not in response.content
    assert response.context["filter"].form.fields["township"].queryset.get() == own.village.township


def test_people_of_a_unit_choose_among_the_townships_of_their_list(client, county):
    own, other = held_village(county), held_village(county)
    for role, unit, offered in [
        (Role.COORDINATOR, own.unit, {own.village.township}),
        (Role.COUNTY, None, {own.village.township, other.village.township}),
    ]:
        client.force_login(factories.user(role, county=county, unit=unit))
        for name in ("contact_point_list", "village_list"):
            filters = client.get(reverse(name)).context["filter"]
            assert set(filters.form.fields["township"].queryset) == offered, (role, name)


def test_a_list_without_any_row_says_what_comes_first(client, county):
    client.force_login(factories.user(Role.ADMIN, county=county))
    for name in LISTS:
        nothing = client.get(reverse(name)).context["empty"]
        assert "管理员导入" in nothing
        assert client.get(reverse(name), {"q": "寻"}).context["empty"] != nothing


def test_names_are_sorted_by_pinyin(client, county):
    client.force_login(factories.user(Role.COUNTY, county=county))
    unit = factories.unit(county)
    for name, key in [("张三", "zhang san"), ("李四", "li si"), ("单五", "shan wu")]:
        factories.officer(unit, name=name, sort_key=key)
    response = client.get(reverse("officer_list"), {"sort": "name"})
    names = [row.record.name for row in response.context["table"].on_page]
    assert names == ["李四", "单五", "张三"]


def test_the_exported_ledger_can_be_imported_again(client, county):
    admin = factories.user(Role.ADMIN, county=county)
    client.force_login(admin)
    point = held_village(county, note="=甲")
    query = {"cols": list(CONTACT_POINTS.by_name), "export": "xlsx"}
    response = client.get(reverse("contact_point_list"), query)
    content = b"".join(response.streaming_content)
    rows, understood = read_list_file("ledger.xlsx", content)
    assert understood["unknown"] == []
    assert rows[0].values["village_code"] == point.village.code
    assert outcomes(upload(admin, content)) == ["unchanged"]


class TestAdministration:
    def test_an_empty_county_is_told_to_import(self, client, county):
        client.force_login(factories.user(Role.ADMIN, county=county))
        response = client.get(reverse("administration"))
        assert response.context["points"] == 0
        assert reverse("import_create").encode() in response.content

    def test_it_counts_what_is_missing(self, client, county):
        admin = factories.user(Role.ADMIN, county=county)
        client.force_login(admin)
        point = held_village(county)
        factories.village(point.village.township)
        factories.cadre(point.unit)
        upload(admin, xlsx(row(unit="甲", officer="乙")))
        context = client.get(reverse("administration")).context
        assert [context[name] for name in ("villages", "units", "officers", "points")] == [
            2,
            1,
            2,
            1,
        ]
        assert (context["without_account"], context["without_point"]) == (1, 1)
        assert len(context["imports"]) == 1


class TestImportPages:
    @pytest.fixture
    def admin(self, county):
        return factories.user(Role.ADMIN, county=county)

    def test_nobody_else_has_them(self, client, county, admin):
        run = upload(admin, xlsx(row(unit="甲", officer="乙")), read=False)
        own = ["administration", "import_list", "import_create", "import_template"]
        one = ["import_detail", "import_rejects"]
        for stranger in (
            factories.user(Role.COUNTY, county=county),
            factories.user(Role.COORDINATOR, unit=factories.unit(county)),
        ):
            client.force_login(stranger)
            for name in own:
                assert client.get(reverse(name)).status_code == 404
            for name in one:
                assert client.get(reverse(name, args=[run.pk])).status_code == 404
            assert client.post(reverse("import_confirm", args=[run.pk])).status_code == 404
        client.force_login(factories.user(Role.ADMIN, county=factories.county()))
        for name in one:
            assert client.get(reverse(name, args=[run.pk])).status_code == 404

    def test_from_upload_to_report(self, client, county, admin, django_capture_on_commit_callbacks):
        client.force_login(admin)
        village = factories.village(factories.township(county))
        unit = factories.unit(county)
        good = row(code=village.code, unit=unit.name, officer="王建国")
        content = xlsx(good, row(code=village.code, unit=unit.name, officer=""))
        run = upload(admin, content, read=False)
        url = reverse("import_detail", args=[run.pk])
        assert b'id="job"' in client.get(url).content
        run = upload(admin, content)
        url = reverse("import_detail", args=[run.pk])
        page = client.get(url)
        assert [n for _kind, _label, n in page.context["counts"]] == [1, 0, 0, 0, 1]
        assert run.plan_sha256.encode() in page.content
        only = client.get(url, {"outcome": "rejected"})
        assert [r.record.number for r in only.context["table"].on_page] == [3]
        data = {"sha256": run.sha256, "plan_sha256": run.plan_sha256}
        assert client.post(reverse("import_confirm", args=[run.pk]), data).url == url
        again = client.post(reverse("import_confirm", args=[run.pk]), data, follow=True)
        assert len(again.context["messages"]) == 1
        assert b'id="job"' in again.content
        assert not ContactPoint.objects.exists()

    def test_the_template_is_a_list_without_rows(self, client, admin):
        client.force_login(admin)
        content = b"".join(client.get(reverse("import_template")).streaming_content)
        filled = xlsx(row(unit="甲", officer="乙", code="1"), headers=CONTACT_POINTS.headers)
        assert content[:2] == b"PK"
        assert len(content) < len(filled)
