"""A person's views of the lists: kept under a name, opened by a plain address, nobody else's."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.urls import reverse

from outreach import services
from outreach.models import SavedView
from outreach.roles import Role
from tests import factories as make

LIST = reverse("visit_list")
QUERY = "cols=day&cols=unit&sort=-day"


def view_of(person, name="我的", **fields):
    fields = {"list_name": "visit_list", "query": QUERY} | fields
    return services.save_view(actor=person, name=name, **fields)


def listed(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    table = response.context["table"]
    return [row.record for row in table.on_page], [column.name for column in table.columns]


def test_what_a_list_shows_is_kept_under_a_name(world, sign_in):
    browser = sign_in(world.own.coordinator)
    page = browser.get(f"{LIST}?sort=-day&q=&cols=unit&cols=day&after=[1]")
    address = page.context["save_address"]
    form = browser.get(address).context["form"]
    data = {name: form[name].value() for name in ("list_name", "query")} | {"name": "按日期"}
    assert browser.post(address, data)["Location"] == f"{LIST}?{QUERY}"
    page = browser.get(f"{LIST}?{QUERY}")
    assert [(view.name, view.query) for view in page.context["views"]] == [("按日期", QUERY)]
    assert page.context["view_now"].name == "按日期"
    assert "按日期" in page.content.decode()


def test_a_plain_list_offers_nothing_to_keep(world, sign_in):
    page = sign_in(world.own.coordinator).get(f"{LIST}?view=all&q=")
    assert page.context["save_address"] == ""


def test_the_same_name_again_replaces_the_view(world):
    first = view_of(world.own.cadre)
    again = view_of(world.own.cadre, query="q=x")
    assert again.pk == first.pk
    assert SavedView.objects.get().query == "q=x"


@pytest.mark.django_db(transaction=True)
def test_a_double_click_saves_one_view():
    person = make.user(Role.COUNTY, county=make.county())

    def second_click():
        try:
            return view_of(person, query="q=x", is_default=True).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = view_of(person, is_default=True)
            second = pool.submit(second_click)
            deadline = time.monotonic() + 10
            while not somebody_waits():
                assert time.monotonic() < deadline
        assert second.result() == first.pk
    assert SavedView.objects.get().query == "q=x"


def somebody_waits():
    """Another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def test_the_list_opens_with_the_default_view_and_only_without_an_address(world, sign_in):
    view_of(world.own.coordinator, is_default=True)
    browser = sign_in(world.own.coordinator)
    assert browser.get(LIST)["Location"] == f"{LIST}?{QUERY}"
    assert listed(browser, f"{LIST}?{QUERY}")[1] == ["day", "unit"]
    page = browser.get(f"{LIST}?view=all")
    assert page.status_code == 200
    assert not page.context["filtered"]


def test_the_columns_of_the_default_view_stay_under_another_filter(world, sign_in):
    view_of(world.own.coordinator, is_default=True)
    browser = sign_in(world.own.coordinator)
    assert listed(browser, f"{LIST}?feedback=missing")[1] == ["day", "unit"]
    assert listed(browser, f"{LIST}?feedback=missing&cols=officer")[1] == ["officer"]


def test_a_list_has_one_default_view(world):
    view_of(world.own.cadre, "一", is_default=True)
    second = view_of(world.own.cadre, "二", is_default=True)
    view_of(world.own.cadre, "别的", list_name="matter_list", is_default=True)
    view_of(world.other.cadre, "别人", is_default=True)
    mine = SavedView.objects.visible_to(world.own.cadre).filter(list_name="visit_list")
    assert [view.name for view in mine if view.is_default] == ["二"]
    services.change_view(
        view=mine.get(name="一"), actor=world.own.cadre, name="一", is_default=True
    )
    second.refresh_from_db()
    assert not second.is_default


def test_a_colleague_who_opens_the_address_sees_what_is_theirs(world, sign_in):
    make.visit(world.other.contact_point, world.other.cadre)
    view = view_of(world.own.coordinator, query="sort=-day")
    mine, _columns = listed(sign_in(world.own.coordinator), view.get_absolute_url())
    theirs, _columns = listed(sign_in(world.other.coordinator), view.get_absolute_url())
    assert {visit.unit for visit in mine} == {world.own.unit}
    assert {visit.unit for visit in theirs} == {world.other.unit}
    page = sign_in(world.other.coordinator).get(view.get_absolute_url())
    assert (list(page.context["views"]), page.context["view_now"]) == ([], None)


def test_a_view_is_renamed_and_removed_by_its_owner_only(world, sign_in):
    view, browser = view_of(world.own.cadre), sign_in(world.own.cadre)
    browser.post(reverse("view_change", args=[view.pk]), {"name": "新名"})
    assert SavedView.objects.get().name == "新名"
    for step in (services.change_view, services.remove_view):
        extra = {"name": "x", "is_default": False} if step is services.change_view else {}
        with pytest.raises(PermissionDenied):
            step(view=view, actor=world.other.cadre, **extra)
    response = browser.post(reverse("view_remove", args=[view.pk]))
    assert response["Location"] == f"{LIST}?view=all"
    assert not SavedView.objects.exists()


def test_a_name_that_is_taken_gets_a_sentence_and_what_was_typed_stays(world, sign_in):
    view_of(world.own.cadre, "一")
    second = view_of(world.own.cadre, "二")
    page = sign_in(world.own.cadre).post(reverse("view_change", args=[second.pk]), {"name": "一"})
    assert "已有" in page.content.decode()
    assert page.context["form"]["name"].value() == "一"
    assert {view.name for view in SavedView.objects.all()} == {"一", "二"}


def test_a_person_keeps_so_many_views_of_a_list(world, monkeypatch):
    monkeypatch.setattr(services, "VIEWS_AT_MOST", 2)
    for name in ("一", "二", "二"):
        view_of(world.own.cadre, name)
    with pytest.raises(ValidationError):
        view_of(world.own.cadre, "三")
    view_of(world.own.cadre, "三", list_name="matter_list")


@pytest.mark.parametrize(
    "data",
    [
        {"list_name": "no_such_list", "query": "", "name": "x"},
        {"list_name": "visit_detail", "query": "", "name": "x"},
        {"list_name": "visit_list", "query": "q=" + "x" * 2000, "name": "x"},
        {"list_name": "visit_list", "query": "", "name": ""},
        {"list_name": "visit_list", "query": "", "name": "长" * 41},
    ],
)
def test_what_cannot_be_kept_gets_a_sentence(world, sign_in, data):
    page = sign_in(world.own.cadre).post(reverse("view_create"), data)
    assert page.context["form"].errors
    assert not SavedView.objects.exists()
